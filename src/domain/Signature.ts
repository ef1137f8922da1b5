/**
 * The signature of WCS: the URL-safe Base64 of the lower-case *hex text* of an HMAC-SHA1 (protocol 2.1).
 *
 * @since 0.1.0
 */
import * as Encoding from "effect/Encoding"
import * as Base64Url from "./Base64Url.ts"

/**
 * The text that a management token signs: path, query if any, a line feed, body if any (protocol 2.3).
 *
 * @since 0.1.0
 * @category constructors
 */
export const managementText = (request: {
  /** As on the request line, with its leading `/`. */
  readonly path: string
  /** As on the request line, without the `?`; empty for none. */
  readonly query: string
  readonly body: string
}): string => `${request.path}${request.query === "" ? "" : `?${request.query}`}\n${request.body}`

/**
 * A signature as it is sent, from the 20 bytes of the HMAC-SHA1.
 *
 * @since 0.1.0
 * @category encoding
 */
export const encode = (mac: Uint8Array): string => Base64Url.encode(Encoding.encodeHex(mac))

/**
 * A management token: `accessKey:signature`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const managementToken = (accessKey: string, mac: Uint8Array): string => `${accessKey}:${encode(mac)}`

/**
 * Compares signatures in a time that does not tell where they differ.
 *
 * @since 0.1.0
 * @category guards
 */
export const equals = (expected: string, given: string): boolean => {
  let difference = expected.length ^ given.length
  for (let i = 0; i < expected.length; i++) difference |= expected.charCodeAt(i) ^ given.charCodeAt(i)
  return difference === 0
}
