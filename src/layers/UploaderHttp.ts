/**
 * `Uploader` over `WcsHttpClient`.
 *
 * @since 0.1.0
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import type { ObjectLocation } from "../domain/Entry.ts"
import { type WcsError, WcsFileError, WcsInvalidInput } from "../domain/WcsError.ts"
import * as adaptive from "../internal/adaptive.ts"
import * as appendUpload from "../internal/appendUpload.ts"
import * as directoryUpload from "../internal/directoryUpload.ts"
import type { Engine } from "../internal/engine.ts"
import * as formUpload from "../internal/formUpload.ts"
import * as locks from "../internal/locks.ts"
import * as putSource from "../internal/putSource.ts"
import * as remoteSource from "../internal/remoteSource.ts"
import * as source from "../internal/source.ts"
import * as streamUpload from "../internal/streamUpload.ts"
import * as uploadId from "../internal/uploadId.ts"
import * as uploadInput from "../internal/uploadInput.ts"
import * as uploadLease from "../internal/uploadLease.ts"
import * as uploadMemory from "../internal/uploadMemory.ts"
import * as uploadProgress from "../internal/uploadProgress.ts"
import { Digest } from "../services/Digest.ts"
import { ProgressStore } from "../services/ProgressStore.ts"
import {
  type AppendOptions,
  type AppendReceipt,
  Uploader,
  type UploadOptions,
  type UploadReceipt,
  type UploadTarget
} from "../services/Uploader.ts"
import { WcsConfig } from "../services/WcsConfig.ts"
import { WcsHttpClient } from "../services/WcsHttpClient.ts"

/** Content that is read once, from the beginning to the end. */
interface Flow {
  readonly name: string
  readonly size: number | undefined
  readonly identity: string
  readonly stream: Stream.Stream<Uint8Array, WcsError>
}

