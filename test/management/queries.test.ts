/** Values that cannot stand in a query as they are: encoded, then signed, and understood as they were meant. */
import { assert, describe, it, layer } from "@effect/vitest"
import { DateTime, Effect, FastCheck, Stream } from "effect"
import type { Buckets, Live, Objects, WcsError } from "effect-wcs"
import { LiveRecording } from "effect-wcs"
import type { EmulatorMedia } from "effect-wcs/testing"
import {
  anyText,
  at,
  bucketName,
  buckets,
  emulator,
  given,
  keys,
  live,
  now,
  objectKey,
  objects,
  operations,
  service
} from "./support.ts"

/** The queries of all requests so far, read as any server reads them. */
const queries = emulator((emulator) =>
  Effect.map(emulator.requests, (requests) =>
    requests.map(({ query }) => {
      assert.match(query, /^[\w.~!*()/:=@,$%&-]*$/, "nothing stands raw that two servers could read in two ways")
      return Object.fromEntries(new URLSearchParams(query))
    }))
)

const days = { from: "2026-01-02", to: "2026-01-02" }

const hardNames = [
  " ",
  "a b",
  "a&b=c",
  "a#b",
  "a+b",
  "a%2Fb",
  "100%",
  "=",
  "'",
  "\"",
  "a?b",
  "a;b",
  "a,b@c$d!e*f(g)",
  "日本語",
  "e\u0301",
  "\u00e9",
  "🎬",
  "a\\b",
  "<>^`{}[]~"
]

/** What a bucket's name has to survive, in a listing, in a question of volumes, and among live recordings. */
const survives = (name: string) =>
  Effect.gen(function*() {
    yield* emulator((emulator) => emulator.clearRequests)
    yield* given({ [`of ${name}`]: name }, name)
    const page = yield* objects((objects) => objects.list({ bucket: name }))
    assert.deepStrictEqual(page.objects.map(({ key }) => key), [`of ${name}`])
    assert.strictEqual((yield* objects((objects) => objects.stat(at(`of ${name}`, name)))).key, `of ${name}`)
    const recorded = yield* live((live) => live.list({ bucket: name, channel: name, from: now, to: now }))
    assert.isEmpty(recorded.recordings)
    const [listed, , ofLive] = yield* queries
    assert.strictEqual(listed?.["bucket"], name)
    assert.deepStrictEqual([ofLive?.["bucket"], ofLive?.["channelname"]], [name, name])
    if (!name.includes("|")) {
      const { buckets: volumes } = yield* buckets((buckets) => buckets.stat({ buckets: [name], ...days }))
      assert.deepStrictEqual(volumes.map(({ name }) => name), [name])
    }
  })

describe("a bucket's name", () => {
  it.effect("is understood, however hard", () =>
    Effect.gen(function*() {
      for (const name of hardNames) yield* survives(name)
      const found = yield* buckets((buckets) => buckets.list)
      assert.deepStrictEqual(found, hardNames.map((name) => ({ name })))
      const { buckets: volumes } = yield* buckets((buckets) => buckets.stat({ buckets: hardNames, ...days }))
      assert.deepStrictEqual(volumes.map(({ name }) => name), hardNames)
    }).pipe(Effect.provide(service({ buckets: hardNames }))))

  it.effect.prop(
    "is understood, whatever it is",
    [FastCheck.uniqueArray(bucketName, { minLength: 1, maxLength: 4 })],
    ([names]) =>
      Effect.gen(function*() {
        yield* Effect.forEach(names, survives)
        assert.deepStrictEqual(yield* buckets((buckets) => buckets.list), names.map((name) => ({ name })))
      }).pipe(Effect.provide(service({ buckets: names }))),
    { fastCheck: { numRuns: 10 } }
  )
})

layer(service())("in a listing", (it) => {
  it.effect.prop("a marker travels as it came", [anyText], ([marker]) =>
    Effect.gen(function*() {
      yield* emulator((emulator) => emulator.clearRequests)
      // No such marker was ever given: it is the marker that is refused, and not the signature.
      const error = yield* Effect.flip(objects((objects) => objects.list({ bucket: "media", marker })))
      assert.include(error, { _tag: "WcsRefused", operation: "list", status: 400 })
      assert.deepStrictEqual((yield* queries).map((query) => query["marker"]), [marker])
    }), { fastCheck: { numRuns: 20 } })

  it.effect.prop("a prefix means the keys that begin with it", [
    anyText,
    FastCheck.uniqueArray(objectKey, { maxLength: 3 })
  ], ([prefix, ends]) =>
    Effect.gen(function*() {
      const stored = [prefix, ...ends.map((end) => `${prefix}${end}`), ...ends]
      const possible = yield* Effect.filter(
        Array.from(new Set(stored)),
        (key) => Effect.isSuccess(emulator((emulator) => emulator.putObject(at(key), "")))
      )
      const found = yield* Stream.runCollect(
        Stream.unwrap(objects((objects) => Effect.succeed(objects.listAll({ bucket: "media", prefix, limit: 2 }))))
      )
      assert.deepStrictEqual(
        Array.from(found, ({ key }) => key).toSorted(),
        possible.filter((key) => key.startsWith(prefix)).toSorted()
      )
      for (const key of yield* keys()) yield* emulator((emulator) => emulator.removeObject(at(key)))
    }), { fastCheck: { numRuns: 20 } })
})

describe("a live channel's name", () => {
  it.effect.prop(
    "is that of its recordings, and of no others",
    [FastCheck.uniqueArray(anyText, { minLength: 1, maxLength: 4 })],
    ([channels]) => {
      const startTime = LiveRecording.formatTime(DateTime.unsafeMake(now))
      const recordings = channels.map((channel): EmulatorMedia.Recording => ({
        bucket: "media",
        channel,
        key: `of ${channel}`,
        startTime,
        endTime: startTime
      }))
      return Effect.gen(function*() {
        for (const channel of channels) {
          const page = yield* live((live) => live.list({ bucket: "media", channel, from: now, to: now }))
          assert.deepStrictEqual(page.recordings.map(({ key }) => key), [`of ${channel}`])
        }
        assert.deepStrictEqual((yield* queries).map((query) => query["channelname"]), channels)
      }).pipe(Effect.provide(service({ recordings })))
    },
    { fastCheck: { numRuns: 10 } }
  )
})

describe("text that is no Unicode", () => {
  it.effect("is refused before anything is sent", () =>
    Effect.gen(function*() {
      const lone = "\ud800"
      const asked: ReadonlyArray<
        readonly [
          input: string,
          Effect.Effect<unknown, WcsError.WcsError, Objects.Objects | Buckets.Buckets | Live.Live>
        ]
      > = [
        ["marker", objects((objects) => objects.list({ bucket: "media", marker: lone }))],
        ["prefix", objects((objects) => objects.list({ bucket: "media", prefix: lone }))],
        ["bucket", objects((objects) => objects.list({ bucket: lone }))],
        ["bucket", buckets((buckets) => buckets.stat({ buckets: [lone], ...days }))],
        ["type", buckets((buckets) => buckets.statistics({ buckets: ["media"], type: lone, ...days }))],
        ["channel", live((live) => live.list({ bucket: "media", channel: lone, from: now, to: now }))]
      ]
      for (const [input, ask] of asked) {
        assert.include(yield* Effect.flip(ask), { _tag: "WcsInvalidInput", input })
      }
      assert.isEmpty(yield* operations)
    }).pipe(Effect.provide(service())))
})
