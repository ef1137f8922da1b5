import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, Option, Schedule, Stream, TestClock } from "effect"
import type { Objects } from "effect-wcs"
import { Retry } from "effect-wcs"
import { Fault } from "effect-wcs/testing"
import { inTime } from "../support/clock.ts"
import { emulator, keys, media, objects, operations, service, store } from "./support.ts"

const quick = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  inTime(Retry.withSchedules({ request: Schedule.recurs(3) })(effect))

type Carry = "move" | "copy"

const carry = (name: Carry, from: string, to: Partial<Objects.Destination>) =>
  quick(objects((objects) => objects[name](media(from), { bucket: "media", ...to })))

const text = (bucket: string, key: string) =>
  emulator((emulator) => Stream.mkString(Stream.decodeText(emulator.content({ bucket, key }))))

const two = (options: Parameters<typeof service>[0] = {}) => service({ buckets: ["media", "archive"], ...options })

for (const name of ["move", "copy"] as const) {
  const left = (key: string) => name === "move" ? [] : [key]

  describe(name, () => {
    it.effect("brings an object to another key, with all that is known of it", () =>
      Effect.gen(function*() {
        yield* TestClock.setTime(1_767_323_045_000)
        yield* emulator((emulator) =>
          emulator.putObject(media("a"), "content", { mimeType: "video/mp4", retentionDays: 3 })
        )
        const before = yield* objects((objects) => objects.stat(media("a")))
        yield* TestClock.adjust("1 hour")
        yield* carry(name, "a", { key: "b/c" })
        assert.deepStrictEqual(yield* keys(), [...left("a"), "b/c"])
        const after = yield* objects((objects) => objects.stat(media("b/c")))
        assert.deepStrictEqual(
          { ...after, putTime: before.putTime },
          { ...before, key: "b/c" }
        )
      }).pipe(Effect.provide(two())))

    it.effect("brings an object to another bucket, where it keeps its key", () =>
      Effect.gen(function*() {
        yield* store("a/b", "a/c")
        yield* carry(name, "a/b", { bucket: "archive" })
        assert.deepStrictEqual([yield* keys(), yield* keys("archive")], [[...left("a/b"), "a/c"], ["a/b"]])
        assert.strictEqual(yield* text("archive", "a/b"), "the content of a/b")
      }).pipe(Effect.provide(two())))

    it.effect("replaces what is there", () =>
      Effect.gen(function*() {
        yield* store("a", "b")
        yield* carry(name, "a", { key: "b" })
        assert.deepStrictEqual(yield* keys(), [...left("a"), "b"])
        assert.strictEqual(yield* text("media", "b"), "the content of a")
      }).pipe(Effect.provide(two())))

    it.effect("leaves everything as it is where the service does not replace", () =>
      Effect.gen(function*() {
        yield* store("a", "b")
        const error = yield* Effect.flip(carry(name, "a", { key: "b" }))
        assert.include(error, { _tag: "WcsRefused", operation: name, status: 406 })
        assert.deepStrictEqual(yield* keys(), ["a", "b"])
        assert.strictEqual(yield* text("media", "b"), "the content of b")
        assert.lengthOf(yield* operations, 1)
      }).pipe(Effect.provide(two({ strictness: { existingTarget: "refuse" } }))))

    for (const sameTarget of ["refuse", "accept"] as const) {
      it.effect(`of an object onto itself loses nothing where the service's habit is to ${sameTarget}`, () =>
        Effect.gen(function*() {
          yield* store("a")
          const exit = yield* Effect.either(carry(name, "a", sameTarget === "accept" ? { key: "a" } : {}))
          assert.strictEqual(Either.isRight(exit), sameTarget === "accept")
          if (Either.isLeft(exit)) assert.include(exit.left, { _tag: "WcsRefused", operation: name, status: 406 })
          assert.strictEqual(yield* text("media", "a"), "the content of a")
        }).pipe(Effect.provide(two({ strictness: { sameTarget } }))))
    }

    it.effect("of a playlist leaves its segments where they are", () =>
      Effect.gen(function*() {
        yield* emulator((emulator) => emulator.putObject(media("live/a.m3u8"), "#EXTM3U\n1.ts\n"))
        yield* store("live/1.ts")
        yield* carry(name, "live/a.m3u8", { bucket: "archive" })
        assert.deepStrictEqual([yield* keys(), yield* keys("archive")], [
          ["live/1.ts", ...left("live/a.m3u8")],
          ["live/a.m3u8"]
        ])
      }).pipe(Effect.provide(two())))

    it.effect("of no object is WcsNotFound, which tells the request", () =>
      Effect.gen(function*() {
        yield* store("b")
        const error = yield* Effect.flip(carry(name, "a", { key: "b" }))
        assert.include(error, { _tag: "WcsNotFound", operation: name, status: 404 })
        const [request] = yield* emulator((emulator) => emulator.requests)
        assert.include(error, { requestId: request?.requestId })
        assert.lengthOf(yield* operations, 1)
      }).pipe(Effect.provide(two())))

    for (const [bucket, tag] of [["other", "WcsNotFound"], ["theirs", "WcsUnauthorized"]] as const) {
      it.effect(`to the bucket ${bucket} is ${tag}, and the object stays`, () =>
        Effect.gen(function*() {
          yield* store("a")
          assert.include(yield* Effect.flip(carry(name, "a", { bucket })), { _tag: tag, operation: name })
          assert.deepStrictEqual(yield* keys(), ["a"])
        }).pipe(Effect.provide(two({ foreignBuckets: ["theirs"] }))))
    }

    const refused: ReadonlyArray<readonly [input: string, from: string, to: Partial<Objects.Destination>]> = [
      ["key", "", { key: "b" }],
      ["key", "a", { key: "" }],
      ["key", "a", { key: "/b" }],
      ["key", "a", { key: "b/" }],
      ["key", "a", { key: "b/../c" }],
      ["key", "a", { key: "b\nc" }],
      ["key", "a", { key: "\udc00" }],
      ["key", "a", { key: "é".repeat(501) }],
      ["key", "/a", { bucket: "archive" }],
      ["bucket", "a", { bucket: "" }],
      ["bucket", "a", { bucket: "a:b" }]
    ]
    it.effect("of what cannot be is refused before anything is sent", () =>
      Effect.gen(function*() {
        for (const [input, from, to] of refused) {
          assert.include(yield* Effect.flip(carry(name, from, to)), { _tag: "WcsInvalidInput", input })
        }
        assert.isEmpty(yield* operations)
      }).pipe(Effect.provide(two())))
  })
}

