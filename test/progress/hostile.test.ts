import { Error, FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer, Option } from "effect"
import { execFileSync } from "node:child_process"
import * as UploadRecordFile from "../../src/domain/UploadRecordFile.ts"
import type { WcsProgressError } from "../../src/domain/WcsError.ts"
import * as ProgressStoreDirectory from "../../src/layers/ProgressStoreDirectory.ts"
import * as WcsConfigLayer from "../../src/layers/WcsConfigLayer.ts"
import { ProgressStore } from "../../src/services/ProgressStore.ts"
import { block, load, manifest } from "./contract.ts"
import { good, id, on, put } from "./folder.ts"

type Store = ProgressStore["Type"]

const header = UploadRecordFile.encodeHeader(manifest)

/** The reason with which each of these fails. */
const reasons = (changes: ReadonlyArray<Effect.Effect<unknown, WcsProgressError>>) =>
  Effect.forEach(changes, (change) => Effect.map(Effect.flip(change), ({ reason }) => reason))

/** All that can be done to an upload's record. */
const all = (store: Store) => [
  store.load(id),
  store.begin(id, manifest),
  store.accept(id, block(0)),
  store.finishing(id),
  store.forget(id)
]

const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth)

describe("hostile records: blocks", () => {
  const texts: Readonly<Record<string, string>> = {
    "nested deeply": nested(UploadRecordFile.maxBlockBytes / 2),
    "an open nest": `{"offset": ${"[".repeat(UploadRecordFile.maxBlockBytes - 100)}`,
    "null": "null",
    "a number": "4194304",
    "a list": `[${good}]`,
    "a ctx that is a list": good.replace("\"c0\"", "[\"c0\"]"),
    "a ctx that is null": good.replace("\"c0\"", "null"),
    "a size that is text": good.replace("4194304", "\"4194304\""),
    "a size beyond all numbers": good.replace("4194304", "1e999"),
    "an offset that is text": good.replace("\"offset\": 0", "\"offset\": \"0\""),
    "a code that is an object": good.replace("200", "{\"valueOf\": 200}"),
    "only a prototype": `{"__proto__": ${good}}`,
    "bytes that are no text": "\ufffd\ufffd\u0000"
  }
  for (const [name, text] of Object.entries(texts)) {
    it.effect(`${name}: sent again`, () =>
      on((folder) =>
        Effect.gen(function*() {
          yield* put(folder, { [`${id}/0`]: text })
          assert.deepStrictEqual(yield* load(id), { manifest: undefined, blocks: [], unusable: [0], finishing: false })
        })
      ))
  }
})

describe("hostile records: manifests", () => {
  const mebibyte = 1024 * 1024
  const refused: Readonly<Record<string, () => string>> = {
    "nested deeply": () => nested(mebibyte / 2),
    "an open nest, larger than any line": () => "[".repeat(2 * mebibyte),
    "a list": () => `[${header}]`,
    "wrong types": () => `{"format":1,"manifest":{"bucket":1,"key":[],"blockSize":"4194304","source":null}}`,
    "a negative block size": () => header.replace("4194304", "-4194304"),
    "a million lines of something else": () => header + "\nx".repeat(mebibyte)
  }
  for (const [name, text] of Object.entries(refused)) {
    it.effect(`${name}: WcsProgressError, and begun anew when that is wanted`, () =>
      on((folder) =>
        Effect.gen(function*() {
          yield* put(folder, { [`${id}.manifest`]: text(), [`${id}/0`]: good })
          const store = yield* ProgressStore
          assert.deepStrictEqual(yield* reasons([store.load(id)]), ["Unreadable"])
          yield* store.begin(id, manifest)
          assert.deepStrictEqual(yield* load(id), { manifest, blocks: [], unusable: [], finishing: false })
        })
      ))
  }

  it.effect("larger than any manifest: WcsProgressError", () =>
    on((folder, fs) =>
      Effect.gen(function*() {
        yield* put(folder, { [`${id}.manifest`]: header })
        yield* fs.truncate(`${folder}/${id}.manifest`, UploadRecordFile.maxManifestBytes + 1)
        const store = yield* ProgressStore
        assert.deepStrictEqual(yield* reasons([store.load(id)]), ["Unreadable"])
      })
    ))

  it.effect("notes that are hostile are passed over", () =>
    on((folder) =>
      Effect.gen(function*() {
        const notes = [
          nested(1000),
          "[".repeat(2 * mebibyte),
          "null",
          `{"finishing":"true"}`,
          `{"offset":0,"size":4194304,"ctx":"ctx-0","pieces":"x"}`,
          `{"offset":-1,"size":4194304,"ctx":"ctx-0"}`,
          `{"offset":0,"size":0,"ctx":"ctx-0"}`,
          `{"offset":0,"ctx":"ctx-0","pieces":[]}`
        ]
        yield* put(folder, {
          [`${id}.manifest`]: [header, ...notes].join("\n"),
          [`${id}/0`]: UploadRecordFile.encodeBlock(block(0))
        })
        const { pieces: _, ...bare } = block(0)
        assert.deepStrictEqual(yield* load(id), { manifest, blocks: [bare], unusable: [], finishing: false })
      })
    ))
})

