import { FileSystem, Path } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FastCheck, Layer, Stream, TestClock } from "effect"
import { Emulator, EmulatorClient, MemoryFileSystem } from "effect-wcs/testing"
import { createHash } from "node:crypto"
import * as contents from "../../src/testing/internal/contents.ts"
import { b64u, bytes, entry, etag, manage, multipart, now, put, send, uploadToken } from "./support.ts"

const directory = "/var/emulator"

/** A program against a fresh emulator over the files that earlier ones left. */
const over = Effect.provide(Layer.provideMerge(EmulatorClient.layer, Emulator.layerDirectory(directory)))

const memory = Layer.merge(MemoryFileSystem.layer(), Path.layer)

const runs = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.readDirectory(`${directory}/content`))

const content = (key: string) =>
  Effect.flatMap(Emulator.Emulator, (emulator) =>
    Effect.map(
      Stream.runCollect(emulator.content({ bucket: "demo", key })),
      (pieces) => Buffer.concat(Array.from(pieces)).toString()
    ))

const append = (position: number, content: string, key: string) =>
  Effect.map(
    send("POST", `/append/${position}`, {
      headers: { "Content-Type": "multipart/form-data; boundary=boundary" },
      body: multipart([["token", uploadToken({ scope: `demo:${key}` })], ["file", content, "f"]])
    }),
    ({ status }) => status
  )

const transfer = (name: "copy" | "move", from: string, to: string) =>
  manage("POST", `/${name}/${entry("demo", from)}/${entry("demo", to)}`)

const remove = (key: string) => manage("POST", `/delete/${entry("demo", key)}`)

describe("in a directory", () => {
  it.effect("names share a file, over restarts, until the last of them is gone", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      yield* Effect.gen(function*() {
        yield* put({ scope: "demo:a" }, "shared")
        yield* transfer("copy", "a", "b")
        yield* transfer("copy", "b", "c")
        yield* transfer("move", "c", "d")
      }).pipe(over)
      assert.strictEqual((yield* runs).length, 1)
      yield* Effect.gen(function*() {
        yield* remove("a")
        yield* put({ scope: "demo:b", overwrite: 1 }, "other")
        assert.strictEqual(yield* content("d"), "shared")
      }).pipe(over)
      assert.strictEqual((yield* runs).length, 2)
      yield* Effect.gen(function*() {
        assert.strictEqual(yield* content("d"), "shared")
        yield* remove("d")
        assert.strictEqual(yield* content("b"), "other")
      }).pipe(over)
      assert.strictEqual((yield* runs).length, 1)
    }).pipe(Effect.provide(memory)))

  it.effect("appends go on after a restart, and write nothing again", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const fs = yield* FileSystem.FileSystem
      yield* append(0, "one ", "log").pipe(over)
      const [first = ""] = yield* runs
      yield* fs.utimes(`${directory}/content/${first}`, 1000, 1000)
      const before = yield* fs.stat(`${directory}/content/${first}`)
      yield* Effect.gen(function*() {
        assert.strictEqual(yield* append(4, "two ", "log"), 200)
        assert.strictEqual(yield* append(7, "three", "log"), 409)
        assert.strictEqual(yield* append(8, "three", "log"), 200)
      }).pipe(over)
      assert.strictEqual((yield* runs).length, 3)
      assert.deepStrictEqual(yield* fs.stat(`${directory}/content/${first}`), before)
      yield* Effect.gen(function*() {
        assert.strictEqual(yield* content("log"), "one two three")
        const range = yield* send("GET", "/download/demo/log", { headers: { Range: "bytes=3-8" } })
        assert.strictEqual(range.text, " two t")
        const [object] = yield* (yield* Emulator.Emulator).objects("demo")
        assert.strictEqual(object?.etag, etag(Buffer.from("one two three")))
        yield* manage("POST", "/setdeadline", `bucket=${b64u("demo")}&key=${b64u("log")}&deadline=1`)
        assert.strictEqual(yield* append(13, "!", "log"), 200)
        yield* TestClock.adjust("1 day")
        assert.deepStrictEqual(yield* (yield* Emulator.Emulator).objects("demo"), [])
      }).pipe(over)
      assert.deepStrictEqual(yield* runs, [])
    }).pipe(Effect.provide(memory)))

  it.effect("records of one run are read as they were always written", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const fs = yield* FileSystem.FileSystem
      yield* Effect.void.pipe(over)
      const name = createHash("sha1").update("demo:a").digest("hex")
      yield* fs.writeFileString(`${directory}/content/0123`, "abc")
      yield* fs.writeFileString(
        `${directory}/objects/${name}.json`,
        JSON.stringify({
          bucket: "demo",
          key: "a",
          content: { id: "0123", size: 3 },
          etag: etag(Buffer.from("abc")),
          mimeType: "a/b",
          putTime: now
        })
      )
      yield* Effect.gen(function*() {
        assert.strictEqual(yield* content("a"), "abc")
        assert.strictEqual(yield* append(3, "d", "a"), 409)
        yield* transfer("move", "a", "b")
        assert.strictEqual(yield* content("b"), "abc")
      }).pipe(over)
      assert.deepStrictEqual(yield* runs, ["0123"])
    }).pipe(Effect.provide(memory)))

  it.effect("many objects are put at once", () =>
    Effect.gen(function*() {
      yield* Effect.flatMap(Emulator.Emulator, (emulator) =>
        emulator.putObjects("demo", Array.from({ length: 30 }, (_, n) => ({ key: `k${n}`, content: `${n}` })))).pipe(
          over
        )
      assert.strictEqual((yield* runs).length, 30)
      assert.strictEqual(yield* content("k17").pipe(over), "17")
    }).pipe(Effect.provide(memory)))
})

const sizes = FastCheck.array(FastCheck.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 6 })

it.prop(
  "the parts of a range are its bytes, whatever the runs",
  [sizes, FastCheck.nat(30), FastCheck.nat(30)],
  ([sizes, from, to]) => {
    const ids = sizes.map((size, at) => ({ id: String(at), size }))
    const content = ids.slice(1).reduce(contents.concat, ids[0]!)
    assert.deepStrictEqual(contents.runs(content), ids)
    const all = bytes(content.size)
    const starts = ids.map((_, at) => sizes.slice(0, at).reduce((sum, size) => sum + size, 0))
    const range = { start: Math.min(from, to), end: Math.max(from, to) }
    const read = contents.parts(content, range).map(({ end, id, start }) => {
      const run = all.subarray(starts[Number(id)], starts[Number(id)]! + sizes[Number(id)]!)
      return run.subarray(start, end)
    })
    assert.deepStrictEqual(Buffer.concat(read), Buffer.from(all.subarray(range.start, range.end)))
  }
)
