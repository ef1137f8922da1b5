/**
 * Downloads: to a stream, to a file, into a folder.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { ObjectLocation } from "../domain/Entry.ts"
import type { WcsError } from "../domain/WcsError.ts"

/**
 * A part of an object: from `start` on, up to and with `end`; or its `last` bytes.
 *
 * @since 0.1.0
 * @category models
 */
export type ByteRange = { readonly start: number; readonly end?: number | undefined } | { readonly last: number }

/**
 * What of an object is streamed.
 *
 * @since 0.1.0
 * @category models
 */
export interface StreamOptions {
  /** Absent: all of it. */
  readonly range?: ByteRange | undefined
}

/**
 * How far a download to a file has come.
 *
 * @since 0.1.0
 * @category models
 */
export interface DownloadProgress {
  /** Bytes that are on disk. */
  readonly received: number
  /** Bytes in all, when that is known. */
  readonly size?: number | undefined
}

/**
 * How to download to a file.
 *
 * @since 0.1.0
 * @category models
 */
export interface DownloadOptions {
  /** Whether a file that is there is replaced. Default: no. */
  readonly overwrite?: boolean | undefined
  /** Whether the content is compared with the object's etag. Default: the setting `checks`. */
  readonly checks?: boolean | undefined
  /** Called as the download moves. */
  readonly onProgress?: ((progress: DownloadProgress) => Effect.Effect<void>) | undefined
}

/**
 * What was written.
 *
 * @since 0.1.0
 * @category models
 */
export interface DownloadReceipt {
  readonly path: string
  /** Bytes. */
  readonly size: number
  /** Bytes that an earlier, broken download had left, and that were not fetched again. */
  readonly resumed: number
  /** The etag of what was written; absent with checks off. */
  readonly etag?: string | undefined
  /** `etag`: equal to the object's. `size`: only the length could be compared. */
  readonly verified: "etag" | "size" | "none"
}

/**
 * Downloads. Layer: `DownloaderHttp`.
 *
 * @example
 * import { Effect, Stream } from "effect"
 * import { Downloader, Uploader } from "effect-wcs"
 * import { WcsTest } from "effect-wcs/testing"
 *
 * const program = Effect.gen(function*() {
 *   const uploader = yield* Uploader.Uploader
 *   const downloader = yield* Downloader.Downloader
 *   const location = { bucket: "media", key: "hello.txt" }
 *   yield* uploader.putBytes(new TextEncoder().encode("hello world"), location)
 *   const part = downloader.stream(location, { range: { start: 6 } })
 *   return yield* Stream.mkString(Stream.decodeText(part))
 * })
 * const test = WcsTest.layer({ buckets: ["media"] })
 * assert.strictEqual(await Effect.runPromise(Effect.provide(program, test)), "world")
 *
 * @since 0.1.0
 * @category services
 */
export class Downloader extends Context.Tag("effect-wcs/Downloader")<Downloader, {
  /** The object's bytes, or a part of them, as they arrive. A break in the middle is the stream's error. */
  readonly stream: (
    location: ObjectLocation,
    options?: StreamOptions
  ) => Stream.Stream<Uint8Array, WcsError>
  /**
   * Downloads to a file: into a partial file beside it, renamed when it is complete and equal. A break is resumed by
   * Range, within the call and by a later one. The folder has to be there.
   */
  readonly toFile: (
    location: ObjectLocation,
    path: string,
    options?: DownloadOptions
  ) => Effect.Effect<DownloadReceipt, WcsError>
  /** Downloads to the file below `folder` that the key names. A key that would lead out of it is refused. */
  readonly toFolder: (
    location: ObjectLocation,
    folder: string,
    options?: DownloadOptions
  ) => Effect.Effect<DownloadReceipt, WcsError>
}>() {}
