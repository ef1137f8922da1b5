import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Effect, Option, Schedule, Stream, TestClock } from "effect"
import { type Objects, Retry } from "effect-wcs"
import * as etags from "../testing/support.ts"
import { emulator, location, objects, oddKeys, operations, service, store } from "./support.ts"

type Options = Partial<Objects.ListOptions>

const list = (options: Options = {}) => objects((objects) => objects.list({ bucket: "media", ...options }))

const keysOf = (page: { readonly objects: ReadonlyArray<{ readonly key: string }> }) =>
  page.objects.map(({ key }) => key)

const tree = ["a/1", "a/2", "a/deep/x", "ab", "b/1", "c"]

/** The queries of all requests so far, but for the bucket. */
const queries = emulator((emulator) =>
  Effect.map(emulator.requests, (requests) => requests.map(({ query }) => query.replace(/^bucket=media&?/, "")))
)

describe("a page", () => {
  it.effect("describes its objects", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(etags.now)
      yield* emulator((emulator) => emulator.putObject(location, "hello world", { mimeType: "video/mp4" }))
      const { folders, marker, objects } = yield* list()
      assert.deepStrictEqual(
        objects.map((object) => ({ ...object, putTime: DateTime.toEpochMillis(object.putTime) })),
        [
          {
            key: location.key,
            size: 11,
            etag: "FiqubDXJT8-0FdvpX0CLnOke6Ebt",
            mimeType: "video/mp4",
            putTime: etags.now,
            expires: Option.none(),
            storageClass: Option.none(),
            nextAppendPosition: Option.none()
          }
        ]
      )
      assert.isEmpty(folders)
      assert.isTrue(Option.isNone(marker))
    }).pipe(Effect.provide(service())))

  it.effect("tells whole milliseconds of what was stored between two", () =>
    Effect.gen(function*() {
      yield* Effect.fork(Effect.delay(store("a"), Duration.micros(1500n)))
      yield* TestClock.adjust("2 millis")
      const { objects } = yield* list().pipe(Retry.withSchedules({ request: Schedule.stop }))
      assert.deepStrictEqual(objects.map(({ putTime }) => DateTime.toEpochMillis(putTime)), [1])
    }).pipe(Effect.provide(service())))

  it.effect("of an empty bucket is empty", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* list(), { objects: [], folders: [], marker: Option.none() })
    }).pipe(Effect.provide(service())))

  it.effect("asks for a thousand unless told otherwise", () =>
    Effect.gen(function*() {
      yield* list()
      yield* list({ limit: 7 })
      assert.deepStrictEqual(yield* queries, ["limit=1000", "limit=7"])
    }).pipe(Effect.provide(service())))

  const prefixes: Readonly<Record<string, ReadonlyArray<string>>> = {
    "a": ["a/1", "a/2", "a/deep/x", "ab"],
    "a/": ["a/1", "a/2", "a/deep/x"],
    "a/d": ["a/deep/x"],
    "z": []
  }
  for (const [prefix, keys] of Object.entries(prefixes)) {
    it.effect(`holds what begins with ${prefix}`, () =>
      Effect.gen(function*() {
        yield* store(...tree)
        assert.deepStrictEqual(keysOf(yield* list({ prefix })), [...keys])
      }).pipe(Effect.provide(service())))
  }

  for (const prefix of oddKeys) {
    it.effect(`holds what begins with ${JSON.stringify(prefix)}`, () =>
      Effect.gen(function*() {
        yield* store(prefix, `${prefix}x`, `another ${prefix}`)
        assert.deepStrictEqual(keysOf(yield* list({ prefix })), [prefix, `${prefix}x`])
      }).pipe(Effect.provide(service())))
  }

  for (
    const [mode, prefix, first, second] of [
      ["files-first", undefined, ["ab", "c"], ["a/", "b/"]],
      ["folders-first", undefined, ["a/", "b/"], ["ab", "c"]],
      ["files-first", "a", ["a/1", "a/2"], ["a/deep/"]],
      ["folders-first", "a/", ["a/deep/"], ["a/1", "a/2"]]
    ] as const
  ) {
    it.effect(`is one level, ${mode}, below ${prefix ?? "nothing"}`, () =>
      Effect.gen(function*() {
        yield* store(...tree)
        const names: Array<string> = []
        let marker: string | undefined
        do {
          const page = yield* list({ mode, prefix, marker, limit: 1 })
          assert.isAtMost(page.objects.length + page.folders.length, 1)
          names.push(...keysOf(page), ...page.folders)
          marker = Option.getOrUndefined(page.marker)
        } while (marker !== undefined)
        assert.deepStrictEqual(names, [...first, ...second])
      }).pipe(Effect.provide(service())))
  }

  it.effect("begins behind the marker of the page before", () =>
    Effect.gen(function*() {
      yield* store(...tree)
      const first = yield* list({ limit: 4 })
      const second = yield* list({ limit: 4, marker: Option.getOrThrow(first.marker) })
      assert.deepStrictEqual([keysOf(first), keysOf(second)], [tree.slice(0, 4), tree.slice(4)])
      assert.isTrue(Option.isNone(second.marker))
    }).pipe(Effect.provide(service())))

  it.effect("holds what was stored between two times, both included", () =>
    Effect.gen(function*() {
      for (const [i, key] of ["a", "b", "c", "d"].entries()) {
        yield* TestClock.setTime(1000 * (i + 1))
        yield* store(key)
      }
      const between = (options: Options) => Effect.map(list(options), keysOf)
      assert.deepStrictEqual(yield* between({ startTime: 2000 }), ["b", "c", "d"])
      assert.deepStrictEqual(yield* between({ endTime: 2000 }), ["a", "b"])
      assert.deepStrictEqual(yield* between({ startTime: 2000, endTime: 3000 }), ["b", "c"])
      assert.deepStrictEqual(yield* between({ startTime: 2000, endTime: 2000 }), ["b"])
      assert.deepStrictEqual(yield* between({ startTime: new Date(3000), endTime: "1970-01-01T00:00:03Z" }), ["c"])
      assert.deepStrictEqual(
        yield* between({ startTime: DateTime.unsafeMakeZoned(4000, { timeZone: "Asia/Tokyo" }) }),
        [
          "d"
        ]
      )
    }).pipe(Effect.provide(service())))

  const invalid: ReadonlyArray<readonly [input: string, options: Options]> = [
    ...[0, -1, 1001, 1.5, NaN, Infinity].map((limit) => ["limit", { limit }] as const),
    ["bucket", { bucket: "" }],
    ["bucket", { bucket: "a:b" }],
    ["startTime", { startTime: "soon" }],
    ["endTime", { endTime: new Date(NaN) }],
    ["endTime", { startTime: 2, endTime: 1 }]
  ]
  for (const [input, options] of invalid) {
    it.effect(`is refused before anything is sent, for ${Object.entries(options).join(" ")}`, () =>
      Effect.gen(function*() {
        assert.include(yield* Effect.flip(list(options)), { _tag: "WcsInvalidInput", input })
        assert.isEmpty(yield* operations)
      }).pipe(Effect.provide(service())))
  }

  it.effect("holds 1 to 1000 objects, as many as are asked for", () =>
    Effect.gen(function*() {
      yield* store("a", "b")
      assert.lengthOf((yield* list({ limit: 1 })).objects, 1)
      assert.lengthOf((yield* list({ limit: 1000 })).objects, 2)
    }).pipe(Effect.provide(service())))

  for (const missingBucket of [404, 631] as const) {
    it.effect(`of no bucket is WcsNotFound (${missingBucket})`, () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(list({ bucket: "other" }))
        assert.include(error, { _tag: "WcsNotFound", operation: "list", status: missingBucket })
      }).pipe(Effect.provide(service({ strictness: { missingBucket } }))))
  }
})