describe("an answer that is lost", () => {
  const faults = (...faults: ReadonlyArray<Fault.Fault>) => emulator((emulator) => emulator.addFault(...faults))

  for (const [name, left] of [["move", ["b"]], ["copy", ["a", "b"]]] as const) {
    it.effect(`of a ${name} is the error when a repeat is refused, for nobody can tell who has done it`, () =>
      Effect.gen(function*() {
        yield* store("a")
        yield* faults(Fault.on(name, Fault.lostAnswer, { nth: 1 }))
        const error = yield* Effect.flip(carry(name, "a", { key: "b" }))
        assert.include(error, { _tag: "WcsNetworkError", operation: name })
        assert.deepStrictEqual([yield* operations, yield* keys()], [[name, name], [...left]])
        assert.strictEqual(yield* text("media", "b"), "the content of a")
      }).pipe(Effect.provide(two({ strictness: { existingTarget: "refuse" } }))))

    for (
      const [action, tag] of [
        [Fault.reset(), "WcsNetworkError"],
        [Fault.status(500), "WcsServerFailure"],
        [Fault.garbage, "WcsUndecodableAnswer"]
      ] as const
    ) {
      it.effect(`of a ${name} of no object is the error, too (${tag})`, () =>
        Effect.gen(function*() {
          yield* store("b")
          yield* faults(Fault.on(name, action, { nth: 1 }))
          const error = yield* Effect.flip(carry(name, "a", { key: "b" }))
          assert.include(error, { _tag: tag, operation: name })
          assert.deepStrictEqual(yield* operations, [name, name])
        }).pipe(Effect.provide(two())))

      it.effect(`of a ${name} that was not carried out: it is sent again (${tag})`, () =>
        Effect.gen(function*() {
          yield* store("a")
          yield* faults(Fault.on(name, action, { nth: 1 }))
          yield* carry(name, "a", { key: "b" })
          assert.deepStrictEqual([yield* operations, yield* keys()], [[name, name], [...left]])
        }).pipe(Effect.provide(two())))
    }
  }

  it.effect("of a copy that replaces is no matter: the copy is made again", () =>
    Effect.gen(function*() {
      yield* store("a", "b")
      yield* faults(Fault.on("copy", Fault.lostAnswer, { nth: 1 }))
      yield* carry("copy", "a", { key: "b" })
      assert.deepStrictEqual([yield* operations, yield* keys()], [["copy", "copy"], ["a", "b"]])
    }).pipe(Effect.provide(two())))
})

describe("what was throttled was not carried out", () => {
  const throttled = (name: "move" | "copy" | "delete") =>
    emulator((emulator) => emulator.addFault(Fault.on(name, Fault.status(503), { nth: 1, times: 2 })))

  for (const name of ["move", "copy"] as const) {
    it.effect(`a ${name} of no object is WcsNotFound, though its target is there`, () =>
      Effect.gen(function*() {
        yield* store("b")
        yield* throttled(name)
        assert.include(yield* Effect.flip(carry(name, "a", { key: "b" })), { _tag: "WcsNotFound", operation: name })
        assert.deepStrictEqual(yield* operations, [name, name, name])
      }).pipe(Effect.provide(two())))

    it.effect(`a ${name} is carried out once it is let through`, () =>
      Effect.gen(function*() {
        yield* store("a")
        yield* throttled(name)
        yield* carry(name, "a", { key: "b" })
        assert.isTrue(Option.isSome(yield* emulator((emulator) => emulator.object(media("b")))))
      }).pipe(Effect.provide(two())))
  }

  it.effect("a deletion of no object is WcsNotFound", () =>
    Effect.gen(function*() {
      yield* throttled("delete")
      const error = yield* Effect.flip(quick(objects((objects) => objects.delete(media("a")))))
      assert.include(error, { _tag: "WcsNotFound", operation: "delete" })
      assert.deepStrictEqual(yield* operations, ["delete", "delete", "delete"])
    }).pipe(Effect.provide(two())))

  it.effect("but what failed before it may have been", () =>
    Effect.gen(function*() {
      yield* store("a")
      yield* emulator((emulator) =>
        emulator.addFault(
          Fault.on("delete", Fault.lostAnswer, { nth: 1 }),
          Fault.on("delete", Fault.status(503), { nth: 2 })
        )
      )
      yield* quick(objects((objects) => objects.delete(media("a"))))
      assert.deepStrictEqual([yield* operations, yield* keys()], [["delete", "delete", "delete"], []])
    }).pipe(Effect.provide(two())))
})
