import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Exit, Fiber, Option, TestClock } from "effect"
import { ProgressStore, ProgressStoreMemory, Uploader, UploadRecord } from "effect-wcs"
import { Emulator, Fault, WcsTest } from "effect-wcs/testing"
import * as guardedStore from "../../src/internal/guardedStore.ts"
import { LeaseOwner } from "../../src/internal/leaseOwner.ts"
import { inTime } from "../support/clock.ts"
import { bytes, mebibyte, sha1 } from "../support/content.ts"
import { contentOf } from "../support/emulated.ts"

const target = { bucket: "media", key: "film.bin" }
const content = bytes(16 * mebibyte)
const id = UploadRecord.UploadId.make("shared")

const put = (onBusy: UploadRecord.OnBusy | undefined, concurrency = 1) =>
  Effect.flatMap(Uploader.Uploader, (uploader) =>
    uploader.putBytes(content, target, {
      method: "block",
      uploadId: id,
      concurrency,
      ...(onBusy && { onBusy })
    }))

const store = <A, E>(use: (store: ProgressStore.ProgressStore["Type"]) => Effect.Effect<A, E>) =>
  Effect.flatMap(ProgressStore.ProgressStore, use)

const emulator = <A>(use: (emulator: Emulator.Emulator["Type"]) => Effect.Effect<A>) =>
  Effect.flatMap(Emulator.Emulator, use)

/** How often each block was begun. */
const begun = emulator((emulator) =>
  Effect.map(
    emulator.requests,
    (requests) => requests.filter(({ operation }) => operation === "mkblk").map(({ block }) => block ?? -1)
  )
)

/** Waits, by turns of the test's clock, until the service was asked to begin a block. */
const beginning = (block: number) =>
  inTime(Effect.repeat(Effect.delay(begun, "10 millis"), { until: (blocks) => blocks.includes(block) }))

const slow = emulator((emulator) => emulator.addFault(Fault.on("mkblk", Fault.delay("20 seconds"))))

const scenario = <A, E>(name: string, test: Effect.Effect<A, E, Layer>) =>
  it.effect(name, () => Effect.provide(test, WcsTest.layer({ buckets: ["media"] })))
type Layer = Uploader.Uploader | ProgressStore.ProgressStore | Emulator.Emulator

