import { FileSystem } from "@effect/platform"
import { SystemError } from "@effect/platform/Error"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Uploader } from "effect-wcs"
import { Emulator, Fault, MemoryFileSystem } from "effect-wcs/testing"
import { inTime } from "../support/clock.ts"
import { bytes, mebibyte, sha1 } from "../support/content.ts"
import { emulator } from "../support/emulated.ts"
import { content, ends, files, operations, put, stored } from "./directoryService.ts"
import { services, tokensOnly } from "./support.ts"

/** The refusal of a whole call, of which nothing was sent. */
const refused = (options?: Uploader.DirectoryOptions, folder?: string) =>
  Effect.tap(Effect.flip(put(options, folder)), () => Effect.map(operations, (sent) => assert.isEmpty(sent)))

/** Files in memory, with one thing changed. */
const changedFiles = (
  change: (fs: FileSystem.FileSystem) => Partial<FileSystem.FileSystem>,
  there: { readonly [path: string]: string | Uint8Array } = files
) =>
  Layer.effect(
    FileSystem.FileSystem,
    Effect.map(MemoryFileSystem.make({ files: there }), (fs) => ({ ...fs, ...change(fs) }))
  )

const fails = (path: string, reason: "PermissionDenied" | "NotFound") =>
  Effect.fail(new SystemError({ module: "FileSystem", method: "test", pathOrDescriptor: path, reason }))

describe("a folder", () => {
  it.effect("is stored file by file, with its paths as keys", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      yield* fs.makeDirectory("/in/empty/below", { recursive: true })
      const summary = yield* put()
      const paths = ["a.txt", "a/1.txt", "a/2.txt", "b.txt", "z/ü ø/deep.bin"]
      assert.deepStrictEqual(summary.files.map(({ path }) => path), paths)
      assert.deepStrictEqual(yield* stored, paths.map((path) => `site/${path}`).toSorted())
      assert.strictEqual(yield* content("site/a/2.txt"), "second")
      assert.deepStrictEqual(summary.counts, { stored: 5, unchanged: 0, failed: 0 })
      assert.deepStrictEqual(summary.bytes, { stored: 23, unchanged: 0 })
      const second = summary.files[2]
      assert.strictEqual(second?._tag === "Stored" ? second.receipt.verified : undefined, "etag")
    }).pipe(Effect.provide(services({ files }))))

  it.effect("may be named with a slash at its end, or be empty", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      yield* fs.makeDirectory("/none")
      assert.lengthOf((yield* put({}, "/in/")).files, 5)
      assert.deepStrictEqual((yield* put({}, "/none")).files, [])
      assert.strictEqual((yield* put({ existing: "send", policy: { overwrite: true } }, "/")).counts.stored, 5)
      assert.include(yield* stored, "site/in/a/1.txt")
    }).pipe(Effect.provide(services({ files }))))

  it.effect("keys are made by the caller, files are chosen by the caller", () =>
    Effect.gen(function*() {
      const asked: Array<readonly [string, number]> = []
      yield* put({
        key: (path) => path.toUpperCase(),
        filter: ({ path, size }) => {
          asked.push([path, size])
          return path.startsWith("a/")
        }
      })
      assert.deepStrictEqual(yield* stored, ["A/1.TXT", "A/2.TXT"])
      assert.deepInclude(asked, ["b.txt", 3])
      assert.lengthOf(asked, 5)
    }).pipe(Effect.provide(services({ files }))))

  it.effect("a file whose content type is another one than the call's is sent again, where that is allowed", () =>
    Effect.gen(function*() {
      const only = { filter: ({ path }: { readonly path: string }) => path === "b.txt" }
      const tagOf = (options: Uploader.DirectoryOptions) =>
        Effect.map(put({ ...only, ...options }), ({ files: [file] }) => file?._tag)
      const overwrite = { policy: { overwrite: true } }
      assert.strictEqual(yield* tagOf({ mimeType: "text/plain; charset=gbk" }), "Stored")
      assert.strictEqual(yield* tagOf({}), "Unchanged")
      assert.strictEqual(yield* tagOf({ mimeType: "Text/Plain;charset=gbk", ...overwrite }), "Unchanged")
      const { files: [refusal] } = yield* put({ ...only, mimeType: "text/html" })
      assert.include(refusal?._tag === "Failed" && refusal.error, { _tag: "WcsAlreadyExists" })
      for (const mimeType of ["text/plain; charset=utf-8", "text/html"]) {
        assert.strictEqual(yield* tagOf({ mimeType, ...overwrite }), "Stored")
        assert.strictEqual((yield* emulator((emulator) => emulator.objects("media")))[0]?.mimeType, mimeType)
      }
      assert.strictEqual(yield* tagOf({ mimeType: "text/html; charset=utf-8", ...overwrite }), "Unchanged")
    }).pipe(Effect.provide(services({ files }))))

  it.effect("policy, MIME type and the like are those of every file, and a typed answer is each one's own", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const summary = yield* put({ mimeType: "text/x-test", policy: { returnBody: "k=$(key)" } })
      for (const { mimeType } of yield* emulator.objects("media")) assert.strictEqual(mimeType, "text/x-test")
      const answers = summary.files.map((file) => file._tag === "Stored" ? file.receipt.body : undefined)
      assert.deepInclude(answers[0], { k: "site/a.txt" })
    }).pipe(Effect.provide(services({ files }))))

  it.effect("large files go in blocks, each by a record of its own, whatever upload the settings name", () =>
    Effect.gen(function*() {
      const summary = yield* put({ chunkSize: 2 * mebibyte })
      const receipts = summary.files.flatMap((file) => file._tag === "Stored" ? [file.receipt] : [])
      assert.deepStrictEqual(receipts.map(({ method }) => method), ["block", "block", "form"])
      assert.notStrictEqual(receipts[0]?.uploadId, receipts[1]?.uploadId)
      assert.strictEqual(sha1(Buffer.from(yield* content("site/small"))), sha1(Buffer.from("x")))
    }).pipe(Effect.provide(services({
      files: { "/in/big1": bytes(5 * mebibyte), "/in/big2": bytes(5 * mebibyte), "/in/small": "x" },
      settings: { formLimit: mebibyte, uploadId: "one-upload" }
    }))))
})

