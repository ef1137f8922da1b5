/**
 * How an emulator is set up, and how strict it is.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type {
  ImageQuestion,
  ImageVerdict,
  MediaProperties,
  MediaQuestion,
  MediaResult,
  MediaSource,
  Recording
} from "./EmulatorMedia.ts"

/**
 * What the sources leave open, or say in two ways. The defaults are strict wherever the real service is not known to
 * be lenient, so that a client's mistakes show; `strictest` refuses all that can be refused.
 *
 * @since 0.1.0
 * @category models
 */
export interface Strictness {
  /** Status for a bucket that does not exist (protocol 19.4). Default: 404. */
  readonly missingBucket: 404 | 631
  /**
   * A key in the request that differs from the one in the policy's scope (protocol 19.5). `ignore`: the scope wins,
   * as documented. `refuse`: 401. Default: `ignore`.
   */
  readonly conflictingKey: "ignore" | "refuse"
  /** Status for an object over the policy's `fsizeLimit` (protocol 17.2, 19.7). Default: 401. */
  readonly fsizeLimit: 401 | 413
  /**
   * The last chunk of a block once more: old ctx, same offset, same bytes (protocol 19.11). `refuse`: 701.
   * `repeat`: the answer that was lost. Default: `refuse`.
   */
  readonly repeatedChunk: "refuse" | "repeat"
  /**
   * Another `UploadBatch` than that of the mkblk (protocol 19.13). `accept`: with a warning in the log. `refuse`: 400.
   * Default: `accept`.
   */
  readonly foreignBatch: "accept" | "refuse"
  /** Status for an unknown, outdated or incomplete block at mkfile (protocol 19.14). Default: 701. */
  readonly badBlock: 701 | 412
  /**
   * Blocks that do not add up to the declared size (protocol 5.3.3, 19.14). `refuse`: 412. `accept`: as the service
   * did in 2018, with the declared size in listings. Default: `refuse`.
   */
  readonly missingBlocks: "refuse" | "accept"
  /** Whether a ctx still holds after mkfile (protocol 19.15). Default: `keep`. */
  readonly usedBlocks: "keep" | "remove"
  /** How a block upload with `returnBody` is answered (protocol 4.2, 19.18). Default: `json`. */
  readonly sliceReturnBody: "json" | "base64"
  /**
   * The query of a `returnUrl` redirect (protocol 4.3, 19.19). `fields`: the expanded `returnBody`, else bucket and
   * key, with the hash; errors are answered as JSON. `upload_ret`: the same in Base64, errors as `code` and `message`.
   * Default: `fields`.
   */
  readonly returnUrl: "fields" | "upload_ret"
  /** What a callback's or notification's signature covers beside its body (protocol 2.5). Default: `url`, the absolute URL. */
  readonly callbackSignature: "url" | "path"
  /** Whether mkblk, bput and mkfile need a `Content-Length`; without one 411 (protocol 17.6). Default: `required`. */
  readonly contentLength: "required" | "optional"
  /**
   * A move or copy onto an object that exists (protocol 6.7). `overwrite`: as the vendor's documentation has it. `refuse`:
   * 406, as the README of its Java SDK has it. Default: `overwrite`.
   */
  readonly existingTarget: "overwrite" | "refuse"
  /** A move or copy of an object onto itself (protocol 6.7, 24.11). `refuse`: 406. Default: `refuse`. */
  readonly sameTarget: "accept" | "refuse"
  /**
   * The hash of an appended object, of which nothing is known (protocol 5.5). `content`: the etag of its content. `other`:
   * one that is not, which shows a client that compares it. Default: `content`.
   */
  readonly appendedHash: "content" | "other"
}

/**
 * A request that the service itself sends: a callback, a notification, a fetch (protocol 4.4, 7.2).
 *
 * @since 0.1.0
 * @category models
 */
export interface WebRequest {
  readonly method: "GET" | "POST"
  readonly url: string
  /** By lower-case name. */
  readonly headers: { readonly [name: string]: string }
  readonly body?: string | undefined
}

