/**
 * `Uploader` over `WcsHttpClient`.
 *
 * @since 0.1.0
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as HttpClient from "@effect/platform/HttpClient"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import type { ObjectLocation } from "../domain/Entry.ts"
import { type WcsError, WcsFileError } from "../domain/WcsError.ts"
import * as adaptive from "../internal/adaptive.ts"
import * as appendUpload from "../internal/appendUpload.ts"
import * as directoryUpload from "../internal/directoryUpload.ts"
import type { Engine } from "../internal/engine.ts"
import { LeaseOwner } from "../internal/leaseOwner.ts"
import * as locks from "../internal/locks.ts"
import * as putFlow from "../internal/putFlow.ts"
import * as putSource from "../internal/putSource.ts"
import * as remoteSource from "../internal/remoteSource.ts"
import * as source from "../internal/source.ts"
import * as uploadInput from "../internal/uploadInput.ts"
import * as uploadWatch from "../internal/uploadWatch.ts"
import { Digest } from "../services/Digest.ts"
import { ProgressStore } from "../services/ProgressStore.ts"
import {
  type AppendOptions,
  Uploader,
  type UploadOptions,
  type UploadReceipt,
  type UploadTarget
} from "../services/Uploader.ts"
import { WcsConfig } from "../services/WcsConfig.ts"
import { WcsHttpClient } from "../services/WcsHttpClient.ts"

/**
 * Uploads over `WcsHttpClient`, with their records in `ProgressStore`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<
  Uploader["Type"],
  never,
  WcsConfig | WcsHttpClient | ProgressStore | Digest | FileSystem.FileSystem | Path.Path | HttpClient.HttpClient
> = Effect.gen(function*() {
  const config = yield* WcsConfig
  const client = yield* WcsHttpClient
  const store = yield* ProgressStore
  const digest = yield* Digest
  const files: source.Files = { fs: yield* FileSystem.FileSystem, paths: yield* Path.Path }
  const http = yield* HttpClient.HttpClient
  const gate = config.totalConcurrency > 0
    ? (yield* Effect.makeSemaphore(config.totalConcurrency)).withPermits(1)
    : identity

  const owner = yield* LeaseOwner

  const engine: Engine = { config, client, digest, store, owner, gate }

  const put = <Body, Content>(
    content: Effect.Effect<Content, WcsError>,
    run: <Body>(
      engine: Engine,
      input: uploadInput.UploadInput,
      content: Content,
      onProgress: UploadOptions["onProgress"]
    ) => Effect.Effect<UploadReceipt<Body>, WcsError>,
    target: UploadTarget,
    options: UploadOptions<Body>
  ): Effect.Effect<UploadReceipt<Body>, WcsError> =>
    Effect.flatMap(
      uploadInput.check(config, target, options),
      (input) =>
        Effect.flatMap(content, (content) =>
          run<Body>(adaptive.apply(engine, input.concurrency), input, content, options.onProgress))
    )

  /** One append after the other for each object: two at once would not know where it ends (protocol 5.5). */
  const inTurn = locks.make()

  const append = <Body>(
    content: Effect.Effect<source.Source, WcsError>,
    target: ObjectLocation,
    options: AppendOptions<Body>
  ) => appendUpload.run<Body>(engine, content, target, options).pipe(inTurn(`${target.bucket}:${target.key}`))

  /** The span of a method, and what is told of its upload. */
  const watched = (name: string, target: UploadTarget) => <A, E>(upload: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    uploadWatch.watched(target)(upload).pipe(
      Effect.withSpan(`Uploader.${name}`, { attributes: { "wcs.bucket": target.bucket, "wcs.key": target.key } })
    )

  return Uploader.of({
    putFile: (path, target, options = {}) =>
      put(source.fromFile(files, path), putSource.run, target, options).pipe(
        watched("putFile", target)
      ),
    putBytes: (bytes, target, options = {}) =>
      put(Effect.succeed(source.fromBytes(bytes, digest.sha1)), putSource.run, target, options).pipe(
        watched("putBytes", target)
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
          put(
            Effect.succeed({ name: "stream", size: options.size, identity: "stream", stream: kept }),
            putFlow.run,
            target,
            options
          ),
          (error) => failure === undefined ? error : failure.error
        )
      }).pipe(
        watched("putStream", target)
      ),
    putUrl: (url, target, options = {}) =>
      put(
        Effect.map(remoteSource.open(http, url, config), (remote) => ({ ...remote, identity: "url" })),
        putFlow.run,
        target,
        options
      ).pipe(
        watched("putUrl", target)
      ),
    putDirectory: (folder, target, options = {}) =>
      directoryUpload.run(engine, files, folder, target, options).pipe(
        Effect.withSpan("Uploader.putDirectory", { attributes: { "wcs.bucket": target.bucket } })
      ),
    append: (bytes, target, options = {}) =>
      append(Effect.succeed(source.fromBytes(bytes, digest.sha1)), target, options).pipe(
        watched("append", target)
      ),
    appendFile: (path, target, options = {}) =>
      append(source.fromFile(files, path), target, options).pipe(
        watched("appendFile", target)
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
  WcsConfig | WcsHttpClient | ProgressStore | Digest | FileSystem.FileSystem | Path.Path | HttpClient.HttpClient
> = Layer.effect(Uploader, make)
