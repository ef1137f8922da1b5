import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Option, Stream, TestClock } from "effect"
import { Uploader } from "effect-wcs"
import { Emulator, Fault, WcsTest } from "effect-wcs/testing"
import { mebibyte } from "../support/content.ts"

const target = { bucket: "media", key: "film.bin" }
const size = 40 * mebibyte
const blockSize = 4 * mebibyte

/** The most bytes that were pulled from a stream and not yet acknowledged by the service. */
const ahead = (concurrency: number, piece: number, known: boolean) =>
  Effect.gen(function*() {
    const uploader = yield* Uploader.Uploader
    const emulator = yield* Emulator.Emulator
    let begun = 0
    let ended = 0
    // Blocks wait for the clock, which waits until as many as may be are in flight.
    yield* emulator.addFault(Fault.on("mkblk", Fault.delay("1 minute"), { when: () => ++begun > 0 }))
    const full = () => begun - ended === Math.min(concurrency, size / blockSize - ended)
    let pulled = 0
    let acknowledged = 0
    let most = 0
    const stream = Stream.unfold(0, (at) => {
      const length = Math.min(piece, size - at)
      if (length === 0) return Option.none()
      pulled += length
      most = Math.max(most, pulled - acknowledged)
      return Option.some([new Uint8Array(length), at + length])
    }).pipe(Stream.rechunk(1))
    const fiber = yield* Effect.fork(uploader.putStream(stream, target, {
      method: "block",
      concurrency,
      ...(known && { size }),
      onProgress: (event) =>
        Effect.sync(() => {
          if (event._tag !== "Block") return
          ended += 1
          acknowledged += event.bytes
        })
    }))
    while (Option.isNone(yield* Fiber.poll(fiber))) {
      if (full()) yield* TestClock.adjust("1 minute")
      // Digests and the like finish outside of the test's clock.
      yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
    }
    const receipt = yield* Fiber.join(fiber)
    assert.deepInclude(receipt, { size, verified: "etag", blocks: { total: 10, sent: 10, resumed: 0 } })
    assert.strictEqual(acknowledged, size)
    return most
  }).pipe(
    Effect.provide(WcsTest.layer({ buckets: ["media"], settings: { requestTimeout: "1 hour" } }))
  )

describe("what the upload of a stream holds in memory", () => {
  for (const concurrency of [1, 2, 3]) {
    for (const known of [true, false]) {
      it.effect(`is ${concurrency} blocks where ${concurrency} are in flight, of ${known ? "known" : "unknown"} length`, () =>
        Effect.gen(function*() {
          const piece = 64 * 1024
          const most = yield* ahead(concurrency, piece, known)
          assert.isAtMost(most, concurrency * blockSize + piece)
          assert.isAtLeast(most, concurrency * blockSize)
        }))
    }
  }

  it.effect("grows by a piece of the stream, however large that is, and by no more", () =>
    Effect.gen(function*() {
      const piece = 5 * mebibyte
      assert.isAtMost(yield* ahead(2, piece, false), 2 * blockSize + piece)
    }))
})
