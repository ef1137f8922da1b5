import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { filesIn, operations, read, service, serviceOver, store, toFile, toFolder } from "./support.ts"

const text = (path: string) => Effect.map(read(path), (bytes) => new TextDecoder().decode(bytes))

describe("a download into a folder", () => {
  for (const key of ["film.bin", "2026/11/film.bin", "a b/100%/🎬.mp4", ".hidden/..x", "..."]) {
    it.effect(`has the name and the folders that its key ${key} says`, () =>
      Effect.gen(function*() {
        yield* store("hello", key)
        const receipt = yield* toFolder(key, "/in/films")
        assert.include(receipt, { path: `/in/films/${key}`, size: 5, verified: "etag" })
        assert.strictEqual(yield* text(`/in/films/${key}`), "hello")
      }).pipe(Effect.provide(service())))
  }

  it.effect("lands beside what is there, and takes its place only when that is wanted", () =>
    Effect.gen(function*() {
      yield* store("hello", "a/x")
      yield* store("hello", "a/y")
      yield* toFolder("a/x", "/in")
      assert.include(yield* Effect.flip(toFolder("a/y", "/in")), { _tag: "WcsFileError", reason: "Exists" })
      assert.strictEqual(yield* text("/in/a/y"), "kept")
      yield* toFolder("a/y", "/in", { overwrite: true })
      assert.strictEqual(yield* text("/in/a/y"), "hello")
      assert.deepStrictEqual(yield* filesIn("/in/a"), ["x", "y"])
    }).pipe(Effect.provide(service({ files: { "/in/a/y": "kept" } }))))

  it.effect("cannot be a file and a folder at once", () =>
    Effect.gen(function*() {
      yield* store("hello", "a/x")
      yield* store("hello", "folder")
      assert.include(yield* Effect.flip(toFolder("a/x", "/in")), { _tag: "WcsFileError", reason: "Unwritable" })
      const error = yield* Effect.flip(toFolder("folder", "/in", { overwrite: true }))
      assert.include(error, { _tag: "WcsFileError", reason: "NotAFile" })
      assert.strictEqual(yield* text("/in/a"), "kept")
      assert.deepStrictEqual(yield* filesIn("/in/folder"), ["kept"])
    }).pipe(Effect.provide(service({ files: { "/in/a": "kept", "/in/folder/kept": "" } }))))
})

describe("a key that leads out of the folder", () => {
  const keys = [
    "",
    "..",
    ".",
    "../x",
    "a/../../x",
    "a/..",
    "/x",
    "//x",
    "a//b",
    "a/",
    "a/./b",
    "./x",
    "a\0b",
    "a\nb",
    "\u001b"
  ]
  for (const key of keys) {
    it.effect(`fault 34: ${JSON.stringify(key)} is refused, and nothing is sent or made`, () =>
      Effect.gen(function*() {
        for (const overwrite of [true, false]) {
          const error = yield* Effect.flip(toFolder(key, "/in/films", { overwrite }))
          assert.include(error, { _tag: "WcsInvalidInput", input: "key" })
        }
        assert.isEmpty(yield* operations)
        assert.isEmpty(yield* filesIn("/"))
      }).pipe(Effect.provide(service())))
  }
})

describe("a symbolic link", () => {
  /** A folder `in`, beside it a folder `out` with a secret, and `in/link` that points to `to`. */
  const linked = <A, E, R>(to: string, body: (base: string) => Effect.Effect<A, E, R>, name = "link") =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const base = yield* fs.realPath(yield* fs.makeTempDirectoryScoped())
      yield* fs.makeDirectory(`${base}/in/inner`, { recursive: true })
      yield* fs.makeDirectory(`${base}/out`)
      yield* fs.writeFileString(`${base}/out/secret`, "secret")
      yield* fs.symlink(to.replace("<base>", base), `${base}/in/${name}`)
      yield* body(base)
      assert.deepStrictEqual(yield* filesIn(`${base}/out`), ["secret"])
      assert.strictEqual(yield* text(`${base}/out/secret`), "secret")
    }).pipe(Effect.provide(serviceOver(NodeContext.layer)))

  for (const to of ["<base>/out", "../out", "..", "/"]) {
    it.scopedLive(`on the way to ${to} is not followed out of the folder`, () =>
      linked(to, (base) =>
        Effect.gen(function*() {
          yield* store("hello", "link/x/y")
          for (const key of ["link/secret", "link/x/y"]) {
            const error = yield* Effect.flip(toFolder(key, `${base}/in`, { overwrite: true }))
            assert.include(error, { _tag: "WcsInvalidInput", input: "key" })
          }
          assert.isEmpty(yield* operations)
        })))
  }

  it.scopedLive("on the way that leads to nothing makes nothing where it leads", () =>
    linked("../out/none", (base) =>
      Effect.gen(function*() {
        yield* store("hello", "link/x")
        yield* Effect.flip(toFolder("link/x", `${base}/in`))
      })))

  it.scopedLive("on the way that stays in the folder is followed", () =>
    linked("inner", (base) =>
      Effect.gen(function*() {
        yield* store("hello", "link/x")
        yield* toFolder("link/x", `${base}/in`)
        assert.strictEqual(yield* text(`${base}/in/inner/x`), "hello")
      })))

  it.scopedLive("that is the folder itself is followed: the caller named it", () =>
    linked("inner", (base) =>
      Effect.gen(function*() {
        yield* store("hello", "a/x")
        yield* toFolder("a/x", `${base}/in/link`)
        assert.strictEqual(yield* text(`${base}/in/inner/a/x`), "hello")
      })))

  for (const to of ["../out/secret", "../out/none"]) {
    it.scopedLive(`in the file's place, to ${to}, is in the way, or is itself replaced`, () =>
      linked(to, (base) =>
        Effect.gen(function*() {
          const fs = yield* FileSystem.FileSystem
          yield* store("hello", "link")
          assert.include(yield* Effect.flip(toFolder("link", `${base}/in`)), { _tag: "WcsFileError", reason: "Exists" })
          yield* toFolder("link", `${base}/in`, { overwrite: true })
          assert.strictEqual(yield* fs.realPath(`${base}/in/link`), `${base}/in/link`)
          assert.strictEqual(yield* text(`${base}/in/link`), "hello")
        })))
  }

  it.scopedLive("in the partial file's place is not written through", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const base = yield* fs.makeTempDirectoryScoped()
      yield* store("hello")
      // The name that the partial file has is seen while there is one.
      let partial: string | undefined
      yield* toFile({
        onProgress: () =>
          Effect.map(Effect.orDie(fs.readDirectory(base)), ([name]) => {
            partial = name
          })
      }, `${base}/film.bin`)
      yield* fs.remove(`${base}/film.bin`)
      yield* fs.makeDirectory(`${base}/out`)
      yield* fs.writeFileString(`${base}/out/secret`, "secret")
      yield* fs.symlink("out/secret", `${base}/${partial}`)
      yield* toFile({}, `${base}/film.bin`)
      assert.strictEqual(yield* text(`${base}/film.bin`), "hello")
      assert.strictEqual(yield* text(`${base}/out/secret`), "secret")
    }).pipe(Effect.provide(serviceOver(NodeContext.layer))))
})

describe("a name as long as a file system allows", () => {
  it.scopedLive("is no hindrance", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped()
      const key = `a/${"x".repeat(255)}`
      yield* store("hello", key)
      yield* toFolder(key, folder)
      assert.strictEqual(yield* text(`${folder}/${key}`), "hello")
    }).pipe(Effect.provide(serviceOver(NodeContext.layer))))
})
