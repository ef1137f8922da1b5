import { assert, describe, it } from "@effect/vitest"
import { Effect, FastCheck, TestClock } from "effect"
import type { EmulatorMedia, EmulatorOptions } from "effect-wcs/testing"
import { Emulator } from "effect-wcs/testing"
import * as exif from "../../src/testing/internal/exif.ts"
import * as imageHeader from "../../src/testing/internal/imageHeader.ts"
import type * as support from "./support.ts"
import { b64u, both, bytes, inProcess, manage, now, send } from "./support.ts"

const seed = (key: string, content: string | Uint8Array) =>
  Effect.flatMap(Emulator.Emulator, (emulator) => emulator.putObject({ bucket: "demo", key }, content))

const with_ =
  (options: EmulatorOptions.EmulatorOptions, test: () => Effect.Effect<void, unknown, support.Services>) => () =>
    Effect.provide(Effect.zipRight(TestClock.setTime(now), test()), inProcess(options))

const u16 = (...values: ReadonlyArray<number>) =>
  Buffer.concat(values.map((value) => Buffer.of(value >> 8, value & 255)))
const u32 = (value: number) => Buffer.concat([u16(value >>> 16), u16(value & 0xffff)])
const le = (bytes: Buffer) => Buffer.from(bytes.toReversed())

const segment = (marker: number, content: Uint8Array) =>
  Buffer.concat([Buffer.of(0xff, marker), u16(content.length + 2), content])

const frame = (width: number, height: number, components: number, marker = 0xc0) =>
  segment(marker, Buffer.concat([Buffer.of(8), u16(height, width), Buffer.of(components), bytes(3 * components)]))

const jpeg = (...segments: ReadonlyArray<Uint8Array>) =>
  Buffer.concat([Buffer.of(0xff, 0xd8), ...segments, Buffer.of(0xff, 0xda, 0, 2), bytes(20), Buffer.of(0xff, 0xd9)])

const png = (width: number, height: number, colorType: number) =>
  Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    u32(13),
    Buffer.from("IHDR"),
    u32(width),
    u32(height),
    Buffer.of(8, colorType, 0, 0, 0),
    u32(0)
  ])

const gif = (width: number, height: number) =>
  Buffer.concat([Buffer.from("GIF89a"), le(u16(width)), le(u16(height)), bytes(10)])

const bmp = (width: number, height: number, bits: number) =>
  Buffer.concat([
    Buffer.from("BM"),
    bytes(12),
    le(u32(40)),
    le(u32(width)),
    le(u32(height >>> 0)),
    le(u16(1)),
    le(u16(bits)),
    bytes(24)
  ])

const webp = (kind: string, content: Uint8Array) =>
  Buffer.concat([
    Buffer.from("RIFF"),
    le(u32(content.length + 12)),
    Buffer.from(`WEBP${kind}`),
    le(u32(content.length)),
    content
  ])

const images: ReadonlyArray<readonly [string, Uint8Array, string, number, number, string]> = [
  ["1.png", png(300, 70_000, 6), "png", 300, 70_000, "rgba"],
  ["2.png", png(1, 2, 3), "png", 1, 2, "palette"],
  [
    "1.jpg",
    jpeg(segment(0xe0, bytes(14)), segment(0xc4, bytes(40)), frame(640, 480, 3, 0xc2)),
    "jpeg",
    640,
    480,
    "ycbcr"
  ],
  ["2.jpg", jpeg(segment(0xe1, bytes(60_000)), Buffer.of(0xff), frame(2, 3, 1)), "jpeg", 2, 3, "gray"],
  ["1.gif", gif(513, 258), "gif", 513, 258, "palette"],
  ["1.bmp", bmp(100, -50, 24), "bmp", 100, 50, "rgb"],
  [
    "1.webp",
    webp("VP8 ", Buffer.concat([bytes(6), le(u16(0x4000 + 320)), le(u16(200)), bytes(4)])),
    "webp",
    320,
    200,
    "ycbcr"
  ],
  [
    "2.webp",
    webp("VP8L", Buffer.concat([Buffer.of(0x2f), le(u32(0x1000_0000 + (99 << 14) + 49))])),
    "webp",
    50,
    100,
    "rgba"
  ],
  ["3.webp", webp("VP8X", Buffer.of(0x10, 0, 0, 0, 0xff, 0xff, 0x01, 9, 0, 0)), "webp", 0x20000, 10, "rgba"]
]

