/**
 * All services of a client, assembled.
 *
 * @since 0.1.0
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as Path from "@effect/platform/Path"
import * as Layer from "effect/Layer"
import type { Buckets } from "../services/Buckets.ts"
import type { Callbacks } from "../services/Callbacks.ts"
import type { Checksums } from "../services/Checksums.ts"
import type { Digest } from "../services/Digest.ts"
import type { Downloader } from "../services/Downloader.ts"
import type { FileManager } from "../services/FileManager.ts"
import type { Live } from "../services/Live.ts"
import type { Media } from "../services/Media.ts"
import type { Objects } from "../services/Objects.ts"
import type { ProgressStore } from "../services/ProgressStore.ts"
import type { Uploader } from "../services/Uploader.ts"
import type { UploadTokens } from "../services/UploadTokens.ts"
import type { WcsAuth } from "../services/WcsAuth.ts"
import type { WcsConfig } from "../services/WcsConfig.ts"
import type { WcsHttpClient } from "../services/WcsHttpClient.ts"
import * as BucketsHttp from "./BucketsHttp.ts"
import * as CallbacksKeys from "./CallbacksKeys.ts"
import * as ChecksumsDigest from "./ChecksumsDigest.ts"
import * as DownloaderHttp from "./DownloaderHttp.ts"
import * as FileManagerHttp from "./FileManagerHttp.ts"
import * as LiveHttp from "./LiveHttp.ts"
import * as MediaHttp from "./MediaHttp.ts"
import * as ObjectsHttp from "./ObjectsHttp.ts"
import * as UploaderHttp from "./UploaderHttp.ts"
import * as UploadTokensAuth from "./UploadTokensAuth.ts"
import * as WcsHttpClientPlatform from "./WcsHttpClientPlatform.ts"

/**
 * What a program asks for.
 *
 * @since 0.1.0
 * @category models
 */
export type Services =
  | Uploader
  | Downloader
  | Objects
  | Buckets
  | FileManager
  | Media
  | Live
  | Checksums
  | UploadTokens
  | Callbacks
  | WcsHttpClient

/**
 * Every service over what differs from one program to the next: settings, credentials, records, hashes, and the
 * platform's HTTP client, files and paths.
 *
 * @example
 * import { KeyValueStore } from "@effect/platform"
 * import { NodeContext } from "@effect/platform-node"
 * import { Layer } from "effect"
 * import { ProgressStoreKeyValue, Wcs, WcsAuthKeys, WcsConfigLayer } from "effect-wcs"
 * import { DigestNode, WcsNode } from "effect-wcs/node"
 *
 * // The client of Node, with its records in a store of the program's own.
 * export const Client = Wcs.layer.pipe(
 *   Layer.provide([WcsAuthKeys.layer, ProgressStoreKeyValue.layer, WcsNode.layerHttpClient]),
 *   Layer.provide([DigestNode.layer, NodeContext.layer, KeyValueStore.layerMemory]),
 *   Layer.provide(WcsConfigLayer.layerDefault()),
 *   Layer.provide(NodeContext.layer)
 * )
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<
  Services,
  never,
  | WcsConfig
  | WcsAuth
  | ProgressStore
  | Digest
  | HttpClient.HttpClient
  | FileSystem.FileSystem
  | Path.Path
> = Layer.mergeAll(
  UploaderHttp.layer,
  DownloaderHttp.layer,
  ObjectsHttp.layer,
  BucketsHttp.layer,
  FileManagerHttp.layer,
  MediaHttp.layer,
  LiveHttp.layer,
  ChecksumsDigest.layer,
  UploadTokensAuth.layer,
  CallbacksKeys.layer
).pipe(
  Layer.provideMerge(WcsHttpClientPlatform.layer)
)
