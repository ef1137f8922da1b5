/** A user's program that goes through the main jobs, and says of each that it holds. */
import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { Console, Deferred, Effect, Layer, Ref, Stream } from "effect"
import { Checksums, ChecksumsDigest, DigestWasm, Downloader, Objects, Uploader } from "effect-wcs"
import { DigestNode, WcsNode } from "effect-wcs/node"
import { WcsTest } from "effect-wcs/testing"
import * as EmulatorNode from "effect-wcs/testing/node"
import * as assert from "node:assert"

const content = new Uint8Array(17 * 1024 * 1024 + 1).map((_, i) => (i * 31 + (i >> 12)) & 0xff)
const target = { bucket: "media", key: "films/长城.mp4" }
const blocks: Uploader.UploadOptions = { method: "block", concurrency: 2 }

/** An upload in blocks that is interrupted, and one that goes on. */
const resume = Effect.gen(function*() {
  const uploader = yield* Uploader.Uploader
  const enough = yield* Deferred.make<void>()
  const accepted = yield* Ref.make(0)
  const first = uploader.putFile("film.mp4", target, {
    ...blocks,
    onProgress: ({ _tag }) =>
      _tag === "Block"
        ? Effect.flatMap(Ref.updateAndGet(accepted, (n) => n + 1), (n) =>
          n === 2 ? Deferred.succeed(enough, undefined) : Effect.void)
        : Effect.void
  })
  yield* Effect.raceFirst(first, Deferred.await(enough))
  const { blocks: { resumed, sent, total }, verified } = yield* uploader.putFile("film.mp4", target, blocks)
  assert.deepStrictEqual([total, verified], [5, "etag"])
  assert.ok(resumed >= 2 && resumed + sent === total, `${resumed} of ${total} blocks were taken over`)
})

/** Of two that upload the same at once the second is refused. */
const lease = Effect.gen(function*() {
  const target = { bucket: "media", key: "twice" }
  const uploader = yield* Uploader.Uploader
  const refused = yield* Deferred.make<string>()
  const again = Effect.matchEffect(uploader.putFile("film.mp4", target, blocks), {
    onFailure: (error) => Deferred.succeed(refused, error._tag === "WcsProgressError" ? error.reason : error._tag),
    onSuccess: () => Deferred.succeed(refused, "stored")
  })
  yield* uploader.putFile("film.mp4", target, {
    ...blocks,
    onProgress: ({ _tag }) => _tag === "Block" ? Effect.asVoid(again) : Effect.void
  })
  assert.strictEqual(yield* Deferred.await(refused), "Busy")
})

const formAndStream = Effect.gen(function*() {
  const uploader = yield* Uploader.Uploader
  const objects = yield* Objects.Objects
  const form = yield* uploader.putFile("film.mp4", { bucket: "media", key: "form" }, { method: "form" })
  const stream = yield* uploader.putStream(Stream.make(content.subarray(0, 5), content.subarray(5)), {
    bucket: "media",
    key: "stream"
  })
  assert.deepStrictEqual([form.method, stream.method, form.etag], ["form", "block", stream.etag])
  const listed = yield* Stream.runCollect(objects.listAll({ bucket: "media" }))
  assert.deepStrictEqual([...listed].map(({ key }) => key), ["twice", "form", "stream", target.key].toSorted())
})

const download = Effect.gen(function*() {
  const downloader = yield* Downloader.Downloader
  const fs = yield* FileSystem.FileSystem
  const { verified } = yield* downloader.toFile(target, "copy.mp4", { overwrite: true })
  assert.strictEqual(verified, "etag")
  assert.ok(Buffer.from(content).equals(yield* fs.readFile("copy.mp4")))
  const range = yield* Stream.runCollect(downloader.stream(target, { range: { start: 1_000_000, end: 1_999_999 } }))
  assert.ok(Buffer.from(content.subarray(1_000_000, 2_000_000)).equals(Buffer.concat([...range])))
})

const checksums = Effect.gen(function*() {
  const of = (digest: typeof DigestNode.layer) =>
    Effect.gen(function*() {
      const checksums = yield* Checksums.Checksums
      return [yield* checksums.etagOfFile("film.mp4"), yield* checksums.crc64OfFile("film.mp4")]
    }).pipe(Effect.provide(Layer.provide(ChecksumsDigest.layer, digest)))
  assert.deepStrictEqual(yield* of(DigestNode.layer), yield* of(DigestWasm.layer))
})

const inMemory = Effect.gen(function*() {
  const uploader = yield* Uploader.Uploader
  const objects = yield* Objects.Objects
  yield* uploader.putFile("/film.mp4", target, blocks)
  assert.strictEqual((yield* objects.stat(target)).size, content.length)
}).pipe(Effect.provide(WcsTest.layer({ buckets: ["media"], files: { "/film.mp4": content } })))

const client = WcsNode.layerWithoutConfig.pipe(
  Layer.provide(WcsTest.layerSettings({ recordFolder: "records" })),
  Layer.provide(EmulatorNode.layer({ buckets: ["media"] }))
)

const step = <A, E, R>(name: string, effect: Effect.Effect<A, E, R>) =>
  Effect.zipRight(effect, Console.log(`ok ${name}`))

const program = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  yield* fs.writeFile("film.mp4", content)
  yield* step("upload in blocks, interrupted and resumed", resume)
  yield* step("one owner of an upload", lease)
  yield* step("form, stream, listing", formAndStream)
  yield* step("download, range", download)
}).pipe(
  Effect.provide(client),
  Effect.zipRight(step("checksums", checksums)),
  Effect.zipRight(step("WcsTest", inMemory)),
  Effect.provide(NodeContext.layer)
)

await Effect.runPromise(program)
