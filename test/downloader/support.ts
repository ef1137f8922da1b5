import { FileSystem, type HttpClient, Path } from "@effect/platform"
import { assert } from "@effect/vitest"
import { Effect, Layer, Schedule } from "effect"
import { Downloader, ProgressStoreMemory, Retry, Wcs, WcsAuthKeys, WcsConfigLayer } from "effect-wcs"
import { DigestNode } from "effect-wcs/node"
import { Emulator, EmulatorClient, MemoryFileSystem, WcsTest } from "effect-wcs/testing"
import { bytes, mebibyte, sha1 } from "../support/content.ts"
import { emulator } from "../support/emulated.ts"

export { collect, emulator, operations } from "../support/emulated.ts"

export const location = { bucket: "media", key: "film.bin" }
export const target = "/film.bin"
export const content = bytes(5 * mebibyte + 7)

export const service = (options: Omit<WcsTest.Options, "buckets"> = {}) =>
  WcsTest.layer({ buckets: ["media"], ...options })

/** The service over other files than those of `WcsTest`. */
export const serviceOver = <E>(files: Layer.Layer<FileSystem.FileSystem, E>) =>
  Wcs.layer.pipe(
    Layer.provide([WcsAuthKeys.layer, ProgressStoreMemory.layer]),
    Layer.provide(WcsTest.layerSettings()),
    Layer.provide([EmulatorClient.layer, DigestNode.layer, Path.layer]),
    Layer.provideMerge(Layer.merge(Emulator.layerMemory({ buckets: ["media"] }), files))
  )

export const credentials = { accessKey: "test-access-key", secretKey: "test-secret-key" }

/** A client, without credentials unless they are given, over whatever answers and the files of its surroundings. */
export const clientOver = <R>(
  http: Layer.Layer<HttpClient.HttpClient, never, R>,
  options: Pick<WcsConfigLayer.Options, "credentials"> = {}
) => {
  const origin = EmulatorClient.origin
  const settings = { ...options, managementUrl: origin, downloadUrl: `${origin}/download/{bucket}` }
  return Wcs.layer.pipe(
    Layer.provide([WcsAuthKeys.layer, ProgressStoreMemory.layer]),
    Layer.provide([http, DigestNode.layer, Path.layer, Layer.orDie(WcsConfigLayer.layer(settings))])
  )
}

/** A client without credentials over whatever answers, and files of its own in memory. */
export const clientInMemory = (http: Layer.Layer<HttpClient.HttpClient>) =>
  Layer.provideMerge(clientOver(http), MemoryFileSystem.layer())

/** Repeats cost no time. */
const quick = Retry.withSchedules({ request: Schedule.recurs(3) })

export const toFile = (options?: Downloader.DownloadOptions, path = target) =>
  quick(Effect.flatMap(Downloader.Downloader, (downloader) => downloader.toFile(location, path, options)))

export const toFolder = (key: string, folder: string, options?: Downloader.DownloadOptions) =>
  Effect.flatMap(Downloader.Downloader, (downloader) => downloader.toFolder({ ...location, key }, folder, options))

export const store = (stored: string | Uint8Array = content, key = location.key) =>
  emulator((emulator) => emulator.putObject({ ...location, key }, stored))

/** What lies in a folder, hidden files included. */
export const filesIn = (folder: string) => Effect.flatMap(FileSystem.FileSystem, (fs) => fs.readDirectory(folder))

export const read = (path: string) => Effect.flatMap(FileSystem.FileSystem, (fs) => fs.readFile(path))

/** The Range header of every download so far; `undefined` for the whole object. */
export const ranges = emulator((emulator) =>
  Effect.map(
    emulator.requests,
    (requests) => requests.filter(({ operation }) => operation === "download").map(({ headers }) => headers["range"])
  )
)

/** The target, and nothing beside it, holds this. */
export const complete = (expected: Uint8Array) =>
  Effect.gen(function*() {
    assert.strictEqual(sha1(yield* read(target)), sha1(expected))
    assert.deepStrictEqual(yield* filesIn("/"), ["film.bin"])
  })
