/**
 * Live channels: what was recorded of them.
 */
import * as Args from "@effect/cli/Args"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as LiveRecording from "../../domain/LiveRecording.ts"
import { Live } from "../../services/Live.ts"
import { UsageError } from "../Failure.ts"
import * as Flags from "../Flags.ts"
import * as Format from "../Format.ts"
import * as ObjectPath from "../ObjectPath.ts"
import { jsonLine, Output } from "../Output.ts"
import * as WcsCommand from "../WcsCommand.ts"

const stamp = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/
const iso = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/i

/** A time in parts, as ISO 8601 writes them, without a zone where none was said. */
const partsOf = (text: string) => {
  const [, year, month, day, hours, minutes, seconds] = stamp.exec(text) ?? []
  if (year !== undefined) return { local: `${year}-${month}-${day}T${hours}:${minutes}:${seconds}`, zone: undefined }
  const [, date, time = "00:00", second = "00", fraction = "", zone] = iso.exec(text) ?? []
  return date === undefined ? undefined : {
    local: `${date}T${time}:${second}${fraction}`,
    zone: zone?.toUpperCase().replace(/(\d\d)(\d\d)$/, "$1:$2")
  }
}

/**
 * Reads a time: `yyyyMMddHHmmss` as the vendor's tools write it, or ISO 8601. Without a zone it is of the service's. A day
 * that no month has is none.
 */
const readTime = (name: string, text: string): Either.Either<DateTime.DateTime, UsageError> =>
  Either.fromOption(
    Option.gen(function*() {
      const parts = yield* Option.fromNullable(partsOf(text.trim()))
      const local = yield* DateTime.make(`${parts.local}Z`)
      // Days beyond a month's end are taken for some of the next.
      if (!DateTime.formatIso(local).startsWith(parts.local.slice(0, 19))) return yield* Option.none()
      return yield* parts.zone === undefined
        ? DateTime.makeZoned(local, { timeZone: LiveRecording.zone, adjustForTimeZone: true })
        : DateTime.make(`${parts.local}${parts.zone}`)
    }),
    () =>
      new UsageError({
        message: `--${name} is a time such as 2026-01-31T09:05:00+08:00 or 20260131090500 (China's), not ${text}`
      })
  )

/** A recording on a line: its members are not documented. */
const line = (recording: LiveRecording.LiveRecording): string =>
  Object.entries(recording).map(([name, value]) =>
    Format.visible(`${name}=${typeof value === "string" ? value : jsonLine(value)}`)
  ).join("  ")

export const live = WcsCommand.client("live", {
  description: "List what was recorded of a live channel, one recording on a line. A time without a zone is China's.",
  examples: ["live wcs://media channel-1 --from 2026-01-30T00:00:00Z --to 2026-01-31T00:00:00Z"],
  args: { bucket: ObjectPath.bucket(), channel: Args.text({ name: "CHANNEL" }) },
  flags: {
    from: Flags.required("from", "TIME", "The first moment, as ISO 8601 or yyyyMMddHHmmss."),
    to: Flags.required("to", "TIME", "The last moment, at most seven days later."),
    start: Flags.count("start", "The number of the first recording. Default: 1."),
    limit: Flags.count("limit", "How many recordings at most. Default: all.")
  }
}, ({ bucket, channel, limit, start, ...times }) =>
  Effect.gen(function*() {
    const service = yield* Live
    const output = yield* Output
    const options = {
      bucket,
      channel,
      from: yield* readTime("from", times.from),
      to: yield* readTime("to", times.to),
      start: Option.getOrUndefined(start)
    }
    const recordings = Option.isSome(limit)
      ? Stream.fromIterableEffect(
        Effect.map(service.list({ ...options, limit: limit.value }), ({ recordings }) => recordings)
      )
      : service.listAll(options)
    yield* Stream.runForEach(recordings, (recording) => output.result(recording, line(recording)))
  }))
