/**
 * The requests of the download domain (protocol 10).
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import type { Entry } from "../Entry.ts"
import { empty, none, type WcsRequest } from "./WcsRequest.ts"

/**
 * Which part is downloaded, and how fast.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** The value of a Range header. */
  readonly range?: string | undefined
  /** 0: not sent. */
  readonly trafficLimit: number
}

/**
 * Gets what stands at a path of the download domain, percent-encoded as on the request line.
 *
 * @since 0.1.0
 * @category requests
 */
export const getPath = (path: string, options: Options): WcsRequest<void> => ({
  operation: "download",
  method: "GET",
  host: "download",
  path,
  query: "",
  headers: {
    ...(options.range !== undefined && { range: options.range }),
    ...(options.trafficLimit !== 0 && { "x-wos-traffic-limit": String(options.trafficLimit) })
  },
  authorization: none,
  body: empty,
  decode: () => Either.void
})

/**
 * Gets an object or a part of it.
 *
 * @since 0.1.0
 * @category requests
 */
export const get = (entry: Entry, options: Options): WcsRequest<void> => ({
  ...getPath(`/${entry.key.split("/").map(encodeURIComponent).join("/")}`, options),
  bucket: entry.bucket,
  target: entry.text
})
