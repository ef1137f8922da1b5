import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { EmulatorAddress } from "effect-wcs/testing"
import { mebibyte } from "../support/content.ts"
import { environment, run } from "./support/processes.ts"
import { bucket, emulator, folder, inEmulator } from "./support/service.ts"

/** A million takes a few minutes, and 1.5 GiB for the emulator; with fewer than 30 000 the bounds say nothing. */
const objects = Number(process.env["WCS_LIST_OBJECTS"] ?? 50_000)

/** The bound that ends a hang, for so many. */
const timeout = 1_800_000

/** A page, and what comes with the first requests: 2 MiB. A listing that keeps 50 000 objects holds 13 MiB. */
const mostHeld = 6 * mebibyte

/** Garbage and the runtime included, 220 MiB; a process that keeps a million objects takes 430 and more. */
const mostMemory = 320 * mebibyte

interface Listing {
  readonly count: number
  readonly held: number
  readonly maxRss: number
}

const list = (...arguments_: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const { code, stderr, stdout } = yield* run("test/e2e/support/list.ts", {
      arguments: [bucket, ...arguments_],
      env: environment(yield* EmulatorAddress.EmulatorAddress, yield* folder)
    })
    assert.deepStrictEqual([code, stderr], [0, ""])
    const listing: Listing = JSON.parse(stdout)
    return listing
  })

describe("Objects.listAll in a process of its own", () => {
  it.scopedLive(`lists ${objects} objects and holds a page of them`, () =>
    Effect.gen(function*() {
      yield* inEmulator((emulator) =>
        emulator.putObjects(
          bucket,
          Stream.map(Stream.range(1, objects), (i) => ({ key: `photos/2026/${i}.jpg`, content: String(i) }))
        )
      )
      const listing = yield* list()
      assert.strictEqual(listing.count, objects)
      assert.isBelow(listing.held, mostHeld)
      assert.isBelow(listing.maxRss, mostMemory)
      // What the bound is worth: a listing that keeps its objects does not stay below it.
      const keeping = yield* list("keep")
      assert.strictEqual(keeping.count, objects)
      assert.isAbove(keeping.held, mostHeld)
    }).pipe(Effect.provide(emulator)), timeout)
})
