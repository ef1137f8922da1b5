/**
 * The requests of the download domain (protocol 10).
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import type { Entry } from "../Entry.ts"
import { empty, none, type WcsRequest } from "./WcsRequest.ts"

/**
 * Gets an object or a part of it; `range` is the value of a Range header.
 *
 * @since 0.1.0
 * @category requests
 */
export const get = (entry: Entry, options: {
  readonly range?: string | undefined
  /** 0: not sent. */
  readonly trafficLimit: number
}): WcsRequest<void> => ({
  operation: "download",
  method: "GET",
  host: "download",
  bucket: entry.bucket,
  path: `/${entry.key.split("/").map(encodeURIComponent).join("/")}`,
  query: "",
  headers: {
    ...(options.range !== undefined && { range: options.range }),
    ...(options.trafficLimit !== 0 && { "x-wos-traffic-limit": String(options.trafficLimit) })
  },
  authorization: none,
  body: empty,
  decode: () => Either.void
})
