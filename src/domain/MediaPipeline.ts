/**
 * Media commands (fops): what the service shall make of an object (protocol 8).
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Pipeable from "effect/Pipeable"
import * as Base64Url from "./Base64Url.ts"
import * as Entry from "./Entry.ts"
import * as Input from "./Input.ts"
import type { WcsInvalidInput } from "./WcsError.ts"
import * as WebUrl from "./WebUrl.ts"

/**
 * One command. What is wrong with it shows when it is encoded or sent.
 *
 * @since 0.1.0
 * @category models
 */
export class MediaCommand extends Pipeable.Class() {
  /** As it travels, or why it cannot. */
  readonly text: Either.Either<string, WcsInvalidInput>
  constructor(text: Either.Either<string, WcsInvalidInput>) {
    super()
    this.text = text
  }
}

/**
 * Commands that run on one object.
 *
 * @since 0.1.0
 * @category models
 */
export type MediaPipeline = MediaCommand | ReadonlyArray<MediaCommand>

/**
 * Parameters by their names in the API, beyond those that are known here.
 *
 * @since 0.1.0
 * @category models
 */
export interface Parameters {
  readonly [name: string]: string | number | undefined
}

/**
 * Which frame of a video, and how large its image is.
 *
 * @since 0.1.0
 * @category models
 */
export interface VframeOptions {
  /** `jpg`, `png`. */
  readonly format: string
  /** Seconds from the video's beginning. */
  readonly offset: number
  /** Pixels. */
  readonly width?: number | undefined
  /** Pixels. */
  readonly height?: number | undefined
  readonly parameters?: Parameters | undefined
}

/**
 * Where a watermark stands.
 *
 * @since 0.1.0
 * @category models
 */
export type Gravity =
  | "NorthWest"
  | "North"
  | "NorthEast"
  | "West"
  | "Center"
  | "East"
  | "SouthWest"
  | "South"
  | "SouthEast"

/**
 * A watermark of a transcoded video. Its parameters are those of the service's family (inferred).
 *
 * @since 0.1.0
 * @category models
 */
export interface Watermark {
  /** An image's URL. */
  readonly image?: string | URL | undefined
  readonly text?: string | undefined
  readonly gravity?: Gravity | undefined
  /** Pixels from the edge that `gravity` names. */
  readonly offsetX?: number | undefined
  /** Pixels from the edge that `gravity` names. */
  readonly offsetY?: number | undefined
}

/**
 * Format and quality of audio or video; what is left out is the service's to choose.
 *
 * @since 0.1.0
 * @category models
 */
export interface AvthumbOptions {
  /** `mp4`, `flv`, `m3u8`, `mp3`, … */
  readonly format: string
  /** Bits per second, such as `64k`. */
  readonly audioBitRate?: string | undefined
  /** Hz. */
  readonly samplingRate?: number | undefined
  readonly audioCodec?: string | undefined
  /** Bits per second, such as `1.25m`. */
  readonly videoBitRate?: string | undefined
  readonly videoCodec?: string | undefined
  /** Frames per second. */
  readonly frameRate?: number | undefined
  /** `640x360`, in pixels. */
  readonly size?: string | undefined
  readonly watermark?: Watermark | undefined
  readonly parameters?: Parameters | undefined
}

/**
 * Which archive is unpacked, and where.
 *
 * @since 0.1.0
 * @category models
 */
export interface DecompressionOptions {
  /** `zip`. */
  readonly format: string
  /** The folder that its files go to, with or without a slash at its end. Absent: the service's default. */
  readonly folder?: string | undefined
}

/** What stands raw in a command: no separator of commands or parameters. */
const word = (input: string, value: string | number): Either.Either<string, WcsInvalidInput> =>
  /^[\w.:+%=,-]+$/.test(String(value))
    ? Either.right(String(value))
    : Input.invalid(input, "is letters, digits or any of _.:+%=,-")

const number = (input: string, value: number | undefined, least: number): Either.Either<void, WcsInvalidInput> =>
  // Numbers that are written with an exponent are none to the service.
  value === undefined || (/^-?\d+(?:\.\d+)?$/.test(String(value)) && value >= least)
    ? Either.void
    : Input.invalid(input, Number.isFinite(least) ? `is a number, ${least} or more` : "is a number")

const command = (operation: string, format: string, parameters: Parameters) =>
  Either.gen(function*() {
    const parts = [operation, yield* word("format", format)]
    for (const [name, value] of Object.entries(parameters)) {
      if (typeof value === "number") yield* number(name, value, -Infinity)
      if (value !== undefined) parts.push(yield* word(name, name), yield* word(name, value))
    }
    return parts.join("/")
  })

/**
 * A frame of a video, as an image.
 *
 * @since 0.1.0
 * @category constructors
 */
