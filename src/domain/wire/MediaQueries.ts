/**
 * The requests that look into images, audio and video (protocol 9.1, 10).
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Base64Url from "../Base64Url.ts"
import type { BucketName, Entry } from "../Entry.ts"
import type { AvInfo, AvStream, DetectionType, Exif, ImageDetection, ImageInfo } from "../MediaInfo.ts"
import * as Downloads from "./Downloads.ts"
import { Anything, Count, count, Members, OptionalArray, OptionalText, quantity, text } from "./Fields.ts"
import { type Answer, body, json, post, type WcsRequest } from "./WcsRequest.ts"

const Review = Schema.optionalWith(Schema.Union(Schema.Boolean, Schema.BooleanFromString), {
  default: () => false,
  nullable: true
})

const finding = { label: Count, rate: Anything, review: Review }

const Person = Schema.Struct({ name: OptionalText, rate: Anything, review: Review })

const readDetections = json(Schema.Struct({
  results: Schema.Array(Schema.Struct({
    image: OptionalText,
    errMessage: OptionalText,
    pornDetect: Schema.optionalWith(Schema.Struct(finding), { nullable: true }),
    terrorDetect: Schema.optionalWith(Schema.Struct(finding), { nullable: true }),
    politicalDetect: Schema.optionalWith(
      Schema.Struct({
        label: Count,
        persons: OptionalArray(Person)
      }),
      { nullable: true }
    )
  }))
}))

/** Reads how sure the service is, whatever shape that has. */
const rated = <A extends { readonly rate?: unknown }>(found: A) => ({ ...found, rate: quantity(found.rate) })

const pornKinds = ["pornographic", "sexy", "normal"] as const

const detection = (answer: Answer): Either.Either<ImageDetection, string> =>
  Either.flatMap(
    readDetections(answer),
    ({ results: [result] }) =>
      result === undefined ? Either.left("no result") : Either.right({
        image: result.image,
        error: text(result.errMessage),
        porn: Option.map(Option.fromNullable(result.pornDetect), (found) => ({
          ...rated(found),
          kind: pornKinds[found.label] ?? "unknown"
        })),
        terror: Option.map(Option.fromNullable(result.terrorDetect), rated),
        political: Option.map(Option.fromNullable(result.politicalDetect), ({ label, persons }) => ({
          label,
          persons: persons.map(rated)
        }))
      })
  )

/**
 * Looks an image through; the bucket is not in Base64 (protocol 9.1).
 *
 * @since 0.1.0
 * @category requests
 */
export const imageDetect = (image: string, type: DetectionType, bucket: BucketName): WcsRequest<ImageDetection> =>
  post("imageDetect", {
    path: "/imageDetect",
    target: bucket,
    body: body([["image", Base64Url.encode(image)], ["type", type], ["bucket", bucket]])
  }, detection)

/** A question about an object on the download domain. */
const ask = <A>(
  op: "imageInfo" | "exif" | "avinfo" | "avinfo2",
  entry: Entry,
  decode: WcsRequest<A>["decode"]
): WcsRequest<A> => ({ ...Downloads.get(entry, { trafficLimit: 0 }), operation: op, query: `op=${op}`, decode })

const readImageInfo = json(Schema.Struct({
  format: OptionalText,
  size: Anything,
  width: Count,
  height: Count,
  colorModel: Anything
}))

/**
 * An image's properties (protocol 10).
 *
 * @since 0.1.0
 * @category requests
 */
export const imageInfo = (entry: Entry): WcsRequest<ImageInfo> =>
  ask(
    "imageInfo",
    entry,
    (answer) =>
      Either.map(readImageInfo(answer), ({ colorModel, format, height, size, width }) => ({
        format,
        width,
        height,
        size: count(size),
        colorModel: text(colorModel)
      }))
  )

const readMembers = json(Members)

/**
 * An image's EXIF tags (protocol 10).
 *
 * @since 0.1.0
 * @category requests
 */
export const exif = (entry: Entry): WcsRequest<Exif> => ask("exif", entry, readMembers)

const avStream = (fields: typeof Members.Type): AvStream => ({
  type: text(fields["codec_type"]),
  codec: text(fields["codec_name"]),
  duration: quantity(fields["duration"]),
  bitRate: quantity(fields["bit_rate"]),
  width: count(fields["width"]),
  height: count(fields["height"]),
  fields
})

const readAv = json(Schema.Struct({
  streams: OptionalArray(Members),
  format: Schema.optionalWith(Members, { default: () => ({}), nullable: true })
}, Members))

const avInfo = (answer: Answer): Either.Either<AvInfo, string> =>
  Either.map(readAv(answer), (fields) => ({
    streams: fields.streams.map(avStream),
    format: text(fields.format["format_name"]),
    duration: quantity(fields.format["duration"]),
    size: count(fields.format["size"]),
    bitRate: quantity(fields.format["bit_rate"]),
    fields
  }))

/**
 * What an audio or video file holds (protocol 10).
 *
 * @since 0.1.0
 * @category requests
 */
export const avinfo = (entry: Entry): WcsRequest<AvInfo> => ask("avinfo", entry, avInfo)

/**
 * The same in short (protocol 10).
 *
 * @since 0.1.0
 * @category requests
 */
export const avinfo2 = (entry: Entry): WcsRequest<AvInfo> => ask("avinfo2", entry, avInfo)
