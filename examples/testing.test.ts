/** A test of a program that uploads: the whole service in memory, and time under the test's control. */
import { assert, it } from "@effect/vitest"
import { Effect, Fiber, TestClock } from "effect"
import { Objects, Uploader } from "effect-wcs"
import { Emulator, Fault, WcsTest } from "effect-wcs/testing"

/** The program under test: stores a film unless it is there. */
const publish = Effect.fn("publish")(function*(path: string, key: string) {
  const uploader = yield* Uploader.Uploader
  return yield* uploader.putFile(path, { bucket: "media", key }).pipe(
    Effect.map(() => "stored" as const),
    Effect.catchTag("WcsAlreadyExists", () => Effect.succeed("kept" as const))
  )
})

const Service = WcsTest.layer({ buckets: ["media"], files: { "film.mp4": "twelve bytes" } })

it.effect("stores a film once", () =>
  Effect.gen(function*() {
    const objects = yield* Objects.Objects
    assert.strictEqual(yield* publish("film.mp4", "2026/film.mp4"), "stored")
    assert.strictEqual(yield* publish("film.mp4", "2026/film.mp4"), "kept")
    assert.strictEqual((yield* objects.stat({ bucket: "media", key: "2026/film.mp4" })).size, 12)
  }).pipe(Effect.provide(Service)))

it.effect("gets over a service that is down for a moment", () =>
  Effect.gen(function*() {
    const emulator = yield* Emulator.Emulator
    yield* emulator.addFault(Fault.on("form", Fault.status(503), { times: 2 }))
    const publishing = yield* Effect.fork(publish("film.mp4", "2026/film.mp4"))
    yield* TestClock.adjust("1 minute")
    assert.strictEqual(yield* Fiber.join(publishing), "stored")
  }).pipe(Effect.provide(Service)))
