/**
 * Uploads: from a file, from a folder, from bytes, from a stream, from a URL; as a form, in blocks, or by appending.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { ObjectLocation } from "../domain/Entry.ts"
import type { Retention } from "../domain/Retention.ts"
import type { UploadEvent } from "../domain/UploadEvent.ts"
import type { UploadPolicy } from "../domain/UploadPolicy.ts"
import type { OnBusy } from "../domain/UploadRecord.ts"
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
  /** How long the object stays. Absent: for ever. */
  readonly retention?: Retention | undefined
  /** `x-wos-traffic-limit`; its unit is unknown (protocol 5.3). */
  readonly trafficLimit?: number | undefined
  /** Bytes, a multiple of 4 MiB. Absent: the setting `blockSize`, 4 MiB. */
  readonly blockSize?: number | undefined
  /** Bytes of one request's body. Absent: the setting `chunkSize`, 4 MiB. */
  readonly chunkSize?: number | undefined
  /** Blocks in flight; 0 and 1: one after another. Absent: the setting `concurrency`, 4. */
  readonly concurrency?: number | undefined
  /** Whether chunks and the object are compared with what the service holds. Absent: the setting `checks`, true. */
  readonly checks?: boolean | undefined
  /** The upload to begin or to resume. Absent: derived from target, source and block size. */
  readonly uploadId?: string | undefined
  /** What to do with a record that is of another source, target or block size, or cannot be read. Default: `refuse`. */
  readonly onMismatch?: "refuse" | "restart" | undefined
  /**
   * What to do when the record cannot be kept, as on a full disk. `fail`: `WcsProgressError`, and what is recorded stays.
   * `warn`: the upload goes on with a warning in the log; a later call sends again what is not recorded. Default: `fail`.
   */
  readonly onRecordFailure?: "fail" | "warn" | undefined
  /**
   * What to do where somebody else, in this process or in another one with the same records, works on the same upload in
   * blocks: `refuse` fails with `Busy`; `wait` waits until that has ended, and finishes what it left or takes what it has
   * stored; `join` sends blocks that the other has not, and then waits. A stream, which is read once, waits instead of
   * joining. An owner that shows no sign of life for 30 seconds counts as dead, one whose process has ended on this
   * machine at once. Default: the settings' `onBusy`, `refuse`.
   */
  readonly onBusy?: OnBusy | undefined
  /** Called as the upload moves, in order. It is part of the upload: keep it short. */
  readonly onProgress?: ((event: UploadEvent) => Effect.Effect<void>) | undefined
}

/**
 * How to upload a stream.
 *
 * @since 0.1.0
 * @category models
 */
export interface StreamOptions<Body = unknown> extends UploadOptions<Body> {
  /** The bytes that the stream gives; absent: unknown. */
  readonly size?: number | undefined
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
  /**
   * The answer, decoded by the policy's `ReturnBody`; without one as it came (protocol 4.2). Where the answer was lost and
   * stat says that the object is stored, it holds what stat tells. A `ReturnBody` that asks for more, such as
   * `persistentId`, is then `WcsUndecodableAnswer` with `stored: true`.
   */
  readonly body: Body
  /** Blocks in all, sent by this run, and taken over from an earlier one. */
  readonly blocks: { readonly total: number; readonly sent: number; readonly resumed: number }
  readonly uploadId?: string | undefined
  readonly requestId?: string | undefined
}

/**
 * How to append: what a form has, and where. The policy's `overwrite` means nothing here.
 *
 * @since 0.1.0
 * @category models
 */
export interface AppendOptions<Body = unknown> extends
  Pick<
    UploadOptions<Body>,
    "policy" | "custom" | "mimeType" | "retention" | "trafficLimit" | "onProgress"
  >
{
  /** Where the object ends now, in bytes; 0 creates it. Absent: stat is asked, which takes management credentials. */
  readonly position?: number | undefined
}

/**
 * What was added.
 *
 * @since 0.1.0
 * @category models
 */
export interface AppendReceipt<Body = unknown> {
  readonly bucket: string
  readonly key: string
  /** Where the bytes went. */
  readonly position: number
  /** Bytes that were added. */
  readonly size: number
  /** Where the next append begins: the object's size. */
  readonly nextPosition: number
  /** The answer, as in `UploadReceipt`. */
  readonly body: Body
  readonly requestId?: string | undefined
}

/**
 * Where the files of a folder go.
 *
 * @since 0.1.0
 * @category models
 */
export interface DirectoryTarget {
  readonly bucket: string
  /** The folder that the keys are in, such as `photos`, with or without a slash at its end. */
  readonly prefix?: string | undefined
}

/**
 * How to upload a folder. What concerns a file is as in `UploadOptions`.
 *
 * @since 0.1.0
 * @category models
 */
export interface DirectoryOptions<Body = unknown>
  extends Omit<UploadOptions<Body>, "uploadId" | "concurrency" | "onProgress">
{
  /** The whole key of a file, from its path in the folder, with `/` on every system. Absent: `prefix` and the path. */
  readonly key?: ((path: string) => string) | undefined
  /** Which files are meant; asked for everything but folders, with a size of 0 for what is no regular file. */
  readonly filter?: ((file: { readonly path: string; readonly size: number }) => boolean) | undefined
  /** Files that are worked on at once. Absent: as many as `concurrency`. */
  readonly files?: number | undefined
  /** Requests in flight over all files of the call; 0 and 1: one after another. */
  readonly concurrency?: number | undefined
  /**
   * `skip`: a file is not sent when stat finds its size and etag under its key, and the call's `mimeType` where it names
   * one; that is how a second run goes on. A parameter of the type that stat does not tell, such as a charset, is not
   * compared. A program that may not ask stat, for it holds upload tokens only, sends every file. Default: `skip`.
   */
  readonly existing?: "skip" | "send" | undefined
  /** Called as each file comes to its end, one call after another. It is part of the upload: keep it short. */
  readonly onFile?: ((outcome: FileOutcome<Body>) => Effect.Effect<void>) | undefined
  /** Called as a file's upload moves, one call after another. It is part of the upload: keep it short. */
  readonly onProgress?: ((event: UploadEvent, path: string) => Effect.Effect<void>) | undefined
}

