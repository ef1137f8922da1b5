/**
 * The settings of a client. Every setting is described in one place, `Settings`.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import type * as Redacted from "effect/Redacted"
import type { ListMode } from "../domain/ObjectInfo.ts"
import type { TaskOptions } from "../domain/Task.ts"
import type { UploadPolicy } from "../domain/UploadPolicy.ts"
import type { OnBusy } from "../domain/UploadRecord.ts"

/**
 * The keys of an account.
 *
 * @since 0.1.0
 * @category models
 */
export interface Credentials {
  readonly accessKey: string
  readonly secretKey: Redacted.Redacted
}

/**
 * How often a request is sent again after its first attempt.
 *
 * @since 0.1.0
 * @category models
 */
export interface Retries {
  /** Of each request but the three below. */
  readonly connect: number
  /** Of each mkblk, which begins a block with its first chunk. */
  readonly mkblk: number
  /** Of each bput, which sends a further chunk of a block. */
  readonly bput: number
  /** Of mkfile, which joins the blocks into the object. */
  readonly mkfile: number
}

/**
 * What a listing asks for where its caller does not say.
 *
 * @since 0.1.0
 * @category models
 */
export interface ListDefaults {
  /** Objects of a page, 1 to 1000. */
  readonly limit: number
  readonly prefix?: string | undefined
  readonly marker?: string | undefined
  readonly mode?: ListMode | undefined
}

/**
 * Settings as the services read them.
 *
 * @since 0.1.0
 * @category models
 */
export interface WcsOptions {
  /** Absent: only what needs no credentials works, or what a provider of upload tokens covers. */
  readonly credentials?: Credentials | undefined
  /** Upload domain as an absolute URL without a slash at its end (protocol 1.1). */
  readonly uploadUrl?: string | undefined
  /** Management domain as an absolute URL without a slash at its end. */
  readonly managementUrl?: string | undefined
  /** Download domain as an absolute URL without a slash at its end; `{bucket}` in it stands for the bucket. */
  readonly downloadUrl?: string | undefined
  /** Whether certificates are checked. */
  readonly verifyTls: boolean
  /** Whether connections are used again. */
  readonly keepAlive: boolean
  /** Bytes; a multiple of 4 MiB. */
  readonly blockSize: number
  /** Bytes of one mkblk or bput body. */
  readonly chunkSize: number
  /** Blocks of one upload in flight; 0: one after another. */
  readonly concurrency: number
  /** Blocks and forms of all uploads of this client in flight; 0: no such bound. */
  readonly totalConcurrency: number
  /** Whether fewer blocks than `concurrency` are in flight while the service throttles or is silent. */
  readonly adaptiveConcurrency: boolean
  /** What to do where somebody else works on the same upload; calls may say otherwise. */
  readonly onBusy: OnBusy
  /** Content up to this many bytes travels as a form, larger content in blocks. */
  readonly formLimit: number
  readonly retries: Retries
  /** How long connecting may take, TLS included, for `WcsNode`'s client; others have bounds of their own. */
  readonly connectTimeout: Duration.Duration
  /**
   * How long an answer may take once the body is handed over; what may still be on its way then gets the time in which
   * 64 KiB/s carry it, or twice the time that the rest took.
   */
  readonly requestTimeout: Duration.Duration
  /** How long a body may stand still on its way, up or down. What moves is never too slow. */
  readonly stallTimeout: Duration.Duration
  /**
   * How long a whole upload may take, of a folder each file's; zero: as long as it moves. What it has stored is kept,
   * as after an interruption.
   */
  readonly uploadTimeout: Duration.Duration
  /** How long an upload token lives. */
  readonly tokenLifetime: Duration.Duration
  /** `x-wos-traffic-limit` of uploads and downloads; 0: not sent (protocol 5.3; its unit is unknown). */
  readonly trafficLimit: number
  /** Whether chunks and objects are compared with what the service says that it holds. */
  readonly checks: boolean
  /** Where the directory store keeps its records; absent: a private folder of the user. */
  readonly recordFolder?: string | undefined
  /** Where operations are logged; absent: nowhere. */
  readonly logFolder?: string | undefined
  /** The upload to resume, when a call names none. */
  readonly uploadId?: string | undefined
  /** The upload policy of calls that give none; fields of a call's policy win. */
  readonly policy: UploadPolicy
  /** Defaults of a listing. */
  readonly list: ListDefaults
  /** Defaults of asynchronous tasks (fmgr and fops). */
  readonly tasks: TaskOptions
}

/**
 * The settings of a client. Layers: `WcsConfigLayer` (values, any `ConfigProvider`, a `.wcscfg` file).
 *
 * @since 0.1.0
 * @category services
 */
export class WcsConfig extends Context.Tag("effect-wcs/WcsConfig")<WcsConfig, WcsOptions>() {}
