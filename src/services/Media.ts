/**
 * Images, audio and video: processing by the service, and what it knows about them.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { ObjectLocation } from "../domain/Entry.ts"
import type { AvInfo, DetectionType, Exif, ImageDetection, ImageInfo } from "../domain/MediaInfo.ts"
import type { MediaPipeline } from "../domain/MediaPipeline.ts"
import type { PersistentId, TaskOptions, TaskReport, TaskStatus } from "../domain/Task.ts"
import type { WcsError } from "../domain/WcsError.ts"
import type { PollingOptions } from "./Polling.ts"

/**
 * Which image is looked through, for what, and on whose account.
 *
 * @since 0.1.0
 * @category models
 */
export interface DetectOptions {
  /** The image's URL, `http` or `https`. */
  readonly image: string | URL
  readonly type: DetectionType
  /** A bucket of the account. */
  readonly bucket: string
}

/**
 * Media operations. Layer: `MediaHttp`.
 *
 * @example
 * import { Effect } from "effect"
 * import { Media, MediaPipeline } from "effect-wcs"
 * import { Emulator, WcsTest } from "effect-wcs/testing"
 *
 * const program = Effect.gen(function*() {
 *   const emulator = yield* Emulator.Emulator
 *   yield* emulator.putObject({ bucket: "media", key: "film.mp4" }, "a film")
 *   const media = yield* Media.Media
 *   const frame = MediaPipeline.vframe({ format: "jpg", offset: 1 }).pipe(
 *     MediaPipeline.saveAs({ bucket: "media", key: "film.jpg" })
 *   )
 *   const id = yield* media.process({ bucket: "media", key: "film.mp4" }, frame)
 *   return (yield* media.await(id)).succeeded.length
 * })
 * const test = WcsTest.layer({ buckets: ["media"] })
 * assert.strictEqual(await Effect.runPromise(Effect.provide(program, test)), 1)
 *
 * @since 0.1.0
 * @category services
 */
export class Media extends Context.Tag("effect-wcs/Media")<Media, {
  /**
   * Starts media commands on an object, and tells the task's id (protocol 8.1). A start whose answer was lost is not
   * sent again: the error comes back, and the task may run.
   */
  readonly process: (
    location: ObjectLocation,
    pipeline: MediaPipeline,
    options?: TaskOptions
  ) => Effect.Effect<PersistentId, WcsError>
  /** How a media task is doing; `WcsNotFound` for an id that the service does not know (protocol 8.2). */
  readonly status: (id: string) => Effect.Effect<TaskStatus, WcsError>
  /** Waits for a task's end, and tells every command's outcome. `WcsTaskPending` when the schedule ends first. */
  readonly await: (id: string, options?: PollingOptions) => Effect.Effect<TaskReport, WcsError>
  /** Looks through the image behind a URL, on the account of a bucket (protocol 9.1). */
  readonly detect: (options: DetectOptions) => Effect.Effect<ImageDetection, WcsError>
  /** An image's properties (protocol 10). */
  readonly imageInfo: (location: ObjectLocation) => Effect.Effect<ImageInfo, WcsError>
  /** An image's EXIF tags (protocol 10). */
  readonly exif: (location: ObjectLocation) => Effect.Effect<Exif, WcsError>
  /** What an audio or video file holds (protocol 10). */
  readonly avinfo: (location: ObjectLocation) => Effect.Effect<AvInfo, WcsError>
  /** The same in short (protocol 10). */
  readonly avinfo2: (location: ObjectLocation) => Effect.Effect<AvInfo, WcsError>
}>() {}