describe("a second run", () => {
  it.effect("sends what is new and what has changed, and asks stat for the rest", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const emulator = yield* Emulator.Emulator
      yield* put()
      yield* emulator.clearRequests
      yield* fs.writeFileString("/in/b.txt", "BEE")
      yield* fs.writeFileString("/in/a/1.txt", "longer than before")
      yield* fs.writeFileString("/in/new.txt", "new")
      const summary = yield* put({ policy: { overwrite: true } })
      assert.deepStrictEqual(ends(summary), [
        ["a.txt", "Unchanged"],
        ["a/1.txt", "Stored"],
        ["a/2.txt", "Unchanged"],
        ["b.txt", "Stored"],
        ["new.txt", "Stored"],
        ["z/ü ø/deep.bin", "Unchanged"]
      ])
      assert.deepStrictEqual(summary.counts, { stored: 3, unchanged: 3, failed: 0 })
      assert.deepStrictEqual(summary.bytes, { stored: 24, unchanged: 15 })
      const sent = yield* operations
      assert.strictEqual(sent.filter((operation) => operation === "stat").length, 6)
      assert.strictEqual(sent.filter((operation) => operation === "form").length, 3)
      assert.strictEqual(yield* content("site/b.txt"), "BEE")
    }).pipe(Effect.provide(services({ files }))))

  it.effect("an object that differs is not replaced unless the policy says so", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      yield* put()
      yield* fs.writeFileString("/in/b.txt", "BEE")
      const { counts, files } = yield* put()
      assert.deepStrictEqual(counts, { stored: 0, unchanged: 4, failed: 1 })
      assert.deepInclude(files[3], { _tag: "Failed", path: "b.txt", key: "site/b.txt" })
      assert.strictEqual(yield* content("site/b.txt"), "bee")
    }).pipe(Effect.provide(services({ files }))))

  it.effect("sends everything when it is told to, and asks nothing", () =>
    Effect.gen(function*() {
      yield* put()
      yield* emulator((emulator) => emulator.clearRequests)
      const { counts } = yield* put({ existing: "send", policy: { overwrite: true } })
      assert.strictEqual(counts.stored, 5)
      assert.deepStrictEqual(yield* operations, Array(5).fill("form"))
    }).pipe(Effect.provide(services({ files }))))

  it.effect("sends everything when it holds upload tokens only", () =>
    Effect.gen(function*() {
      const { counts } = yield* put()
      assert.deepStrictEqual(counts, { stored: 5, unchanged: 0, failed: 0 })
      assert.deepStrictEqual(yield* operations, Array(5).fill("form"))
    }).pipe(Effect.provide(services({ files, auth: tokensOnly }))))

  it.effect("does not send what it cannot ask about", () =>
    Effect.gen(function*() {
      yield* emulator((emulator) => emulator.addFault(Fault.on("stat", Fault.status(500), { key: "site/b.txt" })))
      const summary = yield* inTime(put())
      assert.deepStrictEqual(summary.counts, { stored: 4, unchanged: 0, failed: 1 })
      assert.deepInclude(ends(summary), ["b.txt", "WcsServerFailure"])
    }).pipe(Effect.provide(services({ files }))))
})

