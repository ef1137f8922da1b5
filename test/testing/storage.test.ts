import { FileSystem, Path } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Logger, LogLevel, Option, Stream, TestClock } from "effect"
import type { EmulatorOptions } from "effect-wcs/testing"
import { Emulator, EmulatorClient, EmulatorStorage, EmulatorStorageMemory, MemoryFileSystem } from "effect-wcs/testing"
import * as DigestWasm from "../../src/layers/DigestWasm.ts"
import * as support from "./support.ts"
import { bput, bytes, entry, etag, manage, mkblk, mkfile, now, pieceSize, put } from "./support.ts"

const directory = "/var/emulator"
const chunk = Buffer.from("abc")

/** A program against a fresh emulator over the files that earlier ones left. */
const over = (options?: EmulatorOptions.EmulatorOptions) =>
  Effect.provide(Layer.provideMerge(EmulatorClient.layer, Emulator.layerDirectory(directory, options)))

const files = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.readDirectory(directory, { recursive: true }))

const content = (key: string) =>
  Effect.flatMap(Emulator.Emulator, (emulator) =>
    Effect.map(
      Stream.runCollect(emulator.content({ bucket: "demo", key })),
      (pieces) => Buffer.concat(Array.from(pieces))
    ))

const memory = Layer.merge(MemoryFileSystem.layer(), Path.layer)

