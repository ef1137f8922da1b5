/**
 * The buckets of an account, and what they hold.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { Bucket, BucketVolumes, StorageType } from "../domain/Bucket.ts"
import type { WcsError } from "../domain/WcsError.ts"

/**
 * Which buckets and days a question is about.
 *
 * @since 0.1.0
 * @category models
 */
export interface BucketSpan {
  /** One at least. */
  readonly buckets: ReadonlyArray<string>
  /** A calendar day such as `2026-01-31`. */
  readonly from: string
  /** A calendar day, included; at most six months after `from`. */
  readonly to: string
  /** Whether each day is listed. Absent: the service's default, no. */
  readonly details?: boolean | undefined
}

/**
 * Operations on buckets. Layer: `BucketsHttp`.
 *
 * @example
 * import { Effect } from "effect"
 * import { Buckets } from "effect-wcs"
 * import { WcsTest } from "effect-wcs/testing"
 *
 * const program = Effect.gen(function*() {
 *   const buckets = yield* Buckets.Buckets
 *   return (yield* buckets.list).map(({ name }) => name)
 * })
 * const test = WcsTest.layer({ buckets: ["media", "backup"] })
 * assert.deepStrictEqual(await Effect.runPromise(Effect.provide(program, test)), ["media", "backup"])
 *
 * @since 0.1.0
 * @category services
 */
export class Buckets extends Context.Tag("effect-wcs/Buckets")<Buckets, {
  /** The account's buckets (protocol 6.3). */
  readonly list: Effect.Effect<ReadonlyArray<Bucket>, WcsError>
  /** The volume that buckets hold, of one type of storage or of all (protocol 6.4). */
  readonly stat: (
    options: BucketSpan & {
      /** A number stands for a type of storage that the service knows by it. */
      readonly storageType?: StorageType | number | undefined
    }
  ) => Effect.Effect<BucketVolumes, WcsError>
  /**
   * Requests and traffic of buckets, as the service answers: neither the types nor the answer are documented. One type
   * that is known is `uploadRequest` (protocol 6.5).
   */
  readonly statistics: (
    options: BucketSpan & { readonly type: string }
  ) => Effect.Effect<{ readonly [name: string]: unknown }, WcsError>
}>() {}
