/**
 * Upload tokens: `accessKey:signature:encodedPolicy` (protocol 2.2).
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Base64Url from "./Base64Url.ts"
import * as Signature from "./Signature.ts"
import { WcsInvalidInput } from "./WcsError.ts"

/**
 * A token with what it says of itself.
 *
 * @since 0.1.0
 * @category models
 */
export interface UploadToken {
  readonly text: Redacted.Redacted
  /** `bucket` or `bucket:key`. */
  readonly scope: string
  /** When it ends, in milliseconds since the epoch. */
  readonly deadline: number
  readonly policy: { readonly [field: string]: unknown }
}

const Policy = Schema.parseJson(Schema.Struct(
  { scope: Schema.NonEmptyString, deadline: Schema.Union(Schema.Number, Schema.NumberFromString) },
  Schema.Record({ key: Schema.String, value: Schema.Unknown })
))

/**
 * Joins an access key, the HMAC of the encoded policy and that policy.
 *
 * @since 0.1.0
 * @category constructors
 */
export const join = (accessKey: string, mac: Uint8Array, encodedPolicy: string): string =>
  `${accessKey}:${Signature.encode(mac)}:${encodedPolicy}`

/**
 * Reads a token. The signature cannot be checked without the secret key; shape and policy are.
 *
 * @since 0.1.0
 * @category decoding
 */
export const parse = (text: string): Either.Either<UploadToken, WcsInvalidInput> => {
  const parts = text.trim().split(":")
  const encoded = parts[2]
  if (parts.length !== 3 || !parts[0] || !parts[1] || !encoded) {
    return Either.left(
      new WcsInvalidInput({ input: "token", detail: "an upload token is accessKey:signature:encodedPolicy" })
    )
  }
  return Base64Url.decodeText(encoded).pipe(
    Either.flatMap(Schema.decodeEither(Policy)),
    Either.mapBoth({
      onLeft: () => new WcsInvalidInput({ input: "token", detail: "its policy is not JSON with scope and deadline" }),
      onRight: (policy) => ({
        text: Redacted.make(text.trim()),
        scope: policy.scope,
        deadline: policy.deadline,
        policy
      })
    })
  )
}