describe("what a call leaves out", () => {
  const settings = { list: { limit: 2, prefix: "a", mode: "folders-first" } } as const

  it.effect("is taken from the settings", () =>
    Effect.gen(function*() {
      yield* store(...tree)
      const page = yield* list()
      assert.deepStrictEqual([page.folders, keysOf(page)], [["a/deep/"], ["a/1"]])
    }).pipe(Effect.provide(service({ settings }))))

  it.effect("and nothing else", () =>
    Effect.gen(function*() {
      yield* store(...tree)
      const page = yield* list({ prefix: "b", mode: "files-first", limit: 9 })
      assert.deepStrictEqual([page.folders, keysOf(page)], [[], ["b/1"]])
    }).pipe(Effect.provide(service({ settings }))))

  it.effect("is not what it says is empty", () =>
    Effect.gen(function*() {
      yield* store(...tree)
      assert.deepStrictEqual(keysOf(yield* list({ prefix: "" })), tree)
    }).pipe(Effect.provide(service({ settings: { list: { prefix: "b" } } }))))
})

describe("all objects", () => {
  const listAll = (options: Options = {}) =>
    Stream.unwrap(objects((objects) => Effect.succeed(objects.listAll({ bucket: "media", ...options }))))
  const keys = (options?: Options) =>
    Effect.map(Stream.runCollect(listAll(options)), (found) => [...found].map(({ key }) => key))
  const many = Array.from({ length: 25 }, (_, i) => `key-${String(i).padStart(2, "0")}`)

  for (const limit of [1, 2, 5, 24, 25, 26]) {
    it.effect(`come once each and in order, ${limit} a page`, () =>
      Effect.gen(function*() {
        yield* store(...many)
        assert.deepStrictEqual(yield* keys({ limit }), many)
        assert.lengthOf(yield* operations, Math.ceil(25 / limit))
      }).pipe(Effect.provide(service())))
  }

  it.effect("are none of an empty bucket, with one request", () =>
    Effect.gen(function*() {
      assert.isEmpty(yield* keys())
      assert.lengthOf(yield* operations, 1)
    }).pipe(Effect.provide(service())))

  it.effect("are asked for page by page, as the stream is pulled", () =>
    Effect.gen(function*() {
      yield* store(...many)
      for (const [take, pages] of [[0, 0], [1, 1], [5, 1], [6, 2], [11, 3]] as const) {
        yield* emulator((emulator) => emulator.clearRequests)
        const taken = yield* Stream.runCollect(Stream.take(listAll({ limit: 5 }), take))
        assert.lengthOf([...taken], take)
        assert.lengthOf(yield* operations, pages, `${take} objects`)
      }
    }).pipe(Effect.provide(service())))

  it.effect("of a stream that is run twice at once do not get mixed", () =>
    Effect.gen(function*() {
      yield* store(...many)
      const all = keys({ limit: 3 })
      assert.deepStrictEqual(yield* Effect.all([all, all], { concurrency: 2 }), [many, many])
    }).pipe(Effect.provide(service())))

  it.effect("begin at a marker", () =>
    Effect.gen(function*() {
      yield* store(...many)
      const { marker } = yield* list({ limit: 20 })
      assert.deepStrictEqual(yield* keys({ limit: 2, marker: Option.getOrThrow(marker) }), many.slice(20))
    }).pipe(Effect.provide(service())))

  it.effect("begin, and go on, where the settings' marker, prefix and limit say", () =>
    Effect.gen(function*() {
      yield* store(...many)
      assert.deepStrictEqual(yield* keys(), many.slice(12, 20))
      assert.lengthOf(yield* operations, 3)
    }).pipe(Effect.provide(service({
      settings: { list: { marker: etags.b64u("key-11:-1"), prefix: "key-1", limit: 3 } }
    }))))

  it.effect("of odd keys come back as they were stored", () =>
    Effect.gen(function*() {
      yield* store(...oddKeys)
      assert.deepStrictEqual(yield* keys({ limit: 2 }), oddKeys)
    }).pipe(Effect.provide(service())))

  it.effect("come through pages of nothing but folders", () =>
    Effect.gen(function*() {
      yield* store(...tree)
      assert.deepStrictEqual(yield* keys({ mode: "folders-first", limit: 1 }), ["ab", "c"])
    }).pipe(Effect.provide(service())))
})
