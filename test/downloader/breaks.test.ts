import { assert, describe, it } from "@effect/vitest"
import { Deferred, type Duration, Effect, Fiber, Option, TestClock } from "effect"
import { Downloader } from "effect-wcs"
import { Fault } from "effect-wcs/testing"
import { inTime } from "../support/clock.ts"
import * as recording from "../support/recording.ts"
import {
  clientInMemory,
  complete,
  content,
  emulator,
  filesIn,
  location,
  ranges,
  read,
  service,
  store,
  target,
  toFile
} from "./support.ts"

const cut = 3_000_000

describe("a download that breaks", () => {
  it.effect("goes on by Range within the call", () =>
    Effect.gen(function*() {
      yield* store()
      yield* emulator((emulator) =>
        emulator.addFault(
          Fault.on("download", Fault.truncate(cut), { nth: 1 }),
          Fault.on("download", Fault.reset(), { nth: 2 }),
          Fault.on("download", Fault.truncate(1), { nth: 3 }),
          Fault.on("download", Fault.status(503), { nth: 4 })
        )
      )
      assert.include(yield* inTime(toFile()), { size: content.length, resumed: 0, verified: "etag" })
      assert.deepStrictEqual(yield* ranges, [
        undefined,
        `bytes=${cut}-`,
        `bytes=${cut}-`,
        `bytes=${cut + 1}-`,
        `bytes=${cut + 1}-`
      ])
      yield* complete(content)
    }).pipe(Effect.provide(service())))

  it.effect("goes on as long as each attempt brings something, however often it breaks", () =>
    Effect.gen(function*() {
      yield* store()
      yield* emulator((emulator) => emulator.addFault(Fault.on("download", Fault.truncate(500_000))))
      yield* toFile()
      assert.lengthOf(yield* ranges, Math.ceil(content.length / 500_000))
      yield* complete(content)
    }).pipe(Effect.provide(service())))

  it.effect("and brings nothing any more ends with the schedule", () =>
    Effect.gen(function*() {
      yield* store()
      yield* emulator((emulator) => emulator.addFault(Fault.on("download", Fault.reset())))
      assert.strictEqual((yield* Effect.flip(toFile()))._tag, "WcsNetworkError")
      assert.deepStrictEqual(yield* ranges, [undefined, undefined, undefined, undefined])
      assert.isEmpty(yield* filesIn("/"))
    }).pipe(Effect.provide(service())))

  it.effect("is not kept alive by answers without a byte", () =>
    Effect.gen(function*() {
      yield* store()
      yield* emulator((emulator) => emulator.addFault(Fault.on("download", Fault.truncate(0), { times: 9 })))
      assert.strictEqual((yield* Effect.flip(toFile()))._tag, "WcsNetworkError")
      assert.lengthOf(yield* ranges, 4)
    }).pipe(Effect.provide(service())))

  /** Runs to the end; the clock goes on in steps as long as no byte has come. */
  const untilItMoves = (step: Duration.DurationInput) =>
    Effect.gen(function*() {
      const downloader = yield* Downloader.Downloader
      let moved = false
      const fiber = yield* Effect.fork(downloader.toFile(location, target, {
        onProgress: () =>
          Effect.sync(() => {
            moved = true
          })
      }))
      while (Option.isNone(yield* Fiber.poll(fiber))) {
        if (!moved) yield* TestClock.adjust(step)
        // Bodies arrive outside of the test's clock.
        yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
      }
      return yield* Fiber.join(fiber)
    })

  it.effect("waits, by the settings, before it goes on", () =>
    Effect.gen(function*() {
      yield* store()
      yield* emulator((emulator) => emulator.addFault(Fault.on("download", Fault.reset(), { nth: 1, times: 2 })))
      yield* untilItMoves("50 millis")
      const requests = yield* emulator((emulator) => emulator.requests)
      const [first, second, third] = requests.slice(1).map(({ receivedAt }) => receivedAt)
      assert.isAtLeast(Number(second) - Number(first), 160)
      assert.isAtLeast(Number(third) - Number(second), 320)
    }).pipe(Effect.provide(service())))

  it.effect("because the service goes silent is asked again after the time-out", () =>
    Effect.gen(function*() {
      yield* store()
      yield* emulator((emulator) => emulator.addFault(Fault.on("download", Fault.stall, { nth: 1 })))
      assert.strictEqual((yield* untilItMoves("1 second")).verified, "etag")
      assert.lengthOf(yield* ranges, 2)
    }).pipe(Effect.provide(service())))

  it.effect("because the body goes silent in the middle goes on from there after the time-out", () =>
    Effect.gen(function*() {
      const downloader = yield* Downloader.Downloader
      const silent = yield* Deferred.make<void>()
      const fiber = yield* Effect.fork(downloader.toFile(location, target, {
        onProgress: () => Deferred.succeed(silent, undefined)
      }))
      yield* Deferred.await(silent)
      while (Option.isNone(yield* Fiber.poll(fiber))) {
        yield* TestClock.adjust("1 second")
        yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
      }
      assert.include(yield* Fiber.join(fiber), { size: 10, verified: "size" })
      assert.strictEqual((yield* read(target)).toString(), "0,1,2,3,4,5,6,7,8,9")
    }).pipe(
      Effect.provide(clientInMemory(
        recording.client(({ headers }) =>
          headers["range"] === "bytes=4-"
            ? new Response(Uint8Array.of(4, 5, 6, 7, 8, 9), {
              status: 206,
              headers: { "content-range": "bytes 4-9/10" }
            })
            : new Response(
              new ReadableStream({ start: (controller) => controller.enqueue(Uint8Array.of(0, 1, 2, 3)) }),
              { headers: { "content-length": "10" } }
            )
        ).layer
      ))
    ))
})
