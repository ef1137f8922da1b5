import { assert, describe, it } from "@effect/vitest"
import { Cause, Clock, Deferred, Duration, Effect, Either, Exit, Fiber, Option, TestClock } from "effect"
import { Retry, UploadRecord, WcsError, WcsHttpClient } from "effect-wcs"
import * as Entry from "../../src/domain/Entry.ts"
import * as Downloads from "../../src/domain/wire/Downloads.ts"
import * as Management from "../../src/domain/wire/Management.ts"
import * as Uploads from "../../src/domain/wire/Uploads.ts"
import * as adaptive from "../../src/internal/adaptive.ts"
import * as throttle from "../../src/internal/throttle.ts"
import { inTime } from "../support/clock.ts"
import * as recording from "../support/recording.ts"

const throttled = (retryAfter?: Duration.DurationInput) =>
  new WcsError.WcsThrottled({
    operation: "mkblk",
    status: 429,
    code: "429",
    detail: "",
    ...(retryAfter !== undefined && { retryAfter: Duration.decode(retryAfter) })
  })

/** Attempts of many requests through one throttle: when each left, and whose it was. */
const run = (
  count: number,
  answer: (at: number, who: number) => WcsError.WcsError | undefined,
  time: Duration.DurationInput
) =>
  Effect.gen(function*() {
    const clock = yield* TestClock.testClock()
    const began = clock.unsafeCurrentTimeMillis()
    const { pace } = throttle.make()
    const left: Array<number> = []
    const order: Array<number> = []
    const attempt = (who: number) =>
      Effect.suspend(() => {
        const at = clock.unsafeCurrentTimeMillis() - began
        left.push(at)
        order.push(who)
        return Effect.flatMap(Effect.sleep("10 millis"), (): Effect.Effect<void, WcsError.WcsError> => {
          const error = answer(at, who)
          return error === undefined ? Effect.void : Effect.fail(error)
        })
      })
    const fibers = yield* Effect.forEach(
      Array.from({ length: count }, (_, who) => who),
      (who) => Effect.fork(Effect.retry(pace(attempt(who)), { times: 1000 }))
    )
    yield* Effect.replicateEffect(TestClock.adjust(Duration.times(time, 0.1)), 10)
    const ended = yield* Effect.forEach(fibers, Fiber.poll)
    yield* Fiber.interruptAll(fibers)
    return { left, order, ended: ended.filter(({ _tag }) => _tag === "Some").length }
  })

