import { FileSystem } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Layer, Logger, TestClock } from "effect"
import { Fault, MemoryFileSystem } from "effect-wcs/testing"
import { bytes, sha1 } from "../support/content.ts"
import {
  complete,
  content,
  emulator,
  filesIn,
  ranges,
  read,
  service,
  serviceOver,
  store,
  target,
  toFile
} from "./support.ts"

const cut = 3_000_000

/** Leaves a partial file of `cut` bytes and a service that works again; tells the partial file's path. */
const broken = () =>
  emulator((emulator) =>
    Effect.gen(function*() {
      yield* store()
      yield* emulator.addFault(
        Fault.on("download", Fault.truncate(cut), { nth: 1 }),
        Fault.on("download", Fault.reset(), { nth: 2, times: 99 })
      )
      assert.strictEqual((yield* Effect.flip(toFile()))._tag, "WcsNetworkError")
      yield* emulator.clearFaults
      yield* emulator.clearRequests
      const left = yield* filesIn("/")
      assert.lengthOf(left, 1)
      assert.notStrictEqual(left[0], "film.bin")
      return `/${left[0]}`
    })
  )

describe("what a broken download left", () => {
  it.effect("is not fetched again by the next call", () =>
    Effect.gen(function*() {
      yield* broken()
      const told: Array<number> = []
      const receipt = yield* toFile({ onProgress: ({ received }) => Effect.sync(() => void told.push(received)) })
      assert.include(receipt, { size: content.length, resumed: cut, verified: "etag" })
      assert.deepStrictEqual(yield* ranges, [`bytes=${cut}-`])
      assert.isAbove(told[0] ?? 0, cut)
      yield* complete(content)
    }).pipe(Effect.provide(service())))

  it.effect("is not used for another version of the object", () =>
    Effect.gen(function*() {
      yield* broken()
      const other = bytes(content.length, 2)
      yield* store(other)
      assert.include(yield* toFile(), { resumed: 0, verified: "etag" })
      assert.deepStrictEqual(yield* ranges, [undefined])
      assert.strictEqual(sha1(yield* read(target)), sha1(other))
    }).pipe(Effect.provide(service())))

  it.effect("is nothing when nobody tells which version it is of", () =>
    Effect.gen(function*() {
      yield* store()
      yield* emulator((emulator) =>
        emulator.addFault(
          Fault.on("download", Fault.truncate(cut), { nth: 1 }),
          Fault.on("download", Fault.reset(), { nth: 2, times: 99 })
        )
      )
      assert.strictEqual((yield* Effect.flip(toFile({ checks: false })))._tag, "WcsNetworkError")
      assert.isEmpty(yield* filesIn("/"))
    }).pipe(Effect.provide(service())))

  it.effect("and is whole already, needs no further byte", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      yield* fs.writeFile(yield* broken(), content)
      assert.include(yield* toFile(), { size: content.length, resumed: content.length, verified: "etag" })
      assert.isEmpty(yield* ranges)
      yield* complete(content)
    }).pipe(Effect.provide(service())))

  it.effect("and is longer than the object, is fetched anew", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      yield* fs.writeFile(yield* broken(), bytes(content.length + 1))
      assert.include(yield* toFile(), { size: content.length, resumed: 0, verified: "etag" })
      yield* complete(content)
    }).pipe(Effect.provide(service())))

  it.effect("and was changed since, is noticed at the end and thrown away", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      yield* fs.writeFile(yield* broken(), bytes(cut, 2))
      assert.include(yield* Effect.flip(toFile()), { _tag: "WcsIntegrityError", check: "etag" })
      assert.isEmpty(yield* filesIn("/"))
      assert.include(yield* toFile(), { resumed: 0, verified: "etag" })
      yield* complete(content)
    }).pipe(Effect.provide(service())))

  it.effect("outlives a page that something on the way answers with", () =>
    Effect.gen(function*() {
      yield* broken()
      yield* emulator((emulator) => emulator.addFault(Fault.on("download", Fault.garbage, { nth: 1 })))
      yield* Effect.ignore(toFile())
      yield* Effect.ignore(toFile())
      assert.deepStrictEqual(yield* ranges, [`bytes=${cut}-`, `bytes=${cut}-`])
      yield* complete(content)
    }).pipe(Effect.provide(service())))
})

