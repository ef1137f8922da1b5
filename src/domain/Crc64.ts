/**
 * CRC-64/XZ as the service writes it (protocol 11.2).
 *
 * @since 0.1.0
 */

/**
 * The unsigned decimal number of a big-endian digest of 8 bytes.
 *
 * @since 0.1.0
 * @category encoding
 */
export const toDecimal = (digest: Uint8Array): string =>
  new DataView(digest.buffer, digest.byteOffset, digest.byteLength).getBigUint64(0).toString()
