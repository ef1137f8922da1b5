/** The official Python SDK and this library on one emulator: see README.md beside this file. */
import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { Checksums, Downloader, Objects, Uploader } from "effect-wcs"
import { EmulatorAddress } from "effect-wcs/testing"
import { execFile } from "node:child_process"
import { randomBytes } from "node:crypto"
import { request as send } from "node:http"
import { root, start } from "../e2e/support/processes.ts"
import { client, folder } from "../e2e/support/service.ts"
import { webServer } from "../e2e/support/webServer.ts"
import { bytes, mebibyte, sha1 } from "../support/content.ts"

const sdk = process.env["WCS_PYTHON_SDK"] ?? ""

const buckets = ["media", "archive"] as const
const [bucket] = buckets
const key = "films/film 1.bin"
const blockSize = 4 * mebibyte
const film = bytes(9 * mebibyte + 5)

/** Where the SDK keeps its records, whatever its settings say (protocol 16.1). */
const recordFolder = "/tmp/multipart"

/** `npm run emulator`, as a user starts it. */
const emulator = Layer.scoped(
  EmulatorAddress.EmulatorAddress,
  Effect.gen(function*() {
    const process = yield* start("scripts/emulator.ts", {
      arguments: [...buckets.flatMap((bucket) => ["--bucket", bucket]), "--fetch-host", "127.0.0.1"],
      env: { HOME: yield* folder }
    })
    const [, line = ""] = yield* process.printed(/^(.*)\n/)
    const address: EmulatorAddress.EmulatorAddress["Type"] = JSON.parse(line)
    return address
  })
).pipe(Layer.provideMerge(NodeContext.layer))

/** Runs operations.py with the SDK, and returns what its last line says. */
const operations = (uploadUrl: string, command: string, ...arguments_: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const { accessKey, managementUrl, secretKey } = yield* EmulatorAddress.EmulatorAddress
    const home = yield* folder
    yield* fs.writeFileString(
      `${home}/.wcscfg`,
      `put_url = ${uploadUrl}
mgr_url = ${managementUrl}
access_key = ${accessKey}
secret_key = ${secretKey}
bput_size = ${mebibyte}
`
    )
    const output = yield* Effect.async<string>((resume) => {
      const child = execFile(
        "python3",
        [`${root}test/interop/operations.py`, command, `${home}/.wcscfg`, ...arguments_],
        {
          env: { PATH: process.env["PATH"], HOME: home, PYTHONPATH: sdk, PYTHONDONTWRITEBYTECODE: "1" },
          maxBuffer: Infinity
        },
        (error, stdout, stderr) =>
          resume(error === null ? Effect.succeed(stdout) : Effect.dieMessage(stderr.slice(-4000) || error.message))
      )
      return Effect.sync(() => void child.kill("SIGKILL"))
    })
    return JSON.parse(output.trimEnd().split("\n").at(-1) ?? "")
  }).pipe(Effect.scoped)

/** Leads to the emulator; it remembers the blocks that were begun, and refuses one of them. */
const passage = (refused?: number) =>
  Effect.gen(function*() {
    const { uploadUrl } = yield* EmulatorAddress.EmulatorAddress
    const begun: Array<number> = []
    const url = yield* webServer((request, response) => {
      const block = Number(/^\/mkblk\/\d+\/(\d+)$/.exec(request.url ?? "")?.[1] ?? Number.NaN)
      if (!Number.isNaN(block)) begun.push(block)
      if (block === refused) {
        request.resume().on("end", () => {
          response.writeHead(401, { "x-reqid": "passage" }).end(`{"code":"401","message":"Token Invalid"}`)
        })
        return
      }
      const { headers, method } = request
      request.pipe(
        send(`${uploadUrl}${request.url}`, { method, headers }, (answer) => {
          response.writeHead(answer.statusCode ?? 500, answer.headers)
          answer.pipe(response)
        }).on("error", () => response.destroy())
      )
    })
    return { url, begun: Effect.sync(() => begun.toSorted((a, b) => a - b)) }
  })

/** The film as a local file. */
const source = Effect.gen(function*() {
  const path = `${yield* folder}/film.bin`
  yield* Effect.flatMap(FileSystem.FileSystem, (fs) => fs.writeFile(path, film))
  return path
})

/** What is recorded of an upload, by the names of its files; removed with the scope. */
const records = (uploadId: string) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    yield* Effect.addFinalizer(() =>
      Effect.forEach(
        ["", ".manifest"],
        (suffix) => fs.remove(`${recordFolder}/${uploadId}${suffix}`, { recursive: true, force: true }),
        { discard: true }
      ).pipe(Effect.ignore)
    )
    return { files: Effect.orElseSucceed(fs.readDirectory(`${recordFolder}/${uploadId}`), () => []) }
  })

