/**
 * `WcsAuth` by access and secret key.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Signature from "../domain/Signature.ts"
import * as UploadPolicy from "../domain/UploadPolicy.ts"
import * as UploadToken from "../domain/UploadToken.ts"
import { WcsMissingCredentials } from "../domain/WcsError.ts"
import { Digest } from "../services/Digest.ts"
import { WcsAuth } from "../services/WcsAuth.ts"
import { WcsConfig } from "../services/WcsConfig.ts"

/**
 * Signs with the keys of the settings. Without keys each operation that needs them fails with `WcsMissingCredentials`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<WcsAuth["Type"], never, WcsConfig | Digest> = Effect.gen(function*() {
  const { credentials, tokenLifetime } = yield* WcsConfig
  const digest = yield* Digest

  const sign = <A>(operation: string, data: string, use: (accessKey: string, mac: Uint8Array) => A) =>
    credentials === undefined
      ? new WcsMissingCredentials({
        operation,
        detail: "an access key and a secret key are needed (WCS_ACCESS_KEY and WCS_SECRET_KEY)"
      })
      : Effect.map(
        digest.hmacSha1(Redacted.value(credentials.secretKey), data),
        (mac) => use(credentials.accessKey, mac)
      )

  /** The token that was made last: all blocks of an upload ask for the same one. */
  let last:
    | {
      readonly policy: UploadPolicy.UploadPolicy<unknown>
      readonly scope: string
      readonly second: number
      readonly token: UploadToken.UploadToken
    }
    | undefined

  return WcsAuth.of({
    management: (operation, text) =>
      sign(operation, text, (accessKey, mac) => Redacted.make(Signature.managementToken(accessKey, mac))),
    uploadToken: ({ scope, policy, now }) => {
      // Whole seconds, as the official SDKs round.
      const second = Math.floor(now / 1000)
      if (last?.policy === policy && last.scope === scope && last.second === second) return Effect.succeed(last.token)
      const deadline = 1000 * second + Duration.toMillis(Duration.decode(policy.lifetime ?? tokenLifetime))
      const wire = UploadPolicy.toWire(policy, { scope, deadline })
      const encoded = UploadPolicy.encode(wire)
      return sign("upload token", encoded, (accessKey, mac) => {
        const text = Redacted.make(UploadToken.join(accessKey, mac, encoded))
        const token: UploadToken.UploadToken = { text, scope, deadline, policy: wire }
        last = { policy, scope, second, token }
        return token
      })
    }
  })
})

/**
 * `WcsAuth` by the keys of the settings.
 *
 * @example
 * import { Layer } from "effect"
 * import { DigestWasm, WcsAuthKeys, WcsConfigLayer } from "effect-wcs"
 *
 * export const Auth = WcsAuthKeys.layer.pipe(
 *   Layer.provide(WcsConfigLayer.layer({ credentials: { accessKey: "access-key", secretKey: "secret-key" } })),
 *   Layer.provide(DigestWasm.layer)
 * )
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<WcsAuth, never, WcsConfig | Digest> = Layer.effect(WcsAuth, make)
