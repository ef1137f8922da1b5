import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import type { EmulatorOptions } from "effect-wcs/testing"
import { zipSync } from "fflate"
import { randomBytes } from "node:crypto"
import { b64u } from "./support.ts"
import { demo, given, keys, outcomes, runFmgr, runFops, saveas, within } from "./tasksSupport.ts"

type Outcome = ReturnType<typeof outcomes>[number]

const maxTaskSize = 100_000
const tooMuch: Outcome = [2, `The Task Makes Too Much: more than ${maxTaskSize} bytes in all`]
const done: Outcome = [3, null]

describe("what a task makes is bounded in all", () => {
  it.effect("of fetches, however many commands they are", () => {
    const web = () => Effect.succeed({ status: 200, body: "x".repeat(60_000) })
    const fetch = (key: string) => `fetchURL/${b64u("http://src.test/a")}/bucket/${demo}/key/${b64u(key)}`
    return Effect.gen(function*() {
      assert.deepStrictEqual(outcomes(yield* runFmgr("fetch", [fetch("a"), fetch("b"), fetch("c")])), [
        done,
        tooMuch,
        tooMuch
      ])
      assert.deepStrictEqual(outcomes(yield* runFmgr("fetch", fetch("d"))), [done])
      assert.deepStrictEqual(yield* keys(), ["a", "d"])
    }).pipe(within({ maxTaskSize, web, fetchHosts: ["src.test"] }))
  })

  it.effect("of the segments of a playlist", () => {
    const web = ({ url }: EmulatorOptions.WebRequest) =>
      Effect.succeed({ status: 200, body: url.endsWith("m3u8") ? "a.ts\nb.ts\nc.ts\n" : "x".repeat(60_000) })
    return Effect.gen(function*() {
      const items = yield* runFmgr("fetch", `fetchURL/${b64u("http://src.test/p.m3u8")}/bucket/${demo}/fetchTS/1`)
      assert.deepStrictEqual(outcomes(items), [tooMuch])
      assert.deepStrictEqual(yield* keys(), ["a.ts", "p.m3u8"])
    }).pipe(within({ maxTaskSize, web, fetchHosts: ["src.test"] }))
  })

  it.effect("of an archive that is unpacked", () =>
    Effect.gen(function*() {
      yield* given({ "bomb.zip": zipSync({ a: new Uint8Array(60_000), b: new Uint8Array(60_000) }) })
      assert.deepStrictEqual(outcomes(yield* runFops("bomb.zip", "decompression/zip")), [tooMuch])
      assert.deepStrictEqual(yield* keys(), ["bomb.zip"])
    }).pipe(within({ maxTaskSize })))

  it.effect("of objects that are packed", () =>
    Effect.gen(function*() {
      yield* given({ a: randomBytes(60_000), b: randomBytes(60_000) })
      const pack = (key: string, to: string) => `bucket/${demo}/keys/${key}/${saveas(to)}`
      const packed = yield* runFmgr("compress", [
        pack(b64u("a"), "a.zip"),
        pack(b64u("b"), "b.zip")
      ])
      assert.deepStrictEqual(outcomes(packed), [done, tooMuch])
      assert.deepStrictEqual(yield* keys(), ["a", "a.zip", "b"])
    }).pipe(within({ maxTaskSize })))

  it.effect("of a function of the options that never ends", () => {
    const process = () =>
      Effect.succeed({ content: Stream.repeatValue(new Uint8Array(10_000)), mimeType: "text/plain" })
    return Effect.gen(function*() {
      yield* given({ a: "film" })
      assert.deepStrictEqual(outcomes(yield* runFops("a", `vframe|${saveas("b")}`)), [tooMuch])
      assert.deepStrictEqual(yield* keys(), ["a"])
    }).pipe(within({ maxTaskSize, process }))
  })
})
