/**
 * Uploads: from a file, from bytes, from a stream, from a URL; as a form or in blocks.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { UploadEvent } from "../domain/UploadEvent.ts"
import type { UploadPolicy } from "../domain/UploadPolicy.ts"
import type { WcsError } from "../domain/WcsError.ts"

/**
 * Where an upload goes. Without a key the policy's `saveKey` names the object, and the upload is a form.
 *
 * @since 0.1.0
 * @category models
 */
export interface UploadTarget {
  readonly bucket: string
  readonly key?: string | undefined
}

/**
 * How to upload. What is left out is taken from the settings.
 *
 * @since 0.1.0
 * @category models
 */
export interface UploadOptions<Body = unknown> {
  /** What the service does with the object; the settings' policy fills in what it does not say. */
  readonly policy?: UploadPolicy<Body> | undefined
  /** `auto`: a form up to the settings' `formLimit`, blocks above it. */
  readonly method?: "auto" | "form" | "block" | undefined
  /** Custom variables: `{ who: "ann" }` is `$(x:who)` in a template. A value holds no `&`. */
  readonly custom?: { readonly [name: string]: string } | undefined
  /** The stored content type; absent: the service finds out. */
  readonly mimeType?: string | undefined
  /** Days until the object is deleted; 0: as soon as possible. */
  readonly retentionDays?: number | undefined
  /** `x-wos-traffic-limit`; its unit is unknown (protocol 5.3). */
  readonly trafficLimit?: number | undefined
  /** Bytes, a multiple of 4 MiB. */
  readonly blockSize?: number | undefined
  /** Bytes of one request's body. */
  readonly chunkSize?: number | undefined
  /** Blocks in flight; 0 and 1: one after another. */
  readonly concurrency?: number | undefined
  /** Whether chunks and the object are compared with what the service says that it holds. */
  readonly checks?: boolean | undefined
  /** The upload to begin or to resume. Absent: derived from target, source and block size. */
  readonly uploadId?: string | undefined
  /** What to do with a record that is of another source, target or block size. Default: `refuse`. */
  readonly onMismatch?: "refuse" | "restart" | undefined
  /** Called as the upload moves, in order. It is part of the upload: keep it short. */
  readonly onProgress?: ((event: UploadEvent) => Effect.Effect<void>) | undefined
}

/**
 * What was stored.
 *
 * @since 0.1.0
 * @category models
 */
export interface UploadReceipt<Body = unknown> {
  readonly bucket: string
  readonly key: string
  /** Bytes. */
  readonly size: number
  /** The etag of the object; absent when checks are off and the answer does not tell. */
  readonly etag?: string | undefined
  /** `etag`: the service's etag equals the one computed while reading. `none`: checks are off, or it does not tell. */
  readonly verified: "etag" | "none"
  readonly method: "form" | "block"
  /** The answer, decoded by the policy's `ReturnBody`; without one as it came (protocol 4.2). */
  readonly body: Body
  /** Blocks in all, sent by this run, and taken over from an earlier one. */
  readonly blocks: { readonly total: number; readonly sent: number; readonly resumed: number }
  readonly uploadId?: string | undefined
  readonly requestId?: string | undefined
}

/**
 * Uploads. Layer: `UploaderHttp`.
 *
 * Memory is bounded by concurrency × chunk size for files and bytes, and by concurrency × block size plus a piece of the
 * stream for streams, whatever the size of the content. Interrupting an upload stops it at once and keeps its record: the
 * same call goes on from there.
 *
 * @since 0.1.0
 * @category services
 */
export class Uploader extends Context.Tag("effect-wcs/Uploader")<Uploader, {
  /** Uploads a file. `WcsFileError` when there is none, when it is a folder, or when it changes meanwhile. */
  readonly putFile: <Body = unknown>(
    path: string,
    target: UploadTarget,
    options?: UploadOptions<Body>
  ) => Effect.Effect<UploadReceipt<Body>, WcsError>
  /** Uploads bytes. They must not change meanwhile. */
  readonly putBytes: <Body = unknown>(
    bytes: Uint8Array,
    target: UploadTarget,
    options?: UploadOptions<Body>
  ) => Effect.Effect<UploadReceipt<Body>, WcsError>
  /**
   * Uploads a stream. With its `size` in bytes a stream of another length is refused and nothing is stored. The
   * stream's own error comes back as it is. A stream cannot be read twice: give an `uploadId` to make a later call,
   * with the same content, go on where this one stopped.
   */
  readonly putStream: <E, Body = unknown>(
    stream: Stream.Stream<Uint8Array, E>,
    target: UploadTarget,
    options?: UploadOptions<Body> & { readonly size?: number | undefined }
  ) => Effect.Effect<UploadReceipt<Body>, WcsError | E>
  /** Uploads what a URL answers, as it flows. Its status must be 2xx; redirects are followed (protocol 5.2). */
  readonly putUrl: <Body = unknown>(
    url: string | URL,
    target: UploadTarget,
    options?: UploadOptions<Body>
  ) => Effect.Effect<UploadReceipt<Body>, WcsError>
}>() {}
