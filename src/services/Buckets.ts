/**
 * The buckets of an account, and what they hold.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { Bucket, BucketVolumes, DaySpan, StorageType } from "../domain/Bucket.ts"
import type { WcsError } from "../domain/WcsError.ts"

/**
 * Which buckets and days a question is about.
 *
 * @since 0.1.0
 * @category models
 */
export interface BucketSpan extends DaySpan {
  /** One at least. */
  readonly buckets: ReadonlyArray<string>
  /** Whether each day is listed. Absent: the service's default, no. */
  readonly details?: boolean | undefined
}

/**
 * Whose volume is asked for, and of which type of storage.
 *
 * @since 0.1.0
 * @category models
 */
export interface StatOptions extends BucketSpan {
  /** Absent: all of them. A number stands for a type of storage that the service knows by it. */
  readonly storageType?: StorageType | number | undefined
}

/**
 * Which numbers are asked for.
 *
 * @since 0.1.0
 * @category models
 */
export interface StatisticsOptions extends BucketSpan {
  /** The types are not documented; one that is known is `uploadRequest`. */
  readonly type: string
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
  readonly stat: (options: StatOptions) => Effect.Effect<BucketVolumes, WcsError>
  /** Requests and traffic of buckets, as the service answers: that is not documented (protocol 6.5). */
  readonly statistics: (
    options: StatisticsOptions
  ) => Effect.Effect<{ readonly [name: string]: unknown }, WcsError>
}>() {}