describe("hostile records: links and the like", () => {
  it.effect("nothing is written through a link in the place of a manifest", () =>
    on((folder, fs) =>
      Effect.gen(function*() {
        const store = yield* ProgressStore
        yield* put(folder, { "../precious": header })
        const linked = fs.symlink(`${folder}/../precious`, `${folder}/${id}.manifest`)
        yield* linked
        assert.deepStrictEqual(
          yield* reasons([store.load(id), store.accept(id, block(0)), store.finishing(id)]),
          ["Unreadable", "Unwritable", "Unwritable"]
        )
        // To begin anew and to forget concern the link alone.
        yield* store.begin(id, manifest)
        yield* store.finishing(id)
        yield* store.forget(id)
        yield* linked
        yield* store.forget(id)
        assert.deepStrictEqual(yield* fs.readDirectory(folder), [])
        assert.strictEqual(yield* fs.readFileString(`${folder}/../precious`), header)
      })
    ))

  it.effect("nothing is written through a link in the place of a block", () =>
    on((folder, fs) =>
      Effect.gen(function*() {
        const store = yield* ProgressStore
        yield* put(folder, { "../precious": "precious" })
        yield* store.begin(id, manifest)
        yield* fs.makeDirectory(`${folder}/${id}`)
        yield* fs.symlink(`${folder}/../precious`, `${folder}/${id}/0`)
        assert.deepStrictEqual((yield* load(id)).unusable, [0])
        yield* store.accept(id, block(0))
        assert.deepStrictEqual((yield* load(id)).blocks, [block(0)])
        assert.strictEqual(yield* fs.readFileString(`${folder}/../precious`), "precious")
      })
    ))

  it.effect("a link is no folder of records", () =>
    on((folder, fs) =>
      Effect.gen(function*() {
        const theirs = folder.replace(/uploads$/, "theirs")
        yield* fs.makeDirectory(theirs)
        yield* fs.symlink(theirs, folder)
        for (const given of [folder, `${folder}/`]) {
          const store = yield* storeOn(fs, given)
          assert.deepStrictEqual(
            yield* reasons(all(store)),
            ["Unreadable", "Unwritable", "Unwritable", "Unwritable", "Unwritable"]
          )
          assert.deepStrictEqual(yield* reasons([store.list]), ["Unreadable"])
        }
        assert.deepStrictEqual(yield* fs.readDirectory(theirs), [])
      })
    ))

  it.effect("a pipe in the place of a manifest holds nobody up", () =>
    on((folder, fs) =>
      Effect.gen(function*() {
        const store = yield* ProgressStore
        yield* fs.makeDirectory(folder)
        execFileSync("mkfifo", [`${folder}/${id}.manifest`])
        assert.deepStrictEqual(
          yield* reasons([store.load(id), store.accept(id, block(0)), store.finishing(id)]),
          ["Unreadable", "Unwritable", "Unwritable"]
        )
        yield* store.begin(id, manifest)
        assert.deepStrictEqual((yield* load(id)).blocks, [])
      })
    ))
})

/** A store on a folder, over files that may fail. */
const storeOn = (fs: FileSystem.FileSystem, folder: string | undefined) =>
  Effect.scoped(Layer.build(ProgressStoreDirectory.layer(folder === undefined ? {} : { folder }))).pipe(
    Effect.provide(WcsConfigLayer.layer()),
    Effect.provideService(FileSystem.FileSystem, fs),
    Effect.flatMap((context) => Effect.provide(ProgressStore, context))
  )

const systemError = (reason: "PermissionDenied" | "Unknown", description: string) =>
  new Error.SystemError({ module: "FileSystem", method: "any", reason, description })