/**
 * The answer of another server.
 *
 * @since 0.1.0
 * @category models
 */
export interface WebResponse {
  readonly status: number
  /** By lower-case name. */
  readonly headers?: { readonly [name: string]: string | undefined } | undefined
  readonly body: string | Stream.Stream<Uint8Array, unknown>
}

/**
 * How an emulator is set up. Everything has a default.
 *
 * @since 0.1.0
 * @category models
 */
export interface EmulatorOptions {
  /** Buckets of the account. Default: `demo`. */
  readonly buckets?: ReadonlyArray<string> | undefined
  /** Buckets that exist and belong to somebody else: 401 `Bucket Access Denied` (protocol 19.4). */
  readonly foreignBuckets?: ReadonlyArray<string> | undefined
  /** Default: `test-access-key`. */
  readonly accessKey?: string | undefined
  /** An example, never a real one. Default: `test-secret-key`. */
  readonly secretKey?: string | undefined
  readonly strictness?: Partial<Strictness> | undefined
  /** How long a ctx holds (protocol 19.16). Default: 30 days. */
  readonly blockLifetime?: Duration.DurationInput | undefined
  /**
   * The largest body of one request, in bytes; 413 beyond it (protocol 5.1, 19.25). What is fetched or unpacked is bounded
   * by it, too. Default: 500 MiB.
   */
  readonly maxBodySize?: number | undefined
  /**
   * The most bytes that the commands of one task make in all, fetched, packed, unpacked or processed, and whether they are
   * kept or not. A command that makes more fails. Default: 1 GiB.
   */
  readonly maxTaskSize?: number | undefined
  /** The most that one append may add, in bytes; 413 beyond it (protocol 5.5). Default: 2 GiB. */
  readonly maxAppendSize?: number | undefined
  /**
   * Where a bucket's mirror source is: prefetch gets `<URL>/<key>` there by `web` (protocol 6.9). A bucket without one is
   * answered with 404. Default: none.
   */
  readonly mirrors?: { readonly [bucket: string]: string } | undefined
  /** Looks at an image. Absent: no image can be looked at, and the result's `errMessage` says so (protocol 9.1). */
  readonly detectImage?: ((image: ImageQuestion) => Effect.Effect<ImageVerdict>) | undefined
  /**
   * Tells an object's properties as audio or video. Absent: no streams, and a format of name and size alone (protocol
   * 10).
   */
  readonly mediaInfo?: ((object: MediaQuestion) => Effect.Effect<MediaProperties>) | undefined
  /** What was recorded of live channels (protocol 9.2). Default: nothing. */
  readonly recordings?: ReadonlyArray<Recording> | undefined
  /**
   * Stands for all other servers: those that are called back or notified, and the sources of fetch. The scope ends when
   * the answer has been read. Absent: none can be reached, and a callback fails with 579 and the object stored (protocol
   * 4.2); on a port `EmulatorNode.layer` has Node's HTTP client here.
   */
  readonly web?: ((request: WebRequest) => Effect.Effect<WebResponse, unknown, Scope.Scope>) | undefined
  /**
   * The wait before each of the last five of the eight attempts of a callback or notification; the service's is a minute
   * (protocol 4.4). Default: 0.
   */
  readonly callbackInterval?: Duration.DurationInput | undefined
  /** Hosts that objects may be fetched from, as `host` for any port or `host:port` (protocol 19.22). Default: none. */
  readonly fetchHosts?: ReadonlyArray<string> | undefined
  /** How long a task waits before it runs, and again before it notifies. Default: 0. */
  readonly taskDelay?: Duration.DurationInput | undefined
  /** How long each of a task's commands takes, beyond its own work. Default: 0. */
  readonly taskDuration?: Duration.DurationInput | undefined
  /**
   * Carries out a media command such as `vframe/jpg/offset/1`; a failure is its item's. Absent: the result is a JSON
   * document `{"command":"…","source":{"bucket":"…","key":"…","hash":"…","fsize":…}}` of what would have been done. A
   * result that has no `saveas` is stored in its source's bucket, as `fops/` and a hash.
   */
  readonly process?: ((command: string, source: MediaSource) => Effect.Effect<MediaResult, unknown>) | undefined
  /**
   * Origins of the pages that may use the upload and download hosts from a browser, such as `https://app.example`; `*` for
   * all (assumed: the sources name no such rule). Default: `*`.
   */
  readonly allowedOrigins?: ReadonlyArray<string> | undefined
  /** How many requests the log remembers, and how many tasks that have ended. Default: 10 000. */
  readonly logSize?: number | undefined
}

