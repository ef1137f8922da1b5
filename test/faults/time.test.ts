import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Layer, Option, TestClock } from "effect"
import { ProgressStore, Uploader, UploadRecord, WcsAuthKeys, WcsAuthTokens } from "effect-wcs"
import { Emulator, Fault } from "effect-wcs/testing"
import { inTime } from "../support/clock.ts"
import { bytes, mebibyte, sha1 } from "../support/content.ts"
import { contentOf } from "../support/emulated.ts"
import { services } from "../uploader/support.ts"

const target = { bucket: "media", key: "film.bin" }
const content = bytes(9 * mebibyte)
const id = UploadRecord.UploadId.make("paused")

const putting = (options: Uploader.UploadOptions) =>
  Effect.flatMap(
    Uploader.Uploader,
    (uploader) => uploader.putBytes(content, target, { method: "block", uploadId: id, concurrency: 1, ...options })
  )

const put = putting({})

const record = Effect.flatMap(ProgressStore.ProgressStore, (store) => store.load(id))

/** The blocks that arrived since the requests were cleared. */
const arrived = Effect.flatMap(
  Emulator.Emulator,
  ({ requests }) =>
    Effect.map(
      requests,
      (all) => all.flatMap(({ block, operation, status }) => operation === "mkblk" && status === 200 ? [block] : [])
    )
)

describe("an upload that was paused", () => {
  for (const badBlock of [701, 412] as const) {
    it.effect(`fault 9: for longer than the service keeps blocks: those are sent again (${badBlock})`, () =>
      Effect.gen(function*() {
        const { addFault, clearFaults, clearRequests } = yield* Emulator.Emulator
        yield* addFault(Fault.on("mkblk", Fault.status(400), { block: 2, nth: 1 }))
        yield* Effect.flip(put)
        yield* clearFaults
        yield* TestClock.adjust("25 hours")
        yield* clearRequests
        const receipt = yield* put
        assert.strictEqual(receipt.verified, "etag")
        assert.deepStrictEqual(yield* arrived, [2, 0, 1])
        assert.strictEqual(sha1(yield* contentOf(target)), sha1(content))
      }).pipe(Effect.provide(services({ emulator: { blockLifetime: "1 day", strictness: { badBlock } } }))))
  }

  it.effect("fault 13: by a token that is refused keeps its record: the next call sends what is missing", () =>
    Effect.gen(function*() {
      const { addFault, clearFaults, clearRequests } = yield* Emulator.Emulator
      yield* addFault(Fault.on("mkblk", Fault.status(401), { block: 2 }))
      assert.strictEqual((yield* Effect.flip(put))._tag, "WcsUnauthorized")
      assert.lengthOf(Option.getOrThrow(yield* record).blocks, 2)
      yield* clearFaults
      yield* clearRequests
      assert.strictEqual((yield* put).verified, "etag")
      assert.deepStrictEqual(yield* arrived, [2])
    }).pipe(Effect.provide(services())))
})

describe("a computer that sleeps for hours while a block is on its way", () => {
  for (const by of ["keys", "tokens"] as const) {
    it.effect(`fault 33: goes on when it wakes, with a new token, and sends that block alone again (${by})`, () => {
      let asked = 0
      /** Tokens of a server, each for two hours. */
      const tokens = Layer.unwrapEffect(Effect.map(WcsAuthKeys.make, (keys) =>
        WcsAuthTokens.layer({
          issue: ({ scope }) =>
            Effect.gen(function*() {
              asked += 1
              const now = yield* Clock.currentTimeMillis
              return (yield* keys.uploadToken({ scope, policy: {}, now, renew: false, size: undefined })).text
            })
        })))
      return Effect.gen(function*() {
        const { addFault } = yield* Emulator.Emulator
        yield* addFault(Fault.on("mkblk", Fault.stall, { block: 1, nth: 1 }))
        const fiber = yield* Effect.fork(putting({
          // The clock leaps, and nothing has run meanwhile.
          onProgress: (event) => event._tag === "Retrying" ? TestClock.adjust("3 hours") : Effect.void
        }))
        const receipt = yield* inTime(Fiber.join(fiber))
        assert.strictEqual(receipt.verified, "etag")
        assert.deepStrictEqual(yield* arrived, [0, 1, 2])
        if (by === "tokens") assert.strictEqual(asked, 2)
        assert.strictEqual(sha1(yield* contentOf(target)), sha1(content))
      }).pipe(Effect.provide(services(by === "tokens" ? { auth: tokens } : {})))
    })
  }
})