describe("one failure does not lose the rest", () => {
  it.effect("a key that is refused", () =>
    Effect.gen(function*() {
      const long = "l".repeat(1001)
      const { files } = yield* put({ key: (path) => path === "b.txt" ? long : path === "a.txt" ? "" : path })
      assert.deepStrictEqual(files.map(({ _tag }) => _tag), ["Failed", "Stored", "Stored", "Failed", "Stored"])
      const failed = files[3]
      assert.include(failed, { path: "b.txt", key: long })
      assert.include(failed?._tag === "Failed" ? failed.error : {}, { _tag: "WcsInvalidInput", input: "key" })
    }).pipe(Effect.provide(services({ files }))))

  it.effect("a name that no key can have", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(ends(yield* put()), [
        ["good", "Stored"],
        ["line\nbreak", "WcsInvalidInput"],
        ["lone \ud800", "WcsInvalidInput"]
      ])
    }).pipe(Effect.provide(services({ files: { "/in/lone \ud800": "a", "/in/line\nbreak": "b", "/in/good": "c" } }))))

  it.effect("a file that is gone when its turn comes, and one that is refused by the service", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      yield* emulator((emulator) => emulator.addFault(Fault.on("form", Fault.status(400), { key: "site/a/2.txt" })))
      const summary = yield* put({
        files: 1,
        onFile: ({ path }) => path === "a/1.txt" ? Effect.orDie(fs.remove("/in/b.txt")) : Effect.void
      })
      assert.deepStrictEqual(ends(summary), [
        ["a.txt", "Stored"],
        ["a/1.txt", "Stored"],
        ["a/2.txt", "WcsRefused"],
        ["b.txt", "WcsFileError"],
        ["z/ü ø/deep.bin", "Stored"]
      ])
      assert.deepStrictEqual(summary.counts, { stored: 3, unchanged: 0, failed: 2 })
      assert.deepStrictEqual(yield* stored, ["site/a.txt", "site/a/1.txt", "site/z/ü ø/deep.bin"])
    }).pipe(Effect.provide(services({ files }))))

  it.effect("a folder that cannot be read, a file that cannot be looked at, a thing that is no file", () =>
    Effect.gen(function*() {
      const { files } = yield* put()
      assert.deepStrictEqual(
        files.map((file) => [file.path, file.key, file._tag === "Failed" ? file.error.message : "stored"]),
        [
          ["a", undefined, "/in/a: cannot be read: PermissionDenied"],
          ["a.txt", undefined, "/in/a.txt: is not a regular file"],
          ["b.txt", undefined, "/in/b.txt: there is no such file"],
          ["z/ü ø/deep.bin", "site/z/ü ø/deep.bin", "stored"]
        ]
      )
    }).pipe(Effect.provide(services({
      fs: changedFiles((fs) => ({
        readDirectory: (path) => path === "/in/a" ? fails(path, "PermissionDenied") : fs.readDirectory(path),
        stat: (path) =>
          path === "/in/b.txt"
            ? fails(path, "NotFound")
            : Effect.map(fs.stat(path), (info) => path === "/in/a.txt" ? { ...info, type: "FIFO" as const } : info)
      }))
    }))))

  it.effect("a file larger than the policy allows", () =>
    Effect.gen(function*() {
      const summary = yield* put({ policy: { fsizeLimit: 5 } })
      assert.deepInclude(ends(summary), ["a/2.txt", "WcsInvalidInput"])
      assert.strictEqual(summary.counts.failed, 2)
    }).pipe(Effect.provide(services({ files }))))
})

