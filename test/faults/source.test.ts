import { FileSystem } from "@effect/platform"
import { NodeContext, NodeFileSystem } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Uploader } from "effect-wcs"
import { Emulator, Fault } from "effect-wcs/testing"
import { folder } from "../e2e/support/service.ts"
import { bytes, mebibyte, sha1 } from "../support/content.ts"
import { contentOf, keysOf, operations } from "../support/emulated.ts"
import { services } from "../uploader/support.ts"
import { quick } from "./support.ts"

const target = { bucket: "media", key: "film.bin" }
const content = bytes(9 * mebibyte)
const modified = new Date("2026-01-02T03:04:05Z")

/** A file on a disk, as old as ever, and how it is uploaded: in three blocks, one after another. */
const prepare = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const uploader = yield* Uploader.Uploader
  const path = `${yield* folder}/film.bin`
  const write = (bytes: Uint8Array, at = modified) =>
    Effect.zipRight(fs.writeFile(path, bytes), fs.utimes(path, at, at))
  yield* write(content)
  const put = (options: Uploader.UploadOptions = {}) =>
    quick(uploader.putFile(path, target, { method: "block", concurrency: 1, ...options }))
  return { fs, path, write, put }
})

const onDisk = services({ fs: NodeFileSystem.layer })

/** An upload of which the last block was refused. */
const interrupted = (put: (options?: Uploader.UploadOptions) => Effect.Effect<unknown, unknown>, uploadId?: string) =>
  Effect.gen(function*() {
    const { addFault, clearFaults } = yield* Emulator.Emulator
    yield* addFault(Fault.on("mkblk", Fault.status(400), { block: 2, nth: 1 }))
    yield* Effect.flip(put(uploadId === undefined ? {} : { uploadId }))
    yield* clearFaults
  })

const edited = () => {
  const edited = content.slice()
  edited.fill(0, 5 * mebibyte, 5 * mebibyte + 9)
  return edited
}

const scenario = (
  name: string,
  body: Effect.Effect<void, unknown, Layer.Layer.Success<typeof onDisk> | Effect.Effect.Context<typeof prepare>>
) => it.scoped(name, () => Effect.provide(body, Layer.merge(onDisk, NodeContext.layer)))

describe("a file that is edited between two runs", () => {
  scenario(
    "fault 20: with its size and its time as before: the block that differs is sent again",
    Effect.gen(function*() {
      const { put, write } = yield* prepare
      yield* interrupted(put)
      yield* write(edited())
      const receipt = yield* put()
      assert.deepStrictEqual([receipt.verified, receipt.blocks], ["etag", { total: 3, sent: 2, resumed: 1 }])
      assert.strictEqual(sha1(yield* contentOf(target)), sha1(edited()))
    })
  )

  scenario(
    "fault 20: is another upload: all of it is sent",
    Effect.gen(function*() {
      const { put, write } = yield* prepare
      yield* interrupted(put)
      yield* write(edited(), new Date())
      const receipt = yield* put()
      assert.deepStrictEqual([receipt.verified, receipt.blocks.resumed], ["etag", 0])
      assert.strictEqual(sha1(yield* contentOf(target)), sha1(edited()))
    })
  )

  scenario(
    "fault 20: under the upload's own id is refused, or begun anew where that is wanted",
    Effect.gen(function*() {
      const { put, write } = yield* prepare
      yield* interrupted(put, "mine")
      yield* write(edited(), new Date())
      assert.include(yield* Effect.flip(put({ uploadId: "mine" })), { _tag: "WcsProgressError", reason: "Mismatch" })
      const receipt = yield* put({ uploadId: "mine", onMismatch: "restart" })
      assert.deepStrictEqual([receipt.verified, receipt.blocks.resumed], ["etag", 0])
      assert.strictEqual(sha1(yield* contentOf(target)), sha1(edited()))
    })
  )
})

describe("a file that changes while it is read", () => {
  const changes: Readonly<
    Record<string, (path: string, fs: FileSystem.FileSystem) => Effect.Effect<void, unknown>>
  > = {
    shrinks: (path, fs) => fs.truncate(path, 5 * mebibyte),
    "is emptied": (path, fs) => fs.truncate(path, 0),
    grows: (path, fs) => fs.writeFile(path, bytes(1), { flag: "a" }),
    "is written, its size as before,": (path, fs) => fs.writeFile(path, edited())
  }
  for (const [what, change] of Object.entries(changes)) {
    for (const method of ["block", "form"] as const) {
      scenario(
        `fault 21: ${what} is told, and nothing is stored that is neither the one nor the other (${method})`,
        Effect.gen(function*() {
          const { addFault } = yield* Emulator.Emulator
          const { fs, path, put } = yield* prepare
          let done = false
          const once = Effect.suspend(() => {
            if (done) return Effect.void
            done = true
            return Effect.orDie(change(path, fs))
          })
          const error = yield* Effect.flip(
            method === "block"
              ? put({ onProgress: (event) => event._tag === "Chunk" ? once : Effect.void })
              // A form is read anew when it is sent again.
              : Effect.zipRight(
                addFault(Fault.on("form", Fault.reset({ after: mebibyte }), { nth: 1 })),
                put({
                  method,
                  chunkSize: mebibyte,
                  onProgress: (event) => event._tag === "Retrying" ? once : Effect.void
                })
              )
          )
          assert.include(error, { _tag: "WcsFileError", reason: "Changed", path })
          assert.notInclude(yield* operations, "mkfile")
          if (method === "block") assert.isEmpty(yield* keysOf("media"))
        })
      )
    }
  }
})

/** Files whose reads give a few bytes at a time, as pipes and some file systems do. */
const short = Layer.effect(
  FileSystem.FileSystem,
  Effect.map(FileSystem.FileSystem, (fs) => ({
    ...fs,
    open: (path: string, options?: FileSystem.OpenFileOptions) =>
      Effect.map(fs.open(path, options), (file) => ({
        ...file,
        seek: (...to: Parameters<typeof file.seek>) => file.seek(...to),
        read: (buffer: Uint8Array) => file.read(buffer.subarray(0, 70_001))
      }))
  }))
).pipe(Layer.provide(NodeFileSystem.layer))

describe("reads that give less than they were asked for", () => {
  it.scoped("fault 22: fill every block all the same", () =>
    Effect.gen(function*() {
      const { put } = yield* prepare
      const receipt = yield* put({ chunkSize: 1_500_000 })
      assert.deepStrictEqual([receipt.verified, receipt.blocks.sent], ["etag", 3])
      assert.strictEqual(sha1(yield* contentOf(target)), sha1(content))
    }).pipe(Effect.provide(Layer.merge(services({ fs: short }), NodeContext.layer))))
})
