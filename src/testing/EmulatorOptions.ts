/**
 * How an emulator is set up, and how strict it is.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"

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
  /** What a callback's signature covers beside its body (protocol 2.5). Default: `url`, the absolute URL. */
  readonly callbackSignature: "url" | "path"
  /** Whether mkblk, bput and mkfile need a `Content-Length`; without one 411 (protocol 17.6). Default: `required`. */
  readonly contentLength: "required" | "optional"
}

/**
 * A callback as the service sends it (protocol 4.4).
 *
 * @since 0.1.0
 * @category models
 */
export interface CallbackRequest {
  readonly url: string
  /** URL-safe Base64 of the expanded `callbackBody`. */
  readonly body: string
  /** `accessKey:signature` (protocol 2.5). */
  readonly authorization: string
}

/**
 * The customer's answer to a callback. Anything but 200 counts as a failure.
 *
 * @since 0.1.0
 * @category models
 */
export interface CallbackResponse {
  readonly status: number
  readonly body: string
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
  /** The largest body of one request, in bytes; 413 beyond it (protocol 5.1, 19.25). Default: 500 MiB. */
  readonly maxBodySize?: number | undefined
  /** Stands for the customer's server. Absent: every callback fails, with 579 and the object stored (protocol 4.2). */
  readonly callback?: ((request: CallbackRequest) => Effect.Effect<CallbackResponse>) | undefined
  /** The wait before each of the last five of the eight attempts; the service's is a minute (protocol 4.4). Default: 0. */
  readonly callbackInterval?: Duration.DurationInput | undefined
  /** How many requests the log remembers. Default: 10 000. */
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
  contentLength: "required"
}

/**
 * The switches that refuse all that can be refused.
 *
 * @since 0.1.0
 * @category constants
 */
export const strictest: Strictness = { ...strictness, conflictingKey: "refuse", foreignBatch: "refuse" }

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
  readonly callback: EmulatorOptions["callback"]
  readonly callbackInterval: Duration.Duration
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
  callback: options.callback,
  callbackInterval: Duration.decode(options.callbackInterval ?? 0),
  logSize: options.logSize ?? 10_000
})
