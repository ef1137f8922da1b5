import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Metric, type MetricState, Stream } from "effect"
import { Downloader, Objects, Uploader, WcsMetrics } from "effect-wcs"
import { Emulator, Fault, WcsTest } from "effect-wcs/testing"
import { inTime } from "../support/clock.ts"
import { bytes, mebibyte } from "../support/content.ts"

const target = { bucket: "media", key: "film.bin" }
const film = bytes(10 * mebibyte)
const layer = WcsTest.layer({ buckets: ["media"], files: { "film.bin": film } })

/** Figures that nothing else in this process adds to. */
const alone = (test: string) => Effect.tagMetrics({ test })

const count = (
  metric: Metric.Metric<any, never, { readonly count: number }>,
  tags: { readonly [name: string]: string } = {}
) =>
  Effect.map(
    Metric.value(Object.entries(tags).reduce((metric, [name, value]) => Metric.tagged(metric, name, value), metric)),
    ({ count }) => count
  )

const inFlight = Effect.map(
  Effect.all([Metric.value(WcsMetrics.requestsInFlight), Metric.value(WcsMetrics.uploadsInFlight)]),
  (gauges: ReadonlyArray<MetricState.MetricState.Gauge<number>>) => gauges.map(({ value }) => value)
)

const put = Effect.flatMap(
  Uploader.Uploader,
  (uploader) => uploader.putFile("film.bin", target, { method: "block", concurrency: 1 })
)

const fault = (...rules: ReadonlyArray<Fault.Fault>) =>
  Effect.flatMap(Emulator.Emulator, (emulator) => emulator.addFault(...rules))

describe("WcsMetrics", () => {
  it.effect("count what a download reads, and not the body of a refusal", () =>
    Effect.gen(function*() {
      const downloader = yield* Downloader.Downloader
      yield* inTime(put)
      yield* Effect.flip(Stream.runDrain(downloader.stream({ bucket: "media", key: "nothing" })))
      assert.strictEqual(yield* count(WcsMetrics.receivedBytes), 0)
      yield* inTime(Stream.runDrain(downloader.stream(target)))
      assert.strictEqual(yield* count(WcsMetrics.receivedBytes), film.length)
      assert.strictEqual(yield* count(WcsMetrics.requests, { operation: "download", outcome: "success" }), 1)
      assert.strictEqual(yield* count(WcsMetrics.requests, { operation: "download", outcome: "WcsNotFound" }), 1)
    }).pipe(alone("download"), Effect.provide(layer)))

  it.effect("say exactly what an upload with a retry, and the one that resumes it, did", () =>
    Effect.gen(function*() {
      // The second block is throttled, then stored; the third is refused, and ends the first run.
      yield* fault(
        Fault.on("mkblk", Fault.status(429), { nth: 2 }),
        Fault.on("mkblk", Fault.status(400), { nth: 4 })
      )
      const first = yield* Effect.exit(inTime(put))
      assert.isTrue(Exit.isFailure(first))
      assert.deepStrictEqual(yield* inFlight, [0, 0])
      const { blocks } = yield* inTime(put)
      assert.deepStrictEqual(blocks, { total: 3, sent: 1, resumed: 2 })

      const mkblk = { operation: "mkblk" }
      assert.strictEqual(yield* count(WcsMetrics.requests, { ...mkblk, outcome: "success" }), 3)
      assert.strictEqual(yield* count(WcsMetrics.requests, { operation: "mkfile", outcome: "success" }), 1)
      assert.strictEqual(yield* count(WcsMetrics.retries, { ...mkblk, reason: "WcsThrottled" }), 1)
      assert.strictEqual(yield* count(WcsMetrics.storedBlocks), 3)
      assert.strictEqual(yield* count(WcsMetrics.resumedBlocks), 2)
      // Two blocks once, one of them twice, and the last one twice.
      assert.strictEqual(yield* count(WcsMetrics.sentBytes), (4 + 2 * 4 + 2 * 2) * mebibyte)
      assert.isAbove(yield* count(WcsMetrics.throttledSeconds), 0)
      assert.strictEqual(yield* count(WcsMetrics.requestSeconds, mkblk), 4)
      assert.strictEqual(yield* count(WcsMetrics.uploads, { outcome: "success" }), 1)
      assert.strictEqual(yield* count(WcsMetrics.uploadSeconds), 2)
      assert.deepStrictEqual(yield* inFlight, [0, 0])
    }).pipe(alone("retry and resume"), Effect.provide(layer)))

  it.effect("have nothing in flight after an interruption", () =>
    Effect.gen(function*() {
      yield* fault(Fault.on("mkblk", Fault.delay("1 hour"), { nth: 2 }))
      const reached = yield* Deferred.make<void>()
      const uploader = yield* Uploader.Uploader
      const fiber = yield* Effect.fork(uploader.putFile("film.bin", target, {
        method: "block",
        concurrency: 2,
        onProgress: ({ _tag }) => _tag === "Block" ? Effect.asVoid(Deferred.succeed(reached, undefined)) : Effect.void
      }))
      yield* inTime(Deferred.await(reached))
      assert.deepStrictEqual((yield* inFlight)[1], 1)
      assert.isAtLeast((yield* inFlight)[0] ?? 0, 1)
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(yield* inFlight, [0, 0])
      assert.isAtLeast(yield* count(WcsMetrics.requests, { operation: "mkblk", outcome: "interrupted" }), 1)
      assert.strictEqual(yield* count(WcsMetrics.uploads, { outcome: "interrupted" }), 1)
    }).pipe(alone("interruption"), Effect.provide(layer)))

  it.effect("have no tag that a caller's stream makes up", () =>
    Effect.gen(function*() {
      const uploader = yield* Uploader.Uploader
      const failure = { _tag: "row 4711 of customer 12" }
      assert.deepStrictEqual(yield* Effect.flip(uploader.putStream(Stream.fail(failure), target)), failure)
      assert.strictEqual(yield* count(WcsMetrics.uploads, { outcome: failure._tag }), 0)
      assert.strictEqual(yield* count(WcsMetrics.uploads, { outcome: "error" }), 1)
    }).pipe(alone("stream"), Effect.provide(layer)))

  it.effect("count refusals by their error, and each file of a folder that is sent", () =>
    Effect.gen(function*() {
      const objects = yield* Objects.Objects
      const uploader = yield* Uploader.Uploader
      yield* Effect.flip(objects.stat(target))
      assert.strictEqual(yield* count(WcsMetrics.requests, { operation: "stat", outcome: "WcsNotFound" }), 1)
      yield* inTime(uploader.putDirectory("folder", { bucket: "media" }))
      assert.strictEqual(yield* count(WcsMetrics.uploads, { outcome: "success" }), 2)
      // What is there is not sent.
      yield* inTime(uploader.putDirectory("folder", { bucket: "media" }))
      assert.strictEqual(yield* count(WcsMetrics.uploads, { outcome: "success" }), 2)
      assert.strictEqual(yield* count(WcsMetrics.sentBytes), 3)
    }).pipe(
      alone("refusals"),
      Effect.provide(WcsTest.layer({ buckets: ["media"], files: { "folder/a": "a", "folder/b": "bb" } }))
    ))
})
