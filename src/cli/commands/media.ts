/**
 * Media: what the service finds out about images, audio and video.
 */
import * as Args from "@effect/cli/Args"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { AvStream, DetectionType, Finding, ImageDetection } from "../../domain/MediaInfo.ts"
import { WcsRefused } from "../../domain/WcsError.ts"
import { Media } from "../../services/Media.ts"
import { UsageError } from "../Failure.ts"
import * as Flags from "../Flags.ts"
import * as Format from "../Format.ts"
import * as ObjectPath from "../ObjectPath.ts"
import { jsonLine, Output } from "../Output.ts"
import * as WcsCommand from "../WcsCommand.ts"

const detections: ReadonlyArray<DetectionType> = ["porn", "terror", "political"]

const sure = ({ rate, review }: Omit<Finding, "label">): string =>
  Option.match(rate, { onNone: () => "", onSome: (rate) => `, ${(rate * 100).toFixed(1)} % sure` }) +
  (review ? ", a person should look at it" : "")

/** What was found, a line for each finding. */
const findings = ({ political, porn, terror }: ImageDetection): ReadonlyArray<ReadonlyArray<string>> => [
  ...Option.match(porn, {
    onNone: () => [],
    onSome: (found) => [["porn", `${found.kind} (label ${found.label})${sure(found)}`]]
  }),
  ...Option.match(terror, { onNone: () => [], onSome: (found) => [["terror", `label ${found.label}${sure(found)}`]] }),
  ...Option.match(political, {
    onNone: () => [],
    onSome: ({ label, persons }) => [
      ["political", `label ${label}`],
      ...persons.map((person) => ["person", `${Format.visible(person.name)}${sure(person)}`])
    ]
  })
]

export const imagedetect = WcsCommand.client("imagedetect", {
  description: "Have the service look through the image behind a URL, on the account of a bucket.",
  examples: ["imagedetect https://example.com/a.png wcs://media --type porn"],
  args: { url: Args.text({ name: "URL" }), bucket: ObjectPath.bucket() },
  flags: { type: Flags.required("type", detections.join("|"), "What to look for.") }
}, ({ bucket, type: given, url }) =>
  Effect.gen(function*() {
    const type = detections.find((type) => type === given)
    if (type === undefined) {
      return yield* new UsageError({ message: `--type is one of ${detections.join(", ")}, not ${given}` })
    }
    const found = yield* (yield* Media).detect({ image: url, bucket, type })
    // Nobody may take an image for a good one that was not looked at.
    if (Option.isSome(found.error)) {
      return yield* new WcsRefused({ operation: "imageDetect", status: 200, code: "200", detail: found.error.value })
    }
    yield* (yield* Output).result(found, Format.table([["image", Format.visible(found.image)], ...findings(found)]))
  }))

/** A row for what is known. */
const row = <A>(name: string, value: Option.Option<A>, text: (value: A) => string): ReadonlyArray<[string, string]> =>
  Option.match(value, { onNone: () => [], onSome: (value) => [[name, text(value)]] })

const seconds = (seconds: number) => `${seconds} s`
const bitRate = (bits: number) => `${(bits / 1000).toFixed(1)} kbit/s`

export const imageinfo = WcsCommand.client("imageinfo", {
  description: "Tell an image's format, size and dimensions.",
  examples: ["imageinfo wcs://media/a.png"],
  args: { object: ObjectPath.object() }
}, ({ object }) =>
  Effect.gen(function*() {
    const info = yield* (yield* Media).imageInfo(object)
    yield* (yield* Output).result(
      info,
      Format.table([
        ["format", Format.visible(info.format)],
        ["pixels", `${info.width} x ${info.height}`],
        ...row("size", info.size, Format.size),
        ...row("colours", info.colorModel, Format.visible)
      ])
    )
  }))

const isValue = (tag: unknown): tag is { readonly val: unknown } =>
  typeof tag === "object" && tag !== null && "val" in tag

/** A tag's value as text: the service's family wraps it as `{"val": …}`. */
const tagText = (tag: unknown): string => {
  const value = isValue(tag) ? tag.val : tag
  return Format.visible(typeof value === "string" ? value : jsonLine(value))
}

export const exif = WcsCommand.client("exif", {
  description: "Tell an image's EXIF tags.",
  examples: ["exif wcs://media/a.jpg"],
  args: { object: ObjectPath.object() }
}, ({ object }) =>
  Effect.gen(function*() {
    const tags = yield* (yield* Media).exif(object)
    yield* (yield* Output).result(
      tags,
      Format.table(Object.entries(tags).map(([name, tag]) => [Format.visible(name), tagText(tag)]))
    )
  }))

const streamRow = ({ bitRate: bits, codec, duration, height, type, width }: AvStream): ReadonlyArray<string> => [
  Option.match(type, { onNone: () => "stream", onSome: Format.visible }),
  Option.match(codec, { onNone: () => "-", onSome: Format.visible }),
  Option.match(Option.all([width, height]), { onNone: () => "-", onSome: (pixels) => pixels.join(" x ") }),
  Option.match(duration, { onNone: () => "-", onSome: seconds }),
  Option.match(bits, { onNone: () => "-", onSome: bitRate })
]

export const avinfo = WcsCommand.client("avinfo", {
  description: "Tell what an audio or video file holds.",
  examples: ["avinfo wcs://media/a.mp4"],
  args: { object: ObjectPath.object() },
  flags: { short: Flags.toggle("short", "The short form, the service's avinfo2.") }
}, ({ object, short }) =>
  Effect.gen(function*() {
    const media = yield* Media
    const info = yield* (short ? media.avinfo2 : media.avinfo)(object)
    const whole = [
      ...row("format", info.format, Format.visible),
      ...row("size", info.size, Format.size),
      ...row("duration", info.duration, seconds),
      ...row("bit rate", info.bitRate, bitRate)
    ]
    const tables = [Format.table(whole), Format.table(info.streams.map(streamRow), [2, 3, 4])]
    yield* (yield* Output).result(info, tables.filter((text) => text !== "").join("\n\n"))
  }))
