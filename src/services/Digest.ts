/**
 * The hash functions that the protocol needs, so that a runtime may bring its own native ones.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { Hash } from "../domain/Etag.ts"

/**
 * Hash functions. Layers: `DigestWasm` (any runtime), `DigestNode` (Node's native ones).
 *
 * @since 0.1.0
 * @category services
 */
export class Digest extends Context.Tag("effect-wcs/Digest")<Digest, {
  /** Starts a SHA-1. Several may be open at once. */
  readonly sha1: () => Hash
  /** Starts an MD5. */
  readonly md5: () => Hash
  /** Starts a CRC-64/XZ; its digest is 8 bytes, big-endian (protocol 11.2). */
  readonly crc64: () => Hash
  /** Starts a CRC-32 (IEEE); its digest is 4 bytes, big-endian (protocol 11.3). */
  readonly crc32: () => Hash
  /** The 20 bytes of HMAC-SHA1; key and data are taken as UTF-8. */
  readonly hmacSha1: (key: string, data: string) => Effect.Effect<Uint8Array>
}>() {}
