/**
 * Refusals of what a caller gave.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { WcsInvalidInput } from "./WcsError.ts"

/**
 * Refuses an argument.
 *
 * @since 0.1.0
 * @category constructors
 */
export const invalid = (input: string, detail: string): Either.Either<never, WcsInvalidInput> =>
  Either.left(new WcsInvalidInput({ input, detail }))

/**
 * Checks an argument by a schema, whose message says what is wrong.
 *
 * @since 0.1.0
 * @category guards
 */
export const check = <A>(input: string, schema: Schema.Schema<A, string>) => {
  const decode = Schema.decodeUnknownEither(schema)
  return (value: unknown): Either.Either<A, WcsInvalidInput> =>
    Either.mapLeft(decode(value), (error) => {
      const [issue] = ParseResult.ArrayFormatter.formatErrorSync(error)
      return new WcsInvalidInput({ input, detail: issue?.message ?? "is not usable" })
    })
}

/**
 * A check whose refusal names another argument: the one that the caller gave.
 *
 * @since 0.1.0
 * @category combinators
 */
export const as = (input: string) => <A>(self: Either.Either<A, WcsInvalidInput>): Either.Either<A, WcsInvalidInput> =>
  Either.mapLeft(self, ({ detail }) => new WcsInvalidInput({ input, detail }))
