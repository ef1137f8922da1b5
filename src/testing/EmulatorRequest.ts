/**
 * What the emulator is asked, whatever brought it: a socket or a function call.
 *
 * @since 0.1.0
 */
import * as Stream from "effect/Stream"

/**
 * The operations that the emulator knows, by the names that faults and the request log use.
 *
 * @since 0.1.0
 * @category models
 */
export type OperationName =
  | "form"
  | "append"
  | "mkblk"
  | "bput"
  | "mkfile"
  | "stat"
  | "list"
  | "delete"
  | "move"
  | "copy"
  | "setdeadline"
  | "prefetch"
  | "bucket/list"
  | "bucket/stat"
  | "bucket/statistics"
  | "fmgr/move"
  | "fmgr/copy"
  | "fmgr/fetch"
  | "fmgr/delete"
  | "fmgr/deletePrefix"
  | "fmgr/deletem3u8"
  | "fmgr/setdeadline"
  | "fmgr/compress"
  | "fmgr/status"
  | "fops"
  | "fops/status"
  | "imageDetect"
  | "wslive/list"
  | "download"
  | "imageInfo"
  | "exif"
  | "avinfo"
  | "avinfo2"
  | "preflight"
  | "unknown"

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