describe("a directory", () => {
  it.effect("keeps objects over a restart", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const data = bytes(pieceSize + 10)
      yield* Effect.gen(function*() {
        yield* put({ scope: "demo:../目/a:b" }, "never")
        const { json } = yield* mkblk({ order: 0, chunk: data.subarray(0, pieceSize) })
        const last = yield* mkblk({ order: 1, chunk: data.subarray(pieceSize) })
        yield* mkfile({ path: String(data.length), ctxs: [json.ctx, last.json.ctx], headers: { MimeType: "a/b" } })
        yield* put({ scope: "demo:目/a:b" }, "one")
        yield* put({ scope: "demo:目/a:b", overwrite: 1 }, "two")
        yield* put({ scope: "demo:gone" }, "gone")
        yield* manage("POST", `/delete/${entry("demo", "gone")}`)
      }).pipe(over())
      yield* TestClock.adjust("1 hour")
      yield* Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const objects = yield* emulator.objects("demo")
        assert.deepStrictEqual(objects.map(({ key, putTime, size }) => [key, size, putTime]), [
          ["key", data.length, now],
          ["目/a:b", 3, now]
        ])
        assert.strictEqual(objects[0]?.mimeType, "a/b")
        assert.strictEqual(objects[0]?.etag, etag(data))
        assert.strictEqual((yield* content("目/a:b")).toString(), "two")
        assert.strictEqual(Buffer.compare(yield* content("key"), data), 0)
        const part = yield* support.send("GET", "/download/demo/key", { headers: { Range: "bytes=4194300-" } })
        assert.deepStrictEqual(part.body, data.slice(4_194_300))
      }).pipe(over())
    }).pipe(Effect.provide(memory)))

  it.effect("keeps blocks over a restart, in the middle of one", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const ctx = yield* Effect.gen(function*() {
        const first = yield* mkblk({ size: 6, chunk })
        return first.json.ctx
      }).pipe(over())
      const next = yield* Effect.map(bput({ ctx, offset: 3, chunk }), ({ json }) => json.ctx).pipe(over())
      yield* Effect.gen(function*() {
        assert.strictEqual((yield* bput({ ctx, offset: 3, chunk })).status, 701)
        assert.strictEqual((yield* mkfile({ path: "6", ctxs: [next] })).status, 200)
        assert.strictEqual((yield* content("key")).toString(), "abcabc")
      }).pipe(over())
    }).pipe(Effect.provide(memory)))

  it.effect("forgets bytes that belong to nothing, and blocks that are too old", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const fs = yield* FileSystem.FileSystem
      yield* Effect.zipRight(put({ scope: "demo:key" }, "x"), mkblk({ chunk })).pipe(over())
      const before = yield* files
      yield* fs.writeFileString(`${directory}/content/left-over`, "half a chunk")
      yield* fs.writeFileString(`${directory}/objects/left-over.json.tmp`, "{\"buck")
      yield* Effect.void.pipe(over())
      assert.deepStrictEqual(yield* files, before)
      yield* TestClock.adjust("30 days")
      yield* Effect.flatMap(Emulator.Emulator, ({ blocks }) => blocks).pipe(over())
      assert.strictEqual((yield* files).filter((name) => /^(content|blocks)\/./.test(name)).length, 1)
    }).pipe(Effect.provide(memory)))

  it.effect("leaves nothing of an upload that is refused", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      yield* Effect.void.pipe(over())
      const before = yield* files
      yield* Effect.gen(function*() {
        assert.strictEqual((yield* put({ scope: "nowhere:key" }, "x")).status, 404)
        assert.strictEqual((yield* mkblk({ size: 2, chunk })).status, 400)
        assert.strictEqual((yield* put({ scope: "demo:key", fsizeLimit: 1 }, "xy")).status, 401)
      }).pipe(over())
      assert.deepStrictEqual(yield* files, before)
    }).pipe(Effect.provide(memory)))

  it.effect("makes no name from a key", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      yield* put({ scope: `demo:${"long/".repeat(190)}name` }, "x").pipe(over())
      for (const name of yield* files) assert.notInclude(name, "long")
    }).pipe(Effect.provide(memory)))

  it.effect("is refused when it is something else's, or cannot be read", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const fails = Effect.map(Effect.flip(Effect.void.pipe(over())), (error) => {
        assert.instanceOf(error, EmulatorStorage.EmulatorStorageError)
        return error.message
      })
      yield* fs.makeDirectory(directory, { recursive: true })
      yield* fs.writeFileString(`${directory}/thesis.txt`, "mine")
      assert.match(yield* fails, /not an emulator's directory/)
      yield* fs.remove(`${directory}/thesis.txt`)
      yield* Effect.void.pipe(over())
      yield* fs.writeFileString(`${directory}/objects/bad.json`, "{")
      assert.match(yield* fails, /bad\.json cannot be read/)
      yield* fs.remove(`${directory}/objects/bad.json`)
      yield* fs.writeFileString(`${directory}/emulator.json`, "{\"format\":\"other\"}")
      assert.match(yield* fails, /another format/)
      yield* fs.remove(directory, { recursive: true })
      yield* fs.writeFileString(directory, "a file")
      yield* fails
    }).pipe(Effect.provide(memory)))

  it.effect("that an emulator could not finish to make is made anew", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      yield* fs.makeDirectory(directory, { recursive: true })
      yield* fs.writeFileString(`${directory}/emulator.json.tmp`, "{\"form")
      yield* Effect.void.pipe(over())
      assert.isTrue(yield* fs.exists(`${directory}/emulator.json`))
    }).pipe(Effect.provide(memory)))

  it.effect("belongs to the emulator that was started last", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      yield* Effect.gen(function*() {
        yield* put({ scope: "demo:key" }, "one")
        const second = yield* Effect.gen(function*() {
          yield* put({ scope: "demo:key", overwrite: 1 }, "two")
          return yield* files
        }).pipe(over())
        // What it holds in memory is no longer so: nothing that it would write or delete may get through.
        assert.strictEqual((yield* put({ scope: "demo:key", overwrite: 1 }, "three")).status, 500)
        assert.strictEqual((yield* manage("POST", `/delete/${entry("demo", "key")}`)).status, 500)
        assert.deepStrictEqual(yield* files, second)
      }).pipe(over(), Logger.withMinimumLogLevel(LogLevel.None))
      assert.strictEqual((yield* content("key").pipe(over())).toString(), "two")
    }).pipe(Effect.provide(memory)))

  it.effect("that breaks is answered with 500", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const fs = yield* FileSystem.FileSystem
      yield* Effect.gen(function*() {
        yield* fs.remove(`${directory}/content`, { recursive: true })
        const answer = yield* put({ scope: "demo:key" }, "x")
        assert.deepStrictEqual(answer.json, { code: "500", message: "Internal Server Error" })
        assert.strictEqual(answer.status, 500)
      }).pipe(over())
    }).pipe(Effect.provide(memory)))

  it.scoped("works on a real disk", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const fs = yield* FileSystem.FileSystem
      const path = `${yield* fs.makeTempDirectoryScoped()}/deep/down`
      const over = Effect.provide(Layer.provideMerge(EmulatorClient.layer, Emulator.layerDirectory(path)))
      const data = bytes(1_000_000)
      const ctx = yield* Effect.gen(function*() {
        yield* put({ scope: "demo:form" }, data)
        return (yield* mkblk({ chunk: data })).json.ctx
      }).pipe(over)
      yield* Effect.gen(function*() {
        assert.strictEqual((yield* mkfile({ path: String(data.length), ctxs: [ctx] })).json.hash, etag(data))
        assert.strictEqual(Buffer.compare(yield* content("form"), data), 0)
        assert.strictEqual(Buffer.compare(yield* content("key"), data), 0)
      }).pipe(over)
    }).pipe(Effect.provide(NodeContext.layer)))
})

