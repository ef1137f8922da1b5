import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { Downloader } from "effect-wcs"
import { Fault } from "effect-wcs/testing"
import { bytes, mebibyte, sha1 } from "../support/content.ts"
import * as recording from "../support/recording.ts"
import { collect, content, emulator, location, operations, ranges, service, store } from "./support.ts"

const stream = (options?: { readonly range?: Downloader.ByteRange }, key = location.key) =>
  Stream.unwrap(Effect.map(Downloader.Downloader, (downloader) => downloader.stream({ ...location, key }, options)))

describe("a stream", () => {
  for (const size of [0, 1, 4 * mebibyte, 4 * mebibyte + 1]) {
    it.effect(`gives the ${size} bytes of an object as they are`, () =>
      Effect.gen(function*() {
        yield* store(bytes(size))
        assert.strictEqual(sha1(yield* collect(stream())), sha1(bytes(size)))
        assert.deepStrictEqual(yield* ranges, [undefined])
      }).pipe(Effect.provide(service())))
  }

  it.effect("needs no credentials", () =>
    Effect.gen(function*() {
      yield* store("hello")
      assert.strictEqual((yield* collect(stream())).toString(), "hello")
    }).pipe(Effect.provide(service({ settings: { credentials: undefined } }))))

  it.effect("sends nothing before it is pulled", () =>
    Effect.gen(function*() {
      yield* store()
      const unused = stream()
      assert.isEmpty(yield* operations)
      yield* Stream.runHead(unused)
      assert.deepStrictEqual(yield* operations, ["download"])
    }).pipe(Effect.provide(service())))

  it.effect("of an object that is not there fails with WcsNotFound", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* Effect.flip(collect(stream())))._tag, "WcsNotFound")
    }).pipe(Effect.provide(service())))

  it.effect("that breaks gives what has come, then fails, and asks for nothing again", () =>
    Effect.gen(function*() {
      yield* store()
      yield* emulator((emulator) => emulator.addFault(Fault.on("download", Fault.truncate(3_000_000))))
      let received = 0
      const error = yield* Effect.flip(
        Stream.runForEach(stream(), (chunk) => Effect.sync(() => void (received += chunk.length)))
      )
      assert.strictEqual(error._tag, "WcsNetworkError")
      assert.strictEqual(received, 3_000_000)
      assert.lengthOf(yield* ranges, 1)
    }).pipe(Effect.provide(service())))
})

