/** A page that uploads in blocks, is interrupted, resumes, and downloads. It asks its server for hosts and keys. */
import { FetchHttpClient, FileSystem, Path } from "@effect/platform"
import { Deferred, Effect, Layer, Stream } from "effect"
import {
  Checksums,
  DigestWasm,
  Downloader,
  ProgressStoreMemory,
  Uploader,
  Wcs,
  WcsAuthKeys,
  WcsConfigLayer
} from "effect-wcs"

const content = new Uint8Array(9 * 1024 * 1024 + 1).map((_, i) => (i * 31 + (i >> 12)) & 0xff)
const target = { bucket: "media", key: "page.bin" }

const program = Effect.gen(function*() {
  const uploader = yield* Uploader.Uploader
  const downloader = yield* Downloader.Downloader
  const options: Uploader.UploadOptions = { method: "block", concurrency: 1, uploadId: "page" }
  const enough = yield* Deferred.make<void>()
  yield* Effect.raceFirst(
    uploader.putBytes(content, target, {
      ...options,
      onProgress: ({ _tag }) => _tag === "Block" ? Effect.asVoid(Deferred.succeed(enough, undefined)) : Effect.void
    }),
    Deferred.await(enough)
  )
  const { blocks, etag, verified } = yield* uploader.putBytes(content, target, options)
  const downloaded = yield* (yield* Checksums.Checksums).etagOfStream(downloader.stream(target))
  const form = yield* uploader.putStream(Stream.make(new TextEncoder().encode("hello world")), {
    bucket: "media",
    key: "form"
  })
  return { blocks, verified, same: downloaded === etag, form: form.etag }
})

const settings = JSON.parse(await (await fetch("settings")).text())
const client = Wcs.layer.pipe(
  Layer.provide(WcsAuthKeys.layer),
  Layer.provide(WcsConfigLayer.layer(settings)),
  Layer.provide([FetchHttpClient.layer, ProgressStoreMemory.layer, FileSystem.layerNoop({}), Path.layer]),
  Layer.provide(DigestWasm.layer)
)
const result = await Effect.runPromise(Effect.either(Effect.provide(program, client)))
await fetch("result", { method: "POST", body: JSON.stringify(result) })
