import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, TestClock } from "effect"
import { Uploader, UploadPolicy } from "effect-wcs"
import { Emulator, WcsTest } from "effect-wcs/testing"

/** When requests came, once the test has put the clock on. */
const arrivals = Effect.gen(function*() {
  const emulator = yield* Emulator.Emulator
  return (yield* emulator.requests).map(({ operation, receivedAt }) => [operation, receivedAt])
})

describe("an emulator without a fault", () => {
  it.effect("answers a form before the clock of the test moves", () =>
    Effect.gen(function*() {
      const uploader = yield* Uploader.Uploader
      const policy = UploadPolicy.make({ callbackUrl: "https://app.example.com/stored" })
      const uploading = yield* Effect.fork(
        Effect.flip(uploader.putBytes(new Uint8Array(5), { bucket: "media", key: "a" }, { policy }))
      )
      yield* TestClock.adjust("1 hour")
      const error = yield* Fiber.join(uploading)
      assert.deepInclude(error, {
        _tag: "WcsCallbackFailed",
        detail: "Callback Failed: No Server Can Be Reached: the emulator has no option `web`"
      })
      assert.deepStrictEqual(yield* arrivals, [["form", 0]])
    }).pipe(Effect.provide(WcsTest.layer({ buckets: ["media"] }))))

  it.effect("takes all blocks before the clock of the test moves", () =>
    Effect.gen(function*() {
      const uploader = yield* Uploader.Uploader
      const uploading = yield* Effect.fork(
        uploader.putBytes(new Uint8Array(12_000_000), { bucket: "media", key: "a" }, { method: "block" })
      )
      yield* TestClock.adjust("1 hour")
      yield* Fiber.join(uploading)
      assert.deepStrictEqual(yield* arrivals, [["mkblk", 0], ["mkblk", 0], ["mkblk", 0], ["mkfile", 0]])
    }).pipe(Effect.provide(WcsTest.layer({ buckets: ["media"] }))))
})