/**
 * The switches' defaults.
 *
 * @since 0.1.0
 * @category constants
 */
export const strictness: Strictness = {
  missingBucket: 404,
  conflictingKey: "ignore",
  fsizeLimit: 401,
  repeatedChunk: "refuse",
  foreignBatch: "accept",
  badBlock: 701,
  missingBlocks: "refuse",
  usedBlocks: "keep",
  sliceReturnBody: "json",
  returnUrl: "fields",
  callbackSignature: "url",
  contentLength: "required",
  existingTarget: "overwrite",
  sameTarget: "refuse",
  appendedHash: "content"
}

/**
 * The switches that refuse all that can be refused.
 *
 * @since 0.1.0
 * @category constants
 */
export const strictest: Strictness = {
  ...strictness,
  conflictingKey: "refuse",
  foreignBatch: "refuse",
  existingTarget: "refuse",
  appendedHash: "other"
}

/**
 * The options with every default filled in.
 *
 * @since 0.1.0
 * @category models
 */
export interface EmulatorSettings {
  readonly buckets: ReadonlyArray<string>
  readonly foreignBuckets: ReadonlyArray<string>
  readonly accessKey: string
  readonly secretKey: string
  readonly strictness: Strictness
  readonly blockLifetime: Duration.Duration
  readonly maxBodySize: number
  readonly maxTaskSize: number
  readonly maxAppendSize: number
  readonly mirrors: { readonly [bucket: string]: string }
  readonly detectImage: EmulatorOptions["detectImage"]
  readonly mediaInfo: EmulatorOptions["mediaInfo"]
  readonly recordings: ReadonlyArray<Recording>
  readonly web: EmulatorOptions["web"]
  readonly callbackInterval: Duration.Duration
  readonly fetchHosts: ReadonlyArray<string>
  readonly taskDelay: Duration.Duration
  readonly taskDuration: Duration.Duration
  readonly process: EmulatorOptions["process"]
  readonly allowedOrigins: ReadonlyArray<string>
  readonly logSize: number
}

/**
 * Fills in the defaults.
 *
 * @since 0.1.0
 * @category constructors
 */
export const resolve = (options: EmulatorOptions = {}): EmulatorSettings => ({
  buckets: options.buckets ?? ["demo"],
  foreignBuckets: options.foreignBuckets ?? [],
  accessKey: options.accessKey ?? "test-access-key",
  secretKey: options.secretKey ?? "test-secret-key",
  strictness: { ...strictness, ...options.strictness },
  blockLifetime: Duration.decode(options.blockLifetime ?? "30 days"),
  maxBodySize: options.maxBodySize ?? 500 * 1024 * 1024,
  maxTaskSize: options.maxTaskSize ?? 1024 * 1024 * 1024,
  maxAppendSize: options.maxAppendSize ?? 2 * 1024 * 1024 * 1024,
  mirrors: options.mirrors ?? {},
  detectImage: options.detectImage,
  mediaInfo: options.mediaInfo,
  recordings: options.recordings ?? [],
  web: options.web,
  callbackInterval: Duration.decode(options.callbackInterval ?? 0),
  fetchHosts: options.fetchHosts ?? [],
  taskDelay: Duration.decode(options.taskDelay ?? 0),
  taskDuration: Duration.decode(options.taskDuration ?? 0),
  process: options.process,
  allowedOrigins: options.allowedOrigins ?? ["*"],
  logSize: options.logSize ?? 10_000
})
