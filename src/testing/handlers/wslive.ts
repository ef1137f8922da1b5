import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Order from "effect/Order"
import * as Schema from "effect/Schema"
import * as Entry from "../../domain/Entry.ts"
import type { Recording } from "../EmulatorMedia.ts"
import * as EmulatorResponse from "../EmulatorResponse.ts"
import * as grammar from "../internal/grammar.ts"
import { authorizeManagement, type Operation } from "../internal/operation.ts"
import * as percent from "../internal/percent.ts"
import { Settings } from "../internal/settings.ts"

const Text = Schema.transform(Schema.String, Schema.NonEmptyString, {
  strict: true,
  decode: (text) => Option.getOrElse(percent.decode(text), () => text),
  encode: encodeURIComponent
})

/** `yyyyMMddHHmmss`, a time that there is. */
const Time = Schema.String.pipe(Schema.filter((text) => {
  const iso = text.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/, "$1-$2-$3T$4:$5:$6.000Z")
  const time = Option.map(DateTime.make(iso), DateTime.formatIso)
  return (iso !== text && Option.contains(time, iso)) || "is a time as yyyyMMddHHmmss"
}))

const Position = Schema.NumberFromString.pipe(Schema.int(), Schema.positive())

const readQuery = grammar.body(Schema.Struct({
  channelname: Text,
  startTime: Time,
  endTime: Time,
  bucket: Schema.compose(Text, Entry.BucketName),
  start: Schema.optionalWith(Position, { exact: true, default: () => 1 }),
  limit: grammar.optional(Position)
}))

const inTime = Order.mapInput(
  Order.tuple(Order.string, Order.string),
  ({ key, startTime }: Recording) => [startTime, key] as const
)

/**
 * Lists a channel's recordings of the option `recordings`: those that began between two times, both included, the oldest
 * first; `start` counts from 1. Neither the filter nor the answer's shape is documented: `{"items":[{"key":"…",
 * "startTime":"…","endTime":"…"}]}` is assumed (protocol 9.2).
 *
 * @since 0.1.0
 * @category operations
 */
export const wsliveList: Operation = {
  name: "wslive/list",
  methods: ["GET"],
  path: /^\/wslive\/list$/,
  handle: (exchange) =>
    Effect.gen(function*() {
      const { recordings } = yield* Settings
      yield* authorizeManagement(exchange)
      const asked = yield* readQuery(exchange.request.query)
      if (asked.endTime < asked.startTime) return yield* grammar.invalid("endTime is before startTime")
      yield* grammar.checkBuckets([asked.bucket])
      const found = recordings
        .filter(({ bucket, channel, startTime }) =>
          bucket === asked.bucket && channel === asked.channelname && startTime >= asked.startTime &&
          startTime <= asked.endTime
        )
        .toSorted(inTime)
      const first = asked.start - 1
      return EmulatorResponse.json({
        items: found
          .slice(first, asked.limit === undefined ? undefined : first + asked.limit)
          .map(({ endTime, key, startTime }) => ({ key, startTime, endTime }))
      })
    })
}
