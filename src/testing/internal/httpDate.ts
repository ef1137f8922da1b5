import * as DateTime from "effect/DateTime"

/** A time as HTTP headers write it. */
export const format = (millis: number): string => DateTime.toDateUtc(DateTime.unsafeMake(millis)).toUTCString()