describe("a throttled host", () => {
  it.effect("fault 4: is asked by all requests together, ever more rarely, and not at once when it opens", () =>
    Effect.gen(function*() {
      const { ended, left } = yield* run(6, (at) => at < 30_000 ? throttled() : undefined, "1 minute")
      assert.strictEqual(ended, 6)
      // The six that were on the way when the first answer came; then one after another.
      assert.deepStrictEqual(left.slice(0, 6), Array.from({ length: 6 }, () => 0))
      const later = left.slice(6).filter((at) => at < 30_000)
      const gaps = later.slice(1).map((at, i) => at - later[i]!)
      assert.deepStrictEqual(gaps.map((gap) => Math.round(gap / 100) * 100), [
        400,
        800,
        1600,
        3200,
        6400,
        10_000
      ])
      // The first that succeeds opens the way for the others.
      assert.lengthOf(left.filter((at) => at >= 30_000), 6)
      assert.isAtLeast(left.filter((at) => at >= 30_000)[1]! - left.filter((at) => at >= 30_000)[0]!, 10)
    }))

  it.effect("is not open because of what left before it throttled", () =>
    Effect.gen(function*() {
      const { left } = yield* run(6, (at, who) => at === 0 && who > 0 && who < 5 ? throttled() : undefined, "1 second")
      // One alone tries, and its success lets the others follow.
      assert.deepStrictEqual(left.slice(6), [210, 410, 410, 410])
    }))

  it.effect("gets no request before the time that it asks for, up to the longest", () =>
    Effect.gen(function*() {
      const once = (retryAfter: Duration.DurationInput) => (at: number) => at === 0 ? throttled(retryAfter) : undefined
      const seven = yield* run(5, once("7 seconds"), "1 minute")
      assert.deepStrictEqual(seven.left.map((at) => at > 0), [...Array(5).fill(false), ...Array(5).fill(true)])
      assert.strictEqual(seven.left[5], 7010)
      const day = yield* run(5, once("1 day"), "3 minutes")
      assert.strictEqual(day.left[5], Duration.toMillis(Retry.longestRetryAfter) + 10)
      assert.strictEqual(day.ended, 5)
    }))

  it.effect("serves in order, and lets nobody wait for ever", () =>
    Effect.gen(function*() {
      const { left, order } = yield* run(4, () => throttled("2 minutes"), "30 minutes")
      assert.deepStrictEqual(order.slice(0, 4), [0, 1, 2, 3])
      // Every one of them is sent again and again, no further apart than the longest wait.
      for (let who = 0; who < 4; who++) {
        const times = left.filter((_, i) => order[i] === who)
        assert.isAtLeast(times.length, 6)
        times.slice(1).forEach((at, i) => assert.isAtMost(at - times[i]!, 4 * 60_000 + 200))
      }
    }))

  it.effect("opens with any answer of the service that is not about it, also with a refusal", () =>
    Effect.gen(function*() {
      const missing = new WcsError.WcsNotFound({ operation: "stat", status: 404, code: "404", detail: "" })
      const { left } = yield* run(1, (at) => at < 2000 ? throttled() : missing, "5 seconds")
      const after = left.filter((at) => at > 2000).slice(1)
      assert.isAbove(after.length, 1)
      after.slice(1).forEach((at, i) => assert.strictEqual(at - after[i]!, 10))
    }))

  it.effect("is not waited for longer when somebody sets the clock back", () =>
    Effect.gen(function*() {
      const slept: Array<number> = []
      let millis = 1_000_000_000
      let nanos = 0n
      const clock: Clock.Clock = {
        ...Clock.make(),
        unsafeCurrentTimeMillis: () => millis,
        unsafeCurrentTimeNanos: () => nanos,
        currentTimeMillis: Effect.sync(() => millis),
        currentTimeNanos: Effect.sync(() => nanos),
        sleep: (duration) =>
          Effect.sync(() => {
            slept.push(Duration.toMillis(duration))
            millis += Duration.toMillis(duration)
            nanos += Option.getOrThrow(Duration.toNanos(duration))
          })
      }
      const { pace } = throttle.make()
      yield* Effect.withClock(Effect.exit(pace(throttled("2 seconds"))), clock)
      millis -= 3_600_000
      yield* Effect.withClock(pace(Effect.void), clock)
      assert.deepStrictEqual(slept, [2000])
    }))

  it.effect("slows down nothing when another failure comes", () =>
    Effect.gen(function*() {
      const reset = new WcsError.WcsNetworkError({ operation: "mkblk", detail: "reset" })
      const { left } = yield* run(2, (at) => at < 100 ? reset : undefined, "1 second")
      assert.deepStrictEqual(left, Array.from({ length: 22 }, (_, i) => Math.floor(i / 2) * 10))
    }))
})

const entry = Either.getOrThrow(Entry.toStore({ bucket: "media", key: "a" }))

describe("a client of hosts one of which throttles", () => {
  const context = {
    ...entry,
    policy: {},
    custom: {},
    mimeType: undefined,
    retentionDays: undefined,
    trafficLimit: 0
  }
  const mkblk = Uploads.mkblk(
    context,
    UploadRecord.UploadId.make("one"),
    { index: 0, offset: 0, size: 8 },
    new Uint8Array(8)
  )
  const hosts: { readonly [host: string]: (client: WcsHttpClient.WcsHttpClient["Type"]) => Effect.Effect<unknown> } = {
    "up.test": (client) => Effect.exit(client.execute(mkblk)),
    "mgr.test": (client) => Effect.exit(client.execute(Management.stat(entry))),
    "down.test": (client) => Effect.exit(Effect.scoped(client.open(Downloads.get(entry, { trafficLimit: 0 }))))
  }

  for (const [host, ask] of Object.entries(hosts)) {
    it.effect(`fault 4: sends nothing more to that one before its time, and to the others as always (${host})`, () =>
      Effect.gen(function*() {
        const clock = yield* TestClock.testClock()
        const began = clock.unsafeCurrentTimeMillis()
        const left: Array<readonly [host: string, at: number]> = []
        const { layer } = recording.client(({ url }, nth) => {
          left.push([url.host, clock.unsafeCurrentTimeMillis() - began])
          return nth === 0
            ? new Response("", { status: 429, headers: { "retry-after": "60" } })
            : new Response("{}")
        })
        yield* Effect.gen(function*() {
          const client = yield* WcsHttpClient.WcsHttpClient
          yield* inTime(ask(client))
          const again = yield* Effect.fork(ask(client))
          for (const [other, asking] of Object.entries(hosts)) if (other !== host) yield* inTime(asking(client))
          yield* inTime(Fiber.join(again))
        }).pipe(Effect.provide(recording.services(layer, { retries: { connect: 0, mkblk: 0 } })))
        const others = Object.keys(hosts).filter((other) => other !== host)
        assert.deepStrictEqual(left.map(([host]) => host), [host, ...others, host])
        for (const [, at] of left.slice(1, 3)) assert.isBelow(at, 60_000)
        assert.isAtLeast(left[3]![1], 60_000)
      }))
  }
})

