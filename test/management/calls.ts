import { Effect, Struct } from "effect"
import type { WcsError, WcsRequest } from "effect-wcs"
import { Buckets, FileManager, Live, Media, MediaPipeline, Objects, Retention } from "effect-wcs"
import { at, now } from "./support.ts"

const a = at("a")
const days = { buckets: ["media"], from: "2026-01-01", to: "2026-01-01" }
const day = Retention.days(1)

/** The operations of uploads and downloads, which have tests of their own. */
type OfContent = "upload" | "append" | "mkblk" | "bput" | "mkfile" | "download"

/** Every operation on the management and download domains, in as little as it takes. */
export const calls = Effect.gen(function*() {
  const objects = yield* Objects.Objects
  const buckets = yield* Buckets.Buckets
  const files = yield* FileManager.FileManager
  const media = yield* Media.Media
  const live = yield* Live.Live
  const to = { from: a, to: at("b") }
  const all: Record<Exclude<WcsRequest.Operation, OfContent>, Effect.Effect<unknown, WcsError.WcsError>> = {
    stat: objects.stat(a),
    list: objects.list({ bucket: "media" }),
    delete: objects.delete(a),
    move: objects.move(a, at("b")),
    copy: objects.copy(a, at("b")),
    setdeadline: objects.setDeadline(a, day),
    prefetch: objects.prefetch("media", ["a"]),
    "bucket/list": buckets.list,
    "bucket/stat": buckets.stat(days),
    "bucket/statistics": buckets.statistics({ ...days, type: "flow" }),
    "fmgr/move": files.move([to]),
    "fmgr/copy": files.copy([to]),
    "fmgr/fetch": files.fetch([{ url: "http://src.test/a", to: a }]),
    "fmgr/delete": files.delete([a]),
    "fmgr/deletePrefix": files.deletePrefix([{ bucket: "media", prefix: "a" }]),
    "fmgr/deletem3u8": files.deleteM3u8([a]),
    "fmgr/setdeadline": files.setDeadline([{ bucket: "media", wholeBucket: true, retention: day }]),
    "fmgr/compress": files.compress([{ bucket: "media", keys: ["a"], saveAs: at("b") }]),
    "fmgr/status": files.status("2010"),
    fops: media.process(a, MediaPipeline.raw("vframe/jpg/offset/1")),
    "fops/status": media.status("2010"),
    imageDetect: media.detect({ image: "http://src.test/a", type: "porn", bucket: "media" }),
    imageInfo: media.imageInfo(a),
    exif: media.exif(a),
    avinfo: media.avinfo(a),
    avinfo2: media.avinfo2(a),
    "wslive/list": live.list({ bucket: "media", channel: "one", from: now, to: now })
  }
  return Struct.entries(all)
})
