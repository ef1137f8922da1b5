import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { MediaProperties, MediaQuestion } from "../EmulatorMedia.ts"
import * as EmulatorResponse from "../EmulatorResponse.ts"
import { EmulatorStorage, type StoredObject } from "../EmulatorStorage.ts"
import * as exifs from "../internal/exif.ts"
import * as imageHeader from "../internal/imageHeader.ts"
import type { Operation, OperationError, OperationServices } from "../internal/operation.ts"
import { refuse } from "../internal/refusal.ts"
import { Settings } from "../internal/settings.ts"
import { download, find } from "./download.ts"

/** How much of an image is looked at, in bytes. */
const headSize = 1024 * 1024

/** The first bytes of an object. */
const head = ({ content }: StoredObject) =>
  Effect.gen(function*() {
    const storage = yield* EmulatorStorage
    const bytes = new Uint8Array(Math.min(content.size, headSize))
    yield* Stream.runFold(storage.read(content, { start: 0, end: bytes.length }), 0, (at, piece) => {
      bytes.set(piece, at)
      return at + piece.length
    })
    return new DataView(bytes.buffer)
  })

/** A question about an object, on its own URL and unsigned like a download (protocol 10). */
const operation = <Name extends "imageInfo" | "exif" | "avinfo" | "avinfo2">(
  name: Name,
  answer: (object: StoredObject, name: Name) => Effect.Effect<unknown, OperationError, OperationServices>
): Operation => ({
  ...download,
  name,
  query: new RegExp(`(^|&)op=${name}(&|$)`),
  handle: (exchange) =>
    Effect.map(
      Effect.flatMap(find(exchange), (object) => answer(object, name)),
      (body) => EmulatorResponse.json(body)
    )
})

/**
 * Tells an image's format and size in pixels, read from its first MiB. PNG, JPEG, GIF, WebP and BMP are known; anything
 * else is answered with 400 (assumed; protocol 10).
 *
 * @since 0.1.0
 * @category operations
 */
export const imageInfo: Operation = operation(
  "imageInfo",
  (object) =>
    Effect.flatMap(
      Effect.map(head(object), imageHeader.read),
      Option.match({
        onNone: () => Effect.fail(refuse(400, "Unsupported Image")),
        onSome: ({ colorModel, format, height, width }) =>
          Effect.succeed({ message: "OK", format, size: String(object.content.size), width, height, colorModel })
      })
    )
)

/**
 * Tells the EXIF tags of a JPEG as `{"<tag>":{"val":"…","type":2}}` (inferred); 404 when there are none (assumed; protocol
 * 10).
 *
 * @since 0.1.0
 * @category operations
 */
export const exif: Operation = operation(
  "exif",
  (object) =>
    Effect.flatMap(
      Effect.map(head(object), exifs.read),
      Option.match({
        onNone: () => Effect.fail(refuse(404, "No Exif Data")),
        onSome: Effect.succeed
      })
    )
)

const mediaInfo = (
  { bucket, content, key, mimeType }: StoredObject,
  operation: MediaQuestion["operation"]
): Effect.Effect<MediaProperties, never, Settings> =>
  Effect.flatMap(Settings, ({ mediaInfo }) =>
    mediaInfo === undefined
      ? Effect.succeed({ streams: [], format: { filename: key, nb_streams: 0, size: String(content.size) } })
      : mediaInfo({ operation, bucket, key, size: content.size, mimeType }))

/**
 * Tells an object's streams and format by the option `mediaInfo` (protocol 10).
 *
 * @since 0.1.0
 * @category operations
 */
export const avinfo: Operation = operation("avinfo", mediaInfo)

/**
 * The same, reduced (protocol 10).
 *
 * @since 0.1.0
 * @category operations
 */
export const avinfo2: Operation = operation("avinfo2", mediaInfo)
