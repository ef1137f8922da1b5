import { FileSystem, HttpClient, HttpClientResponse } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import type { Downloader } from "effect-wcs"
import { Fault } from "effect-wcs/testing"
import { bytes, mebibyte, sha1 } from "../support/content.ts"
import * as etags from "../testing/support.ts"
import {
  clientOver,
  content,
  emulator,
  filesIn,
  operations,
  ranges,
  read,
  service,
  store,
  target,
  toFile
} from "./support.ts"

describe("a download to a file", () => {
  for (const size of [0, 1, 4 * mebibyte - 1, 4 * mebibyte, 4 * mebibyte + 1, 8 * mebibyte]) {
    it.effect(`writes ${size} bytes, compares them, and leaves nothing else`, () =>
      Effect.gen(function*() {
        yield* store(bytes(size))
        const receipt = yield* toFile()
        assert.deepStrictEqual(receipt, {
          path: target,
          size,
          resumed: 0,
          etag: etags.etag(bytes(size)),
          verified: "etag"
        })
        assert.strictEqual(sha1(yield* read(target)), sha1(bytes(size)))
        assert.deepStrictEqual(yield* filesIn("/"), ["film.bin"])
      }).pipe(Effect.provide(service())))
  }

  it.scoped("passes over empty pieces, which a client may give and no file takes", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const path = `${yield* fs.makeTempDirectoryScoped()}/film.bin`
      const pieces = [content.subarray(0, 10), new Uint8Array(0), content.subarray(10)]
      const http = HttpClient.make((request, url) =>
        Effect.succeed(HttpClientResponse.fromWeb(
          request,
          url.pathname.startsWith("/download/")
            ? new Response(ReadableStream.from(pieces), { headers: { "content-length": String(content.length) } })
            : new Response("{}", { status: 401 })
        ))
      )
      const { size } = yield* Effect.provide(
        toFile({}, path),
        clientOver(Layer.succeed(HttpClient.HttpClient, http))
      )
      assert.strictEqual(size, content.length)
      assert.strictEqual(sha1(yield* fs.readFile(path)), sha1(content))
    }).pipe(Effect.provide(NodeContext.layer)))

  it.effect("tells how far it is: ever more, up to the size", () =>
    Effect.gen(function*() {
      yield* store()
      yield* emulator((emulator) => emulator.addFault(Fault.on("download", Fault.truncate(2_000_000))))
      const told: Array<{ readonly received: number; readonly size?: number | undefined }> = []
      yield* toFile({ onProgress: (progress) => Effect.sync(() => void told.push(progress)) })
      const received = told.map((progress) => progress.received)
      assert.isAbove(received.length, 3)
      assert.deepStrictEqual(received, [...new Set(received)].toSorted((a, b) => a - b))
      assert.strictEqual(received.at(-1), content.length)
      assert.deepStrictEqual([...new Set(told.map(({ size }) => size))], [content.length])
    }).pipe(Effect.provide(service())))

  it.effect("of an object that is not there fails with WcsNotFound and leaves nothing", () =>
    Effect.gen(function*() {
      for (const checks of [true, false]) {
        assert.strictEqual((yield* Effect.flip(toFile({ checks })))._tag, "WcsNotFound")
        assert.isEmpty(yield* filesIn("/"))
      }
      assert.deepStrictEqual(yield* operations, ["stat", "download"])
    }).pipe(Effect.provide(service())))

  it.effect("without the download domain is refused and leaves nothing", () =>
    Effect.gen(function*() {
      yield* store()
      assert.include(yield* Effect.flip(toFile()), { _tag: "WcsInvalidInput", input: "downloadUrl" })
      assert.isEmpty(yield* filesIn("/"))
    }).pipe(Effect.provide(service({ settings: { downloadUrl: undefined } }))))

  it.effect("is refused by the service for good: asked once, and nothing is left", () =>
    Effect.gen(function*() {
      yield* store()
      yield* emulator((emulator) => emulator.addFault(Fault.on("download", Fault.status(403))))
      assert.include(yield* Effect.flip(toFile()), { _tag: "WcsUnauthorized", status: 403 })
      assert.lengthOf(yield* ranges, 1)
      assert.isEmpty(yield* filesIn("/"))
    }).pipe(Effect.provide(service())))
})

