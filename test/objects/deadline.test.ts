import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Effect, FastCheck, Option, Schedule, TestClock } from "effect"
import { Retention, Retry } from "effect-wcs"
import { Fault } from "effect-wcs/testing"
import { inTime } from "../support/clock.ts"
import { emulator, keys, media, objects, operations, service, store } from "./support.ts"

const setDeadline = (
  key: string,
  retention: Retention.Retention,
  options?: { readonly segments?: boolean | undefined }
) =>
  Retry.withSchedules({ request: Schedule.recurs(3) })(
    objects((objects) => objects.setDeadline(media(key), retention, options))
  )

const expiry = (key: string) =>
  Effect.map(
    objects((objects) => objects.stat(media(key))),
    ({ expires }) => Option.map(expires, DateTime.toEpochMillis)
  )

const now = 1_767_323_045_000

describe("a retention", () => {
  it.effect("lets an object go after its days, and no other", () =>
    Effect.gen(function*() {
      yield* store("a", "b")
      yield* setDeadline("a", Retention.days(3))
      yield* TestClock.adjust(Duration.subtract("3 days", "1 millis"))
      assert.deepStrictEqual(yield* keys(), ["a", "b"])
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(yield* keys(), ["b"])
      assert.include(yield* Effect.flip(expiry("a")), { _tag: "WcsNotFound" })
      assert.include(yield* Effect.flip(setDeadline("a", Retention.forever)), { _tag: "WcsNotFound" })
    }).pipe(Effect.provide(service())))

  it.effect("counts from the request, and the last one counts", () =>
    Effect.gen(function*() {
      yield* store("a")
      yield* setDeadline("a", Retention.days(2))
      yield* TestClock.adjust("1 day")
      yield* setDeadline("a", Retention.days(2))
      yield* TestClock.adjust("47 hours")
      assert.deepStrictEqual(yield* keys(), ["a"])
      yield* setDeadline("a", Retention.forever)
      assert.isTrue(Option.isNone(yield* expiry("a")))
      yield* TestClock.adjust("1000 days")
      assert.deepStrictEqual(yield* keys(), ["a"])
    }).pipe(Effect.provide(service())))

  it.effect("may be as short as can be", () =>
    Effect.gen(function*() {
      yield* store("a", "b")
      yield* setDeadline("a", Retention.asSoonAsPossible)
      assert.deepStrictEqual(yield* keys(), ["b"])
    }).pipe(Effect.provide(service())))

  it.effect("as short as can be whose answer is lost has been carried out: the object has gone", () =>
    Effect.gen(function*() {
      yield* store("a")
      yield* emulator((emulator) => emulator.addFault(Fault.on("setdeadline", Fault.lostAnswer, { nth: 1 })))
      yield* setDeadline("a", Retention.asSoonAsPossible)
      assert.deepStrictEqual(yield* operations, ["setdeadline", "setdeadline"])
    }).pipe(Effect.provide(service())))

  it.effect("whose answer is lost is set again", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      yield* store("a")
      yield* emulator((emulator) => emulator.addFault(Fault.on("setdeadline", Fault.lostAnswer, { nth: 1 })))
      yield* setDeadline("a", Retention.days(1))
      assert.deepStrictEqual(yield* expiry("a"), Option.some(now + 86_400_000))
      assert.deepStrictEqual(yield* operations, ["setdeadline", "setdeadline", "stat"])
    }).pipe(Effect.provide(service())))

  for (const segments of [undefined, true, false]) {
    it.effect(`of a playlist is ${segments === false ? "not " : ""}that of its segments (${segments})`, () =>
      Effect.gen(function*() {
        yield* emulator((emulator) => emulator.putObject(media("live/a.m3u8"), "#EXTM3U\n1.ts\nhttp://b.test/2.ts\n"))
        yield* store("live/1.ts", "live/2.ts")
        yield* setDeadline("live/a.m3u8", Retention.days(1), { segments })
        yield* TestClock.adjust("1 day")
        assert.deepStrictEqual(yield* keys(), segments === false ? ["live/1.ts", "live/2.ts"] : ["live/2.ts"])
      }).pipe(Effect.provide(service())))
  }

  it.effect.prop(
    "is as many days as were asked for",
    [FastCheck.integer({ min: 1, max: 9_999_999 })],
    ([days]) =>
      Effect.gen(function*() {
        yield* TestClock.setTime(now)
        yield* store("a")
        yield* setDeadline("a", Retention.days(days))
        assert.deepStrictEqual(yield* expiry("a"), Option.some(now + days * 86_400_000))
      }).pipe(Effect.provide(service())),
    { fastCheck: { numRuns: 10 } }
  )

  it.effect("of what cannot be is refused before anything is sent", () =>
    Effect.gen(function*() {
      for (const days of [0, -1, 0.5, NaN, Infinity, 2 ** 53]) {
        const error = yield* Effect.flip(setDeadline("a", Retention.days(days)))
        assert.include(error, { _tag: "WcsInvalidInput", input: "retention" })
      }
      assert.include(yield* Effect.flip(setDeadline("", Retention.forever)), { _tag: "WcsInvalidInput", input: "key" })
      assert.isEmpty(yield* operations)
    }).pipe(Effect.provide(service())))

  it.effect("of no object is WcsNotFound, throttled or not", () =>
    Effect.gen(function*() {
      yield* emulator((emulator) => emulator.addFault(Fault.on("setdeadline", Fault.status(503), { nth: 2 })))
      for (const retention of [Retention.days(1), Retention.asSoonAsPossible]) {
        const error = yield* Effect.flip(inTime(setDeadline("a", retention)))
        assert.include(error, { _tag: "WcsNotFound", operation: "setdeadline" })
      }
      assert.lengthOf(yield* operations, 3)
    }).pipe(Effect.provide(service())))
})
