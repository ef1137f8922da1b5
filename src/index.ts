/**
 * An Effect SDK for Wangsu Cloud Storage.
 *
 * @since 0.1.0
 */

/** URL-safe Base64 with padding. @since 0.1.0 @category domain */
export * as Base64Url from "./domain/Base64Url.ts"
/** How content is cut into blocks and chunks. @since 0.1.0 @category domain */
export * as BlockPlan from "./domain/BlockPlan.ts"
/** Buckets and their volumes. @since 0.1.0 @category domain */
export * as Bucket from "./domain/Bucket.ts"
/** Templates of callbacks. @since 0.1.0 @category domain */
export * as CallbackBody from "./domain/CallbackBody.ts"
/** CRC-32. @since 0.1.0 @category domain */
export * as Crc32 from "./domain/Crc32.ts"
/** CRC-64/XZ. @since 0.1.0 @category domain */
export * as Crc64 from "./domain/Crc64.ts"
/** Buckets, keys, entries. @since 0.1.0 @category domain */
export * as Entry from "./domain/Entry.ts"
/** Etags. @since 0.1.0 @category domain */
export * as Etag from "./domain/Etag.ts"
/** The commands of file tasks. @since 0.1.0 @category domain */
export * as FileCommand from "./domain/FileCommand.ts"
/** Recordings of live channels. @since 0.1.0 @category domain */
export * as LiveRecording from "./domain/LiveRecording.ts"
/** What is known of images, audio and video. @since 0.1.0 @category domain */
export * as MediaInfo from "./domain/MediaInfo.ts"
/** Media commands. @since 0.1.0 @category domain */
export * as MediaPipeline from "./domain/MediaPipeline.ts"
/** What the service says of an object. @since 0.1.0 @category domain */
export * as ObjectInfo from "./domain/ObjectInfo.ts"
/** How long objects stay. @since 0.1.0 @category domain */
export * as Retention from "./domain/Retention.ts"
/** Templates of answers. @since 0.1.0 @category domain */
export * as ReturnBody from "./domain/ReturnBody.ts"
/** The table of settings. @since 0.1.0 @category domain */
export * as Settings from "./domain/Settings.ts"
/** Signatures. @since 0.1.0 @category domain */
export * as Signature from "./domain/Signature.ts"
/** Asynchronous tasks. @since 0.1.0 @category domain */
export * as Task from "./domain/Task.ts"
/** The answers of uploads. @since 0.1.0 @category domain */
export * as UploadAnswer from "./domain/UploadAnswer.ts"
/** What an upload tells while it runs. @since 0.1.0 @category domain */
export * as UploadEvent from "./domain/UploadEvent.ts"
/** Upload policies. @since 0.1.0 @category domain */
export * as UploadPolicy from "./domain/UploadPolicy.ts"
/** What is remembered of an upload. @since 0.1.0 @category domain */
export * as UploadRecord from "./domain/UploadRecord.ts"
/** Upload tokens. @since 0.1.0 @category domain */
export * as UploadToken from "./domain/UploadToken.ts"
/** The `.wcscfg` format. @since 0.1.0 @category domain */
export * as WcsCfg from "./domain/WcsCfg.ts"
/** Every error. @since 0.1.0 @category domain */
export * as WcsError from "./domain/WcsError.ts"
/** URLs that the service is told. @since 0.1.0 @category domain */
export * as WebUrl from "./domain/WebUrl.ts"

/** Requests about buckets. @since 0.1.0 @category wire */
export * as BucketQueries from "./domain/wire/BucketQueries.ts"
/** Requests of downloads. @since 0.1.0 @category wire */
export * as Downloads from "./domain/wire/Downloads.ts"
/** Requests about live recordings. @since 0.1.0 @category wire */
export * as LiveQueries from "./domain/wire/LiveQueries.ts"
/** Requests of management. @since 0.1.0 @category wire */
export * as Management from "./domain/wire/Management.ts"
/** Requests that look into media. @since 0.1.0 @category wire */
export * as MediaQueries from "./domain/wire/MediaQueries.ts"
/** From answers to errors. @since 0.1.0 @category wire */
export * as Refusals from "./domain/wire/Refusals.ts"
/** Requests of asynchronous tasks. @since 0.1.0 @category wire */
export * as Tasks from "./domain/wire/Tasks.ts"
/** Requests of uploads. @since 0.1.0 @category wire */
export * as Uploads from "./domain/wire/Uploads.ts"
/** Requests as values. @since 0.1.0 @category wire */
export * as WcsRequest from "./domain/wire/WcsRequest.ts"

