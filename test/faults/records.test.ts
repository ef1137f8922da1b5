import { assert, describe, it } from "@effect/vitest"
import { Array, Effect, Either, Layer, Logger, Option, Stream } from "effect"
import { ProgressStore, ProgressStoreMemory, Uploader, UploadRecord, WcsError } from "effect-wcs"
import { Emulator, Fault } from "effect-wcs/testing"
import { bytes, mebibyte, sha1 } from "../support/content.ts"
import { contentOf, operations } from "../support/emulated.ts"
import { services } from "../uploader/support.ts"

const target = { bucket: "media", key: "film.bin" }
const content = bytes(9 * mebibyte)
const id = UploadRecord.UploadId.make("unrecorded")

type Call = "load" | "begin" | "accept" | "finishing" | "forget" | "claim"

/** A store in memory that has no room from the nth call of an operation on, until there is some again. */
const store = (operation: Call, nth: number) => {
  const disk = { full: true }
  const reason = operation === "load" ? "Unreadable" : "Unwritable"
  const failure = new WcsError.WcsProgressError({ reason, uploadId: id, detail: "ENOSPC" })
  const layer = Layer.effect(
    ProgressStore.ProgressStore,
    Effect.map(ProgressStoreMemory.make, (memory) => {
      let calls = 0
      const call = memory[operation]
      const failing = (...args: ReadonlyArray<unknown>) =>
        Effect.suspend(() => {
          calls += 1
          return disk.full && calls >= nth ? failure : Reflect.apply(call, memory, args)
        })
      return { ...memory, [operation]: failing }
    })
  )
  return { disk, layer }
}

/** Uploads in three blocks, one after another; tells the warnings, too. */
const upload = (options: Uploader.UploadOptions = {}) =>
  Effect.gen(function*() {
    const warnings: Array<string> = []
    const logger = Logger.make(({ logLevel, message }) => {
      if (logLevel._tag === "Warning") warnings.push(String(Array.ensure(message)[0]))
    })
    const result = yield* Effect.either(Effect.flatMap(
      Uploader.Uploader,
      (uploader) => uploader.putBytes(content, target, { method: "block", uploadId: id, concurrency: 1, ...options })
    )).pipe(Effect.provide(Logger.replace(Logger.defaultLogger, logger)))
    return { result, warnings }
  })

const record = Effect.flatMap(ProgressStore.ProgressStore, (store) => store.load(id))

describe("a record that cannot be kept", () => {
  const { disk, layer } = store("accept", 2)

  it.effect("fault 23: ends the upload with what is recorded, and the next call goes on from there", () =>
    Effect.gen(function*() {
      const { result } = yield* upload()
      const error = Either.getOrThrow(Either.flip(result))
      assert.include(error, { _tag: "WcsProgressError", reason: "Unwritable", detail: "ENOSPC" })
      assert.deepStrictEqual(yield* operations, ["mkblk", "mkblk"])
      assert.lengthOf(Option.getOrThrow(yield* record).blocks, 1)
      disk.full = false
      const again = Either.getOrThrow((yield* upload()).result)
      assert.deepStrictEqual([again.verified, again.blocks], ["etag", { total: 3, sent: 2, resumed: 1 }])
    }).pipe(Effect.provide(services({ store: layer }))))

  const kept: ReadonlyArray<readonly [operation: Call, nth: number]> = [
    ["claim", 1],
    ["load", 1],
    ["begin", 1],
    ["accept", 1],
    ["accept", 2],
    ["finishing", 1]
  ]
  for (const [operation, nth] of kept) {
    it.effect(`fault 23: is a warning, and the upload goes on, where that is wanted (${operation}, ${nth})`, () =>
      Effect.gen(function*() {
        const { result, warnings } = yield* upload({ onRecordFailure: "warn" })
        assert.strictEqual(Either.getOrThrow(result).verified, "etag")
        assert.lengthOf(warnings, 1)
        assert.match(warnings[0] ?? "", /^the upload goes on/)
        assert.strictEqual(sha1(yield* contentOf(target)), sha1(content))
      }).pipe(Effect.provide(services({ store: store(operation, nth).layer }))))

    it.effect(`fault 23: is a failure otherwise, and no object (${operation}, ${nth})`, () =>
      Effect.gen(function*() {
        const { result } = yield* upload()
        assert.include(Either.getOrThrow(Either.flip(result)), { _tag: "WcsProgressError" })
        assert.notInclude(yield* operations, "mkfile")
      }).pipe(Effect.provide(services({ store: store(operation, nth).layer }))))
  }

  it.effect("fault 23: is a warning for a stream, too", () =>
    Effect.gen(function*() {
      const uploader = yield* Uploader.Uploader
      const { verified } = yield* uploader.putStream(Stream.make(content), target, {
        method: "block",
        uploadId: id,
        onRecordFailure: "warn"
      })
      assert.strictEqual(verified, "etag")
      assert.strictEqual(sha1(yield* contentOf(target)), sha1(content))
    }).pipe(Effect.provide(services({ store: store("accept", 1).layer }))))

  it.effect("fault 23: is not written again after a failure: no record is in parts of two uploads", () => {
    const { disk, layer } = store("begin", 2)
    return Effect.gen(function*() {
      const { addFault, clearFaults } = yield* Emulator.Emulator
      yield* addFault(Fault.on("mkblk", Fault.status(400), { block: 2, nth: 1 }))
      yield* upload()
      const before = yield* record
      yield* clearFaults
      // The same id for other content: the record cannot be begun anew, and gets no block of it.
      yield* addFault(Fault.on("mkfile", Fault.status(400), { nth: 1 }))
      const other = bytes(9 * mebibyte, 2)
      const result = yield* Effect.flatMap(
        Uploader.Uploader,
        (uploader) =>
          Effect.either(uploader.putBytes(other, target, {
            method: "block",
            uploadId: id,
            onMismatch: "restart",
            onRecordFailure: "warn"
          }))
      )
      assert.isTrue(Either.isLeft(result))
      assert.deepStrictEqual(yield* record, before)
      disk.full = false
    }).pipe(Effect.provide(services({ store: layer })))
  })

  it.effect("is begun anew when it cannot be read and that is wanted", () =>
    Effect.gen(function*() {
      const { result, warnings } = yield* upload({ onMismatch: "restart" })
      assert.strictEqual(Either.getOrThrow(result).verified, "etag")
      assert.isEmpty(warnings)
    }).pipe(Effect.provide(services({ store: store("load", 1).layer }))))

  for (const onRecordFailure of ["fail", "warn"] as const) {
    it.effect(`is no failure of an upload that is done: it is told of, and left behind (${onRecordFailure})`, () =>
      Effect.gen(function*() {
        const { result, warnings } = yield* upload({ onRecordFailure })
        assert.strictEqual(Either.getOrThrow(result).verified, "etag")
        assert.deepStrictEqual(warnings, ["the record of an upload that has ended is left behind"])
      }).pipe(Effect.provide(services({ store: store("forget", 1).layer }))))
  }
})
