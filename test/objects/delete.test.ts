import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Schedule } from "effect"
import { Retry } from "effect-wcs"
import { Fault } from "effect-wcs/testing"
import { inTime } from "../support/clock.ts"
import { emulator, keys, location, objects, oddKeys, operations, service, store } from "./support.ts"

const remove = (key = location.key) =>
  Retry.withSchedules({ request: Schedule.recurs(3) })(objects((objects) => objects.delete({ ...location, key })))

describe("delete", () => {
  it.effect("removes an object and no other; again it is WcsNotFound", () =>
    Effect.gen(function*() {
      yield* store("a", "a/b", "ab")
      yield* remove("a")
      assert.deepStrictEqual(yield* keys(), ["a/b", "ab"])
      const error = yield* Effect.flip(remove("a"))
      assert.include(error, { _tag: "WcsNotFound", operation: "delete", status: 404 })
      assert.deepStrictEqual(yield* operations, ["delete", "delete"])
    }).pipe(Effect.provide(service())))

  for (const key of oddKeys) {
    it.effect(`removes the key ${JSON.stringify(key)}`, () =>
      Effect.gen(function*() {
        yield* store(key, "another")
        yield* remove(key)
        assert.deepStrictEqual(yield* keys(), ["another"])
      }).pipe(Effect.provide(service())))
  }

  it.effect("that never reached the service is sent again", () =>
    Effect.gen(function*() {
      yield* store("a")
      yield* emulator((emulator) => emulator.addFault(Fault.on("delete", Fault.status(503), { nth: 1, times: 2 })))
      yield* inTime(remove("a"))
      assert.isEmpty(yield* keys())
      assert.lengthOf(yield* operations, 3)
    }).pipe(Effect.provide(service())))

  it.effect("whose answer is lost has removed the object all the same", () =>
    Effect.gen(function*() {
      yield* store("a")
      yield* emulator((emulator) => emulator.addFault(Fault.on("delete", Fault.lostAnswer, { nth: 1 })))
      yield* remove("a")
      assert.isTrue(Option.isNone(yield* emulator((emulator) => emulator.object({ ...location, key: "a" }))))
    }).pipe(Effect.provide(service())))

  it.effect("of no key is refused before anything is sent", () =>
    Effect.gen(function*() {
      assert.include(yield* Effect.flip(remove("")), { _tag: "WcsInvalidInput", input: "key" })
      assert.isEmpty(yield* operations)
    }).pipe(Effect.provide(service())))
})
