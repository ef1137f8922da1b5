import type { Effect, Layer, Stream } from "effect"
import {
  type Checksums,
  type Downloader,
  type ObjectInfo,
  type Objects,
  type ProgressStore,
  ReturnBody,
  type Uploader,
  UploadPolicy,
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

  it("layers give all services", () => {
    expectTypeOf<Wcs.Services>().toEqualTypeOf<
      | Uploader.Uploader
      | Downloader.Downloader
      | Objects.Objects
      | Checksums.Checksums
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
      | "WcsThrottled"
      | "WcsServerFailure"
      | "WcsRefused"
      | "WcsUndecodableAnswer"
      | "WcsNetworkError"
      | "WcsTimeout"
      | "WcsIntegrityError"
      | "WcsInvalidInput"
      | "WcsMissingCredentials"
      | "WcsFileError"
      | "WcsProgressError"
    >()
  })
})