/** The object holds the film. */
const isFilm = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const { toFile } = yield* Downloader.Downloader
  const path = `${yield* folder}/downloaded.bin`
  assert.strictEqual((yield* toFile({ bucket, key }, path)).verified, "etag")
  assert.strictEqual(sha1(yield* fs.readFile(path)), sha1(film))
}).pipe(Effect.provide(client()))

const title = sdk === "" ? "skipped: WCS_PYTHON_SDK names no SDK" : "the official Python SDK on the emulator"

describe.runIf(sdk !== "")(title, () => {
  it.scopedLive("finds every operation of the SDK's client answered, and what it stored readable by ours", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { downloadUrl, uploadUrl } = yield* EmulatorAddress.EmulatorAddress
      const files = yield* folder
      const result: {
        readonly operations: { readonly [name: string]: string }
        readonly stored: ReadonlyArray<{ bucket: string; key: string; path: string; crc64: string }>
      } = yield* operations(uploadUrl, "all", downloadUrl, files)
      const failed = Object.entries(result.operations).filter(([, outcome]) => outcome !== "ok")
      assert.strictEqual(failed.map(([name, text]) => `${name}: ${text}`).join("\n"), "")
      assert.include(Object.keys(result.operations), "every_method")

      const { listAll } = yield* Objects.Objects
      const { toFile } = yield* Downloader.Downloader
      const { crc64OfFile } = yield* Checksums.Checksums
      for (const bucket of buckets) {
        const listed = yield* Stream.runCollect(listAll({ bucket }))
        assert.sameMembers(
          Array.from(listed, ({ key }) => key),
          result.stored.filter((object) => object.bucket === bucket).map(({ key }) => key)
        )
      }
      const copy = `${yield* folder}/copy`
      for (const { crc64, path, ...object } of result.stored) {
        const { verified } = yield* toFile(object, copy, { overwrite: true })
        assert.strictEqual(verified, "etag")
        assert.strictEqual(sha1(yield* fs.readFile(copy)), sha1(yield* fs.readFile(path)), object.key)
        assert.strictEqual(yield* crc64OfFile(copy), crc64)
      }
    }).pipe(Effect.provide(Layer.provideMerge(client(), emulator))))

  it.scopedLive("sees an upload that the SDK began and could not end finished by ours", () =>
    Effect.gen(function*() {
      const path = yield* source
      const broken = yield* passage(1)
      const { uploadBatch: uploadId } = yield* operations(broken.url, "upload", path, bucket, key)
      const recorded = yield* records(uploadId)
      assert.sameMembers(yield* recorded.files, ["0", String(blockSize), String(2 * blockSize)])

      const { begun, url } = yield* passage()
      const receipt = yield* Effect.flatMap(
        Uploader.Uploader,
        (uploader) => uploader.putFile(path, { bucket, key }, { method: "block", uploadId })
      ).pipe(Effect.provide(client({ recordFolder, uploadUrl: url })))
      assert.deepInclude(receipt, { verified: "etag", blocks: { total: 3, sent: 1, resumed: 2 } })
      assert.deepStrictEqual(yield* begun, [1])
      assert.isEmpty(yield* recorded.files)
      yield* isFilm
    }).pipe(Effect.provide(emulator)))

  it.scopedLive("sees an upload that ours began and could not end finished by the SDK", () =>
    Effect.gen(function*() {
      const path = yield* source
      const uploadId = randomBytes(16).toString("hex")
      const recorded = yield* records(uploadId)
      const broken = yield* passage(1)
      const error = yield* Effect.flatMap(
        Uploader.Uploader,
        (uploader) =>
          Effect.flip(uploader.putFile(path, { bucket, key }, { method: "block", uploadId, concurrency: 1 }))
      ).pipe(Effect.provide(client({ recordFolder, uploadUrl: broken.url })))
      assert.strictEqual(error._tag, "WcsUnauthorized")
      assert.deepStrictEqual(yield* recorded.files, ["0"])

      const { begun, url } = yield* passage()
      const [status, body] = yield* operations(url, "upload", path, bucket, key, uploadId)
      assert.deepStrictEqual([status, body.key], [200, key])
      assert.deepStrictEqual(yield* begun, [1, 2])
      assert.isEmpty(yield* recorded.files)
      yield* isFilm
    }).pipe(Effect.provide(emulator)))
})