describe("an upload on which somebody works", () => {
  scenario(
    "fault 24: is refused: who works on it, and for how long",
    Effect.gen(function*() {
      yield* slow
      const first = yield* Effect.fork(put(undefined))
      yield* beginning(0)
      const error = yield* Effect.flip(put(undefined))
      assert.deepInclude(error, { _tag: "WcsProgressError", reason: "Busy", uploadId: id })
      assert.match(error.message, /^upload shared: a program works on it; it counts as dead in \d+ s unless/)
      // The first one is not disturbed, and renews its lease for as long as it takes.
      assert.strictEqual((yield* inTime(Fiber.join(first))).blocks.sent, 4)
      assert.strictEqual((yield* store((store) => store.claim(id, { owner: "next", until: 1 }))).owner, "next")
    })
  )

  scenario(
    "fault 24: is waited for, and what the other has stored is taken for done",
    Effect.gen(function*() {
      yield* slow
      const first = yield* Effect.fork(put(undefined))
      yield* beginning(0)
      const second = yield* Effect.fork(put("wait"))
      const receipts = yield* inTime(Effect.all([Fiber.join(first), Fiber.join(second)]))
      assert.deepStrictEqual(receipts.map(({ blocks }) => blocks.sent), [4, 0])
      assert.deepStrictEqual(receipts.map(({ verified }) => verified), ["etag", "etag"])
      assert.strictEqual(receipts[0].etag, receipts[1].etag)
      assert.lengthOf(yield* begun, 4)
      assert.isTrue(Option.isNone(yield* store((store) => store.load(id))))
    })
  )

  scenario(
    "is gone on with by who waited, when the other fails",
    Effect.gen(function*() {
      yield* slow
      yield* emulator((emulator) => emulator.addFault(Fault.on("mkblk", Fault.status(400), { block: 2, nth: 1 })))
      const first = yield* Effect.fork(Effect.exit(put(undefined)))
      yield* beginning(0)
      const second = yield* Effect.fork(put("wait"))
      assert.isTrue(Exit.isFailure(yield* inTime(Fiber.join(first))))
      const receipt = yield* inTime(Fiber.join(second))
      assert.deepStrictEqual(receipt.blocks, { total: 4, sent: 2, resumed: 2 })
      assert.strictEqual(sha1(yield* contentOf(target)), sha1(content))
    })
  )

  scenario(
    "fault 24: is joined: each sends what the other has not, and only the owner makes the object",
    Effect.gen(function*() {
      yield* slow
      const first = yield* Effect.fork(put(undefined))
      yield* beginning(0)
      const second = yield* Effect.fork(put("join"))
      const receipts = yield* inTime(Effect.all([Fiber.join(first), Fiber.join(second)]))
      assert.strictEqual(sha1(yield* contentOf(target)), sha1(content))
      // Four blocks of 20 s, by two: they meet in the middle, where at most one is sent by both.
      const [owner, helper] = receipts.map(({ blocks }) => blocks)
      assert.isAtLeast(helper?.sent ?? 0, 1)
      assert.isBelow(owner?.sent ?? 4, 4)
      assert.isAtMost((owner?.sent ?? 0) + (helper?.sent ?? 0), 5)
      assert.lengthOf(
        yield* emulator((emulator) =>
          Effect.map(emulator.requests, (requests) => requests.filter(({ operation }) => operation === "mkfile"))
        ),
        1
      )
      assert.isTrue(Option.isNone(yield* store((store) => store.load(id))))
    })
  )

  scenario(
    "is taken over when its owner shows no sign of life",
    Effect.gen(function*() {
      const until = (yield* Clock.currentTimeMillis) + 30_000
      yield* store((store) => store.claim(id, { owner: "dead", until }))
      assert.strictEqual((yield* Effect.flip(put(undefined)))._tag, "WcsProgressError")
      const waiting = yield* Effect.fork(put("wait"))
      yield* TestClock.adjust("29 seconds")
      assert.isTrue(Option.isNone(yield* Fiber.poll(waiting)))
      assert.strictEqual((yield* inTime(Fiber.join(waiting))).blocks.sent, 4)
    })
  )

  scenario(
    "is taken over when nothing comes of an owner whose clock is far ahead",
    Effect.gen(function*() {
      const now = yield* Clock.currentTimeMillis
      yield* store((store) => store.claim(id, { owner: "ahead", until: now + 86_400_000 }))
      const waiting = yield* Effect.fork(put("wait"))
      yield* TestClock.adjust("20 seconds")
      yield* store((store) => store.claim(id, { owner: "ahead", until: now + 86_410_000 }))
      yield* TestClock.adjust("29 seconds")
      assert.isTrue(Option.isNone(yield* Fiber.poll(waiting)))
      assert.strictEqual((yield* inTime(Fiber.join(waiting))).blocks.sent, 4)
      assert.isBelow((yield* Clock.currentTimeMillis) - now, 60_000)
    })
  )

  scenario(
    "ends with Busy when another has taken it for dead",
    Effect.gen(function*() {
      yield* slow
      const first = yield* Effect.fork(Effect.exit(put(undefined)))
      yield* beginning(0)
      const owner = (yield* store((store) => store.claim(id, { owner: "other", until: 1 }))).owner
      const until = (yield* Clock.currentTimeMillis) + 3_600_000
      yield* store((store) => store.claim(id, { owner: "other", until, dead: owner }))
      const exit = yield* inTime(Fiber.join(first))
      assert.include(String(exit), "other works on it")
      // It did not give back what is another's.
      assert.strictEqual((yield* store((store) => store.claim(id, { owner: "third", until: 1 }))).owner, "other")
      assert.isEmpty(yield* emulator((emulator) => emulator.objects("media")))
    })
  )

  describe("whose owner stood still", () => {
    const manifest = { bucket: "media", key: "film.bin", size: 1, blockSize: 1, source: "file a" }
    const block = { offset: 0, size: 1, ctx: "ctx" }
    /** An owner that has begun, and whose time is over. */
    const late = Effect.gen(function*() {
      const shared = yield* ProgressStoreMemory.make
      const mine = guardedStore.make(shared, yield* LeaseOwner)
      yield* mine.claim(id, { owner: "one", until: (yield* Clock.currentTimeMillis) + 30_000 })
      yield* mine.begin(id, manifest)
      yield* TestClock.adjust("1 minute")
      return { shared, mine, until: (yield* Clock.currentTimeMillis) + 30_000 }
    })

    it.effect("is its own still when nobody has taken it", () =>
      Effect.gen(function*() {
        const { mine, shared, until } = yield* late
        yield* mine.accept(id, block)
        assert.lengthOf(Option.getOrThrow(yield* shared.load(id)).blocks, 1)
        assert.strictEqual((yield* shared.claim(id, { owner: "two", until })).owner, "one")
        yield* mine.finishing(id)
        yield* mine.forget(id)
        assert.isEmpty(yield* shared.list)
      }))

    it.effect("is not written to when another holds it", () =>
      Effect.gen(function*() {
        const { mine, shared, until } = yield* late
        yield* shared.claim(id, { owner: "two", until })
        const before = yield* shared.load(id)
        for (const write of [mine.accept(id, block), mine.begin(id, manifest), mine.finishing(id), mine.forget(id)]) {
          assert.include(yield* Effect.flip(write), { _tag: "WcsProgressError", reason: "Busy", owner: "two" })
        }
        assert.deepStrictEqual(yield* shared.load(id), before)
        assert.strictEqual((yield* mine.claim(id, { owner: "one", until })).owner, "two")
      }))

    for (const restarted of [false, true]) {
      it.effect(`is not written to when another has ${restarted ? "begun it anew" : "ended it"}`, () =>
        Effect.gen(function*() {
          const { mine, shared, until } = yield* late
          yield* shared.claim(id, { owner: "two", until })
          yield* restarted ? shared.begin(id, { ...manifest, source: "file b" }) : shared.forget(id)
          yield* shared.release(id, "two")
          const before = yield* shared.load(id)
          for (const write of [mine.accept(id, block), mine.finishing(id), mine.forget(id)]) {
            assert.include(yield* Effect.flip(write), { _tag: "WcsProgressError", reason: "Busy" })
          }
          // Not when the lease was renewed in between either.
          yield* Effect.ignore(mine.claim(id, { owner: "one", until }))
          assert.include(yield* Effect.flip(mine.accept(id, block)), { _tag: "WcsProgressError", reason: "Busy" })
          assert.deepStrictEqual(yield* shared.load(id), before)
        }))
    }
  })

  scenario(
    "is free again when its owner is interrupted",
    Effect.gen(function*() {
      yield* slow
      const first = yield* Effect.fork(put(undefined))
      yield* beginning(0)
      yield* Fiber.interrupt(first)
      assert.strictEqual((yield* inTime(put(undefined))).blocks.sent, 4)
    })
  )
})
