/**
 * Recordings of live channels (protocol 9.2).
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"

/**
 * A recording, as the service describes it: its members are not documented.
 *
 * @since 0.1.0
 * @category models
 */
export interface LiveRecording {
  readonly [name: string]: unknown
}

/**
 * A page of recordings, and the answer as it came.
 *
 * @since 0.1.0
 * @category models
 */
export interface LivePage {
  readonly recordings: ReadonlyArray<LiveRecording>
  readonly answer: { readonly [name: string]: unknown }
}

/**
 * The zone of the service's times: China's (inferred).
 *
 * @since 0.1.0
 * @category constants
 */
export const zone: DateTime.TimeZone = DateTime.zoneMakeOffset(8 * 3_600_000)

/**
 * An instant as the service writes it: `yyyyMMddHHmmss` in its zone.
 *
 * @example
 * import { DateTime } from "effect"
 * import { LiveRecording } from "effect-wcs"
 *
 * assert.strictEqual(LiveRecording.formatTime(DateTime.unsafeMake("2026-01-01T00:00:00Z")), "20260101080000")
 *
 * @since 0.1.0
 * @category encoding
 */
export const formatTime = (time: DateTime.DateTime): string => {
  const { day, hours, minutes, month, seconds, year } = DateTime.toParts(DateTime.setZone(time, zone))
  return [
    String(year).padStart(4, "0"),
    ...[month, day, hours, minutes, seconds].map((n) => String(n).padStart(2, "0"))
  ]
    .join("")
}