describe("records that are not ours to read, or that have no room", () => {
  it.effect("another user's block is sent again, another user's manifest is WcsProgressError and stays", () =>
    on((folder, fs) =>
      Effect.gen(function*() {
        const store = yield* ProgressStore
        yield* store.begin(id, manifest)
        yield* store.accept(id, block(0))
        yield* put(folder, { [`${id}/4194304`]: good.replace("0", "4194304") })
        const denied = (path: string): FileSystem.FileSystem => ({
          ...fs,
          readFileString: (file, encoding) =>
            file.endsWith(path)
              ? Effect.fail(systemError("PermissionDenied", "EACCES: permission denied"))
              : fs.readFileString(file, encoding)
        })
        const blocked = yield* (yield* storeOn(denied("/4194304"), folder)).load(id)
        assert.deepStrictEqual(Option.map(blocked, ({ unusable }) => unusable), Option.some([4194304]))
        const error = yield* Effect.flip((yield* storeOn(denied(".manifest"), folder)).load(id))
        assert.include(error.message, "permission denied")
        assert.deepStrictEqual((yield* load(id)).blocks[0], block(0))
      })
    ))

  it.effect("fault 23: a full disk is WcsProgressError, and what is recorded stays as it is", () =>
    on((folder, fs) =>
      Effect.gen(function*() {
        const store = yield* ProgressStore
        yield* store.begin(id, manifest)
        yield* store.accept(id, block(0))
        const before = yield* load(id)
        const full = systemError("Unknown", "ENOSPC: no space left on device")
        const store2 = yield* storeOn({
          ...fs,
          writeFileString: (path, text, options) =>
            Effect.zipRight(fs.writeFileString(path, text.slice(0, text.length / 2), options), full),
          open: (path, options) =>
            Effect.map(fs.open(path, options), (file) => ({ ...file, sync: file.sync, writeAll: () => full }))
        }, folder)
        for (const change of [store2.accept(id, block(1)), store2.accept(id, block(0, "new")), store2.finishing(id)]) {
          const error = yield* Effect.flip(change)
          assert.strictEqual(error.reason, "Unwritable")
          assert.include(error.message, "no space left on device")
          assert.deepStrictEqual(yield* load(id), before)
        }
        assert.sameMembers(yield* fs.readDirectory(folder), [id, `${id}.manifest`])
        yield* store.accept(id, block(1))
        assert.deepStrictEqual((yield* load(id)).blocks, [block(0), block(1)])
      })
    ))
})

describe("the user's folder of records", () => {
  const variables = (map: Record<string, string>) =>
    Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(map))))

  for (const name of ["XDG_STATE_HOME", "HOME"]) {
    it.scoped(`is closed to others where they may read or write it (${name})`, () =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const root = yield* fs.makeTempDirectoryScoped()
        const mine = `${root}${name === "HOME" ? "/.local/state" : ""}/effect-wcs`
        yield* fs.makeDirectory(mine, { recursive: true })
        yield* fs.chmod(mine, 0o777)
        const store = yield* variables({ [name]: root })(storeOn(fs, undefined))
        assert.deepStrictEqual(yield* store.list, [])
        assert.strictEqual((yield* fs.stat(mine)).mode & 0o777, 0o700)
      }).pipe(Effect.provide(NodeContext.layer)))

    for (const link of ["effect-wcs", "effect-wcs/uploads"]) {
      it.scoped(`is not used where ${link} is a link (${name})`, () =>
        Effect.gen(function*() {
          const fs = yield* FileSystem.FileSystem
          const root = yield* fs.makeTempDirectoryScoped()
          const path = `${root}${name === "HOME" ? "/.local/state" : ""}/${link}`
          yield* fs.makeDirectory(path.slice(0, path.lastIndexOf("/")), { recursive: true })
          yield* fs.makeDirectory(`${root}/theirs`)
          yield* fs.symlink(`${root}/theirs`, path)
          const store = yield* variables({ [name]: root })(storeOn(fs, undefined))
          const error = yield* Effect.flip(store.begin(id, manifest))
          assert.include(error.message, "symbolic link")
          assert.strictEqual(
            yield* Effect.map(Effect.all(all(store).map(Effect.isFailure)), String),
            String(Array(5).fill(true))
          )
          assert.deepStrictEqual(yield* fs.readDirectory(`${root}/theirs`), [])
        }).pipe(Effect.provide(NodeContext.layer)))
    }
  }
})
