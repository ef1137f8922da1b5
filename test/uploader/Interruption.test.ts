import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, FastCheck as fc, Fiber, Layer, Option } from "effect"
import { ProgressStore, ProgressStoreMemory, Uploader, type UploadEvent, UploadRecord } from "effect-wcs"
import { Emulator, Fault, WcsTest } from "effect-wcs/testing"
import { bytes, mebibyte, sha1 } from "../support/content.ts"
import { contentOf } from "../support/emulated.ts"
import { services } from "./support.ts"

const target = { bucket: "media", key: "film.bin" }
const content = bytes(8 * mebibyte + 5)
const id = UploadRecord.UploadId.make("interrupted")

const options = { method: "block", uploadId: id, chunkSize: 2 * mebibyte } as const

/** Runs an upload until it has told `steps` events, then interrupts it; how many blocks it had told of, if it was not done. */
const interruptAfter = (steps: number, concurrency: number) =>
  Effect.gen(function*() {
    const uploader = yield* Uploader.Uploader
    const reached = yield* Deferred.make<void>()
    let seen = 0
    let done = false
    let blocks = 0
    const fiber = yield* Effect.fork(uploader.putBytes(content, target, {
      ...options,
      concurrency,
      onProgress: ({ _tag }) => {
        done = _tag === "Done"
        if (_tag === "Block") blocks += 1
        return ++seen === steps ? Deferred.succeed(reached, undefined) : Effect.void
      }
    }))
    yield* Effect.raceFirst(Deferred.await(reached), Effect.exit(Fiber.join(fiber)))
    const exit = yield* Fiber.interrupt(fiber)
    return Exit.isInterrupted(exit) && !done ? Option.some(blocks) : Option.none()
  })

const recordedOffsets = Effect.flatMap(ProgressStore.ProgressStore, (store) =>
  Effect.map(
    store.load(id),
    Option.match({
      onNone: (): ReadonlyArray<number> => [],
      onSome: (record) => record.blocks.map((block) => block.offset)
    })
  ))

const stored = contentOf(target)

describe("an interrupted upload", () => {
  it.effect("records the block that the service has accepted", () =>
    Effect.gen(function*() {
      const recording = yield* Deferred.make<void>()
      const room = yield* Deferred.make<void>()
      // A store that is slow: it is interrupted after the answer of the service, and before the block is recorded.
      const slow = Layer.effect(
        ProgressStore.ProgressStore,
        Effect.map(ProgressStoreMemory.make, (memory) => ({
          ...memory,
          accept: (...block: Parameters<typeof memory.accept>) =>
            Deferred.succeed(recording, undefined).pipe(
              Effect.zipRight(Deferred.await(room)),
              Effect.zipRight(memory.accept(...block))
            )
        }))
      )
      yield* Effect.gen(function*() {
        const uploader = yield* Uploader.Uploader
        const fiber = yield* Effect.fork(uploader.putBytes(content, target, { ...options, concurrency: 1 }))
        yield* Deferred.await(recording)
        const ending = yield* Effect.fork(Fiber.interrupt(fiber))
        yield* Effect.yieldNow()
        yield* Deferred.succeed(room, undefined)
        assert.isTrue(Exit.isInterrupted(yield* Fiber.join(ending)))
        assert.deepStrictEqual(yield* recordedOffsets, [0])
      }).pipe(Effect.provide(services({ store: slow })))
    }))

  it.effect.prop(
    "fault 19: goes on, from wherever it was, with no recorded block sent again",
    [fc.integer({ min: 1, max: 11 }), fc.integer({ min: 1, max: 4 })],
    ([steps, concurrency]) =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const uploader = yield* Uploader.Uploader
        const interrupted = yield* interruptAfter(steps, concurrency)
        const before = yield* recordedOffsets
        if (Option.isSome(interrupted)) {
          assert.isAtLeast(before.length, interrupted.value)
          assert.strictEqual((yield* emulator.objects("media")).length, 0)
        }
        yield* emulator.clearRequests
        const events: Array<UploadEvent.UploadEvent["_tag"]> = []
        const receipt = yield* uploader.putBytes(content, target, {
          ...options,
          concurrency,
          policy: { overwrite: true },
          onProgress: (event) => Effect.sync(() => void events.push(event._tag))
        })
        const again = (yield* emulator.requests).filter((request) => request.operation === "mkblk")
        const resent = again.map((request) => (request.block ?? -1) * 4 * mebibyte)
        assert.isEmpty(resent.filter((offset) => before.includes(offset)))
        assert.strictEqual(receipt.blocks.resumed, before.length)
        assert.strictEqual(receipt.blocks.resumed + receipt.blocks.sent, receipt.blocks.total)
        assert.strictEqual(receipt.verified, "etag")
        assert.strictEqual(sha1(yield* stored), sha1(content))
        assert.isTrue(Option.isNone(yield* Effect.flatMap(ProgressStore.ProgressStore, (store) => store.load(id))))
        assert.strictEqual(events.at(-1), "Done")
      }).pipe(Effect.provide(WcsTest.layer({ buckets: ["media"] }))),
    { fastCheck: { numRuns: 16 } }
  )

  it.effect.prop(
    "of which any set of blocks is recorded is finished with the others",
    [fc.uniqueArray(fc.integer({ min: 0, max: 2 }))],
    ([known]) =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const uploader = yield* Uploader.Uploader
        const store = yield* ProgressStore.ProgressStore
        // mkfile is refused, so that the record of all blocks stays; then only `known` is put back.
        yield* emulator.addFault(Fault.on("mkfile", Fault.status(400), { nth: 1 }))
        yield* Effect.flip(uploader.putBytes(content, target, options))
        const record = Option.getOrThrow(yield* store.load(id))
        yield* store.begin(id, record.manifest ?? assert.fail("no manifest"))
        yield* Effect.forEach(
          record.blocks.filter((block) => known.includes(block.offset / (4 * mebibyte))),
          (block) => store.accept(id, block)
        )
        yield* emulator.clearRequests
        const receipt = yield* uploader.putBytes(content, target, options)
        const sent = (yield* emulator.requests).filter((request) => request.operation === "mkblk")
        assert.deepStrictEqual(
          sent.map((request) => request.block).toSorted(),
          [0, 1, 2].filter((index) => !known.includes(index))
        )
        assert.deepStrictEqual(receipt.blocks, { total: 3, sent: 3 - known.length, resumed: known.length })
        assert.strictEqual(sha1(yield* stored), sha1(content))
      }).pipe(Effect.provide(WcsTest.layer({ buckets: ["media"] }))),
    { fastCheck: { numRuns: 8 } }
  )
})
