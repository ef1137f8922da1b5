/**
 * What the service says of buckets (protocol 6.3 to 6.5).
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { invalid } from "./Input.ts"
import type { WcsInvalidInput } from "./WcsError.ts"

/**
 * A bucket of the account.
 *
 * @since 0.1.0
 * @category models
 */
export interface Bucket {
  readonly name: string
}

/**
 * The volume of a bucket on one day.
 *
 * @since 0.1.0
 * @category models
 */
export interface DayVolume {
  /** A calendar day, `yyyy-mm-dd`; whatever the service wrote where it is none. */
  readonly day: string
  /** The day's peak in MB; `None` where the service wrote no number. */
  readonly megabytes: Option.Option<number>
}

/**
 * The volume of one bucket.
 *
 * @since 0.1.0
 * @category models
 */
export interface BucketVolume {
  readonly name: string
  /** With details one entry for each day, else one value for all of them (inferred). */
  readonly detail: ReadonlyArray<DayVolume>
}

/**
 * The volumes of buckets, and the answer as it came. What has another shape than these is in the answer only.
 *
 * @since 0.1.0
 * @category models
 */
export interface BucketVolumes {
  readonly buckets: ReadonlyArray<BucketVolume>
  readonly answer: { readonly [name: string]: unknown }
}

/**
 * Which part of a bucket's volume is meant (protocol 6.4).
 *
 * @since 0.1.0
 * @category models
 */
export type StorageType = "Standard" | "InfrequentAccess" | "Archive"

/**
 * A span of calendar days, both ends included.
 *
 * @since 0.1.0
 * @category models
 */
export interface DaySpan {
  /** A calendar day such as `2026-01-31`. */
  readonly from: string
  /** A calendar day; at most six months after `from`. */
  readonly to: string
}

const month = (day: string): number => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7))

const isDay = (text: string): boolean =>
  /^\d{4}-\d\d-\d\d$/.test(text) && DateTime.make(`${text}T00:00:00Z`).pipe(
    Option.exists((day) => DateTime.formatIsoDateUtc(day) === text)
  )

/**
 * Checks a span of calendar days, both ends included: in order, and at most six months long (protocol 6.4).
 *
 * @since 0.1.0
 * @category constructors
 */
export const span = (from: string, to: string): Either.Either<DaySpan, WcsInvalidInput> => {
  if (!isDay(from)) return invalid("from", `is a day such as 2026-01-31, not ${from}`)
  if (!isDay(to)) return invalid("to", `is a day such as 2026-01-31, not ${to}`)
  if (to < from) return invalid("to", "is not before from")
  const months = month(to) - month(from)
  return months > 6 || (months === 6 && to.slice(8) > from.slice(8))
    ? invalid("to", "is at most six months after from")
    : Either.right({ from, to })
}