/**
 * A file that was sent.
 *
 * @since 0.1.0
 * @category models
 */
export interface FileStored<Body = unknown> {
  readonly _tag: "Stored"
  /** The path in the folder. */
  readonly path: string
  readonly key: string
  readonly receipt: UploadReceipt<Body>
}

/**
 * A file whose content the service held already under its key, of the type that the call names if any.
 *
 * @since 0.1.0
 * @category models
 */
export interface FileUnchanged {
  readonly _tag: "Unchanged"
  /** The path in the folder. */
  readonly path: string
  readonly key: string
  readonly size: number
}

/**
 * A file that was not stored. Also a folder that cannot be read, and what is no regular file.
 *
 * @since 0.1.0
 * @category models
 */
export interface FileFailed {
  readonly _tag: "Failed"
  /** The path in the folder. */
  readonly path: string
  /** Absent where there was nothing to send. */
  readonly key?: string | undefined
  readonly error: WcsError
}

/**
 * What became of a file.
 *
 * @since 0.1.0
 * @category models
 */
export type FileOutcome<Body = unknown> = FileStored<Body> | FileUnchanged | FileFailed

interface FileOutcomeDefinition extends Data.TaggedEnum.WithGenerics<1> {
  readonly taggedEnum: FileOutcome<this["A"]>
}

/**
 * Makes outcomes, and tells them apart.
 *
 * @since 0.1.0
 * @category constructors
 */
export const FileOutcome = Data.taggedEnum<FileOutcomeDefinition>()

/**
 * What became of a folder.
 *
 * @since 0.1.0
 * @category models
 */
export interface DirectorySummary<Body = unknown> {
  /** In the order of their paths. */
  readonly files: ReadonlyArray<FileOutcome<Body>>
  /** How many files came to which end. */
  readonly counts: { readonly stored: number; readonly unchanged: number; readonly failed: number }
  /** The sizes of the objects. */
  readonly bytes: { readonly stored: number; readonly unchanged: number }
}

/**
 * Uploads. Layer: `UploaderHttp`.
 *
 * Memory is bounded by concurrency × chunk size for files and bytes, and by concurrency × block size plus a piece of the
 * stream for streams, whatever the size of the content. Interrupting an upload stops it at once and keeps its record: the
 * same call goes on from there.
 *
 * @example
 * import { Effect } from "effect"
 * import { Uploader } from "effect-wcs"
 * import { WcsTest } from "effect-wcs/testing"
 *
 * const program = Effect.gen(function*() {
 *   const uploader = yield* Uploader.Uploader
 *   const receipt = yield* uploader.putFile("film.mp4", { bucket: "media", key: "2026/film.mp4" })
 *   return [receipt.size, receipt.verified]
 * })
 * const test = WcsTest.layer({ buckets: ["media"], files: { "film.mp4": "twelve bytes" } })
 * assert.deepStrictEqual(await Effect.runPromise(Effect.provide(program, test)), [12, "etag"])
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
    options?: StreamOptions<Body>
  ) => Effect.Effect<UploadReceipt<Body>, WcsError | E>
  /** Uploads what a URL answers, as it flows. Its status must be 2xx; redirects are followed (protocol 5.2). */
  readonly putUrl: <Body = unknown>(
    url: string | URL,
    target: UploadTarget,
    options?: UploadOptions<Body>
  ) => Effect.Effect<UploadReceipt<Body>, WcsError>
  /**
   * Uploads the files of a folder and of the folders in it. A file that fails is an outcome, and does not end the
   * others; the error is of the whole call: a folder that cannot be read, options that cannot work, two files of one
   * key. All of it is checked before anything is sent.
   *
   * Links are followed, also out of the folder, each folder once; sockets, devices and the like are `Failed`; an empty
   * folder leaves nothing behind. An object that differs, also in the content type, is replaced where the policy says `overwrite`. Large files go
   * on where an interrupted call left them. Memory: the paths and outcomes, and about `files` × `concurrency` chunks.
   */
  readonly putDirectory: <Body = unknown>(
    folder: string,
    target: DirectoryTarget,
    options?: DirectoryOptions<Body>
  ) => Effect.Effect<DirectorySummary<Body>, WcsError>
  /**
   * Adds bytes at the end of an appendable object, or creates it: at most 2 GiB a call (protocol 5.5). The calls of one
   * client for an object wait for one another; another client must not append meanwhile. `WcsWrongPosition` tells where
   * the object ends when it is not the position that was given, and tells nothing of an object that is not appendable.
   *
   * The service's etag of such an object is not checked, its new size is. An append that may have been carried out is
   * repeated only when stat says that it was not, and succeeds only when the download domain shows its bytes; without
   * either the error of the lost answer comes back. A file is appended as long as it is when the call begins.
   */
  readonly append: <Body = unknown>(
    bytes: Uint8Array,
    target: ObjectLocation,
    options?: AppendOptions<Body>
  ) => Effect.Effect<AppendReceipt<Body>, WcsError>
  /** Appends what a file holds when the call begins, such as a log that grows on. */
  readonly appendFile: <Body = unknown>(
    path: string,
    target: ObjectLocation,
    options?: AppendOptions<Body>
  ) => Effect.Effect<AppendReceipt<Body>, WcsError>
}>() {}
