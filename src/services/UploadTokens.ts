/**
 * Upload tokens for others: what a server hands to its clients, so that they upload without its secret key.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { UploadPolicy } from "../domain/UploadPolicy.ts"
import type { UploadToken } from "../domain/UploadToken.ts"
import type { WcsError } from "../domain/WcsError.ts"

/**
 * What a token is for.
 *
 * @since 0.1.0
 * @category models
 */
export interface TokenTarget {
  readonly bucket: string
  /** Left out: any new object of the bucket. */
  readonly key?: string
}

/**
 * Upload tokens for others. Layer: `UploadTokensAuth`.
 *
 * @example
 * import { Effect } from "effect"
 * import { UploadTokens } from "effect-wcs"
 * import { WcsTest } from "effect-wcs/testing"
 *
 * const program = Effect.gen(function*() {
 *   const tokens = yield* UploadTokens.UploadTokens
 *   const token = yield* tokens.issue({ bucket: "media", key: "incoming/a.jpg" }, {
 *     fsizeLimit: 10 * 1024 * 1024,
 *     lifetime: "10 minutes"
 *   })
 *   // `Redacted.value(token.text)` is what a server hands to its client.
 *   return token.scope
 * })
 * const test = WcsTest.layer({ buckets: ["media"] })
 * assert.strictEqual(await Effect.runPromise(Effect.provide(program, test)), "media:incoming/a.jpg")
 *
 * @since 0.1.0
 * @category services
 */
export class UploadTokens extends Context.Tag("effect-wcs/UploadTokens")<UploadTokens, {
  /**
   * Signs a policy for one object, or without a key for any new object of the bucket. The policy is checked; the
   * settings' policy fills its gaps. It lives for the policy's `lifetime`, else for the settings' `tokenLifetime`.
   */
  readonly issue: (
    target: TokenTarget,
    policy?: UploadPolicy
  ) => Effect.Effect<UploadToken, WcsError>
}>() {}
