/**
 * Every operation once, in the order of `docs/operations.md`: `tsx examples/operations.ts BUCKET`. It keeps to keys that
 * begin with `operations/`, and deletes them at the end.
 */
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Console, DateTime, Effect, Layer, Option, Stream } from "effect"
import {
  Buckets,
  Checksums,
  Downloader,
  FileManager,
  Live,
  Media,
  MediaPipeline,
  Objects,
  Retention,
  Uploader,
  UploadTokens,
  WcsConfig,
  WcsConfigLayer
} from "effect-wcs"
import { WcsNode } from "effect-wcs/node"

const [bucket = "media", image = "operations/a.png", channel = "channel-1"] = process.argv.slice(2)

const at = (name: string) => ({ bucket, key: `operations/${name}` })
const text = (content: string) => new TextEncoder().encode(content)

/** The smallest PNG there is. */
const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64"
)

const uploads = Effect.gen(function*() {
  const uploader = yield* Uploader.Uploader
  const overwrite = { policy: { overwrite: true } }
  yield* uploader.putFile(process.argv[1] ?? "", at("program.ts"), { ...overwrite, method: "form" })
  yield* uploader.putBytes(new Uint8Array(5 * 1024 * 1024), at("blocks.bin"), {
    ...overwrite,
    method: "block",
    chunkSize: 1024 * 1024
  })
  yield* uploader.putStream(Stream.make(text("from a stream")), at("stream.txt"), overwrite)
  yield* uploader.putBytes(png, at("a.png"), { ...overwrite, mimeType: "image/png" })
  const first = yield* uploader.append(text("one,"), at("appended.txt"))
  const second = yield* uploader.append(text("two"), at("appended.txt"), { position: first.nextPosition })
  const tokens = yield* UploadTokens.UploadTokens
  const { scope } = yield* tokens.issue(at("theirs.jpg"), { fsizeLimit: 1024 * 1024, lifetime: "10 minutes" })
  yield* Console.log(`uploaded; appended ${second.nextPosition} bytes; a token for ${scope}`)
})

const downloads = Effect.gen(function*() {
  const downloader = yield* Downloader.Downloader
  const checksums = yield* Checksums.Checksums
  const objects = yield* Objects.Objects
  const { etag, size } = yield* objects.stat(at("blocks.bin"))
  const crc64 = yield* checksums.crc64OfStream(downloader.stream(at("blocks.bin")))
  yield* Console.log(`${size} bytes, etag ${etag}, crc64 ${crc64}`)
})

const objects = Effect.gen(function*() {
  const objects = yield* Objects.Objects
  yield* objects.copy(at("stream.txt"), at("copied.txt"))
  yield* objects.move(at("copied.txt"), at("moved.txt"))
  yield* objects.setDeadline(at("moved.txt"), Retention.days(7))
  const { expires } = yield* objects.stat(at("moved.txt"))
  const page = yield* objects.list({ bucket, prefix: "operations/", mode: "files-first" })
  const all = yield* Stream.runCount(objects.listAll({ bucket, prefix: "operations/" }))
  const fresh = yield* Effect.option(objects.prefetch(bucket, ["operations/mirrored.txt"]))
  yield* Console.log(
    `${page.objects.length} of ${all} objects; one goes ${Option.isSome(expires) ? "in a week" : "never"}; ` +
      `prefetched ${Option.match(fresh, { onNone: () => "none: no mirror", onSome: (items) => items.length })}`
  )
  yield* objects.delete(at("moved.txt"))
})

const buckets = Effect.gen(function*() {
  const buckets = yield* Buckets.Buckets
  const names = (yield* buckets.list).map(({ name }) => name)
  const today = DateTime.formatIsoDateUtc(yield* DateTime.now)
  const volume = yield* buckets.stat({ buckets: [bucket], from: today, to: today, details: true })
  const statistics = yield* buckets.statistics({ buckets: [bucket], type: "uploadRequest", from: today, to: today })
  yield* Console.log(
    `${names.length} buckets, ${volume.buckets.length} with a volume; ${Object.keys(statistics).length} facts`
  )
})

const tasks = Effect.gen(function*() {
  const files = yield* FileManager.FileManager
  const config = yield* WcsConfig.WcsConfig
  const source = `${config.downloadUrl?.replace("{bucket}", bucket)}/operations/stream.txt`
  const started = yield* Effect.all([
    files.copy([
      { from: at("stream.txt"), to: at("many/1.txt") },
      { from: at("stream.txt"), to: at("many/2.txt") }
    ], { force: true }),
    files.fetch([{ url: source, to: at("fetched.txt") }], { force: true })
  ])
  for (const id of started) yield* files.await(id)
  const more = yield* Effect.all([
    files.move([{ from: at("many/1.txt"), to: at("many/3.txt") }], { force: true }),
    files.compress([{ bucket, keys: ["operations/many/"], saveAs: at("many.zip") }], { force: true }),
    files.setDeadline([{ bucket, prefix: "operations/many", retention: Retention.days(1) }]),
    files.deleteM3u8([{ ...at("live.m3u8"), segments: true }]),
    files.delete([at("fetched.txt")])
  ])
  for (const id of more) {
    const { failed, succeeded } = yield* files.await(id)
    yield* Console.log(`task ${id}: ${succeeded.length} done, ${failed.length} failed`)
  }
})

const media = Effect.gen(function*() {
  const media = yield* Media.Media
  const frame = MediaPipeline.vframe({ format: "jpg", offset: 1 }).pipe(MediaPipeline.saveAs(at("frame.jpg")))
  const { items } = yield* media.await(yield* media.process(at("blocks.bin"), frame, { force: true }))
  const { height, width } = yield* media.imageInfo({ bucket, key: image })
  const exif = yield* Effect.option(media.exif({ bucket, key: image }))
  const full = yield* Effect.option(media.avinfo(at("blocks.bin")))
  const short = yield* Effect.option(media.avinfo2(at("blocks.bin")))
  const { porn } = yield* media.detect({ image: "http://images.example.com/a.png", type: "porn", bucket })
  yield* Console.log(
    `${items.length} media command; ${width} x ${height} pixels; exif ${exif._tag}, avinfo ${full._tag}, ` +
      `avinfo2 ${short._tag}; the image is ${Option.match(porn, { onNone: () => "?", onSome: ({ kind }) => kind })}`
  )
})

const live = Effect.gen(function*() {
  const live = yield* Live.Live
  const to = yield* DateTime.now
  const options = { bucket, channel, from: DateTime.subtract(to, { days: 1 }), to }
  const page = yield* live.list({ ...options, start: 1, limit: 10 })
  const all = yield* Stream.runCount(live.listAll(options))
  yield* Console.log(`${page.recordings.length} of ${all} recordings`)
})

const tidy = Effect.gen(function*() {
  const files = yield* FileManager.FileManager
  const { failed } = yield* files.await(yield* files.deletePrefix([{ bucket, prefix: "operations" }]))
  yield* Console.log(`tidied up, ${failed.length} failed`)
})

Effect.all([uploads, downloads, objects, buckets, tasks, media, live, tidy], { discard: true }).pipe(
  Effect.provide(WcsNode.layerWithoutConfig.pipe(
    Layer.provideMerge(WcsConfigLayer.layerDefault()),
    Layer.provide(NodeContext.layer)
  )),
  NodeRuntime.runMain
)