/** Buckets of an account. @since 0.1.0 @category services */
export * as Buckets from "./services/Buckets.ts"
/** What the service sends to a customer's server. @since 0.1.0 @category services */
export * as Callbacks from "./services/Callbacks.ts"
/** Checksums of local content. @since 0.1.0 @category services */
export * as Checksums from "./services/Checksums.ts"
/** Hash functions. @since 0.1.0 @category services */
export * as Digest from "./services/Digest.ts"
/** Downloads. @since 0.1.0 @category services */
export * as Downloader from "./services/Downloader.ts"
/** Asynchronous file management. @since 0.1.0 @category services */
export * as FileManager from "./services/FileManager.ts"
/** Recordings of live channels. @since 0.1.0 @category services */
export * as Live from "./services/Live.ts"
/** Media processing and knowledge. @since 0.1.0 @category services */
export * as Media from "./services/Media.ts"
/** Objects of a bucket. @since 0.1.0 @category services */
export * as Objects from "./services/Objects.ts"
/** When tasks are asked for. @since 0.1.0 @category services */
export * as Polling from "./services/Polling.ts"
/** The memory of uploads. @since 0.1.0 @category services */
export * as ProgressStore from "./services/ProgressStore.ts"
/** When a failed request is repeated. @since 0.1.0 @category services */
export * as Retry from "./services/Retry.ts"
/** Upload tokens for others. @since 0.1.0 @category services */
export * as UploadTokens from "./services/UploadTokens.ts"
/** Uploads. @since 0.1.0 @category services */
export * as Uploader from "./services/Uploader.ts"
/** Credentials in use. @since 0.1.0 @category services */
export * as WcsAuth from "./services/WcsAuth.ts"
/** Settings. @since 0.1.0 @category services */
export * as WcsConfig from "./services/WcsConfig.ts"
/** The one way to the service. @since 0.1.0 @category services */
export * as WcsHttpClient from "./services/WcsHttpClient.ts"
/** What is counted and measured. @since 0.1.0 @category services */
export * as WcsMetrics from "./services/WcsMetrics.ts"

/** Buckets over HTTP. @since 0.1.0 @category layers */
export * as BucketsHttp from "./layers/BucketsHttp.ts"
/** Callbacks by access and secret key. @since 0.1.0 @category layers */
export * as CallbacksKeys from "./layers/CallbacksKeys.ts"
/** `Checksums` over `Digest`. @since 0.1.0 @category layers */
export * as ChecksumsDigest from "./layers/ChecksumsDigest.ts"
/** `Digest` by WebAssembly. @since 0.1.0 @category layers */
export * as DigestWasm from "./layers/DigestWasm.ts"
/** `Downloader` over HTTP. @since 0.1.0 @category layers */
export * as DownloaderHttp from "./layers/DownloaderHttp.ts"
/** File tasks over HTTP. @since 0.1.0 @category layers */
export * as FileManagerHttp from "./layers/FileManagerHttp.ts"
/** Live recordings over HTTP. @since 0.1.0 @category layers */
export * as LiveHttp from "./layers/LiveHttp.ts"
/** Media over HTTP. @since 0.1.0 @category layers */
export * as MediaHttp from "./layers/MediaHttp.ts"
/** `Objects` over HTTP. @since 0.1.0 @category layers */
export * as ObjectsHttp from "./layers/ObjectsHttp.ts"
/** A log of operations in a folder. @since 0.1.0 @category layers */
export * as OperationLog from "./layers/OperationLog.ts"
/** Records in a folder. @since 0.1.0 @category layers */
export * as ProgressStoreDirectory from "./layers/ProgressStoreDirectory.ts"
/** Records in a key-value store. @since 0.1.0 @category layers */
export * as ProgressStoreKeyValue from "./layers/ProgressStoreKeyValue.ts"
/** Records in memory. @since 0.1.0 @category layers */
export * as ProgressStoreMemory from "./layers/ProgressStoreMemory.ts"
/** Upload tokens that WcsAuth signs. @since 0.1.0 @category layers */
export * as UploadTokensAuth from "./layers/UploadTokensAuth.ts"
/** `Uploader` over HTTP. @since 0.1.0 @category layers */
export * as UploaderHttp from "./layers/UploaderHttp.ts"
/** All services, assembled. @since 0.1.0 @category layers */
export * as Wcs from "./layers/Wcs.ts"
/** Credentials: access and secret key. @since 0.1.0 @category layers */
export * as WcsAuthKeys from "./layers/WcsAuthKeys.ts"
/** Credentials: tokens that a server issues. @since 0.1.0 @category layers */
export * as WcsAuthTokens from "./layers/WcsAuthTokens.ts"
/** Where settings come from. @since 0.1.0 @category layers */
export * as WcsConfigLayer from "./layers/WcsConfigLayer.ts"
/** The client over any `HttpClient`. @since 0.1.0 @category layers */
export * as WcsHttpClientPlatform from "./layers/WcsHttpClientPlatform.ts"
