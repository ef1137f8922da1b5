/** Media tasks from their start to their end, and what the service knows of media. */
import { assert, describe, it } from "@effect/vitest"
import { Data, Effect, Option, Stream, TestClock } from "effect"
import { MediaPipeline } from "effect-wcs"
import type { EmulatorMedia, EmulatorOptions } from "effect-wcs/testing"
import { strToU8, zipSync } from "fflate"
import { inTime } from "../support/clock.ts"
import {
  at,
  bytesOf,
  emulator,
  files,
  followMedia,
  given,
  keys,
  media,
  now,
  operations,
  service,
  textOf
} from "./support.ts"

const { avthumb, decompression, raw, saveAs, vframe } = MediaPipeline

class NoSuchCodec extends Data.TaggedError("NoSuchCodec")<{ readonly message: string }> {}

/** Makes a text of what it was given, but for one command that it cannot carry out. */
const carryOut: EmulatorOptions.EmulatorOptions["process"] = (command, { content }) =>
  command.startsWith("avthumb")
    ? new NoSuchCodec({ message: "no such codec" })
    : Effect.map(Stream.mkString(Stream.decodeText(content)), (text) => ({
      content: `${command}(${text})`,
      mimeType: "image/jpeg"
    }))

const slow = { process: carryOut, taskDelay: "30 seconds", taskDuration: "30 seconds" } as const

const three = [
  vframe({ format: "jpg", offset: 1.5 }).pipe(saveAs(at("frame.jpg", "archive"))),
  avthumb({ format: "mp4", videoBitRate: "1.25m" }).pipe(saveAs(at("film.mp4"))),
  raw("imageMogr2/auto-orient|imageView2/1")
]

const start = (key: string, pipeline: MediaPipeline.MediaPipeline, options = {}) =>
  media((media) => media.process(at(key), pipeline, options))

describe("a media task", () => {
  it.effect("is seen from its start to its end, and one command's failure is its own", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      yield* given({ "v.mp4": "film" })
      const id = yield* start("v.mp4", three)
      const { items, report, states } = yield* followMedia(id)
      assert.deepStrictEqual(states, ["waiting", "running", "done"])
      assert.deepStrictEqual(items, [
        "waiting waiting waiting",
        "running waiting waiting",
        "succeeded running waiting",
        "succeeded failed running",
        "succeeded failed succeeded"
      ])
      assert.deepStrictEqual(report.source, Option.some({ bucket: "media", key: "v.mp4", size: Option.some(4) }))
      const [frame, film, rest] = report.items
      assert.deepStrictEqual([report.succeeded, report.failed], [[frame, rest], [film]])
      assert.include(Option.getOrThrow(film!.error), "no such codec")
      assert.deepStrictEqual(frame?.key, Option.some("frame.jpg"))
      assert.strictEqual(yield* textOf("frame.jpg", "archive"), "vframe/jpg/offset/1.5(film)")
      const unnamed = Option.getOrThrow(rest!.key)
      assert.strictEqual(yield* textOf(unnamed), "imageView2/1(imageMogr2/auto-orient(film))")
      assert.deepStrictEqual(yield* keys(), [unnamed, "v.mp4"].toSorted())
    }).pipe(Effect.provide(service(slow))))

  it.effect("replaces what is there only by force", () =>
    Effect.gen(function*() {
      yield* given({ v: "film", "frame.jpg": "old" })
      const frame = vframe({ format: "jpg", offset: 0 }).pipe(saveAs(at("frame.jpg")))
      const run = (force: boolean) =>
        Effect.flatMap(start("v", frame, { force }), (id) => inTime(media((media) => media.await(id))))
      assert.lengthOf((yield* run(false)).failed, 1)
      assert.strictEqual(yield* textOf("frame.jpg"), "old")
      assert.lengthOf((yield* run(true)).succeeded, 1)
      assert.strictEqual(yield* textOf("frame.jpg"), "vframe/jpg/offset/0(film)")
    }).pipe(Effect.provide(service({ process: carryOut }))))

  it.effect("unpacks an archive, and tells what was in it", () =>
    Effect.gen(function*() {
      const archive = zipSync({ "a.txt": strToU8("one"), "目录/b & c.txt": strToU8("two") })
      yield* emulator((emulator) => emulator.putObject(at("a.zip"), archive))
      const id = yield* start(
        "a.zip",
        decompression({ format: "zip", folder: "out & in" }).pipe(saveAs(at("list", "archive")))
      )
      const { succeeded: [item] } = yield* inTime(media((media) => media.await(id)))
      const unpacked = ["out & in/a.txt", "out & in/目录/b & c.txt"]
      assert.deepStrictEqual(item?.fields["decompresslist"], unpacked)
      assert.deepStrictEqual(yield* keys(), ["a.zip", ...unpacked])
      assert.strictEqual(yield* textOf(unpacked[1]!), "two")
      assert.strictEqual(yield* textOf("list", "archive"), unpacked.map((key) => `${key}\n`).join(""))
    }).pipe(Effect.provide(service())))

  it.effect("of an object that there is not is WcsNotFound, and nothing is begun", () =>
    Effect.gen(function*() {
      assert.include(yield* Effect.flip(start("none", raw("vframe/jpg/offset/1"))), {
        _tag: "WcsNotFound",
        operation: "fops"
      })
      assert.isEmpty(yield* emulator(({ tasks }) => tasks))
    }).pipe(Effect.provide(service())))

  it.effect("is none of the file tasks, nor is one of those a media task", () =>
    Effect.gen(function*() {
      yield* given({ v: "film" })
      const ofMedia = yield* start("v", raw("vframe/jpg/offset/1"))
      const ofFiles = yield* files((files) => files.delete([at("w")]))
      const errors = [
        yield* Effect.flip(media((media) => media.await(ofFiles))),
        yield* Effect.flip(files((files) => files.await(ofMedia)))
      ]
      assert.deepStrictEqual(errors.map(({ _tag }) => _tag), ["WcsNotFound", "WcsNotFound"])
    }).pipe(Effect.provide(service())))
})

