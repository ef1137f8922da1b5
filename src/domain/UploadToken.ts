/**
 * Upload tokens: `accessKey:signature:encodedPolicy` (protocol 2.2).
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Base64Url from "./Base64Url.ts"
import { invalid } from "./Input.ts"
import * as JsonText from "./JsonText.ts"
import * as Signature from "./Signature.ts"
import * as UploadPolicy from "./UploadPolicy.ts"
import type { WcsInvalidInput } from "./WcsError.ts"

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

/**
 * What an upload needs a token to allow.
 *
 * @since 0.1.0
 * @category models
 */
export interface UploadPermission {
  /** `bucket` or `bucket:key`. */
  readonly scope: string
  /** What the upload asks for; what it leaves open is the issuer's to say. */
  readonly policy: UploadPolicy.UploadPolicy
  /** Bytes that are to be stored, as far as they are known. */
  readonly size?: number | undefined
}

const Policy = Schema.parseJson(Schema.Struct(
  {
    scope: Schema.NonEmptyString,
    deadline: Schema.Union(Schema.NonNegativeInt, Schema.NumberFromString.pipe(Schema.int(), Schema.nonNegative()))
  },
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
export const parse = (text: unknown): Either.Either<UploadToken, WcsInvalidInput> => {
  const token = typeof text === "string" ? text.trim() : ""
  const encoded = /^[^\s:]+:[\w-]+={0,2}:([\w-]+={0,2})$/.exec(token)?.[1]
  if (encoded === undefined) {
    return invalid("token", "an upload token is accessKey:signature:encodedPolicy")
  }
  return Base64Url.decodeText(encoded).pipe(
    Either.filterOrLeft((text) => !JsonText.isDeep(text), () => "it is nested too deep"),
    Either.flatMap(Schema.decodeEither(Policy)),
    Either.map((policy) => ({
      text: Redacted.make(token),
      scope: policy.scope,
      deadline: policy.deadline,
      policy
    })),
    Either.orElse(() => invalid("token", "its policy is not JSON with scope and deadline"))
  )
}

/** A field's value, to compare; numbers may be text, and what is left out is 0. */
const text = (value: unknown): string => typeof value === "object" ? JSON.stringify(value) : String(value ?? 0)

const covers = (token: string, upload: string): boolean =>
  token === upload || (!token.includes(":") && upload.startsWith(`${token}:`))

/**
 * Checks that a token allows an upload as its caller asked for it: its scope, its size, and every field that the caller's
 * policy sets. What that policy leaves open is the issuer's.
 *
 * @since 0.1.0
 * @category guards
 */
export const allows = (token: UploadToken, upload: UploadPermission): Either.Either<void, WcsInvalidInput> => {
  if (!covers(token.scope, upload.scope)) {
    return invalid("token", `covers ${token.scope}, the upload goes to ${upload.scope}`)
  }
  const limit = Number(token.policy["fsizeLimit"] ?? 0)
  if (upload.size !== undefined && limit > 0 && upload.size > limit) {
    return invalid("token", `allows ${limit} bytes, the content has ${upload.size}`)
  }
  // What a template asks for matters only to who reads the answer by it.
  const returnBody = typeof upload.policy.returnBody === "object" ? upload.policy.returnBody : undefined
  const { deadline: _, scope: __, ...asked } = UploadPolicy.toWire({ ...upload.policy, returnBody }, {
    scope: "",
    deadline: 0
  })
  const other = Object.entries(asked).find(([field, value]) => text(token.policy[field]) !== text(value))
  return other === undefined
    ? Either.void
    : invalid(`policy.${other[0]}`, "is another one in the token that was issued")
}