describe("a range", () => {
  const size = content.length
  const valid: ReadonlyArray<readonly [Downloader.ByteRange, header: string, from: number, to: number]> = [
    [{ start: 0 }, "bytes=0-", 0, size],
    [{ start: 7 }, "bytes=7-", 7, size],
    [{ start: size - 1 }, `bytes=${size - 1}-`, size - 1, size],
    [{ start: 0, end: 0 }, "bytes=0-0", 0, 1],
    [{ start: 5, end: 4 * mebibyte + 5 }, `bytes=5-${4 * mebibyte + 5}`, 5, 4 * mebibyte + 6],
    [{ start: 3, end: size + 9 }, `bytes=3-${size + 9}`, 3, size],
    [{ start: 3, end: undefined }, "bytes=3-", 3, size],
    [{ last: 1 }, "bytes=-1", size - 1, size],
    [{ last: size + 9 }, `bytes=-${size + 9}`, 0, size]
  ]
  for (const [range, header, from, to] of valid) {
    it.effect(`${JSON.stringify(range)} is asked for as ${header}`, () =>
      Effect.gen(function*() {
        yield* store()
        assert.strictEqual(sha1(yield* collect(stream({ range }))), sha1(content.subarray(from, to)))
        assert.deepStrictEqual(yield* ranges, [header])
      }).pipe(Effect.provide(service())))
  }

  const invalid: ReadonlyArray<Downloader.ByteRange> = [
    { start: -1 },
    { start: 1.5 },
    { start: NaN },
    { start: Infinity },
    { start: 2 ** 53 },
    { start: 5, end: 4 },
    { start: 5, end: 5.5 },
    { start: 5, end: NaN },
    { last: 0 },
    { last: -1 },
    { last: 0.5 },
    { last: NaN }
  ]
  for (const range of invalid) {
    it.effect(`${Object.entries(range).join(" ")} is refused before anything is sent`, () =>
      Effect.gen(function*() {
        yield* store()
        assert.include(yield* Effect.flip(collect(stream({ range }))), { _tag: "WcsInvalidInput", input: "range" })
        assert.isEmpty(yield* operations)
      }).pipe(Effect.provide(service())))
  }

  it.effect("beyond the end is the service's refusal, 416", () =>
    Effect.gen(function*() {
      yield* store("hello")
      const error = yield* Effect.flip(collect(stream({ range: { start: 5 } })))
      assert.include(error, { _tag: "WcsRefused", status: 416, isRetryable: false })
    }).pipe(Effect.provide(service())))

  it.effect("of an empty object is the service's refusal, 416", () =>
    Effect.gen(function*() {
      yield* store("")
      const error = yield* Effect.flip(collect(stream({ range: { last: 1 } })))
      assert.include(error, { _tag: "WcsRefused", status: 416 })
    }).pipe(Effect.provide(service())))

  const answers: Readonly<Record<string, Response>> = {
    "the whole object": new Response("hello"),
    "another part": new Response("hel", { status: 206, headers: { "content-range": "bytes 0-2/5" } })
  }
  for (const [what, answer] of Object.entries(answers)) {
    it.effect(`that is answered with ${what} is not taken for the part`, () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(collect(stream({ range: { start: 2, end: 4 } })))
        assert.strictEqual(error._tag, "WcsUndecodableAnswer")
      }).pipe(Effect.provide(recording.services(recording.client(() => answer).layer))))
  }
})

describe("a key in a URL", () => {
  const keys = [
    "a b.txt",
    "100%.txt",
    "%2e%2e/x",
    "what?.txt",
    "a#b",
    "a&b=c+d;e,f",
    "a\\b",
    "a:b",
    "~'\"<>|^`{}[]@$!*()",
    "ümläut/日本語.txt",
    "e\u0301",
    "🎬.mp4",
    "a//b",
    "..a/b../...",
    "x".repeat(1000)
  ]
  for (const key of keys) {
    it.effect(`${key.slice(0, 30)} arrives as it is`, () =>
      Effect.gen(function*() {
        yield* store("hello", key)
        assert.strictEqual((yield* collect(stream({}, key))).toString(), "hello")
        const [request] = yield* emulator((emulator) => emulator.requests)
        assert.strictEqual(request?.key, key)
      }).pipe(Effect.provide(service())))
  }

  for (const key of [".", "..", "../x", "a/./b", "a/../b", "a/..", "a/.", ""]) {
    it.effect(`${JSON.stringify(key)} cannot stand in one and is refused before anything is sent`, () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(collect(stream({}, key)))
        assert.include(error, { _tag: "WcsInvalidInput", input: "key" })
        assert.isEmpty(yield* operations)
      }).pipe(Effect.provide(service())))
  }

  it.effect("takes its bucket's place in the domain's URL, or needs none", () =>
    Effect.gen(function*() {
      for (
        const [downloadUrl, url] of [
          ["http://{bucket}.down.test", "http://media.down.test/a%20b"],
          ["http://down.test/x/{bucket}/", "http://down.test/x/media/a%20b"],
          ["http://down.test", "http://down.test/a%20b"]
        ] as const
      ) {
        const { layer, sent } = recording.client(() => new Response("hello"))
        yield* Effect.provide(collect(stream({}, "a b")), recording.services(layer, { downloadUrl }))
        assert.deepStrictEqual(sent.map(({ url }) => url.href), [url])
      }
    }))

  it.effect("is of no use without the download domain", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(collect(stream()))
      assert.include(error, { _tag: "WcsInvalidInput", input: "downloadUrl" })
    }).pipe(Effect.provide(service({ settings: { downloadUrl: undefined } }))))
})
