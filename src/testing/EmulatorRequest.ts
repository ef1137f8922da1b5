/**
 * What the emulator is asked, whatever brought it: a socket or a function call.
 *
 * @since 0.1.0
 */
import type * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import type { Operation } from "../domain/wire/WcsRequest.ts"

/**
 * The operations that the emulator knows, by the names that faults and the request log use.
 *
 * @since 0.1.0
 * @category models
 */
export type OperationName = Exclude<Operation, "upload"> | "form" | "preflight" | "unknown"

/**
 * A request as it stood on the wire. Signatures cover octets, so nothing here is decoded (protocol 2.3).
 *
 * @since 0.1.0
 * @category models
 */
export interface EmulatorRequest {
  readonly method: string
  /** With its leading `/`, still percent-encoded. */
  readonly path: string
  /** Without the `?`, still percent-encoded; empty for none. */
  readonly query: string
  /** By lower-case name. */
  readonly headers: { readonly [name: string]: string | undefined }
  /** A failure means that the client went away. */
  readonly body: Stream.Stream<Uint8Array, unknown>
  readonly remoteAddress?: string | undefined
}

/**
 * A request that was received.
 *
 * @since 0.1.0
 * @category models
 */
export interface ReceivedRequest {
  readonly operation: OperationName
  readonly method: string
  readonly path: string
  readonly query: string
  /** By lower-case name; credentials are replaced by `<redacted>`. */
  readonly headers: { readonly [name: string]: string | undefined }
  readonly bucket: string | undefined
  /** The block's index, of mkblk and bput. */
  readonly block: number | undefined
  readonly key: string | undefined
  /** Bytes of the body that were read. */
  readonly bytes: number
  /** What was answered; `undefined` when nothing was, or not yet. */
  readonly status: number | undefined
  /** What may be wrong with a request that was refused, where the emulator can tell. */
  readonly hint: string | undefined
  readonly requestId: string
  /** In milliseconds since the epoch. */
  readonly receivedAt: number
}

/**
 * Which requests to wait for.
 *
 * @since 0.1.0
 * @category models
 */
export interface AwaitedRequests {
  /** Absent: of any operation. */
  readonly operation?: OperationName | undefined
  /** Default: 1. */
  readonly count?: number | undefined
  /** Which of them count, such as those that have been answered: `({ status }) => status === 200`. */
  readonly when?: Predicate.Predicate<ReceivedRequest> | undefined
}

/**
 * A request from its parts. Bytes and text come with their `Content-Length`; a stream needs its own.
 *
 * @example
 * import { EmulatorRequest } from "effect-wcs/testing"
 *
 * const request = EmulatorRequest.make("GET", "/list?bucket=demo", { headers: { Authorization: "…" } })
 * assert.strictEqual(request.path, "/list")
 * assert.strictEqual(request.query, "bucket=demo")
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (method: string, target: string, options: {
  readonly headers?: { readonly [name: string]: string } | undefined
  readonly body?: string | Uint8Array | Stream.Stream<Uint8Array, unknown> | undefined
} = {}): EmulatorRequest => {
  const mark = target.indexOf("?")
  const body = typeof options.body === "string" ? new TextEncoder().encode(options.body) : options.body
  const headers = Object.fromEntries(
    Object.entries(options.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value])
  )
  return {
    method,
    path: mark < 0 ? target : target.slice(0, mark),
    query: mark < 0 ? "" : target.slice(mark + 1),
    headers: body instanceof Uint8Array ? { "content-length": String(body.length), ...headers } : headers,
    body: body === undefined ? Stream.empty : body instanceof Uint8Array ? Stream.make(body) : body
  }
}
