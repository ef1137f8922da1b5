import { Error, FileSystem } from "@effect/platform"
import { NodeFileSystem } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import type { Layer, Scope } from "effect"
import { Effect, Option, Stream, TestClock } from "effect"
import { MemoryFileSystem } from "effect-wcs/testing"

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const encode = (text: string) => new TextEncoder().encode(text)

const reason = <A, R>(effect: Effect.Effect<A, Error.PlatformError, R>) =>
  Effect.map(Effect.flip(effect), (error) => {
    assert.instanceOf(error, Error.SystemError)
    return error.reason
  })

/** What Node's file system does, the one in memory does. */
const contract = (name: string, layer: Layer.Layer<FileSystem.FileSystem>) =>
  describe(name, () => {
    const test = (
      name: string,
      body: (fs: FileSystem.FileSystem, root: string) => Effect.Effect<void, unknown, Scope.Scope>
    ) =>
      it.scoped(name, () =>
        Effect.gen(function*() {
          const fs = yield* FileSystem.FileSystem
          yield* body(fs, yield* fs.makeTempDirectoryScoped({ prefix: "memory-" }))
        }).pipe(Effect.provide(layer)))

    test("writes and reads files", (fs, root) =>
      Effect.gen(function*() {
        const path = `${root}/a.txt`
        assert.isFalse(yield* fs.exists(path))
        yield* fs.writeFileString(path, "hello")
        assert.isTrue(yield* fs.exists(path))
        assert.strictEqual(yield* fs.readFileString(`${root}/./a.txt`), "hello")
        yield* fs.writeFileString(path, "!", { flag: "a" })
        assert.strictEqual(text(yield* fs.readFile(path)), "hello!")
        yield* fs.writeFileString(path, "short")
        assert.strictEqual(yield* fs.readFileString(path), "short")
        yield* fs.truncate(path, 2)
        assert.strictEqual(yield* fs.readFileString(path), "sh")
        yield* fs.copyFile(path, `${root}/b.txt`)
        assert.strictEqual(yield* fs.readFileString(`${root}/b.txt`), "sh")
        const info = yield* fs.stat(path)
        assert.deepStrictEqual([info.type, info.size], ["File", FileSystem.Size(2)])
      }))

    test("opens files as the flags say", (fs, root) =>
      Effect.gen(function*() {
        const path = `${root}/a`
        const use = (
          flag: FileSystem.OpenFlag,
          use: (file: FileSystem.File) => Effect.Effect<unknown, Error.PlatformError>
        ) => Effect.scoped(Effect.flatMap(fs.open(path, { flag }), use))
        const write = (text: string) => (file: FileSystem.File) => file.writeAll(encode(text))
        for (const flag of ["r", "r+"] as const) {
          assert.strictEqual(yield* reason(use(flag, () => Effect.void)), "NotFound")
        }
        yield* use("wx", write("12345"))
        for (const flag of ["wx", "wx+", "ax", "ax+"] as const) {
          assert.strictEqual(yield* reason(use(flag, () => Effect.void)), "AlreadyExists")
        }
        yield* use("r+", write("ab"))
        assert.strictEqual(yield* fs.readFileString(path), "ab345")
        yield* use("a", write("!"))
        assert.strictEqual(yield* fs.readFileString(path), "ab345!")
        yield* use("w+", (file) =>
          Effect.gen(function*() {
            yield* file.writeAll(encode("hello world"))
            yield* file.seek(6, "start")
            assert.strictEqual(text(Option.getOrThrow(yield* file.readAlloc(100))), "world")
            assert.isTrue(Option.isNone(yield* file.readAlloc(1)))
            yield* file.seek(-5, "current")
            const buffer = new Uint8Array(3)
            assert.strictEqual(yield* file.read(buffer), FileSystem.Size(3))
            assert.strictEqual(text(buffer), "wor")
            yield* file.truncate(4)
            assert.strictEqual((yield* file.stat).size, FileSystem.Size(4))
            yield* file.seek(6, "start")
            assert.strictEqual(yield* file.write(encode("x")), FileSystem.Size(1))
            yield* file.sync
          }))
        assert.deepStrictEqual(
          yield* fs.readFile(path).pipe(Effect.map((bytes) => new Uint8Array(bytes))),
          encode("hell\0\0x")
        )
        yield* reason(use("r", write("x")))
        yield* reason(use("w", (file) => file.readAlloc(1)))
      }))

    test("keeps an open file when its name goes", (fs, root) =>
      Effect.gen(function*() {
        const path = `${root}/a`
        yield* fs.writeFileString(path, "hello")
        yield* Effect.scoped(Effect.gen(function*() {
          const file = yield* fs.open(path)
          yield* fs.remove(path)
          assert.strictEqual(text(Option.getOrThrow(yield* file.readAlloc(5))), "hello")
        }))
      }))

    test("streams", (fs, root) =>
      Effect.gen(function*() {
        const path = `${root}/big`
        const data = Uint8Array.from({ length: 100_000 }, (_, i) => i)
        yield* Stream.run(Stream.fromIterable([data.subarray(0, 1), data.subarray(1)]), fs.sink(path))
        const pieces = yield* Stream.runCollect(fs.stream(path, { offset: 10, bytesToRead: 70_000 }))
        assert.strictEqual(Buffer.compare(Buffer.concat(Array.from(pieces)), data.subarray(10, 70_010)), 0)
      }))

    test("makes and lists directories", (fs, root) =>
      Effect.gen(function*() {
        assert.strictEqual(yield* reason(fs.makeDirectory(`${root}/a/b`)), "NotFound")
        yield* fs.makeDirectory(`${root}/a/b`, { recursive: true })
        yield* fs.makeDirectory(`${root}/a/b`, { recursive: true })
        assert.strictEqual(yield* reason(fs.makeDirectory(`${root}/a/b`)), "AlreadyExists")
        yield* fs.writeFileString(`${root}/a/f`, "")
        assert.strictEqual(yield* reason(fs.makeDirectory(`${root}/a/f/c`)), "BadResource")
        assert.deepStrictEqual((yield* fs.readDirectory(`${root}/a`)).toSorted(), ["b", "f"])
        assert.deepStrictEqual((yield* fs.readDirectory(root, { recursive: true })).toSorted(), ["a", "a/b", "a/f"])
        assert.strictEqual(yield* reason(fs.readDirectory(`${root}/none`)), "NotFound")
        assert.strictEqual(yield* reason(fs.readDirectory(`${root}/a/f`)), "BadResource")
        assert.strictEqual((yield* fs.stat(`${root}/a`)).type, "Directory")
      }))

    test("refuses to take one for the other", (fs, root) =>
      Effect.gen(function*() {
        yield* fs.writeFileString(`${root}/f`, "")
        assert.strictEqual(yield* reason(fs.readFile(root)), "BadResource")
        assert.strictEqual(yield* reason(fs.writeFileString(root, "")), "BadResource")
        assert.strictEqual(yield* reason(fs.readFile(`${root}/f/x`)), "BadResource")
        assert.strictEqual(yield* reason(fs.stat(`${root}/none`)), "NotFound")
        assert.strictEqual(yield* reason(fs.access(`${root}/none`)), "NotFound")
        assert.strictEqual(yield* reason(fs.writeFileString(`${root}/none/f`, "")), "NotFound")
      }))

    test("removes", (fs, root) =>
      Effect.gen(function*() {
        yield* fs.makeDirectory(`${root}/a/b`, { recursive: true })
        yield* fs.writeFileString(`${root}/a/f`, "")
        yield* reason(fs.remove(`${root}/a`))
        yield* fs.remove(`${root}/a`, { recursive: true })
        assert.deepStrictEqual(yield* fs.readDirectory(root), [])
        assert.strictEqual(yield* reason(fs.remove(`${root}/a`)), "NotFound")
        yield* fs.remove(`${root}/a`, { force: true })
      }))

    test("renames, over what is there", (fs, root) =>
      Effect.gen(function*() {
        yield* fs.makeDirectory(`${root}/a/b`, { recursive: true })
        yield* fs.makeDirectory(`${root}/empty`)
        yield* fs.writeFileString(`${root}/a/b/f`, "moved")
        yield* fs.writeFileString(`${root}/f`, "old")
        yield* fs.rename(`${root}/a`, `${root}/c`)
        assert.strictEqual(yield* fs.readFileString(`${root}/c/b/f`), "moved")
        assert.isFalse(yield* fs.exists(`${root}/a`))
        yield* fs.rename(`${root}/c/b/f`, `${root}/f`)
        assert.strictEqual(yield* fs.readFileString(`${root}/f`), "moved")
        yield* fs.rename(`${root}/c`, `${root}/empty`)
        assert.deepStrictEqual(yield* fs.readDirectory(`${root}/empty`), ["b"])
        assert.strictEqual(yield* reason(fs.rename(`${root}/none`, `${root}/x`)), "NotFound")
        assert.strictEqual(yield* reason(fs.rename(`${root}/f`, `${root}/none/x`)), "NotFound")
        assert.strictEqual(yield* reason(fs.rename(`${root}/f`, `${root}/empty`)), "BadResource")
        assert.strictEqual(yield* reason(fs.rename(`${root}/empty`, `${root}/f`)), "BadResource")
        yield* fs.makeDirectory(`${root}/other`)
        assert.strictEqual(yield* reason(fs.rename(`${root}/other`, `${root}/empty`)), "Unknown")
      }))

    test("remembers modes and times", (fs, root) =>
      Effect.gen(function*() {
        const path = `${root}/f`
        yield* fs.writeFileString(path, "", { mode: 0o600 })
        assert.strictEqual((yield* fs.stat(path)).mode & 0o777, 0o600)
        yield* fs.chmod(path, 0o640)
        assert.strictEqual((yield* fs.stat(path)).mode & 0o777, 0o640)
        yield* fs.utimes(path, 1, 2)
        assert.strictEqual(Option.getOrThrow((yield* fs.stat(path)).mtime).getTime(), 2000)
        assert.strictEqual(yield* fs.realPath(path), path)
      }))

    test("makes temporary files", (fs) =>
      Effect.gen(function*() {
        const path = yield* Effect.scoped(Effect.tap(
          fs.makeTempFileScoped({ suffix: ".txt" }),
          (path) => fs.writeFileString(path, "x")
        ))
        assert.match(path, /\.txt$/)
        assert.isFalse(yield* fs.exists(path))
      }))
  })

