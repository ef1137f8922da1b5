import { assert, describe, it } from "@effect/vitest"
import { Either } from "effect"
import { Base64Url, MediaPipeline } from "effect-wcs"

const target = { bucket: "images", key: "v.jpg" }

const encoded: ReadonlyArray<readonly [MediaPipeline.MediaPipeline, string]> = [
  [MediaPipeline.vframe({ format: "jpg", offset: 1.5, width: 64, height: 48 }), "vframe/jpg/offset/1.5/w/64/h/48"],
  [
    MediaPipeline.avthumb({
      format: "flv",
      audioBitRate: "64k",
      videoBitRate: "1.25m",
      size: "640x360",
      frameRate: 25
    }),
    "avthumb/flv/ab/64k/r/25/vb/1.25m/s/640x360"
  ],
  [
    MediaPipeline.avthumb({
      format: "mp4",
      watermark: { image: "http://a.test/logo.png", gravity: "NorthEast", offsetX: -10 },
      parameters: { t: 10 }
    }),
    `avthumb/mp4/wmImage/${Base64Url.encode("http://a.test/logo.png")}/wmGravity/NorthEast/wmOffsetX/-10/t/10`
  ],
  [
    MediaPipeline.avthumb({ format: "mp4", watermark: { text: "© 2026/1" } }),
    `avthumb/mp4/wmText/${Base64Url.encode("© 2026/1")}`
  ],
  [MediaPipeline.decompression({ format: "zip", folder: "a/b" }), `decompression/zip/dir/${Base64Url.encode("a/b")}`],
  [MediaPipeline.raw("imageMogr/auto-orient"), "imageMogr/auto-orient"],
  [
    [
      MediaPipeline.vframe({ format: "jpg", offset: 1 }).pipe(MediaPipeline.saveAs(target)),
      MediaPipeline.raw("avthumb/mp4")
    ],
    "vframe/jpg/offset/1|saveas/aW1hZ2VzOnYuanBn;avthumb/mp4"
  ]
]

describe("a pipeline travels as", () => {
  for (const [pipeline, text] of encoded) {
    it(text, () => assert.deepStrictEqual(MediaPipeline.encode(pipeline), Either.right(text)))
  }
})

const refused: ReadonlyArray<readonly [input: string, MediaPipeline.MediaPipeline]> = [
  ["pipeline", []],
  ["format", MediaPipeline.vframe({ format: "jpg/offset/0|saveas", offset: 1 })],
  ["format", MediaPipeline.avthumb({ format: "" })],
  ["offset", MediaPipeline.vframe({ format: "jpg", offset: -1 })],
  ["offset", MediaPipeline.vframe({ format: "jpg", offset: NaN })],
  ["width", MediaPipeline.vframe({ format: "jpg", offset: 1, width: 0 })],
  ["size", MediaPipeline.avthumb({ format: "mp4", size: "640" })],
  ["videoBitRate", MediaPipeline.avthumb({ format: "mp4", videoBitRate: "fast" })],
  ["watermark", MediaPipeline.avthumb({ format: "mp4", watermark: {} })],
  ["watermark", MediaPipeline.avthumb({ format: "mp4", watermark: { image: "http://a.test/x", text: "x" } })],
  ["watermark.image", MediaPipeline.avthumb({ format: "mp4", watermark: { image: "logo.png" } })],
  ["x", MediaPipeline.avthumb({ format: "mp4", parameters: { x: "a;b" } })],
  ["x", MediaPipeline.avthumb({ format: "mp4", parameters: { x: NaN } })],
  ["x", MediaPipeline.avthumb({ format: "mp4", parameters: { x: 1e21 } })],
  ["folder", MediaPipeline.decompression({ format: "zip", folder: "" })],
  ["command", MediaPipeline.raw("a;b")],
  ["command", MediaPipeline.raw("")],
  ["key", MediaPipeline.raw("avthumb/mp4").pipe(MediaPipeline.saveAs({ bucket: "b", key: "/k" }))],
  ["saveAs", MediaPipeline.raw("avthumb/mp4").pipe(MediaPipeline.saveAs(target), MediaPipeline.saveAs(target))]
]

describe("a pipeline is refused", () => {
  for (const [input, pipeline] of refused) {
    it(input, () => assert.strictEqual(Either.getOrThrow(Either.flip(MediaPipeline.encode(pipeline))).input, input))
  }
})