describe("a target that is there already", () => {
  const kept = { files: { [target]: "kept" } }

  it.effect("is refused before anything is sent, and stays as it is", () =>
    Effect.gen(function*() {
      yield* store()
      for (const options of [{}, { overwrite: false }, { checks: false }]) {
        const error = yield* Effect.flip(toFile(options))
        assert.include(error, { _tag: "WcsFileError", reason: "Exists", path: target })
      }
      assert.isEmpty(yield* operations)
      assert.strictEqual((yield* read(target)).length, 4)
      assert.deepStrictEqual(yield* filesIn("/"), ["film.bin"])
    }).pipe(Effect.provide(service(kept))))

  it.effect("is replaced when that is wanted", () =>
    Effect.gen(function*() {
      yield* store()
      yield* toFile({ overwrite: true })
      assert.strictEqual(sha1(yield* read(target)), sha1(content))
      assert.deepStrictEqual(yield* filesIn("/"), ["film.bin"])
    }).pipe(Effect.provide(service(kept))))

  it.effect("stays as it is when what should replace it does not come, or not rightly", () =>
    Effect.gen(function*() {
      yield* store()
      for (const action of [Fault.status(404), Fault.reset(), Fault.garbage, Fault.corrupt(9)]) {
        yield* emulator((emulator) =>
          Effect.zipRight(emulator.clearFaults, emulator.addFault(Fault.on("download", action)))
        )
        yield* Effect.flip(toFile({ overwrite: true }))
        assert.strictEqual((yield* read(target)).length, 4)
      }
    }).pipe(Effect.provide(service(kept))))

  it.effect("and appears only while the download runs, is not lost", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      yield* store()
      const error = yield* Effect.flip(toFile({
        onProgress: () => Effect.orDie(fs.writeFileString(target, "kept"))
      }))
      assert.include(error, { _tag: "WcsFileError", reason: "Exists" })
      assert.strictEqual((yield* read(target)).length, 4)
    }).pipe(Effect.provide(service())))
})

describe("a target that cannot be", () => {
  it.effect("is a folder", () =>
    Effect.gen(function*() {
      yield* store()
      for (const overwrite of [true, false]) {
        const error = yield* Effect.flip(toFile({ overwrite }, "/folder"))
        assert.include(error, { _tag: "WcsFileError", reason: overwrite ? "NotAFile" : "Exists", path: "/folder" })
      }
      assert.isEmpty(yield* ranges)
      assert.deepStrictEqual(yield* filesIn("/folder"), ["film.bin"])
    }).pipe(Effect.provide(service({ files: { "/folder/film.bin": "kept" } }))))

  for (
    const [path, folder, detail] of [
      ["/missing/film.bin", "/missing", "there is no such folder"],
      ["/missing/", "/missing/", "there is no such folder"],
      ["/file/film.bin", "/file", "is not a folder"]
    ] as const
  ) {
    it.effect(`is in no folder: ${path}`, () =>
      Effect.gen(function*() {
        yield* store()
        assert.include(yield* Effect.flip(toFile({}, path)), {
          _tag: "WcsFileError",
          reason: "Unwritable",
          path: folder,
          detail
        })
        assert.isEmpty(yield* operations)
        assert.deepStrictEqual(yield* filesIn("/"), ["file"])
      }).pipe(Effect.provide(service({ files: { "/file": "kept" } }))))
  }
})

describe("without the object's description", () => {
  /** A download whose content is flipped at one place. */
  const corrupted = (options?: Downloader.DownloadOptions) =>
    Effect.gen(function*() {
      yield* emulator((emulator) => emulator.addFault(Fault.on("download", Fault.corrupt(9))))
      return yield* toFile(options)
    })

  it.effect("because there are no credentials, the answer's ETag is compared", () =>
    Effect.gen(function*() {
      yield* store()
      const receipt = yield* toFile()
      assert.include(receipt, { verified: "etag", etag: etags.etag(content) })
      assert.deepStrictEqual(yield* operations, ["download"])
      assert.include(yield* Effect.flip(corrupted({ overwrite: true })), { _tag: "WcsIntegrityError", check: "etag" })
    }).pipe(Effect.provide(service({ settings: { credentials: undefined } }))))

  it.effect("because there is no management domain, the answer's ETag is compared", () =>
    Effect.gen(function*() {
      yield* store()
      assert.include(yield* toFile(), { verified: "etag", etag: etags.etag(content) })
    }).pipe(Effect.provide(service({ settings: { managementUrl: undefined } }))))

  for (const status of [401, 403]) {
    it.effect(`because it is refused with ${status}, the answer's ETag is compared`, () =>
      Effect.gen(function*() {
        yield* store()
        yield* emulator((emulator) => emulator.addFault(Fault.on("stat", Fault.status(status))))
        assert.include(yield* toFile(), { verified: "etag", etag: etags.etag(content) })
        assert.include(yield* Effect.flip(corrupted({ overwrite: true })), { _tag: "WcsIntegrityError", check: "etag" })
      }).pipe(Effect.provide(service())))
  }

  for (
    const [how, settings, options] of [
      ["by the call", {}, { checks: false }],
      ["by the settings", { checks: false }, {}]
    ] as const
  ) {
    it.effect(`because checks are off ${how}, nothing is compared`, () =>
      Effect.gen(function*() {
        yield* store()
        const receipt = yield* corrupted(options)
        assert.deepStrictEqual(receipt, { path: target, size: content.length, resumed: 0, verified: "none" })
        assert.deepStrictEqual(yield* operations, ["download"])
        assert.notStrictEqual(sha1(yield* read(target)), sha1(content))
      }).pipe(Effect.provide(service({ settings }))))
  }
})
