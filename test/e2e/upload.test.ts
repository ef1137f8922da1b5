import { FileSystem } from "@effect/platform"
import { assert, layer } from "@effect/vitest"
import { Effect, Option, Stream } from "effect"
import { Downloader, Objects, Uploader, type WcsError } from "effect-wcs"
import { bytes, mebibyte, sha1 } from "../support/content.ts"
import { bucket, folder, service } from "./support/service.ts"

interface Content {
  /** A file that holds it. */
  readonly path: string
  readonly size: number
  readonly stream: Stream.Stream<Uint8Array>
}

type Put = (
  uploader: Uploader.Uploader["Type"],
  content: Content,
  target: Uploader.UploadTarget
) => Effect.Effect<Uploader.UploadReceipt, WcsError.WcsError>

const content = (base: string, size: number) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const whole = bytes(size)
    yield* fs.writeFile(`${base}/film.bin`, whole)
    const piece = 300_001
    const stream = Stream.unfold(0, (at) =>
      at >= size ? Option.none() : Option.some([whole.subarray(at, at + piece), at + piece]))
    return { path: `${base}/film.bin`, size, stream }
  })

/** Uploads, and finds the same by the receipt, by stat and in what is downloaded. */
const roundTrip = (size: number, method: "form" | "block", put: Put) =>
  Effect.gen(function*() {
    const base = yield* folder
    const fs = yield* FileSystem.FileSystem
    const downloader = yield* Downloader.Downloader
    const objects = yield* Objects.Objects
    const target = { bucket, key: `films${base} ü.bin` }
    const receipt = yield* put(yield* Uploader.Uploader, yield* content(base, size), target)
    assert.include(receipt, { ...target, size, method, verified: "etag" })
    assert.strictEqual(receipt.blocks.total, method === "form" ? 0 : Math.ceil(size / (4 * mebibyte)))
    const info = yield* objects.stat(target)
    assert.deepStrictEqual([info.key, info.size, info.etag], [target.key, size, receipt.etag])
    const copy = yield* downloader.toFile(target, `${base}/copy.bin`)
    assert.include(copy, { size, resumed: 0, verified: "etag", etag: info.etag })
    assert.strictEqual(sha1(yield* fs.readFile(copy.path)), sha1(bytes(size)))
    assert.deepStrictEqual(yield* fs.readDirectory(base), ["copy.bin", "film.bin"])
  })

const cases: Readonly<Record<string, readonly [method: "form" | "block", sizes: ReadonlyArray<number>, put: Put]>> = {
  "a file as a form": [
    "form",
    [0, 1, mebibyte, 5 * mebibyte + 1],
    (uploader, { path }, target) => uploader.putFile(path, target, { method: "form" })
  ],
  "a file of as many bytes as a form takes": [
    "form",
    [mebibyte],
    (uploader, { path }, target) => uploader.putFile(path, target)
  ],
  "a file of more bytes than a form takes": [
    "block",
    [mebibyte + 1],
    (uploader, { path }, target) => uploader.putFile(path, target)
  ],
  "a file in blocks": [
    "block",
    [1, 4 * mebibyte, 8 * mebibyte + 1],
    (uploader, { path }, target) => uploader.putFile(path, target, { method: "block" })
  ],
  "a file in blocks of several chunks": [
    "block",
    [8 * mebibyte + 1],
    (uploader, { path }, target) =>
      uploader.putFile(path, target, { method: "block", chunkSize: 1_500_000, concurrency: 3 })
  ],
  "an empty stream": ["form", [0], (uploader, { stream }, target) => uploader.putStream(stream, target)],
  "a stream of unknown length": [
    "block",
    [1, 4 * mebibyte, 8 * mebibyte, 8 * mebibyte + 1],
    (uploader, { stream }, target) => uploader.putStream(stream, target, { method: "block" })
  ],
  "a stream of known length": [
    "block",
    [1, 4 * mebibyte, 8 * mebibyte, 8 * mebibyte + 1],
    (uploader, { size, stream }, target) => uploader.putStream(stream, target, { method: "block", size })
  ],
  "a stream as a form": [
    "form",
    [0, 1, 5 * mebibyte],
    (uploader, { size, stream }, target) => uploader.putStream(stream, target, { method: "form", size })
  ]
}

layer(service({ formLimit: mebibyte }), { excludeTestServices: true })("over sockets, to disk and back", (it) => {
  for (const [name, [method, sizes, put]] of Object.entries(cases)) {
    for (const size of sizes) it.scoped(`${name}, ${size} bytes`, () => roundTrip(size, method, put))
  }
})