describe("imageInfo", () => {
  both("reads the head of an image", () =>
    Effect.gen(function*() {
      for (const [key, content, format, width, height, colorModel] of images) {
        yield* seed(`dir/${key}`, content)
        const answer = yield* send("GET", `/download/demo/dir/${key}?op=imageInfo`)
        assert.deepStrictEqual(answer.json, {
          message: "OK",
          format,
          size: String(content.length),
          width,
          height,
          colorModel
        })
      }
      const [request] = yield* (yield* Emulator.Emulator).requests
      assert.strictEqual(request?.operation, "imageInfo")
    }))

  both("refuses what is no image, and leaves downloads alone", () =>
    Effect.gen(function*() {
      yield* seed("a.txt", "BAD")
      yield* seed("cut.png", png(1, 1, 2).subarray(0, 20))
      yield* seed("empty", "")
      for (const key of ["a.txt", "cut.png", "empty"]) {
        const answer = yield* send("GET", `/download/demo/${key}?op=imageInfo`)
        assert.deepStrictEqual(answer.json, { code: "400", message: "Unsupported Image" })
      }
      assert.strictEqual((yield* send("GET", "/download/demo/none?op=imageInfo")).status, 404)
      assert.strictEqual((yield* send("GET", "/download/demo/a.txt?op=imageInfos")).text, "BAD")
      assert.strictEqual((yield* send("GET", "/download/demo/a.txt?x=op=imageInfo")).text, "BAD")
    }))

  it.prop("gets along with anything", [
    FastCheck.constantFrom(...images.map(([, content]) => content)),
    FastCheck.nat(),
    FastCheck.nat(),
    FastCheck.nat(255)
  ], ([content, cut, at, value]) => {
    const changed = Uint8Array.from(content)
    changed[at % changed.length] = value
    const { buffer } = changed.slice(0, cut % changed.length)
    imageHeader.read(new DataView(buffer))
    exif.read(new DataView(buffer))
  })
})

describe("exif", () => {
  /** A photograph whose tags stand in two directories, of which the second is the EXIF's own. */
  const photo = (order: (bytes: Buffer) => Buffer) => {
    const entry = (tag: number, type: number, count: number, value: Buffer) =>
      Buffer.concat([order(u16(tag)), order(u16(type)), order(u32(count)), value])
    const tiff = Buffer.concat([
      Buffer.from(order(u16(1))[0] === 1 ? "II" : "MM"),
      order(u16(42)),
      order(u32(8)),
      // From 8 to 74.
      order(u16(5)),
      entry(0x010f, 2, 6, order(u32(104))),
      entry(0x0110, 2, 3, Buffer.from("ab\0\0")),
      entry(0x0112, 3, 1, Buffer.concat([order(u16(6)), u16(0)])),
      entry(0x8769, 4, 1, order(u32(74))),
      entry(0x9999, 3, 2, Buffer.concat([order(u16(1)), order(u16(2))])),
      u32(0),
      // From 74 to 104.
      order(u16(2)),
      entry(0x829a, 5, 1, order(u32(110))),
      entry(0x927c, 7, 4, Buffer.from("note")),
      u32(0),
      // At 104 and 110.
      Buffer.from("maker\0"),
      order(u32(1)),
      order(u32(250))
    ])
    return jpeg(
      segment(0xe1, Buffer.from("http://ns.adobe.com/xap/1.0/")),
      segment(0xe1, Buffer.concat([Buffer.from("Exif\0\0"), tiff])),
      frame(1, 1, 3)
    )
  }

  both("tells the tags of a photograph", () =>
    Effect.gen(function*() {
      yield* seed("motorola.jpg", photo((bytes) => bytes))
      yield* seed("intel.jpg", photo(le))
      for (const key of ["motorola.jpg", "intel.jpg"]) {
        assert.deepStrictEqual((yield* send("GET", `/download/demo/${key}?op=exif`)).json, {
          Make: { val: "maker", type: 2 },
          Model: { val: "ab", type: 2 },
          Orientation: { val: "6", type: 3 },
          "0x9999": { val: "1 2", type: 3 },
          ExposureTime: { val: "1/250", type: 5 }
        })
      }
    }))

  both("is 404 where there are none", () =>
    Effect.gen(function*() {
      yield* seed("a.jpg", jpeg(frame(1, 1, 3)))
      yield* seed("a.png", png(1, 1, 2))
      yield* seed("a.txt", "text")
      for (const key of ["a.jpg", "a.png", "a.txt"]) {
        const answer = yield* send("GET", `/download/demo/${key}?op=exif`)
        assert.deepStrictEqual(answer.json, { code: "404", message: "No Exif Data" })
      }
      assert.deepStrictEqual((yield* send("GET", "/download/demo/none?op=exif")).json.message, "File Not Found")
    }))
})