describe("an interrupted download", () => {
  /** Interrupts a download as soon as it has told of a byte. */
  const interrupted = Effect.gen(function*() {
    const begun = yield* Deferred.make<void>()
    const fiber = yield* Effect.fork(
      toFile({ onProgress: () => Effect.zipRight(Deferred.succeed(begun, undefined), Effect.never) })
    )
    yield* Deferred.await(begun)
    assert.strictEqual((yield* Fiber.interrupt(fiber))._tag, "Failure")
  })

  it.effect("leaves what it has, and the next call goes on from there", () =>
    Effect.gen(function*() {
      yield* store()
      yield* interrupted
      const [left] = yield* filesIn("/")
      assert.notStrictEqual(left, "film.bin")
      const size = (yield* read(`/${left}`)).length
      assert.isAbove(size, 0)
      yield* emulator((emulator) => emulator.clearRequests)
      assert.include(yield* toFile(), { size: content.length, resumed: size, verified: "etag" })
      assert.deepStrictEqual(yield* ranges, [`bytes=${size}-`])
      yield* complete(content)
    }).pipe(Effect.provide(service())))

  it.effect("does not close its file while a write is under way, whose bytes could land in another file", () =>
    Effect.gen(function*() {
      const fs = yield* MemoryFileSystem.make()
      const writing = yield* Deferred.make<void>()
      const events: Array<string> = []
      let written = () => {}
      const open: FileSystem.FileSystem["open"] = (path, options) =>
        Effect.map(
          Effect.acquireRelease(fs.open(path, options), () => Effect.sync(() => void events.push("closed"))),
          (file) =>
            Object.assign(file, {
              // As Node writes: what has begun goes on, whoever waits for it.
              writeAll: () =>
                Effect.async<void>((resume) => {
                  written = () => {
                    events.push("written")
                    resume(Effect.void)
                  }
                  Deferred.unsafeDone(writing, Effect.void)
                })
            })
        )
      yield* Effect.gen(function*() {
        yield* store()
        const fiber = yield* Effect.fork(toFile())
        yield* Effect.raceFirst(Deferred.await(writing), Fiber.join(fiber))
        const interruption = yield* Effect.fork(Fiber.interrupt(fiber))
        yield* Effect.repeatN(Effect.yieldNow(), 100)
        written()
        yield* Fiber.join(interruption)
      }).pipe(Effect.provide(serviceOver(Layer.succeed(FileSystem.FileSystem, { ...fs, open }))))
      assert.deepStrictEqual(events, ["written", "closed"])
    }))
})

describe("a download that stands still, as in a process that was killed,", () => {
  /** A download that stops when it has a third of the object, until it is woken. */
  const standing = Effect.gen(function*() {
    const stopped = yield* Deferred.make<void>()
    const awake = yield* Deferred.make<void>()
    const fiber = yield* Effect.fork(toFile({
      overwrite: true,
      onProgress: ({ received }) =>
        received > content.length / 3
          ? Effect.zipRight(Deferred.succeed(stopped, undefined), Deferred.await(awake))
          : Effect.void
    }))
    yield* Deferred.await(stopped)
    return { fiber, wake: Deferred.succeed(awake, undefined) }
  })

  it.effect("is not disturbed by the next call, which begins anew and says so", () =>
    Effect.gen(function*() {
      yield* store()
      const { fiber, wake } = yield* standing
      yield* TestClock.adjust("12 seconds")
      const told: Array<unknown> = []
      const logger = Logger.make(({ logLevel, message }) => void (logLevel._tag === "Warning" && told.push(message)))
      const next = Effect.provide(toFile(), Logger.replace(Logger.defaultLogger, logger))
      assert.include(yield* next, { resumed: 0, verified: "etag" })
      assert.deepStrictEqual(told, [[`another download of ${target} was under way 12 s ago: beginning anew`]])
      yield* wake
      assert.include(yield* Fiber.join(fiber), { resumed: 0, verified: "etag" })
      yield* complete(content)
    }).pipe(Effect.provide(service())))

  it.effect("is taken over by the next call when nothing has moved for long", () =>
    Effect.gen(function*() {
      yield* store()
      yield* standing
      yield* TestClock.adjust("1 hour")
      const { resumed, verified } = yield* toFile()
      assert.isAbove(resumed, content.length / 3)
      assert.strictEqual(verified, "etag")
      assert.deepStrictEqual(yield* ranges, [undefined, `bytes=${resumed}-`])
      yield* complete(content)
    }).pipe(Effect.provide(service())))

  it.effect("goes by when the file was taken, not by when what is in it was written", () =>
    Effect.gen(function*() {
      yield* broken()
      yield* TestClock.adjust("1 day")
      yield* emulator(({ addFault }) => addFault(Fault.on("download", Fault.stall, { nth: 1 })))
      const first = yield* Effect.fork(toFile({ overwrite: true }))
      yield* emulator(({ awaitRequests }) => awaitRequests({ operation: "download" }))
      assert.include(yield* toFile(), { resumed: 0, verified: "etag" })
      yield* TestClock.adjust("1 hour")
      assert.include(yield* Fiber.join(first), { resumed: cut, verified: "etag" })
      yield* complete(content)
    }).pipe(Effect.provide(service())))

  it.effect("is removed by a call that begins anew and ends when nothing has moved for long", () =>
    Effect.gen(function*() {
      yield* store()
      yield* standing
      const hour = yield* Effect.once(TestClock.adjust("1 hour"))
      assert.include(yield* toFile({ onProgress: () => hour }), { resumed: 0, verified: "etag" })
      assert.deepStrictEqual(yield* filesIn("/"), ["film.bin"])
      yield* complete(content)
    }).pipe(Effect.provide(service())))

  for (const when of ["before", "after"] as const) {
    it.effect(`and wakes when it has been taken over, ${when} the other one ends, does no harm`, () =>
      Effect.gen(function*() {
        yield* store()
        const first = yield* standing
        yield* TestClock.adjust("1 hour")
        const second = yield* standing
        if (when === "before") yield* first.wake
        if (when === "before") yield* Fiber.await(first.fiber)
        yield* second.wake
        const exits = [yield* Fiber.await(second.fiber)]
        if (when === "after") yield* first.wake
        exits.push(yield* Fiber.await(first.fiber))
        assert.isTrue(exits.some(Exit.isSuccess), String(exits))
        yield* complete(content)
      }).pipe(Effect.provide(service())))
  }
})