export const vframe = (options: VframeOptions): MediaCommand =>
  new MediaCommand(Either.gen(function*() {
    const { format, height, offset, parameters, width } = options
    yield* number("offset", offset, 0)
    yield* number("width", width, 1)
    yield* number("height", height, 1)
    return yield* command("vframe", format, { offset, w: width, h: height, ...parameters })
  }))

const watermarked = (watermark: Watermark | undefined): Either.Either<Parameters, WcsInvalidInput> =>
  Either.gen(function*() {
    if (watermark === undefined) return {}
    const { gravity, image, offsetX, offsetY, text } = watermark
    if ((image === undefined) === (text === undefined)) {
      return yield* Input.invalid("watermark", "has either an image or a text")
    }
    if (text === "" || text?.isWellFormed() === false) {
      return yield* Input.invalid("watermark.text", "is not empty, and well-formed Unicode")
    }
    for (const offset of [offsetX, offsetY]) yield* number("watermark.offset", offset, -Infinity)
    return {
      wmImage: image === undefined ? undefined : Base64Url.encode(yield* WebUrl.check("watermark.image", image)),
      wmText: text === undefined ? undefined : Base64Url.encode(text),
      wmGravity: gravity,
      wmOffsetX: offsetX,
      wmOffsetY: offsetY
    }
  })

/**
 * Audio or video in another format or quality.
 *
 * @since 0.1.0
 * @category constructors
 */
export const avthumb = (options: AvthumbOptions): MediaCommand =>
  new MediaCommand(Either.gen(function*() {
    const { audioBitRate, frameRate, samplingRate, size, videoBitRate } = options
    yield* number("samplingRate", samplingRate, 1)
    yield* number("frameRate", frameRate, 0)
    if (size !== undefined && !/^\d+x\d+$/.test(size)) {
      return yield* Input.invalid("size", "is width x height, such as 640x360")
    }
    for (const [input, rate] of [["audioBitRate", audioBitRate], ["videoBitRate", videoBitRate]] as const) {
      if (rate !== undefined && !/^\d+(?:\.\d+)?[kKmM]?$/.test(rate)) {
        return yield* Input.invalid(input, "is bits per second, such as 64k or 1.25m")
      }
    }
    return yield* command("avthumb", options.format, {
      ab: audioBitRate,
      ar: samplingRate,
      acodec: options.audioCodec,
      r: frameRate,
      vb: videoBitRate,
      vcodec: options.videoCodec,
      s: size,
      ...(yield* watermarked(options.watermark)),
      ...options.parameters
    })
  }))

/**
 * Unpacks an archive into a folder of its bucket. With `saveAs` a list of what was unpacked is stored (protocol 8.1).
 *
 * @since 0.1.0
 * @category constructors
 */
export const decompression = (options: DecompressionOptions): MediaCommand =>
  new MediaCommand(Either.gen(function*() {
    const { folder, format } = options
    if (folder !== undefined) {
      yield* Entry.toStore({ bucket: "b", key: `${folder.replace(/\/$/, "")}/_` }).pipe(
        Input.as("folder")
      )
    }
    return yield* command("decompression", format, { dir: folder === undefined ? undefined : Base64Url.encode(folder) })
  }))

/**
 * Any other command, as the service's documentation writes it. Only what would end it is refused.
 *
 * @since 0.1.0
 * @category constructors
 */
export const raw = (text: string): MediaCommand =>
  new MediaCommand(
    /^[^\s\p{Cc};]+$/u.test(text) && text.isWellFormed()
      ? Either.right(text)
      : Input.invalid("command", "is one command: not empty, without blanks and without `;`")
  )

/**
 * Where a command's result is stored.
 *
 * @example
 * import { Either } from "effect"
 * import { MediaPipeline } from "effect-wcs"
 *
 * const frame = MediaPipeline.vframe({ format: "jpg", offset: 1 }).pipe(
 *   MediaPipeline.saveAs({ bucket: "images", key: "v.jpg" })
 * )
 * assert.deepStrictEqual(
 *   MediaPipeline.encode(frame),
 *   Either.right("vframe/jpg/offset/1|saveas/aW1hZ2VzOnYuanBn")
 * )
 *
 * @since 0.1.0
 * @category combinators
 */
export const saveAs = (location: Entry.ObjectLocation) => (command: MediaCommand): MediaCommand =>
  new MediaCommand(Either.gen(function*() {
    const text = yield* command.text
    if (text.includes("|saveas/")) return yield* Input.invalid("saveAs", "stands once in a command")
    return `${text}|saveas/${(yield* Entry.toStore(location)).encoded}`
  }))

/**
 * The commands as they travel, separated by `;`.
 *
 * @since 0.1.0
 * @category encoding
 */
export const encode = (pipeline: MediaPipeline): Either.Either<string, WcsInvalidInput> => {
  const commands = pipeline instanceof MediaCommand ? [pipeline] : pipeline
  return commands.length === 0
    ? Input.invalid("pipeline", "has a command at least")
    : Either.map(Either.all(commands.map(({ text }) => text)), (texts) => texts.join(";"))
}
