import { assert, describe, it, layer } from "@effect/vitest"
import { Array as Arr, DateTime, Effect, FastCheck, Stream } from "effect"
import type { Live } from "effect-wcs"
import { LiveRecording } from "effect-wcs"
import type { EmulatorMedia } from "effect-wcs/testing"
import { emulator, live, now, operations, service } from "./support.ts"

const hour = 3_600_000
const week = 7 * 24 * hour

const timeOf = (millis: number) => LiveRecording.formatTime(DateTime.unsafeMake(millis))

/** Recordings of one channel, an hour apart from `now` on. */
const hourly = (count: number, channel = "one", bucket = "media"): ReadonlyArray<EmulatorMedia.Recording> =>
  Arr.makeBy(count, (n) => ({
    bucket,
    channel,
    key: `${channel}/${n}.mp4`,
    startTime: timeOf(now + n * hour),
    endTime: timeOf(now + (n + 1) * hour)
  }))

const options = (rest: Partial<Live.LiveOptions> = {}): Live.LiveOptions => ({
  bucket: "media",
  channel: "one",
  from: now,
  to: now + week,
  ...rest
})

const list = (rest?: Partial<Live.LiveOptions>) => live((live) => live.list(options(rest)))

const listAll = (rest?: Partial<Live.LiveOptions>) =>
  Stream.unwrap(live((live) => Effect.succeed(live.listAll(options(rest)))))

const keysOf = (recordings: Iterable<LiveRecording.LiveRecording>) => Array.from(recordings, ({ key }) => key)

const all = (rest?: Partial<Live.LiveOptions>) => Effect.map(Stream.runCollect(listAll(rest)), keysOf)

const names = (from: number, to: number) =>
  Array.from({ length: Math.max(to - from, 0) }, (_, n) => `one/${from + n}.mp4`)

layer(service({ recordings: [...hourly(20), ...hourly(5, "two"), ...hourly(3, "one", "archive")] }))(
  "a page",
  (it) => {
    it.effect("tells the recordings of a channel, and of no other", () =>
      Effect.gen(function*() {
        const { answer, recordings } = yield* list()
        assert.deepStrictEqual(keysOf(recordings), names(0, 20))
        assert.deepStrictEqual(recordings[1], {
          key: "one/1.mp4",
          startTime: timeOf(now + hour),
          endTime: timeOf(now + 2 * hour)
        })
        assert.deepStrictEqual(answer, { items: recordings })
        assert.lengthOf((yield* list({ channel: "two" })).recordings, 5)
        assert.lengthOf((yield* list({ bucket: "archive" })).recordings, 3)
        assert.isEmpty((yield* list({ channel: "three" })).recordings)
      }))

    const count = FastCheck.option(FastCheck.integer({ min: 1, max: 25 }), { nil: undefined })

    it.effect.prop("begins and ends where it was asked to", [
      FastCheck.nat(24),
      FastCheck.nat(24),
      FastCheck.nat(3_599),
      count,
      count
    ], ([from, hours, seconds, start, limit]) =>
      Effect.gen(function*() {
        const { recordings } = yield* list({
          // Seconds late, it misses the recording of its hour.
          from: new Date(now + from * hour + seconds * 1000),
          to: DateTime.unsafeMakeZoned(now + (from + hours) * hour + seconds * 1000, { timeZone: "America/Lima" }),
          start,
          limit
        })
        const first = seconds === 0 ? from : from + 1
        const found = names(first, Math.min(from + hours + 1, 20))
        const begin = (start ?? 1) - 1
        assert.deepStrictEqual(keysOf(recordings), found.slice(begin, begin + (limit ?? 20)))
      }), { fastCheck: { numRuns: 30 } })
  }
)

describe("all recordings", () => {
  for (const limit of [1, 3, 4, 6, 11, 12, 13, undefined]) {
    it.effect(`come once each and in order, ${limit ?? "as many as there are"} a page`, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* all({ limit }), names(0, 12))
        // Only a page without any tells that the one before it was the last.
        assert.lengthOf(yield* operations, Math.ceil(12 / (limit ?? 1000)) + 1)
      }).pipe(Effect.provide(service({ recordings: hourly(12) }))))
  }

  it.effect("are none of a channel without any, with one request", () =>
    Effect.gen(function*() {
      assert.isEmpty(yield* all())
      assert.lengthOf(yield* operations, 1)
    }).pipe(Effect.provide(service())))

  it.effect("begin where they are asked to", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* all({ start: 4, limit: 3 }), names(3, 12))
      assert.deepStrictEqual(yield* all({ start: 12, limit: 3 }), names(11, 12))
      assert.isEmpty(yield* all({ start: 13, limit: 3 }))
    }).pipe(Effect.provide(service({ recordings: hourly(12) }))))

  it.effect("are asked for page by page, as the stream is pulled", () =>
    Effect.gen(function*() {
      for (const [take, pages] of [[0, 0], [1, 1], [5, 1], [6, 2], [12, 3]] as const) {
        yield* emulator((emulator) => emulator.clearRequests)
        assert.deepStrictEqual(
          keysOf(yield* Stream.runCollect(Stream.take(listAll({ limit: 5 }), take))),
          names(0, take)
        )
        assert.lengthOf(yield* operations, pages)
      }
    }).pipe(Effect.provide(service({ recordings: hourly(12) }))))
})

describe("a question about recordings", () => {
  const bad: ReadonlyArray<readonly [input: string, Partial<Live.LiveOptions>]> = [
    ["to", { to: now - 1 }],
    ["to", { to: now + week + 1 }],
    ["from", { from: NaN }],
    ["from", { from: "yesterday" }],
    ["to", { to: new Date(NaN) }],
    ["from", { from: -8.64e15, to: -8.64e15 }],
    ["from", { from: "-000001-06-01T00:00:00Z", to: "-000001-06-01T00:00:00Z" }],
    ["to", { from: "9999-12-31T15:59:59Z", to: "9999-12-31T16:00:00Z" }],
    ["channel", { channel: "" }],
    ["bucket", { bucket: "" }],
    ["bucket", { bucket: "a/b" }],
    ...[0, -1, 1.5, NaN, Infinity].flatMap((n) => [["start", { start: n }], ["limit", { limit: n }]] as const)
  ]

  it.effect("that cannot be is refused before anything is sent", () =>
    Effect.gen(function*() {
      for (const [input, rest] of bad) {
        assert.include(yield* Effect.flip(list(rest)), { _tag: "WcsInvalidInput", input })
        assert.include(yield* Effect.flip(all(rest)), { _tag: "WcsInvalidInput", input })
      }
      assert.isEmpty(yield* operations)
    }).pipe(Effect.provide(service())))

  it.effect("is about a moment at least, and seven days at most", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(keysOf((yield* list({ to: now })).recordings), names(0, 1))
      assert.deepStrictEqual(keysOf((yield* list({ from: now - week, to: now })).recordings), names(0, 1))
    }).pipe(Effect.provide(service({ recordings: hourly(2) }))))

  it.effect("about a bucket that there is not is an error, and so is one page of many", () =>
    Effect.gen(function*() {
      assert.include(yield* Effect.flip(list({ bucket: "none" })), { _tag: "WcsNotFound", operation: "wslive/list" })
      assert.include(yield* Effect.flip(all({ bucket: "none" })), { _tag: "WcsNotFound", operation: "wslive/list" })
    }).pipe(Effect.provide(service())))
})
