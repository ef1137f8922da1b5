import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Exit, Fiber, Random, Schedule, TestClock } from "effect"
import { Objects, Retry, Uploader, WcsError } from "effect-wcs"
import * as recording from "../support/recording.ts"

const bytes = new Uint8Array(8).fill(7)
const target = { bucket: "media", key: "a.bin" }

/** When each attempt of an operation left, in milliseconds, for a service that refuses `times` times. */
const attempts = (
  failing: string,
  times: number,
  failure: () => recording.Reply,
  options: Parameters<typeof recording.services>[1] = {},
  change: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R> = (effect) => effect
) =>
  Effect.gen(function*() {
    const clock = yield* TestClock.testClock()
    const at: Array<number> = []
    const { layer } = recording.client((sent) => {
      const operation = recording.operation(sent)
      if (operation === failing) at.push(clock.unsafeCurrentTimeMillis())
      if (operation === failing && at.length <= times) return failure()
      return operation === "stat"
        ? new Response("{\"code\":\"404\",\"message\":\"File Not Found\"}", { status: 404 })
        : operation === "mkfile"
        ? Response.json({ key: target.key })
        : recording.chunkAnswer(sent)
    })
    const program = Effect.flatMap(Uploader.Uploader, (uploader) =>
      uploader.putBytes(bytes, target, { method: "block", chunkSize: 4, checks: false }))
    const fiber = yield* Effect.fork(
      Effect.exit(change(Effect.provide(program, recording.services(layer, options)))).pipe(
        Effect.withRandom(Random.make("schedules"))
      )
    )
    yield* TestClock.adjust("30 minutes")
    return { at, exit: yield* Fiber.join(fiber) }
  })

const refuse = (status: number, headers: Record<string, string> = {}) => () =>
  new Response(JSON.stringify({ code: String(status), message: "server says no" }), { status, headers })

/** Delay `n` of the backoff lies within its jitter. */
const isBackoff = (at: ReadonlyArray<number>) =>
  at.slice(1).forEach((time, n) => {
    const delay = time - at[n]!
    const base = Math.min(200 * 2 ** n, 10_000)
    assert.isAtLeast(delay, Math.floor(base * 0.8))
    assert.isAtMost(delay, Math.ceil(base * 1.2))
  })