contract("MemoryFileSystem", MemoryFileSystem.layer())
contract("NodeFileSystem, by which it is judged", NodeFileSystem.layer)

describe("MemoryFileSystem", () => {
  it.effect("begins with the files it is given, below the root", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      assert.strictEqual(yield* fs.readFileString("a/b.txt"), "text")
      assert.deepStrictEqual(yield* fs.readFile("/c"), Uint8Array.of(1, 2))
      assert.deepStrictEqual(yield* fs.readDirectory("/"), ["a", "c"])
      assert.deepStrictEqual(yield* fs.readDirectory("."), ["a", "c"])
    }).pipe(Effect.provide(MemoryFileSystem.layer({ files: { "a/b.txt": "text", "/c": Uint8Array.of(1, 2) } }))))

  it.effect("has the Clock's times", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const mtime = Effect.map(fs.stat("/f"), (info) => Option.getOrThrow(info.mtime).getTime())
      yield* TestClock.setTime(1000)
      yield* fs.writeFileString("/f", "a")
      yield* TestClock.setTime(2000)
      assert.strictEqual(yield* mtime, 1000)
      yield* Effect.scoped(Effect.flatMap(fs.open("/f", { flag: "a" }), (file) => file.writeAll(encode("b"))))
      assert.strictEqual(yield* mtime, 2000)
    }).pipe(Effect.provide(MemoryFileSystem.layer())))

  it.effect("says what it cannot do", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      assert.strictEqual(yield* reason(fs.symlink("/a", "/b")), "Unknown")
      assert.strictEqual(yield* reason(Stream.runDrain(fs.watch("/"))), "Unknown")
    }).pipe(Effect.provide(MemoryFileSystem.layer())))
})
