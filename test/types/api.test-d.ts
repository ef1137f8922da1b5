import type { Effect, Layer, Stream } from "effect"
import {
  type Buckets,
  CallbackBody,
  type Callbacks,
  type Checksums,
  type Downloader,
  type FileManager,
  type Live,
  type LiveRecording,
  type Media,
  type MediaPipeline,
  type ObjectInfo,
  type Objects,
  type ProgressStore,
  ReturnBody,
  type Task,
  type Uploader,
  UploadPolicy,
  type UploadTokens,
  type Wcs,
  type WcsError,
  type WcsHttpClient
} from "effect-wcs"
import { WcsNode } from "effect-wcs/node"
import { describe, expectTypeOf, it } from "vitest"

declare const uploader: Uploader.Uploader["Type"]
declare const downloader: Downloader.Downloader["Type"]
declare const objects: Objects.Objects["Type"]
declare const checksums: Checksums.Checksums["Type"]
declare const callbacks: Callbacks.Callbacks["Type"]
declare const files: FileManager.FileManager["Type"]
declare const media: Media.Media["Type"]
declare const live: Live.Live["Type"]
declare const incoming: Callbacks.IncomingCallback
declare const store: ProgressStore.ProgressStore["Type"]
declare const bytes: Uint8Array
declare const broken: Stream.Stream<Uint8Array, "broken pipe">

const target = { bucket: "b", key: "k" }

describe("the public types", () => {
  it("uploads need nothing and fail with WcsError", () => {
    expectTypeOf(uploader.putFile("f", target)).toEqualTypeOf<
      Effect.Effect<Uploader.UploadReceipt<unknown>, WcsError.WcsError>
    >()
    expectTypeOf(uploader.putBytes(bytes, target)).toEqualTypeOf<
      Effect.Effect<Uploader.UploadReceipt<unknown>, WcsError.WcsError>
    >()
    expectTypeOf(uploader.putUrl("http://a.test", target)).toEqualTypeOf<
      Effect.Effect<Uploader.UploadReceipt<unknown>, WcsError.WcsError>
    >()
  })

  it("a stream's own error comes back beside ours", () => {
    expectTypeOf(uploader.putStream(broken, target)).toEqualTypeOf<
      Effect.Effect<Uploader.UploadReceipt<unknown>, WcsError.WcsError | "broken pipe">
    >()
  })

  it("a returnBody types the receipt", () => {
    const policy = UploadPolicy.make({
      overwrite: true,
      returnBody: ReturnBody.struct({ size: ReturnBody.fsize, who: ReturnBody.custom("who") })
    })
    const receipt = uploader.putFile("f", target, { policy })
    expectTypeOf<Effect.Effect.Success<typeof receipt>["body"]>().toEqualTypeOf<
      { readonly size: number; readonly who: string }
    >()
  })

  it("downloads, listings and checksums need nothing", () => {
    expectTypeOf(downloader.stream(target)).toEqualTypeOf<Stream.Stream<Uint8Array, WcsError.WcsError>>()
    expectTypeOf(downloader.toFile(target, "f")).toEqualTypeOf<
      Effect.Effect<Downloader.DownloadReceipt, WcsError.WcsError>
    >()
    expectTypeOf(objects.listAll({ bucket: "b" })).toEqualTypeOf<
      Stream.Stream<ObjectInfo.ObjectInfo, WcsError.WcsError>
    >()
    expectTypeOf(objects.delete(target)).toEqualTypeOf<Effect.Effect<void, WcsError.WcsError>>()
    expectTypeOf(checksums.etagOfFile("f")).toEqualTypeOf<Effect.Effect<string, WcsError.WcsFileError>>()
    expectTypeOf(store.list).toExtend<Effect.Effect<ReadonlyArray<string>, WcsError.WcsProgressError>>()
  })

  it("tasks, media and live need nothing", () => {
    expectTypeOf(files.delete([target])).toEqualTypeOf<Effect.Effect<Task.PersistentId, WcsError.WcsError>>()
    expectTypeOf(files.await("id")).toEqualTypeOf<Effect.Effect<Task.TaskReport, WcsError.WcsError>>()
    expectTypeOf(media.await("id")).toEqualTypeOf<Effect.Effect<Task.TaskReport, WcsError.WcsError>>()
    expectTypeOf(live.listAll({ bucket: "b", channel: "c", from: 0, to: 1 })).toEqualTypeOf<
      Stream.Stream<LiveRecording.LiveRecording, WcsError.WcsError>
    >()
  })

  it("the options of media commands have names", () => {
    expectTypeOf<typeof MediaPipeline.vframe>().parameters.toEqualTypeOf<[MediaPipeline.VframeOptions]>()
    expectTypeOf<typeof MediaPipeline.avthumb>().parameters.toEqualTypeOf<[MediaPipeline.AvthumbOptions]>()
    expectTypeOf<typeof MediaPipeline.decompression>().parameters.toEqualTypeOf<[MediaPipeline.DecompressionOptions]>()
  })

  it("a callbackBody types the callback", () => {
    const body = CallbackBody.struct({ key: ReturnBody.key, size: ReturnBody.fsize })
    expectTypeOf(callbacks.upload(incoming, body)).toEqualTypeOf<
      Effect.Effect<
        { readonly key: string; readonly size: number },
        WcsError.WcsBadCallback | WcsError.WcsMissingCredentials
      >
    >()
  })

  it("layers give all services", () => {
    expectTypeOf<Wcs.Services>().toEqualTypeOf<
      | Uploader.Uploader
      | Downloader.Downloader
      | Objects.Objects
      | Buckets.Buckets
      | FileManager.FileManager
      | Media.Media
      | Live.Live
      | Checksums.Checksums
      | UploadTokens.UploadTokens
      | Callbacks.Callbacks
      | WcsHttpClient.WcsHttpClient
    >()
    expectTypeOf(WcsNode.layer).toExtend<Layer.Layer<Wcs.Services, unknown>>()
  })

  it("every error can be caught by its tag", () => {
    expectTypeOf<WcsError.WcsError["_tag"]>().toEqualTypeOf<
      | "WcsUnauthorized"
      | "WcsTokenExpired"
      | "WcsNotFound"
      | "WcsAlreadyExists"
      | "WcsCallbackFailed"
      | "WcsStaleBlock"
      | "WcsWrongPosition"
      | "WcsThrottled"
      | "WcsServerFailure"
      | "WcsRefused"
      | "WcsUndecodableAnswer"
      | "WcsNetworkError"
      | "WcsUntrustedServer"
      | "WcsTimeout"
      | "WcsIntegrityError"
      | "WcsInvalidInput"
      | "WcsMissingCredentials"
      | "WcsFileError"
      | "WcsProgressError"
      | "WcsTaskPending"
      | "WcsBadCallback"
    >()
  })
})