describe("schedules", () => {
  for (const operation of ["mkblk", "bput", "mkfile"] as const) {
    it.effect(`${operation}: as many repeats as its setting says, each after its delay`, () =>
      Effect.gen(function*() {
        for (const retries of [0, 1, 8]) {
          const { at, exit } = yield* attempts(operation, Infinity, refuse(500), {
            retries: { mkblk: 2, bput: 2, mkfile: 2, [operation]: retries }
          })
          assert.lengthOf(at, retries + 1)
          isBackoff(at)
          assert.isTrue(Exit.isFailure(exit))
        }
      }))

    it.effect(`${operation}: ends well when a repeat does`, () =>
      Effect.gen(function*() {
        const { at, exit } = yield* attempts(operation, 3, refuse(503))
        assert.lengthOf(at, 4)
        assert.isTrue(Exit.isSuccess(exit))
      }))

    it.effect(`${operation}: a refusal that no repeat can help is not repeated`, () =>
      Effect.gen(function*() {
        const { at, exit } = yield* attempts(operation, Infinity, refuse(400))
        assert.lengthOf(at, 1)
        assert.isTrue(Exit.isFailure(exit))
      }))

    it.effect(`${operation}: another schedule takes its place`, () =>
      Effect.gen(function*() {
        const every = Schedule.intersect(Schedule.spaced("2 seconds"), Schedule.recurs(5))
        const one = { mkblk: Retry.withMkblk, bput: Retry.withBput, mkfile: Retry.withMkfile }[operation]
        for (const withSchedule of [Retry.withSchedules({ [operation]: every }), one(every)]) {
          const { at } = yield* attempts(operation, Infinity, refuse(500), {}, withSchedule)
          assert.deepStrictEqual(at.map((time) => time - at[0]!), [0, 2000, 4000, 6000, 8000, 10_000])
        }
      }))
  }

  it.effect("a schedule that would repeat everything does not repeat what no repeat can help", () =>
    Effect.gen(function*() {
      const { at } = yield* attempts("mkblk", Infinity, refuse(401), {}, Retry.withMkblk(Schedule.recurs(10)))
      assert.lengthOf(at, 1)
    }))

  it.effect("a layer replaces schedules too", () =>
    Effect.gen(function*() {
      const layer = Retry.layer({ mkblk: Schedule.recurs(6) })
      const { at } = yield* attempts("mkblk", Infinity, refuse(500), {}, Effect.provide(layer))
      assert.lengthOf(at, 7)
    }))

  it.effect("Retry-After is obeyed, up to its bound", () =>
    Effect.gen(function*() {
      const wait = yield* attempts("mkblk", 1, refuse(429, { "retry-after": "7" }))
      assert.deepStrictEqual(wait.at.map((time) => time - wait.at[0]!), [0, 7000])
      const date = yield* attempts(
        "mkblk",
        1,
        refuse(503, { "retry-after": "Fri, 02 Jan 2026 03:04:35 GMT", date: "Fri, 02 Jan 2026 03:04:05 GMT" })
      )
      assert.deepStrictEqual(date.at.map((time) => time - date.at[0]!), [0, 30_000])
      const long = yield* attempts("mkblk", 1, refuse(503, { "retry-after": "86400" }))
      assert.deepStrictEqual(
        long.at.map((time) => time - long.at[0]!),
        [0, Duration.toMillis(Retry.longestRetryAfter)]
      )
    }))

  it.effect("a broken connection and a silent service are repeated", () =>
    Effect.gen(function*() {
      const reset = yield* attempts("bput", 2, () => "reset")
      assert.lengthOf(reset.at, 3)
      assert.isTrue(Exit.isSuccess(reset.exit))
      const stall = yield* attempts("mkblk", 1, () => "stall", { requestTimeout: "40 seconds" })
      assert.lengthOf(stall.at, 2)
      assert.isAtLeast(stall.at[1]! - stall.at[0]!, 40_000)
      assert.isTrue(Exit.isSuccess(stall.exit))
    }))

  it.effect("what is asked of the management host is repeated as connection_retries says", () =>
    Effect.gen(function*() {
      const { layer, sent } = recording.client(() => refuse(500)())
      const fiber = yield* Objects.Objects.pipe(
        Effect.flatMap((objects) => objects.stat(target)),
        Effect.flip,
        Effect.provide(recording.services(layer, { retries: { connect: 2 } })),
        Effect.fork
      )
      yield* TestClock.adjust("1 hour")
      const error = yield* Fiber.join(fiber)
      assert.lengthOf(sent, 3)
      assert.instanceOf(error, WcsError.WcsServerFailure)
    }))

  it.effect("what has come further has the whole schedule before it again; what no repeat can help has none", () =>
    Effect.gen(function*() {
      const retries = { connect: 2, mkblk: 0, bput: 0, mkfile: 0 }
      const failing = (further: number, error: WcsError.WcsError) => {
        let count = 0
        const attempt = Effect.zipRight(Effect.sync(() => count++), Effect.fail(error))
        const anew = () => count === further
        return attempt.pipe(
          Retry.retry("download", retries, { anew }),
          Retry.withSchedules({ request: Schedule.recurs(2) }),
          Effect.flip,
          Effect.map(() => count)
        )
      }
      const reset = new WcsError.WcsNetworkError({ operation: "download", detail: "reset" })
      assert.strictEqual(yield* failing(0, reset), 3)
      assert.strictEqual(yield* failing(3, reset), 5)
      assert.strictEqual(yield* failing(0, new WcsError.WcsInvalidInput({ input: "key", detail: "none" })), 1)
    }))
})