describe("an image that is looked through", () => {
  const image = "http://img.test/a%20b?x=1&y=中"
  const verdicts: { readonly [type: string]: EmulatorMedia.ImageVerdict } = {
    porn: { label: 1, rate: 0.75, review: true },
    terror: { label: 0, rate: 0.5, review: false },
    political: { label: 1, persons: [{ name: "张 & 李", rate: 0.9, review: true }] }
  }
  const asked: Array<EmulatorMedia.ImageQuestion> = []
  const detectImage = (question: EmulatorMedia.ImageQuestion) =>
    Effect.sync(() => {
      asked.push(question)
      return verdicts[question.type]!
    })

  it.effect("is the one that was meant, and so is the question", () =>
    Effect.gen(function*() {
      const detect = (type: "porn" | "terror" | "political") =>
        media((media) => media.detect({ image, type, bucket: "a=b %+#" }))
      const porn = yield* detect("porn")
      assert.deepStrictEqual(
        porn.porn,
        Option.some({ label: 1, rate: Option.some(0.75), review: true, kind: "sexy" as const })
      )
      assert.deepStrictEqual(
        (yield* detect("terror")).terror,
        Option.some({ label: 0, rate: Option.some(0.5), review: false })
      )
      const { political, terror } = yield* detect("political")
      assert.deepStrictEqual(
        political,
        Option.some({ label: 1, persons: [{ name: "张 & 李", rate: Option.some(0.9), review: true }] })
      )
      assert.deepStrictEqual([terror, porn.image], [Option.none(), image])
      assert.deepStrictEqual(
        asked,
        (["porn", "terror", "political"] as const).map((type) => ({ image, type, bucket: "a=b %+#" }))
      )
    }).pipe(Effect.provide(service({ buckets: ["a=b %+#"], detectImage }))))

  it.effect("may be one that cannot be looked at", () =>
    Effect.gen(function*() {
      const { error, porn } = yield* media((media) => media.detect({ image, type: "porn", bucket: "media" }))
      assert.isTrue(Option.isSome(error) && Option.isNone(porn))
    }).pipe(Effect.provide(service())))

  it.effect("is refused before anything is sent where it cannot be asked for", () =>
    Effect.gen(function*() {
      const refused = [
        ["image", "a.png", "media"],
        ["image", "ftp://a.test/a.png", "media"],
        ["bucket", image, "a&b"],
        ["bucket", image, ""]
      ] as const
      for (const [input, image, bucket] of refused) {
        const error = yield* Effect.flip(media((media) => media.detect({ image, type: "porn", bucket })))
        assert.include(error, { _tag: "WcsInvalidInput", input })
      }
      assert.isEmpty(yield* operations)
    }).pipe(Effect.provide(service())))
})

describe("what is known of an object", () => {
  const hard = "目录/a & b #1?+%.bin"

  it.effect("is asked of that object, by the name it has", () =>
    Effect.gen(function*() {
      const png = Buffer.from("89504e470d0a1a0a0000000d4948445200000140000000f00806000000", "hex")
      yield* emulator((emulator) => emulator.putObject(at(hard), png))
      assert.deepStrictEqual(yield* media((media) => media.imageInfo(at(hard))), {
        format: "png",
        size: Option.some(png.length),
        width: 320,
        height: 240,
        colorModel: Option.some("rgba")
      })
      for (const name of ["avinfo", "avinfo2"] as const) {
        const info = yield* media((media) => media[name](at(hard)))
        assert.deepStrictEqual([info.size, info.streams], [Option.some(png.length), []])
        assert.deepStrictEqual(info.fields["format"], { filename: hard, nb_streams: 0, size: String(png.length) })
      }
      assert.include(yield* Effect.flip(media((media) => media.exif(at(hard)))), {
        _tag: "WcsNotFound",
        operation: "exif"
      })
      assert.lengthOf(yield* bytesOf(hard), png.length)
    }).pipe(Effect.provide(service())))

  it.effect("is nothing where there is none, or where it is no image", () =>
    Effect.gen(function*() {
      yield* given({ a: "text" })
      assert.include(yield* Effect.flip(media((media) => media.avinfo(at("none")))), { _tag: "WcsNotFound" })
      assert.include(yield* Effect.flip(media((media) => media.imageInfo(at("a")))), {
        _tag: "WcsRefused",
        status: 400
      })
      const error = yield* Effect.flip(media((media) => media.imageInfo(at("a/../b"))))
      assert.include(error, { _tag: "WcsInvalidInput", input: "key" })
      assert.lengthOf(yield* operations, 2)
    }).pipe(Effect.provide(service())))
})
