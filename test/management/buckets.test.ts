import { assert, describe, it } from "@effect/vitest"
import { Array as Arr, Effect, FastCheck, Option, TestClock } from "effect"
import type { Buckets } from "effect-wcs"
import { Uploader } from "effect-wcs"
import { buckets, emulator, given, now, operations, service } from "./support.ts"

const dayMillis = 86_400_000

/** The service's day, so many days after the first of 2026; its days begin in China. */
const day = (n: number): string => new Date(Date.UTC(2026, 0, 1) + n * dayMillis).toISOString().slice(0, 10)

const noonOf = (n: number) => TestClock.setTime(Date.UTC(2026, 0, 1, 12 - 8) + n * dayMillis)

const stat = (options: Partial<Parameters<Buckets.Buckets["Type"]["stat"]>[0]> = {}) =>
  buckets((buckets) => buckets.stat({ buckets: ["media"], from: day(0), to: day(0), ...options }))

const statistics = (type: string, options: Partial<Buckets.BucketSpan> = {}) =>
  buckets((buckets) => buckets.statistics({ type, buckets: ["media"], from: day(0), to: day(0), ...options }))

describe("the account's buckets", () => {
  for (const names of [[], ["one"], ["one", "two", "three"]]) {
    it.effect(`are ${names.length}`, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* buckets((buckets) => buckets.list), names.map((name) => ({ name })))
      }).pipe(Effect.provide(service({ buckets: names }))))
  }
})

describe("volumes", () => {
  const stored = FastCheck.array(FastCheck.record({ day: FastCheck.nat(5), kibibytes: FastCheck.nat(200) }))

  it.effect.prop("are those of what was stored by each day's end", [stored, FastCheck.nat(5), FastCheck.nat(5)], (
    [stored, first, second]
  ) =>
    Effect.gen(function*() {
      for (
        const [n, { day, kibibytes }] of Arr.sortWith(stored, ({ day }) => day, (a, b) => a < b ? -1 : a > b ? 1 : 0)
          .entries()
      ) {
        yield* noonOf(day)
        yield* given({ [`${n}`]: "x".repeat(kibibytes * 1024) })
      }
      yield* noonOf(5)
      const [from, to] = [Math.min(first, second), Math.max(first, second)]
      const megabytes = (n: number) =>
        Number((stored.reduce((sum, { day, kibibytes }) => sum + (day <= n ? kibibytes : 0), 0) / 1024).toFixed(3))
      const span = { from: day(from), to: day(to), buckets: ["archive", "media"] }
      const each = Arr.range(from, to).map((n) => ({ day: day(n), megabytes: Option.some(megabytes(n)) }))
      const none = each.map(({ day }) => ({ day, megabytes: Option.some(0) }))
      const { buckets: listed } = yield* stat({ ...span, details: true })
      assert.deepStrictEqual(listed, [{ name: "archive", detail: none }, { name: "media", detail: each }])
      const { buckets: last } = yield* stat(span)
      assert.deepStrictEqual(last, [{ name: "archive", detail: none.slice(-1) }, {
        name: "media",
        detail: each.slice(-1)
      }])
    }).pipe(Effect.provide(service())), { fastCheck: { numRuns: 10 } })

  it.effect("are of one type of storage where that is asked for", () =>
    Effect.gen(function*() {
      yield* noonOf(0)
      yield* given({ a: "x".repeat(1024 * 1024) })
      for (const [storageType, megabytes] of [[undefined, 1], ["Standard", 1], ["Archive", 0]] as const) {
        const { answer, buckets } = yield* stat({ storageType })
        assert.deepStrictEqual(buckets, [{
          name: "media",
          detail: [{ day: day(0), megabytes: Option.some(megabytes) }]
        }])
        assert.strictEqual(answer["code"], "200")
      }
      const error = yield* Effect.flip(stat({ storageType: 9 }))
      assert.include(error, { _tag: "WcsRefused", operation: "bucket/stat", status: 400 })
    }).pipe(Effect.provide(service())))
})

