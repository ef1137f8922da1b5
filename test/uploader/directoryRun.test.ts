/** How the upload of a folder runs: bounds, events, interruption. */
import { HttpClient } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, FastCheck as fc, Fiber, Option } from "effect"
import { ProgressStore, type Uploader } from "effect-wcs"
import { Emulator } from "effect-wcs/testing"
import { inTime } from "../support/clock.ts"
import { bytes, mebibyte } from "../support/content.ts"
import { files, operations, put, stored } from "./directoryService.ts"
import { services } from "./support.ts"

describe("bounds", () => {
  /** The most requests that were on their way at once, each of which takes its time. */
  const most = (options: Uploader.DirectoryOptions, totalConcurrency = 0) => {
    const flight = { now: 0, most: 0 }
    const http = (client: HttpClient.HttpClient) =>
      HttpClient.transform(client, (send) =>
        Effect.acquireUseRelease(
          Effect.sync(() => {
            flight.now += 1
            flight.most = Math.max(flight.most, flight.now)
          }),
          () => Effect.zipRight(Effect.sleep("1 second"), send),
          () =>
            Effect.sync(() => {
              flight.now -= 1
            })
        ))
    const sizes = [0, 1, 4 * mebibyte + 1, 8 * mebibyte + 1, 8 * mebibyte, 2]
    return Effect.gen(function*() {
      const { counts } = yield* inTime(put({ chunkSize: 2 * mebibyte, ...options }))
      assert.strictEqual(counts.stored, sizes.length)
      return flight.most
    }).pipe(Effect.provide(services({
      files: Object.fromEntries(sizes.map((size, i) => [`/in/${i}`, bytes(size)])),
      settings: { formLimit: mebibyte, totalConcurrency },
      http
    })))
  }

  it.effect("requests of all files of the call", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* most({ concurrency: 3, files: 6 }), 3)
      assert.strictEqual(yield* most({ concurrency: 0 }), 1)
    }))

  it.effect("requests of the program", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* most({ concurrency: 5, files: 6 }, 2), 2)
    }))

  it.effect("files at once", () =>
    Effect.gen(function*() {
      const open = new Set<string>()
      let largest = 0
      yield* put({
        files: 2,
        concurrency: 9,
        onProgress: (event, path) =>
          Effect.sync(() => {
            if (event._tag === "Planned") open.add(path)
            largest = Math.max(largest, open.size)
          }),
        onFile: ({ path }) => Effect.sync(() => void open.delete(path))
      })
      assert.strictEqual(largest, 2)
    }).pipe(Effect.provide(services({ files }))))
})

describe("tells", () => {
  it.effect("the events of each file, one call after another, and every file's end", () =>
    Effect.gen(function*() {
      const events: Array<readonly [string, string]> = []
      const told: Array<Uploader.FileOutcome> = []
      const summary = yield* put({
        onProgress: (event, path) => Effect.sync(() => void events.push([path, event._tag])),
        onFile: (outcome) => Effect.sync(() => void told.push(outcome))
      })
      const of = (path: string) => events.filter(([name]) => name === path).map(([, tag]) => tag)
      for (const { path } of summary.files) assert.deepStrictEqual(of(path), ["Planned", "Chunk", "Done"])
      assert.sameMembers(told, [...summary.files])
    }).pipe(Effect.provide(services({ files }))))

  it.effect("a callback that dies is not called again, and the files arrive", () =>
    Effect.gen(function*() {
      let calls = 0
      const die = () => {
        calls += 1
        return Effect.die("a bug of the caller's")
      }
      assert.strictEqual((yield* put({ onFile: die, onProgress: die })).counts.stored, 5)
      assert.strictEqual(calls, 2)
    }).pipe(Effect.provide(services({ files }))))
})

describe("interrupted", () => {
  const large = bytes(12 * mebibyte)

  it.effect.prop(
    "it stops at once, and the next run goes on from there",
    [fc.integer({ min: 1, max: 9 })],
    ([steps]) =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const store = yield* ProgressStore.ProgressStore
        const reached = yield* Deferred.make<void>()
        let seen = 0
        const fiber = yield* Effect.fork(put({
          concurrency: 2,
          onProgress: () => ++seen === steps ? Effect.asVoid(Deferred.succeed(reached, undefined)) : Effect.void
        }))
        yield* Deferred.await(reached)
        yield* Fiber.interrupt(fiber)
        const [id] = yield* store.list
        const record = id === undefined ? Option.none() : yield* store.load(id)
        const known = Option.match(record, { onNone: () => 0, onSome: ({ blocks }) => blocks.length })
        const before = yield* stored
        yield* emulator.clearRequests
        const summary = yield* put()
        assert.deepStrictEqual(summary.counts, { stored: 3 - before.length, unchanged: before.length, failed: 0 })
        const blocks = (yield* operations).filter((operation) => operation === "mkblk").length
        assert.strictEqual(blocks, before.includes("site/large") ? 0 : 3 - known)
        assert.lengthOf(yield* stored, 3)
        assert.isEmpty(yield* store.list)
      }).pipe(Effect.provide(services({
        files: { "/in/a": "a", "/in/large": large, "/in/z": "z" },
        settings: { formLimit: mebibyte }
      }))),
    { fastCheck: { numRuns: 9 } }
  )
})
