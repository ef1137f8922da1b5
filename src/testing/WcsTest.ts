/**
 * The whole service in memory, for a program's own tests: no network, no disk, and the Clock of the test.
 *
 * @since 0.1.0
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { ObjectInfo } from "../domain/ObjectInfo.ts"
import { ownLayer } from "../internal/ownLayer.ts"
import type { Some } from "../internal/some.ts"
import * as DigestWasm from "../layers/DigestWasm.ts"
import * as ProgressStoreMemory from "../layers/ProgressStoreMemory.ts"
import * as Wcs from "../layers/Wcs.ts"
import * as WcsAuthKeys from "../layers/WcsAuthKeys.ts"
import * as WcsConfigLayer from "../layers/WcsConfigLayer.ts"
import type { ProgressStore } from "../services/ProgressStore.ts"
import type { UploadReceipt } from "../services/Uploader.ts"
import type { WcsAuth } from "../services/WcsAuth.ts"
import type { WcsConfig } from "../services/WcsConfig.ts"
import * as Emulator from "./Emulator.ts"
import * as EmulatorAddress from "./EmulatorAddress.ts"
import * as EmulatorClient from "./EmulatorClient.ts"
import type { EmulatorOptions } from "./EmulatorOptions.ts"
import * as MemoryFileSystem from "./MemoryFileSystem.ts"

/**
 * The emulator's options, the local files, and the client's settings.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options extends EmulatorOptions {
  /** Local files by their paths. */
  readonly files?: { readonly [path: string]: string | Uint8Array } | undefined
  /** Settings of the client; hosts and credentials are the emulator's. */
  readonly settings?: WcsConfigLayer.Options | undefined
}

/** The etag of no bytes. */
const emptyEtag = "Fto5o-5ea0sNMlW_75VgGJCv2AcJ"

/**
 * A receipt for a test that stands in for `Uploader`. Its body is `any`, for the receipt has to fit whichever body the
 * program asks for; what is left out is that of a form of no bytes.
 *
 * @example
 * import { Effect, Layer } from "effect"
 * import { Uploader } from "effect-wcs"
 * import { WcsTest } from "effect-wcs/testing"
 *
 * const program = Effect.flatMap(Uploader.Uploader, (uploader) => uploader.putFile("a.txt", { bucket: "media", key: "a" }))
 * const test = Layer.mock(Uploader.Uploader, {
 *   putFile: (_, target) => Effect.succeed(WcsTest.receipt({ ...target, size: 12 }))
 * })
 * assert.strictEqual((await Effect.runPromise(Effect.provide(program, test))).key, "a")
 *
 * @since 0.1.0
 * @category constructors
 */
export const receipt = (fields: Some<UploadReceipt> = {}): UploadReceipt<any> => ({
  bucket: fields.bucket ?? "demo",
  key: fields.key ?? "key",
  size: fields.size ?? 0,
  etag: fields.etag ?? emptyEtag,
  verified: fields.verified ?? "etag",
  method: fields.method ?? "form",
  body: fields.body ?? {},
  blocks: fields.blocks ?? { total: 0, sent: 0, resumed: 0 },
  uploadId: fields.uploadId,
  requestId: fields.requestId
})

/**
 * An object for a test that stands in for `Objects`; what is left out is that of no bytes, stored in 1970.
 *
 * @example
 * import { WcsTest } from "effect-wcs/testing"
 *
 * const info = WcsTest.objectInfo({ key: "film.mp4", size: 12 })
 * assert.strictEqual(info.mimeType, "application/octet-stream")
 *
 * @since 0.1.0
 * @category constructors
 */
export const objectInfo = (fields: Some<ObjectInfo> = {}): ObjectInfo => ({
  key: fields.key ?? "key",
  size: fields.size ?? 0,
  etag: fields.etag ?? emptyEtag,
  mimeType: fields.mimeType ?? "application/octet-stream",
  putTime: fields.putTime ?? DateTime.unsafeMake(0),
  expires: fields.expires ?? Option.none(),
  storageClass: fields.storageClass ?? Option.none(),
  nextAppendPosition: fields.nextAppendPosition ?? Option.none()
})