describe("statistics", () => {
  it.effect("are as the service tells them", () =>
    Effect.gen(function*() {
      yield* noonOf(1)
      for (const key of ["a", "b"]) {
        yield* Effect.flatMap(
          Uploader.Uploader,
          (uploader) => uploader.putBytes(new Uint8Array(10), { bucket: "media", key })
        )
      }
      const at = (data_time: string, uploadRequest: string) => ({ data_time, uploadRequest })
      const told = (detail: ReadonlyArray<unknown>) => ({
        code: "200",
        message: "OK",
        buckets: [{ name: "media", detail }]
      })
      const span = { to: day(1) }
      assert.deepStrictEqual(yield* statistics("uploadRequest", span), told([at(day(1), "2")]))
      assert.deepStrictEqual(yield* statistics("uploadRequest", { ...span, details: false }), told([at(day(1), "2")]))
      assert.deepStrictEqual(
        yield* statistics("uploadRequest", { ...span, details: true }),
        told([at(day(0), "0"), at(day(1), "2")])
      )
      const queries = yield* emulator(({ requests }) => Effect.map(requests, Arr.map(({ query }) => query)))
      assert.deepStrictEqual(queries.slice(-3).map((query) => /isListDetails=(\w+)/.exec(query)?.[1]), [
        undefined,
        "false",
        "true"
      ])
    }).pipe(Effect.provide(service())))

  it.effect("of a type that the service does not know are refused by it", () =>
    Effect.gen(function*() {
      assert.include(yield* Effect.flip(statistics("a type & more")), {
        _tag: "WcsRefused",
        operation: "bucket/statistics",
        status: 400
      })
    }).pipe(Effect.provide(service())))
})

describe("a question about buckets", () => {
  const good: ReadonlyArray<readonly [from: string, to: string]> = [
    ["2026-01-01", "2026-01-01"],
    ["2024-02-29", "2024-08-29"],
    ["2025-08-31", "2026-02-28"],
    ["2025-12-15", "2026-06-15"],
    ["1999-12-31", "2000-01-01"]
  ]
  it.effect("is about six months at most", () =>
    Effect.gen(function*() {
      for (const [from, to] of good) {
        yield* stat({ from, to })
        yield* statistics("flow", { from, to })
      }
      assert.lengthOf(yield* operations, 2 * good.length)
    }).pipe(Effect.provide(service())))

  const bad: ReadonlyArray<readonly [input: string, Partial<Buckets.BucketSpan>]> = [
    ["to", { from: "2026-01-01", to: "2026-07-02" }],
    ["to", { from: "2024-02-29", to: "2024-08-30" }],
    ["to", { from: "2025-08-31", to: "2026-03-01" }],
    ["to", { from: "2025-01-01", to: "2026-01-01" }],
    ["to", { from: "2026-01-02", to: "2026-01-01" }],
    ["from", { from: "2026-02-29" }],
    ["from", { from: "2026-1-1" }],
    ["from", { from: "20260101" }],
    ["from", { from: "" }],
    ["from", { from: " 2026-01-01" }],
    ["to", { to: "2026-13-01" }],
    ["to", { to: "2026-04-31" }],
    ["to", { to: "2026-01-01T00:00:00Z" }],
    ["buckets", { buckets: [] }],
    ["buckets", { buckets: ["media", "a|b"] }],
    ["bucket", { buckets: ["media", ""] }],
    ["bucket", { buckets: ["a:b"] }]
  ]
  it.effect("that cannot be is refused before anything is sent", () =>
    Effect.gen(function*() {
      for (const [input, options] of bad) {
        assert.include(yield* Effect.flip(stat(options)), { _tag: "WcsInvalidInput", input })
        assert.include(yield* Effect.flip(statistics("flow", options)), { _tag: "WcsInvalidInput", input })
      }
      assert.include(yield* Effect.flip(statistics("")), { _tag: "WcsInvalidInput", input: "type" })
      assert.isEmpty(yield* operations)
    }).pipe(Effect.provide(service())))

  it.effect("about none of the account's is an error", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      assert.include(yield* Effect.flip(stat({ buckets: ["media", "none"] })), { _tag: "WcsNotFound" })
      assert.include(yield* Effect.flip(statistics("flow", { buckets: ["theirs"] })), { _tag: "WcsUnauthorized" })
    }).pipe(Effect.provide(service({ foreignBuckets: ["theirs"] }))))
})