/**
 * Uploads over `WcsHttpClient`, with their records in `ProgressStore`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<
  Uploader["Type"],
  never,
  WcsConfig | WcsHttpClient | ProgressStore | Digest | FileSystem.FileSystem | HttpClient.HttpClient
> = Effect.gen(function*() {
  const config = yield* WcsConfig
  const client = yield* WcsHttpClient
  const store = yield* ProgressStore
  const digest = yield* Digest
  const fs = yield* FileSystem.FileSystem
  const http = yield* HttpClient.HttpClient
  const gate = config.totalConcurrency > 0
    ? (yield* Effect.makeSemaphore(config.totalConcurrency)).withPermits(1)
    : identity

  const owner = yield* uploadLease.LeaseOwner

  const engine: Engine = { config, client, digest, store, owner, gate }

  /** Uploads what can be read at any place. */
  const putFrom = <Body>(
    readSource: Effect.Effect<source.Source, WcsError>,
    target: UploadTarget,
    options: UploadOptions<Body>
  ): Effect.Effect<UploadReceipt<Body>, WcsError> =>
    Effect.flatMap(
      uploadInput.check(config, target, options),
      (input) =>
        Effect.flatMap(readSource, (content) =>
          putSource.run<Body>(adaptive.apply(engine, input.concurrency), input, content, options.onProgress))
    )

  /** One append after the other for each object: two at once would not know where it ends (protocol 5.5). */
  const inTurn = locks.make()

  const appendFrom = <Body>(
    readSource: Effect.Effect<source.Source, WcsError>,
    target: ObjectLocation,
    options: AppendOptions<Body>
  ): Effect.Effect<AppendReceipt<Body>, WcsError> =>
    Effect.gen(function*() {
      const input = yield* appendUpload.check(engine, target, options)
      const content = yield* readSource
      const progress = yield* uploadProgress.make(options.onProgress)
      return yield* appendUpload.put<Body>(engine, input, content, progress).pipe(putSource.bounded(config))
    }).pipe(inTurn(`${target.bucket}:${target.key}`))

  /** Uploads what is read once. */
  const putFlow = <Body>(
    openFlow: Effect.Effect<Flow, WcsError>,
    target: UploadTarget,
    options: UploadOptions<Body>
  ): Effect.Effect<UploadReceipt<Body>, WcsError> =>
    Effect.scoped(Effect.gen(function*() {
      const input = yield* uploadInput.check(config, target, options)
      const { identity, name, size, stream } = yield* openFlow
      const progress = yield* uploadProgress.make(options.onProgress)
      if (size !== undefined) yield* uploadInput.checkSize(input, size)
      const checked = size === undefined ? stream : source.exactly(
        stream,
        size,
        (actual) => new WcsInvalidInput({ input: "size", detail: `is ${size}, but the stream gave ${actual} bytes` })
      )
      const once = { name, repeatable: false, etag: Effect.dieMessage("read once"), unchanged: Effect.void }
      if (size !== undefined && size > input.blockSize && input.method === "form") {
        return yield* formUpload.put<Body>(
          engine,
          input,
          { ...once, size, content: { size, stream: checked } },
          progress
        ).pipe(putSource.bounded(config))
      }
      const rest = yield* streamUpload.cutter(checked)
      // One byte of room too many tells whether the stream ends where it said.
      const room = size !== undefined && size <= input.blockSize && uploadInput.isForm(input, size)
        ? size + 1
        : Math.min(input.blockSize, (size ?? input.blockSize) + 1)
      const first = yield* rest.fill(new Uint8Array(room))
      if (first.length < room) {
        yield* uploadInput.checkSize(input, first.length)
        if (uploadInput.isForm(input, first.length)) {
          const whole = { ...once, repeatable: true, size: first.length, content: first }
          return yield* formUpload.put<Body>(engine, input, whole, progress).pipe(putSource.bounded(config))
        }
      } else if (input.method === "form") {
        return yield* new WcsInvalidInput({
          input: "size",
          detail: `is needed for a form of more than ${input.blockSize} bytes from a stream`
        })
      }
      // Nobody can name this upload again, so there is no point in recording it.
      const upload = {
        ...input,
        ...adaptive.apply(engine, input.concurrency),
        context: { ...input.context, size },
        progress,
        ...(input.uploadId === undefined
          ? { uploadId: yield* uploadId.random, store: undefined }
          : { uploadId: input.uploadId, store: uploadMemory.make(uploadLease.guarded(store), input.onRecordFailure) })
      }
      return yield* streamUpload.put<Body>(upload, input, { size, identity, first, rest }).pipe(
        putSource.bounded(config, input.uploadId)
      )
    }))

  return Uploader.of({
    putFile: (path, target, options = {}) =>
      putFrom(source.fromFile(fs, path), target, options).pipe(
        Effect.withSpan("Uploader.putFile", { attributes: { "wcs.bucket": target.bucket, "wcs.key": target.key } })
      ),
    putBytes: (bytes, target, options = {}) =>
      putFrom(Effect.succeed(source.fromBytes(bytes, digest.sha1)), target, options).pipe(
        Effect.withSpan("Uploader.putBytes", { attributes: { "wcs.bucket": target.bucket, "wcs.key": target.key } })
      ),
    putStream: <E, Body>(
      stream: Stream.Stream<Uint8Array, E>,
      target: UploadTarget,
      options: UploadOptions<Body> & { readonly size?: number | undefined } = {}
    ) =>
      Effect.suspend((): Effect.Effect<UploadReceipt<Body>, WcsError | E> => {
        // The engine knows its own errors; the caller's is kept here and put back.
        let failure: { readonly error: E } | undefined
        const kept = Stream.mapError(stream, (error) => {
          failure = { error }
          return new WcsFileError({ reason: "Unreadable", path: "stream", detail: "the stream failed" })
        })
        return Effect.mapError(
          putFlow<Body>(
            Effect.succeed({ name: "stream", size: options.size, identity: "stream", stream: kept }),
            target,
            options
          ),
          (error) => failure === undefined ? error : failure.error
        )
      }).pipe(
        Effect.withSpan("Uploader.putStream", { attributes: { "wcs.bucket": target.bucket, "wcs.key": target.key } })
      ),
    putUrl: (url, target, options = {}) =>
      putFlow(
        Effect.map(remoteSource.open(http, url, config), (remote) => ({ ...remote, identity: "url" })),
        target,
        options
      ).pipe(
        Effect.withSpan("Uploader.putUrl", { attributes: { "wcs.bucket": target.bucket, "wcs.key": target.key } })
      ),
    putDirectory: (folder, target, options = {}) =>
      directoryUpload.run(engine, fs, folder, target, options).pipe(
        Effect.withSpan("Uploader.putDirectory", { attributes: { "wcs.bucket": target.bucket } })
      ),
    append: (bytes, target, options = {}) =>
      appendFrom(Effect.succeed(source.fromBytes(bytes, digest.sha1)), target, options).pipe(
        Effect.withSpan("Uploader.append", { attributes: { "wcs.bucket": target.bucket, "wcs.key": target.key } })
      ),
    appendFile: (path, target, options = {}) =>
      appendFrom(source.fromFile(fs, path), target, options).pipe(
        Effect.withSpan("Uploader.appendFile", { attributes: { "wcs.bucket": target.bucket, "wcs.key": target.key } })
      )
  })
})

/**
 * `Uploader` over `WcsHttpClient`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<
  Uploader,
  never,
  WcsConfig | WcsHttpClient | ProgressStore | Digest | FileSystem.FileSystem | HttpClient.HttpClient
> = Layer.effect(Uploader, make)
