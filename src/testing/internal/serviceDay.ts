import * as DateTime from "effect/DateTime"

const dayMillis = 86_400_000

/** The zone of the service's days: China's (inferred), as of its times. */
const ahead = 8 * 3_600_000

/** The service's day that a moment belongs to, as its number since the epoch. */
export const of = (millis: number): number => Math.floor((millis + ahead) / dayMillis)

/** A day such as `2026-01-31`. */
export const parse = (text: string): number => Date.parse(`${text}T00:00:00Z`) / dayMillis

/** `2026-01-31`. */
export const format = (day: number): string => DateTime.formatIsoDateUtc(DateTime.unsafeMake(day * dayMillis))
