/**
 * What an emulator cannot find out by itself, and is told by its options: verdicts on images, properties of media, live
 * recordings.
 *
 * @since 0.1.0
 */
import type * as Stream from "effect/Stream"

/**
 * An image to look at (protocol 9.1).
 *
 * @since 0.1.0
 * @category models
 */
export interface ImageQuestion {
  /** An absolute URL. */
  readonly image: string
  readonly type: "porn" | "terror" | "political"
  readonly bucket: string
}

/**
 * What was found, or why nothing could be (protocol 9.1). Of people in political images each has a name.
 *
 * @since 0.1.0
 * @category models
 */
export type ImageVerdict =
  | { readonly label: number; readonly rate: number; readonly review: boolean }
  | {
    readonly label: number
    readonly persons: ReadonlyArray<{ readonly name: string; readonly rate: number; readonly review: boolean }>
  }
  | { readonly errMessage: string }

/**
 * An object whose properties as audio or video are asked for (protocol 10).
 *
 * @since 0.1.0
 * @category models
 */
export interface MediaQuestion {
  readonly operation: "avinfo" | "avinfo2"
  readonly bucket: string
  readonly key: string
  /** Bytes. */
  readonly size: number
  readonly mimeType: string
}

/**
 * An answer like ffprobe's (protocol 10).
 *
 * @since 0.1.0
 * @category models
 */
export interface MediaProperties {
  readonly streams: ReadonlyArray<{ readonly [name: string]: unknown }>
  readonly format: { readonly [name: string]: unknown }
}

/**
 * What a media command is applied to: the object of the task, or what the command before it in the pipe made of it.
 *
 * @since 0.1.0
 * @category models
 */
export interface MediaSource {
  /** Of the task's object. */
  readonly bucket: string
  readonly key: string
  /** Bytes of the content. */
  readonly size: number
  readonly etag: string
  readonly mimeType: string
  readonly content: Stream.Stream<Uint8Array, unknown>
}

/**
 * What a media command makes.
 *
 * @since 0.1.0
 * @category models
 */
export interface MediaResult {
  readonly content: string | Stream.Stream<Uint8Array, unknown>
  readonly mimeType: string
}

/**
 * A recording of a live channel (protocol 9.2). Times are written `yyyyMMddHHmmss` in the service's zone.
 *
 * @since 0.1.0
 * @category models
 */
export interface Recording {
  readonly bucket: string
  readonly channel: string
  readonly key: string
  readonly startTime: string
  readonly endTime: string
}