describe("memory", () => {
  it.effect("lets who has begun to read go on, whatever goes meanwhile", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const emulator = yield* Emulator.Emulator
      const key = { bucket: "demo", key: "key" }
      for (const position of [0, 3]) {
        yield* support.send("POST", `/append/${position}`, {
          headers: { "Content-Type": "multipart/form-data; boundary=boundary" },
          body: support.multipart([["token", support.uploadToken({ scope: "demo:key" })], ["file", chunk, "f"]])
        })
      }
      const pieces = yield* Stream.runCollect(Stream.tap(emulator.content(key), () => emulator.removeObject(key)))
      assert.strictEqual(Buffer.concat(Array.from(pieces)).toString(), "abcabc")
    }).pipe(Effect.provide(support.inProcess())))

  it.effect("gives no half of an object whose blocks go while they are joined", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const storage = yield* EmulatorStorageMemory.make
      const hook = { onRead: Effect.void as Effect.Effect<unknown> }
      const hooked = Layer.succeed(EmulatorStorage.EmulatorStorage, {
        ...storage,
        read: (...args) => Stream.unwrap(Effect.map(hook.onRead, () => storage.read(...args)))
      })
      yield* Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const { ctx } = (yield* mkblk({ chunk })).json
        hook.onRead = emulator.expireBlocks()
        assert.strictEqual((yield* mkfile({ path: "3", ctxs: [ctx] })).status, 701)
        assert.deepStrictEqual(yield* emulator.objects("demo"), [])
      }).pipe(
        Effect.provide(
          EmulatorClient.layer.pipe(
            Layer.provideMerge(Emulator.layer()),
            Layer.provide([hooked, DigestWasm.layer])
          )
        )
      )
    }))

  it.effect("may be handed from one emulator to the next", () =>
    Effect.gen(function*() {
      const storage = yield* EmulatorStorageMemory.make
      const shared = Layer.succeed(EmulatorStorage.EmulatorStorage, storage)
      const emulator = Emulator.layer().pipe(Layer.provide([shared, DigestWasm.layer]))
      yield* Effect.flatMap(Emulator.Emulator, (emulator) => emulator.putObject({ bucket: "demo", key: "a" }, "x"))
        .pipe(
          Effect.provide(emulator)
        )
      const found = yield* Effect.flatMap(
        Emulator.Emulator,
        (emulator) => emulator.object({ bucket: "demo", key: "a" })
      )
        .pipe(Effect.provide(Layer.fresh(emulator)))
      assert.isTrue(Option.isSome(found))
    }))

  it.effect("copies what comes in and what goes out", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const data = bytes(10)
      yield* emulator.putObject({ bucket: "demo", key: "a" }, data)
      data.fill(0)
      const [first] = Array.from(yield* Stream.runCollect(emulator.content({ bucket: "demo", key: "a" })))
      first?.fill(1)
      const [second] = Array.from(yield* Stream.runCollect(emulator.content({ bucket: "demo", key: "a" })))
      assert.deepStrictEqual(second, bytes(10))
    }).pipe(Effect.provide(Emulator.layerMemory())))
})
