/** Appends to the emulator, under faults. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, FastCheck as fc } from "effect"
import { Objects, Uploader } from "effect-wcs"
import { Emulator, Fault } from "effect-wcs/testing"
import { inTime } from "../support/clock.ts"
import { bytes, mebibyte, sha1 } from "../support/content.ts"
import { contentOf } from "../support/emulated.ts"
import { services, tokensOnly } from "./support.ts"

const target = { bucket: "media", key: "a.log" }

const stored = contentOf(target)

const faults = [
  [],
  [Fault.on("append", Fault.lostAnswer, { nth: 1 })],
  [Fault.on("append", Fault.reset(), { nth: 1 })],
  [Fault.on("append", Fault.garbage, { nth: 1 })],
  [Fault.on("append", Fault.status(503), { nth: 1 })],
  [Fault.on("append", Fault.status(500), { nth: 1 })],
  [Fault.on("append", Fault.lostAnswer, { nth: 1 }), Fault.on("stat", Fault.status(500), { nth: 1 })],
  [Fault.on("append", Fault.stall, { nth: 1 })]
]

describe("appends to the emulator", () => {
  it.effect.prop(
    "arrive once and in order, whatever is lost on the way",
    [fc.array(
      fc.record({
        content: fc.uint8Array({ maxLength: 40 }),
        faults: fc.constantFrom(...faults),
        positioned: fc.boolean()
      }),
      { minLength: 1, maxLength: 5 }
    )],
    ([steps]) =>
      Effect.gen(function*() {
        const uploader = yield* Uploader.Uploader
        const emulator = yield* Emulator.Emulator
        let size = 0
        for (const { content, faults, positioned } of steps) {
          yield* emulator.clearFaults
          yield* emulator.addFault(...faults)
          const receipt = yield* inTime(uploader.append(content, target, { position: positioned ? size : undefined }))
          assert.include(receipt, { position: size, size: content.length, nextPosition: size + content.length })
          size += content.length
        }
        assert.isTrue(Buffer.concat(steps.map(({ content }) => content)).equals(yield* stored))
      }).pipe(Effect.provide(services())),
    { fastCheck: { numRuns: 30 } }
  )

  it.effect("side by side at one place: one wins, the other is told where to go on", () =>
    Effect.gen(function*() {
      const uploader = yield* Uploader.Uploader
      yield* uploader.append(bytes(5), target)
      const results = yield* Effect.forEach(
        [6, 7],
        (size) => Effect.either(uploader.append(bytes(size), target, { position: 5 })),
        { concurrency: 2 }
      )
      const [won] = results.filter(Either.isRight)
      const [lost] = results.filter(Either.isLeft)
      assert.include(lost?.left, { _tag: "WcsWrongPosition", nextPosition: won?.right.nextPosition })
      assert.lengthOf(yield* stored, won?.right.nextPosition ?? 0)
    }).pipe(Effect.provide(services())))

  it.effect("do not go to an object that an upload stored", () =>
    Effect.gen(function*() {
      const uploader = yield* Uploader.Uploader
      yield* uploader.putBytes(bytes(5), target)
      for (const position of [undefined, 0, 5]) {
        const error = yield* Effect.flip(uploader.append(bytes(5), target, { position }))
        assert.include(error, { _tag: "WcsWrongPosition", nextPosition: undefined })
      }
      assert.lengthOf(yield* stored, 5)
    }).pipe(Effect.provide(services())))

  it.effect("of files larger than a chunk, whatever hash the service makes of them", () =>
    Effect.gen(function*() {
      const uploader = yield* Uploader.Uploader
      const objects = yield* Objects.Objects
      yield* uploader.appendFile("/in/a", target)
      const receipt = yield* uploader.appendFile("/in/b", target)
      assert.include(receipt, { position: 5 * mebibyte, size: 6 * mebibyte })
      assert.strictEqual((yield* objects.stat(target)).size, receipt.nextPosition)
      assert.strictEqual(sha1(yield* stored), sha1(Buffer.concat([bytes(5 * mebibyte), bytes(6 * mebibyte, 2)])))
    }).pipe(Effect.provide(services({
      files: { "/in/a": bytes(5 * mebibyte), "/in/b": bytes(6 * mebibyte, 2) },
      emulator: { strictness: { appendedHash: "other" } }
    }))))

  it.effect("with tokens that a server issues", () =>
    Effect.gen(function*() {
      const uploader = yield* Uploader.Uploader
      const { nextPosition } = yield* uploader.append(bytes(5), target, { position: 0 })
      yield* uploader.append(bytes(6), target, { position: nextPosition })
      assert.lengthOf(yield* stored, 11)
    }).pipe(Effect.provide(services({ auth: tokensOnly }))))
})