/**
 * The settings that lead a client to an emulator. Wrong ones are a defect: a test's own mistake.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerSettings = (
  settings: WcsConfigLayer.Options = {}
): Layer.Layer<WcsConfig, never, EmulatorAddress.EmulatorAddress> =>
  Layer.unwrapEffect(Effect.map(EmulatorAddress.EmulatorAddress, (address) =>
    Layer.orDie(WcsConfigLayer.layer({
      uploadUrl: address.uploadUrl,
      managementUrl: address.managementUrl,
      downloadUrl: address.downloadUrl,
      credentials: { accessKey: address.accessKey, secretKey: address.secretKey },
      ...settings
    }))))

/**
 * A client that holds no key, such as one with `WcsAuthTokens`, for the emulator, the files and the records of `layer`.
 *
 * @example
 * import { Effect, Layer } from "effect"
 * import { Uploader, UploadTokens, WcsAuthTokens } from "effect-wcs"
 * import { WcsTest } from "effect-wcs/testing"
 *
 * const target = { bucket: "media", key: "incoming/a.txt" }
 * // What the server does when the client asks it for a token.
 * const issue = Effect.gen(function*() {
 *   const tokens = yield* UploadTokens.UploadTokens
 *   return (yield* tokens.issue(target)).text
 * })
 * const Client = Layer.provide(WcsTest.layerWithoutAuth(), WcsAuthTokens.layer({ issue: () => issue }))
 *
 * const program = Effect.flatMap(Uploader.Uploader, (uploader) => uploader.putFile("a.txt", target))
 * const test = Layer.provide(Client, WcsTest.layer({ buckets: ["media"], files: { "a.txt": "hello" } }))
 * assert.strictEqual((await Effect.runPromise(Effect.provide(program, test))).size, 5)
 *
 * @since 0.1.0
 * @category layers
 */
export const layerWithoutAuth = (
  settings: WcsConfigLayer.Options = {}
): Layer.Layer<
  Wcs.Services,
  never,
  WcsAuth | Emulator.Emulator | ProgressStore | FileSystem.FileSystem
> =>
  ownLayer(Wcs.layer.pipe(
    Layer.provide(layerSettings({ credentials: undefined, ...settings })),
    Layer.provide([EmulatorClient.layer, DigestWasm.layer, Path.layer])
  ))

/**
 * A client and the emulator that it talks to.
 *
 * @example
 * import { Effect } from "effect"
 * import { Uploader } from "effect-wcs"
 * import { WcsTest } from "effect-wcs/testing"
 *
 * const program = Effect.gen(function*() {
 *   const uploader = yield* Uploader.Uploader
 *   const receipt = yield* uploader.putFile("hello.txt", { bucket: "media", key: "hello.txt" })
 *   return receipt.etag
 * })
 * const test = WcsTest.layer({ buckets: ["media"], files: { "hello.txt": "hello world" } })
 * assert.strictEqual(await Effect.runPromise(Effect.provide(program, test)), "FiqubDXJT8-0FdvpX0CLnOke6Ebt")
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  options: Options = {}
): Layer.Layer<Wcs.Services | ProgressStore | Emulator.Emulator | FileSystem.FileSystem> => {
  const { files = {}, settings, ...emulator } = options
  return ownLayer(Wcs.layer.pipe(
    Layer.provide(WcsAuthKeys.layer),
    Layer.provide(layerSettings(settings)),
    Layer.provide([EmulatorClient.layer, DigestWasm.layer, Path.layer]),
    Layer.provideMerge(Layer.mergeAll(
      Emulator.layerMemory(emulator),
      MemoryFileSystem.layer({ files }),
      ProgressStoreMemory.layer
    ))
  ))
}