describe("avinfo", () => {
  both("knows a name and a size by itself", () =>
    Effect.gen(function*() {
      yield* seed("dir/a.mp4", bytes(1000))
      for (const operation of ["avinfo", "avinfo2"]) {
        assert.deepStrictEqual((yield* send("GET", `/download/demo/dir/a.mp4?op=${operation}`)).json, {
          streams: [],
          format: { filename: "dir/a.mp4", nb_streams: 0, size: "1000" }
        })
        assert.strictEqual((yield* send("GET", `/download/demo/none?op=${operation}`)).status, 404)
      }
    }))

  const asked: Array<EmulatorMedia.MediaQuestion> = []
  const mediaInfo = (question: EmulatorMedia.MediaQuestion) =>
    Effect.sync(() => {
      asked.push(question)
      return { streams: [{ codec_type: "video", width: 640 }], format: { duration: "1.5" } }
    })

  it.effect(
    "tells what it is told",
    with_({ mediaInfo }, () =>
      Effect.gen(function*() {
        yield* seed("a.mp4", "film")
        const answer = yield* send("GET", "/download/demo/a.mp4?op=avinfo2&x=1")
        assert.deepStrictEqual(answer.json, {
          streams: [{ codec_type: "video", width: 640 }],
          format: { duration: "1.5" }
        })
        assert.deepStrictEqual(asked, [
          { operation: "avinfo2", bucket: "demo", key: "a.mp4", size: 4, mimeType: "video/mp4" }
        ])
      }))
  )
})

describe("imageDetect", () => {
  const image = "http://img.example/目 1.png?x=1"
  const detect = (fields: Record<string, string>) =>
    manage("POST", "/imageDetect", Object.entries(fields).map(([name, value]) => `${name}=${value}`).join("&"))
  const question = { image: b64u(image), type: "porn", bucket: "demo" }

  both("says that it cannot look", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual((yield* detect(question)).json, {
        results: [{ image, errMessage: "The Emulator Looks Into No Image" }]
      })
    }))

  both("refuses what it cannot read", () =>
    Effect.gen(function*() {
      for (
        const fields of [
          { type: "porn", bucket: "demo" },
          { ...question, image },
          { ...question, image: b64u("a.png") },
          { ...question, image: b64u("file:///a.png") },
          { ...question, type: "cats" },
          { ...question, bucket: "" },
          { ...question, more: "1" }
        ]
      ) {
        assert.strictEqual((yield* detect(fields)).status, 400, JSON.stringify(fields))
      }
      // It is the one bucket that is not in Base64.
      assert.strictEqual((yield* detect({ ...question, bucket: b64u("demo") })).status, 404)
      assert.strictEqual((yield* send("POST", "/imageDetect", { body: "type=porn" })).status, 401)
    }))

  const verdicts: Record<EmulatorMedia.ImageQuestion["type"], EmulatorMedia.ImageVerdict> = {
    porn: { label: 2, rate: 0.98, review: false },
    terror: { errMessage: "Not An Image" },
    political: { label: 1, persons: [{ name: "ann", rate: 0.5, review: true }] }
  }

  it.effect(
    "has the verdicts that it is told",
    with_({
      detectImage: (asked) =>
        Effect.sync(() => {
          assert.deepStrictEqual(asked, { image, type: asked.type, bucket: "demo" })
          return verdicts[asked.type]
        })
    }, () =>
      Effect.gen(function*() {
        const result = (type: string) => Effect.map(detect({ ...question, type }), ({ json }) => json.results)
        assert.deepStrictEqual(yield* result("porn"), [{ image, errMessage: "", pornDetect: verdicts.porn }])
        assert.deepStrictEqual(yield* result("terror"), [{ image, errMessage: "Not An Image" }])
        assert.deepStrictEqual(yield* result("political"), [
          { image, errMessage: "", politicalDetect: verdicts.political }
        ])
      }))
  )
})

