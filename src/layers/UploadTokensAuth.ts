/**
 * `UploadTokens` over `WcsAuth`.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Entry from "../domain/Entry.ts"
import * as UploadPolicy from "../domain/UploadPolicy.ts"
import { WcsInvalidInput } from "../domain/WcsError.ts"
import { UploadTokens } from "../services/UploadTokens.ts"
import { WcsAuth } from "../services/WcsAuth.ts"
import { WcsConfig } from "../services/WcsConfig.ts"

/**
 * Tokens that `WcsAuth` signs.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<UploadTokens["Type"], never, WcsConfig | WcsAuth> = Effect.gen(function*() {
  const config = yield* WcsConfig
  const auth = yield* WcsAuth
  return UploadTokens.of({
    issue: (target, policy = {}) =>
      Effect.gen(function*() {
        const { bucket, key } = target
        // A name that turns out to be undefined is no leave to write the whole bucket.
        if ("key" in target && key === undefined) {
          return yield* new WcsInvalidInput({ input: "key", detail: "is undefined: leave it out for the whole bucket" })
        }
        const scope = key === undefined
          ? yield* Entry.bucketName(bucket)
          : (yield* Entry.toStore({ bucket, key })).text
        const checked = yield* UploadPolicy.withDefaults(policy, config.policy)
        if (key !== undefined) yield* UploadPolicy.fits(checked, key)
        return yield* auth.uploadToken({
          scope,
          policy: checked,
          now: yield* Clock.currentTimeMillis,
          renew: false
        })
      }).pipe(Effect.withSpan("UploadTokens.issue", { attributes: { "wcs.bucket": target.bucket } }))
  })
})

/**
 * `UploadTokens` over `WcsAuth`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<UploadTokens, never, WcsConfig | WcsAuth> = Layer.effect(UploadTokens, make)
