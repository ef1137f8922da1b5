/**
 * `Live` over `WcsHttpClient`.
 *
 * @since 0.1.0
 */
import * as Chunk from "effect/Chunk"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Entry from "../domain/Entry.ts"
import { invalid } from "../domain/Input.ts"
import * as LiveRecording from "../domain/LiveRecording.ts"
import { type WcsInvalidInput, WcsUndecodableAnswer } from "../domain/WcsError.ts"
import * as LiveQueries from "../domain/wire/LiveQueries.ts"
import * as instants from "../internal/instants.ts"
import { Live, type LiveOptions } from "../services/Live.ts"
import { WcsHttpClient } from "../services/WcsHttpClient.ts"

const longest = Duration.days(7)

/** Pages that would never end. */
const stuck = Effect.suspend(() =>
  new WcsUndecodableAnswer({
    operation: "wslive/list",
    status: 200,
    code: "200",
    detail: "the next page is the page before"
  })
)

const check = (options: LiveOptions): Either.Either<LiveQueries.LiveListing, WcsInvalidInput> =>
  Either.gen(function*() {
    const { channel, limit, start } = options
    if (channel === "" || !channel.isWellFormed()) {
      return yield* invalid("channel", "is not empty, and well-formed Unicode")
    }
    const { from, to } = yield* instants.span(["from", options.from], ["to", options.to])
    for (const [input, time] of [["from", from], ["to", to]] as const) {
      if (!/^\d{14}$/.test(LiveRecording.formatTime(time))) return yield* invalid(input, "is of a year of four digits")
    }
    if (DateTime.toEpochMillis(to) - DateTime.toEpochMillis(from) > Duration.toMillis(longest)) {
      return yield* invalid("to", "is at most seven days after from")
    }
    for (const [input, value] of [["start", start], ["limit", limit]] as const) {
      if (value !== undefined && !(Number.isSafeInteger(value) && value >= 1)) {
        return yield* invalid(input, `is a whole number, 1 or more, not ${value}`)
      }
    }
    return { bucket: yield* Entry.bucketName(options.bucket), channel, from, to, start, limit }
  })

/**
 * Live recordings over `WcsHttpClient`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Live["Type"], never, WcsHttpClient> = Effect.map(WcsHttpClient, (client) => {
  const list = (options: LiveOptions) =>
    Effect.flatMap(check(options), (listing) => client.execute(LiveQueries.list(listing))).pipe(
      Effect.withSpan("Live.list", { attributes: { "wcs.bucket": options.bucket } })
    )
  return Live.of({
    list,
    listAll: ({ limit = 1000, start = 1, ...options }) =>
      Stream.paginateChunkEffect(
        { start, before: "" },
        ({ before, start }) =>
          Effect.flatMap(list({ ...options, start, limit }), ({ recordings }) => {
            const page = JSON.stringify(recordings)
            return recordings.length > 0 && page === before ? stuck : Effect.succeed([
              Chunk.unsafeFromArray(recordings),
              // A service may have a limit of its own: only a page without recordings is the end.
              recordings.length === 0 ? Option.none() : Option.some({ start: start + recordings.length, before: page })
            ])
          })
      )
  })
})

/**
 * `Live` over `WcsHttpClient`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Live, never, WcsHttpClient> = Layer.effect(Live, make)