describe("wslive/list", () => {
  const recording = (key: string, startTime: string, given: Partial<EmulatorMedia.Recording> = {}) => ({
    bucket: "demo",
    channel: "频道 1",
    key,
    startTime,
    endTime: String(Number(startTime) + 100),
    ...given
  })
  const recordings = [
    recording("3", "20260101030000"),
    recording("1", "20260101010000"),
    recording("2", "20260101020000"),
    recording("0", "20251231235959"),
    recording("other channel", "20260101020000", { channel: "other" }),
    recording("other bucket", "20260101020000", { bucket: "other" })
  ]
  const list = (given: Record<string, string | number> = {}) => {
    const query = {
      channelname: encodeURIComponent("频道 1"),
      startTime: "20260101010000",
      endTime: "20260101030000",
      bucket: "demo",
      ...given
    }
    return manage("GET", `/wslive/list?${Object.entries(query).map(([name, value]) => `${name}=${value}`).join("&")}`)
  }
  const keys = (given?: Record<string, string | number>) =>
    Effect.map(list(given), ({ json }) => json.items.map(({ key }: { key: string }) => key))

  it.effect(
    "lists what began between two times, part by part",
    with_({ recordings, buckets: ["demo", "other"] }, () =>
      Effect.gen(function*() {
        const [first] = (yield* list()).json.items
        assert.deepStrictEqual(first, { key: "1", startTime: "20260101010000", endTime: "20260101010100" })
        assert.deepStrictEqual(yield* keys(), ["1", "2", "3"])
        assert.deepStrictEqual(yield* keys({ endTime: "20260101025959" }), ["1", "2"])
        assert.deepStrictEqual(yield* keys({ start: 2 }), ["2", "3"])
        assert.deepStrictEqual(yield* keys({ limit: 1 }), ["1"])
        assert.deepStrictEqual(yield* keys({ start: 2, limit: 1 }), ["2"])
        assert.deepStrictEqual(yield* keys({ start: 4, limit: 10 }), [])
        assert.deepStrictEqual(yield* keys({ channelname: "none" }), [])
        assert.deepStrictEqual(yield* keys({ bucket: "other" }), ["other bucket"])
      }))
  )

  both("refuses what it cannot read", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* keys(), [])
      for (
        const given of [
          { start: 0 },
          { limit: 0 },
          { limit: "1.5" },
          { start: "x" },
          { startTime: "20260101" },
          { startTime: "2026-01-01" },
          { endTime: "20260230000000" },
          { endTime: "20260101250000" },
          { endTime: "20260101000000" },
          { channelname: "" },
          { bucket: "" },
          { marker: "x" }
        ]
      ) {
        assert.strictEqual((yield* list(given)).status, 400, JSON.stringify(given))
      }
      assert.strictEqual((yield* list({ bucket: "nowhere" })).status, 404)
      assert.strictEqual((yield* send("GET", "/wslive/list?bucket=demo")).status, 401)
    }))
})
