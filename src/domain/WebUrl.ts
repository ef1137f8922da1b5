/**
 * URLs that the service is told: where it fetches from, and whom it notifies.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import { invalid } from "./Input.ts"
import type { WcsInvalidInput } from "./WcsError.ts"

/**
 * Checks an absolute http or https URL; it travels as it was given.
 *
 * @since 0.1.0
 * @category constructors
 */
export const check = (input: string, url: string | URL): Either.Either<string, WcsInvalidInput> => {
  const text = String(url)
  return URL.canParse(text) && /^https?:\/\/[^\p{Cc}]+$/iu.test(text) && text.isWellFormed()
    ? Either.right(text)
    : invalid(input, "is an absolute http or https URL")
}
