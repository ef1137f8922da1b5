import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as Base64Url from "../../domain/Base64Url.ts"
import * as Signature from "../../domain/Signature.ts"
import { Digest } from "../../services/Digest.ts"
import { type Refusal, refuse } from "./refusal.ts"
import { Settings } from "./settings.ts"
import { some } from "./some.ts"

/** Numbers come as such or as text (protocol 17.1). */
const number = Schema.Union(Schema.Finite, Schema.compose(Schema.NumberFromString, Schema.Finite))
const optionalNumber = Schema.optionalWith(number, { nullable: true })
const optionalFlag = Schema.optionalWith(number.pipe(Schema.filter((flag) => flag === 0 || flag === 1)), {
  nullable: true
})
const optionalText = Schema.optionalWith(Schema.String, { nullable: true })

/** The fields of a policy that the emulator acts on; all others are accepted (protocol 3). */
const Policy = Schema.Struct({
  scope: Schema.NonEmptyString,
  deadline: optionalNumber,
  overwrite: optionalFlag,
  saveKey: optionalText,
  fsizeLimit: Schema.optionalWith(number.pipe(Schema.nonNegative()), { nullable: true }),
  returnUrl: optionalText,
  returnBody: optionalText,
  callbackUrl: optionalText,
  callbackBody: optionalText,
  persistentOps: optionalText,
  persistentNotifyUrl: optionalText,
  separate: optionalFlag
})

export type Policy = typeof Policy.Type

/** What a valid upload token allows. */
export interface Grant {
  readonly bucket: string
  /** The key that the scope names, if any. */
  readonly key: string | undefined
  readonly policy: Policy
}

/** Checks credentials as strictly as they can be (protocol 19.1 to 19.4). */
export class Credentials extends Context.Tag("effect-wcs/testing/internal/credentials")<Credentials, {
  /** Checks an upload token, bare or after `UpToken `, at this time of the service's clock. */
  readonly upload: (token: string | undefined, now: number) => Effect.Effect<Grant, Refusal>
  /** Checks a management token over the octets as they came (protocol 2.3). */
  readonly management: (request: {
    readonly authorization: string | undefined
    readonly path: string
    readonly query: string
    readonly body: string
  }) => Effect.Effect<void, Refusal>
  /** Whether a bucket is the account's. */
  readonly bucket: (bucket: string) => Effect.Effect<void, Refusal>
  /** `accessKey:signature` of a text (protocol 2.1). */
  readonly sign: (text: string) => Effect.Effect<string>
}>() {}

/** Takes as long whether they differ early, late or not at all. */
const equal = (a: string, b: string): boolean => {
  let difference = a.length ^ b.length
  for (let i = 0; i < b.length; i++) difference |= a.charCodeAt(i % (a.length || 1)) ^ b.charCodeAt(i)
  return difference === 0
}

const missing = () => refuse(401, "Authorization Required")
const malformed = (hint?: string) => refuse(401, "Token Format Invalid", hint)

const readPolicy = Schema.decodeEither(Schema.parseJson(Policy), { errors: "all" })

/** Left for what is no policy: what is wrong with it, without any of its values. */
const decodePolicy = (encoded: string): Either.Either<Policy, string> =>
  Base64Url.decodeText(encoded).pipe(
    Either.mapLeft(() => "it is not in URL-safe Base64"),
    Either.flatMap((text) =>
      Either.mapLeft(readPolicy(text), (error) => {
        const fields = ParseResult.ArrayFormatter.formatErrorSync(error).flatMap(({ path }) => path.slice(0, 1))
        return fields.length === 0 ? "it is no JSON object" : `not so: ${Array.from(new Set(fields)).join(", ")}`
      })
    )
  )

/** `bucket` or `bucket:key`; only the first colon separates. */
const splitScope = (scope: string): { readonly bucket: string; readonly key: string | undefined } => {
  const colon = scope.indexOf(":")
  return colon < 0
    ? { bucket: scope, key: undefined }
    : { bucket: scope.slice(0, colon), key: scope.slice(colon + 1) || undefined }
}

/** The scope that a token claims, before anything is checked. */
export const claimedScope = (
  token: string
): { readonly bucket: string; readonly key: string | undefined } | undefined =>
  Option.getRight(decodePolicy(token.split(":")[2] ?? "")).pipe(
    Option.map(({ scope }) => splitScope(scope)),
    Option.getOrUndefined
  )

export const make: Effect.Effect<Credentials["Type"], never, Digest | Settings> = Effect.gen(function*() {
  const digest = yield* Digest
  const settings = yield* Settings

  const verify = (accessKey: string, signature: string, text: string) =>
    accessKey !== settings.accessKey
      ? Effect.fail(refuse(401, "AK/SK Not Found"))
      : Effect.flatMap(digest.hmacSha1(settings.secretKey, text), (mac) =>
        equal(signature, Signature.encode(mac))
          ? Effect.void
          : Effect.fail(refuse(
            401,
            "Token Invalid",
            equal(signature, Base64Url.encode(mac))
              ? "the signature encodes the digest itself; WCS encodes its hex text"
              : undefined
          )))

  const bucket: Credentials["Type"]["bucket"] = (name) =>
    settings.buckets.includes(name)
      ? Effect.void
      : settings.foreignBuckets.includes(name)
      ? Effect.fail(refuse(401, "Bucket Access Denied"))
      : Effect.fail(refuse(
        settings.strictness.missingBucket,
        `Bucket Not Found: the emulator's \`buckets\` are ${some(settings.buckets)}`
      ))

  return Credentials.of({
    bucket,
    sign: (text) =>
      Effect.map(
        digest.hmacSha1(settings.secretKey, text),
        (mac) => Signature.managementToken(settings.accessKey, mac)
      ),
    upload: Effect.fnUntraced(function*(token, now) {
      if (!token) return yield* missing()
      const [accessKey, signature, encoded, ...rest] = token.replace(/^UpToken /, "").split(":")
      if (!accessKey || !signature || !encoded || rest.length > 0) {
        return yield* malformed("an upload token is accessKey:signature:encodedPolicy")
      }
      yield* verify(accessKey, signature, encoded)
      const policy = yield* Either.mapLeft(
        decodePolicy(encoded),
        (problem) => malformed(`the policy is a JSON object with the text \`scope\`, flags of 0 and 1; ${problem}`)
      )
      if (policy.deadline === undefined) return yield* refuse(401, "ExpireTime Is Null")
      if (policy.deadline <= now) {
        const inSeconds = policy.deadline * 1000 > now
        return yield* refuse(401, "Token Expired", inSeconds ? "a deadline is in milliseconds" : undefined)
      }
      if (policy.returnUrl && policy.callbackUrl) {
        return yield* refuse(400, "returnUrl And callbackUrl Exclude Each Other")
      }
      const scope = splitScope(policy.scope)
      yield* bucket(scope.bucket)
      return { ...scope, policy }
    }),
    management: ({ authorization, ...request }) =>
      Effect.suspend(() => {
        if (!authorization) return Effect.fail(missing())
        const [accessKey, signature, ...rest] = authorization.split(":")
        return !accessKey || !signature || rest.length > 0
          ? Effect.fail(malformed("a management token is accessKey:signature"))
          : verify(accessKey, signature, Signature.managementText(request))
      })
  })
})
