/**
 * `Callbacks` by the account's keys.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Base64Url from "../domain/Base64Url.ts"
import * as CallbackBody from "../domain/CallbackBody.ts"
import * as Signature from "../domain/Signature.ts"
import { WcsBadCallback, WcsMissingCredentials } from "../domain/WcsError.ts"
import * as Tasks from "../domain/wire/Tasks.ts"
import { Callbacks, type IncomingCallback } from "../services/Callbacks.ts"
import { Digest } from "../services/Digest.ts"
import { type Credentials, WcsConfig } from "../services/WcsConfig.ts"

/**
 * Which keys sign what comes in.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * Further key pairs of the account: the service may sign a notification with any of them (protocol 2.5). Also the old
   * pair, while keys are being changed. A pair without a secret is none.
   */
  readonly keys?: ReadonlyArray<Credentials> | undefined
}

/** The two things that the signature may cover of a URL (protocol 2.5). */
const signedUrls = (url: string): ReadonlyArray<string> => {
  if (!URL.canParse(url)) return [url]
  const { pathname, search } = new URL(url)
  return [url, pathname + search]
}

const forged = Effect.suspend(() =>
  new WcsBadCallback({ reason: "Forged", detail: "the signature is not of this URL, body and key" })
)

const undecodable = (detail: string) => new WcsBadCallback({ reason: "Undecodable", detail })

/**
 * Checks what comes in with the keys of the settings, and with those that are given beside them. Without any everything
 * fails with `WcsMissingCredentials`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  options: Options = {}
): Effect.Effect<Callbacks["Type"], never, WcsConfig | Digest> =>
  Effect.gen(function*() {
    const { credentials } = yield* WcsConfig
    const digest = yield* Digest
    // What is signed with no secret is signed by anyone.
    const further = (options.keys ?? []).filter(({ secretKey }) => Redacted.value(secretKey) !== "")
    const keys = [...(credentials ? [credentials] : []), ...further]

    const verify = ({ authorization, body, url }: IncomingCallback) =>
      Effect.gen(function*() {
        if (keys.length === 0) {
          return yield* new WcsMissingCredentials({
            operation: "callback",
            detail: "an access key and a secret key are needed (WCS_ACCESS_KEY and WCS_SECRET_KEY)"
          })
        }
        if (!authorization) return yield* new WcsBadCallback({ reason: "Unsigned", detail: "no Authorization" })
        const [accessKey, signature, ...more] = authorization.trim().split(":")
        const pairs = keys.filter((pair) => pair.accessKey === accessKey)
        if (pairs.length === 0 || signature?.length !== 56 || more.length > 0) return yield* forged
        const decoded = Either.getRight(Base64Url.decodeText(body.trim()))
        const contents = [body, ...Option.toArray(decoded)]
        const signed = signedUrls(url).flatMap((url) =>
          contents.flatMap((content) => pairs.map(({ secretKey }) => ({ secretKey, text: `${url}\n${content}` })))
        )
        const isOurs = yield* Effect.exists(signed, ({ secretKey, text }) =>
          Effect.map(
            digest.hmacSha1(Redacted.value(secretKey), text),
            (mac) => Signature.equals(Signature.encode(mac), signature)
          ))
        if (!isOurs) return yield* forged
        // A document tells itself from Base64 by its first character.
        return body.trimStart().startsWith("{")
          ? body
          : yield* Either.fromOption(decoded, () => undecodable("the body is not Base64 of text"))
      }).pipe(Effect.withSpan("Callbacks.verify"))

    return Callbacks.of({
      verify,
      upload: (request, callbackBody) =>
        Effect.flatMap(
          verify(request),
          (text) => Either.mapLeft(CallbackBody.decode(callbackBody, text), undecodable)
        ),
      notification: (request) =>
        Effect.flatMap(verify(request), (text) => Either.mapLeft(Tasks.decode({ text }), undecodable))
    })
  })

/**
 * `Callbacks` by the keys of the settings.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Callbacks, never, WcsConfig | Digest> = Layer.effect(Callbacks, make())

/**
 * `Callbacks` by the keys of the settings and by further ones. Provide it beside the client: its `Callbacks` knows the
 * keys of the settings only.
 *
 * @example
 * import { Layer, Redacted } from "effect"
 * import { CallbacksKeys, DigestWasm, WcsConfigLayer } from "effect-wcs"
 *
 * export const Incoming = CallbacksKeys.layerOptions({
 *   keys: [{ accessKey: "another-access-key", secretKey: Redacted.make("another-secret-key") }]
 * }).pipe(Layer.provide([WcsConfigLayer.layer(), DigestWasm.layer]))
 *
 * @since 0.1.0
 * @category layers
 */
export const layerOptions = (options: Options): Layer.Layer<Callbacks, never, WcsConfig | Digest> =>
  Layer.effect(Callbacks, make(options))
