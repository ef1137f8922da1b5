/** What the service knows of media: imagedetect, imageinfo, exif, avinfo. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import type { EmulatorOptions } from "effect-wcs/testing"
import { bucket, emulatorOf } from "../e2e/support/service.ts"
import { putAll } from "../support/emulated.ts"
import { fails, place, succeeds } from "./support/wcscmd.ts"

const at = (key: string) => `wcs://${bucket}/${key}`

/** A JPEG of 640 x 480 pixels with one EXIF tag. */
const jpeg = Buffer.from(
  "/9j/4QApRXhpZgAATU0AKgAAAAgAAQEPAAIAAAAHAAAAGgAAAABXYW5nc3UA/8AAEQgB4AKAAwAAAAAAAAAAAP/aAAL/2Q==",
  "base64"
)

const options: EmulatorOptions.EmulatorOptions = {
  detectImage: ({ image, type }) =>
    Effect.succeed(
      image.endsWith("/broken")
        ? { errMessage: "no image" }
        : type === "political"
        ? { label: 1, persons: [{ name: "A\u001b[1mB", rate: 0.75, review: true }] }
        : { label: 2, rate: 0.985, review: false }
    ),
  mediaInfo: ({ operation }) =>
    Effect.succeed({
      streams: operation === "avinfo2" ? [] : [
        { codec_type: "video", codec_name: "h264", width: 640, height: 360, duration: "12.5", bit_rate: "800000" },
        { codec_type: "audio", codec_name: "aac", duration: "12.5" }
      ],
      format: { format_name: "mov,mp4", duration: "12.5", size: "1234567", bit_rate: "128000" }
    })
}

layer(emulatorOf(options), { excludeTestServices: true })("wcscmd on media", (it) => {
  it.scoped("imagedetect tells what was found, and never of an image that was not looked at", () =>
    Effect.gen(function*() {
      const here = yield* place
      const line = ["imagedetect", "http://src.test/a.jpg", `wcs://${bucket}`, "--type"]
      const found = JSON.parse(yield* succeeds(here, ...line, "porn", "--json"))
      assert.deepStrictEqual(found.porn, { kind: "normal", label: 2, rate: 0.985, review: false })
      assert.deepInclude(found, { image: "http://src.test/a.jpg", error: null, terror: null, political: null })
      assert.strictEqual(
        yield* succeeds(here, ...line, "political"),
        [
          "image      http://src.test/a.jpg",
          "political  label 1",
          "person     A\\u001b[1mB, 75.0 % sure, a person should look at it\n"
        ].join("\n")
      )
      assert.strictEqual(
        yield* fails(here, 1, "imagedetect", "http://src.test/broken", `wcs://${bucket}`, "--type", "porn"),
        "wcscmd: imagedetect: refused (200): no image [imageDetect]\n"
      )
      assert.include(yield* fails(here, 2, ...line, "cats"), "--type is one of porn, terror, political, not cats")
      assert.include(yield* fails(here, 2, ...line.slice(0, 3)), "--type")
    }))

  it.scoped("imageinfo, exif and avinfo describe an object", () =>
    Effect.gen(function*() {
      const here = yield* place
      yield* putAll(bucket, { "a.jpg": jpeg, "b.txt": "text", "v.mp4": "film" })
      assert.strictEqual(
        yield* succeeds(here, "imageinfo", at("a.jpg")),
        `format   jpeg\npixels   640 x 480\nsize     ${jpeg.length} B\ncolours  ycbcr\n`
      )
      assert.strictEqual(yield* succeeds(here, "exif", at("a.jpg")), "Make  Wangsu\n")
      assert.include(yield* fails(here, 3, "exif", at("b.txt")), "exif: not found (404): No Exif Data")
      assert.strictEqual(
        yield* succeeds(here, "avinfo", at("v.mp4")),
        [
          "format    mov,mp4",
          "size      1.2 MiB",
          "duration  12.5 s",
          "bit rate  128.0 kbit/s",
          "",
          "video  h264  640 x 360  12.5 s  800.0 kbit/s",
          "audio  aac           -  12.5 s             -\n"
        ].join("\n")
      )
      const short = JSON.parse(yield* succeeds(here, "avinfo", at("v.mp4"), "--short", "--json"))
      assert.deepInclude(short, { streams: [], format: "mov,mp4", duration: 12.5, size: 1_234_567 })
      assert.strictEqual(short.fields.format.bit_rate, "128000")
    }))
})
