/**
 * CRC-32 (IEEE) as the service writes it (protocol 11.3).
 *
 * @since 0.1.0
 */
import type { Hash } from "./Etag.ts"

/**
 * The unsigned number of a big-endian digest of 4 bytes.
 *
 * @since 0.1.0
 * @category encoding
 */
export const toNumber = (digest: Uint8Array): number =>
  new DataView(digest.buffer, digest.byteOffset, digest.byteLength).getUint32(0)

/**
 * The CRC-32 of these bytes.
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromBytes = (bytes: Uint8Array, crc32: () => Hash): number => {
  const hash = crc32()
  hash.update(bytes)
  return toNumber(hash.digest())
}