describe("is refused as a whole, before anything is sent", () => {
  it.effect("what is no folder", () =>
    Effect.gen(function*() {
      assert.include(yield* refused({}, "/nowhere"), { _tag: "WcsFileError", reason: "NotFound", path: "/nowhere" })
      assert.include(yield* refused({}, "/in/b.txt"), { _tag: "WcsFileError", reason: "NotAFolder" })
    }).pipe(Effect.provide(services({ files }))))

  it.effect("a folder that cannot be read", () =>
    Effect.gen(function*() {
      assert.include(yield* refused(), { _tag: "WcsFileError", reason: "Unreadable", path: "/in" })
    }).pipe(Effect.provide(services({
      fs: changedFiles(() => ({ readDirectory: (path) => fails(path, "PermissionDenied") }))
    }))))

  it.effect("two files of one key", () =>
    Effect.gen(function*() {
      const error = yield* refused({ key: (path) => path.replace(/\d/, "n") })
      assert.include(error, { _tag: "WcsInvalidInput", input: "key" })
      assert.include(error.message, "a/1.txt and a/2.txt have the same: a/n.txt")
    }).pipe(Effect.provide(services({ files }))))

  const options: Readonly<Record<string, Uploader.DirectoryOptions>> = {
    files: { files: -1 },
    concurrency: { concurrency: 1.5 },
    blockSize: { blockSize: 5 },
    "policy.returnUrl": { policy: { returnUrl: "http://a.test" }, method: "block" },
    "custom.a b": { custom: { "a b": "" } }
  }
  for (const [input, option] of Object.entries(options)) {
    it.effect(`a wrong ${input}`, () =>
      Effect.gen(function*() {
        assert.include(yield* refused(option), { _tag: "WcsInvalidInput", input })
      }).pipe(Effect.provide(services({ files }))))
  }

  it.effect("a prefix that no key begins with, and a bucket that has no name", () =>
    Effect.gen(function*() {
      const uploader = yield* Uploader.Uploader
      for (const prefix of ["/", "a/../", "a\n", "p".repeat(1000)]) {
        const error = yield* Effect.flip(uploader.putDirectory("/in", { bucket: "media", prefix }))
        assert.include(error, { _tag: "WcsInvalidInput", input: "prefix" })
      }
      assert.include(yield* Effect.flip(uploader.putDirectory("/in", { bucket: "" })), { input: "bucket" })
      assert.isEmpty(yield* operations)
    }).pipe(Effect.provide(services({ files }))))

  it.effect("a client that knows no upload host", () =>
    Effect.gen(function*() {
      const uploader = yield* Uploader.Uploader
      assert.include(yield* Effect.flip(uploader.putDirectory("/in", { bucket: "media" })), {
        _tag: "WcsInvalidInput",
        input: "uploadUrl"
      })
    }).pipe(Effect.provide(services({ files, settings: { uploadUrl: undefined } }))))
})

it.effect("a prefix is a folder, with or without its slash", () =>
  Effect.gen(function*() {
    const uploader = yield* Uploader.Uploader
    for (const prefix of ["p", "p/", "p//", "", undefined]) {
      const { files } = yield* uploader.putDirectory("/in", { bucket: "media", prefix })
      const folder = prefix === undefined || prefix === "" ? "" : prefix === "p//" ? "p//" : "p/"
      assert.isTrue(files.length > 0 && files.every(({ key, path }) => key === folder + path))
    }
  }).pipe(Effect.provide(services({ files }))))