describe("adaptive parallelism", () => {
  const request = Management.stat(entry)
  /** A limit, and a request that comes to what it is told. */
  const limited = (largest: number) => {
    const limit = adaptive.make(largest)
    let outcome: Effect.Effect<any, WcsError.WcsError> = Effect.void
    const client = limit.watch(
      {
        execute: () => Effect.suspend(() => outcome),
        open: () => Effect.never
      } as WcsHttpClient.WcsHttpClient["Type"]
    )
    const after = (next: typeof outcome) =>
      Effect.suspend(() => {
        outcome = next
        return Effect.as(Effect.exit(client.execute(request)), limit.current())
      }).pipe(Effect.map(() => limit.current()))
    return { limit, client, after, set: (next: typeof outcome) => void (outcome = next) }
  }

  it.effect("halves when it is throttled or nothing comes in time, and grows by one a round, never above the largest", () =>
    Effect.gen(function*() {
      const { after } = limited(8)
      assert.strictEqual(yield* after(Effect.void), 8)
      assert.strictEqual(yield* after(throttled()), 4)
      const timeout = new WcsError.WcsTimeout({ operation: "mkblk", reason: "Answer", after: Duration.seconds(40) })
      assert.strictEqual(yield* after(timeout), 2)
      assert.strictEqual(yield* after(throttled()), 1)
      assert.strictEqual(yield* after(throttled()), 1)
      const grown: Array<number> = []
      for (let i = 0; i < 40; i++) grown.push(yield* after(Effect.void))
      assert.deepStrictEqual(grown.slice(0, 8), [2, 2, 2, 3, 3, 3, 4, 4])
      assert.strictEqual(grown.at(-1), 8)
      const missing = new WcsError.WcsNotFound({ operation: "stat", status: 404, code: "404", detail: "" })
      assert.strictEqual(yield* after(missing), 8)
    }))

  it.effect("halves once for all that was on the way together", () =>
    Effect.gen(function*() {
      const { client, limit, set } = limited(8)
      const go = yield* Deferred.make<void>()
      set(Effect.zipRight(Deferred.await(go), throttled()))
      const fiber = yield* Effect.fork(
        Effect.forEach(Array.from({ length: 8 }), () => Effect.exit(client.execute(request)), { concurrency: 8 })
      )
      yield* TestClock.adjust(1)
      yield* Deferred.succeed(go, undefined)
      yield* Fiber.join(fiber)
      assert.strictEqual(limit.current(), 4)
    }))

  it.effect("lets so many run and no more; who is interrupted gives its place back", () =>
    Effect.gen(function*() {
      const { after, limit } = limited(4)
      yield* after(throttled())
      let running = 0
      let most = 0
      const work = Effect.acquireUseRelease(
        Effect.sync(() => {
          running += 1
          most = Math.max(most, running)
        }),
        () => Effect.sleep("1 second"),
        () => Effect.sync(() => void (running -= 1))
      )
      const fibers = yield* Effect.forEach(Array.from({ length: 9 }), () => Effect.fork(limit.gate(work)))
      yield* TestClock.adjust("100 millis")
      assert.strictEqual(running, 2)
      // First three that wait, then the two that run.
      const ends = yield* Effect.forEach([...fibers.slice(2, 5), ...fibers.slice(0, 2)], Fiber.interrupt)
      assert.isTrue(ends.every((exit) => Exit.isFailure(exit) && Cause.isInterruptedOnly(exit.cause)))
      yield* TestClock.adjust("1 second")
      yield* TestClock.adjust("1 second")
      assert.isTrue((yield* Effect.forEach(fibers.slice(5), Fiber.poll)).every(({ _tag }) => _tag === "Some"))
      assert.strictEqual(most, 2)
      assert.strictEqual(running, 0)
    }))
})
