/**
 * The etag ("hash") of an object: SHA-1 over pieces of 4 MiB, whatever the block size of the upload (protocol 11.1).
 *
 * @since 0.1.0
 */
import * as Base64Url from "./Base64Url.ts"

/**
 * The size of a piece in bytes.
 *
 * @since 0.1.0
 * @category constants
 */
export const pieceSize = 4_194_304

/**
 * A hash function in use: bytes go in, the digest comes out once.
 *
 * @since 0.1.0
 * @category models
 */
export interface Hash {
  readonly update: (bytes: Uint8Array) => void
  readonly digest: () => Uint8Array
}

/**
 * Cuts a run of bytes into pieces as it flows and keeps one digest a piece.
 *
 * @since 0.1.0
 * @category models
 */
export interface PieceHasher {
  readonly update: (bytes: Uint8Array) => void
  /** Ends the hashing: one digest a piece, at least one (that of nothing). */
  readonly digest: () => ReadonlyArray<Uint8Array>
}

/**
 * Joins the SHA-1 digests of the pieces, in order, into the etag. No piece at all is not an etag: an empty object
 * has one piece, the digest of nothing.
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromPieces = (pieces: ReadonlyArray<Uint8Array>, sha1: () => Hash): string => {
  const [first] = pieces
  if (pieces.length === 1 && first) return encode(0x16, first)
  const hash = sha1()
  for (const piece of pieces) hash.update(piece)
  return encode(0x96, hash.digest())
}

const encode = (prefix: number, digest: Uint8Array): string => {
  const bytes = new Uint8Array(digest.length + 1)
  bytes[0] = prefix
  bytes.set(digest, 1)
  return Base64Url.encode(bytes)
}

/**
 * A hasher for content that starts at a multiple of 4 MiB within its object.
 *
 * @since 0.1.0
 * @category constructors
 */
export const pieceHasher = (sha1: () => Hash): PieceHasher => {
  const done: Array<Uint8Array> = []
  let open = sha1()
  let filled = 0
  return {
    update: (bytes) => {
      for (let at = 0; at < bytes.length;) {
        if (filled === pieceSize) {
          done.push(open.digest())
          open = sha1()
          filled = 0
        }
        const end = Math.min(bytes.length, at + pieceSize - filled)
        open.update(bytes.subarray(at, end))
        filled += end - at
        at = end
      }
    },
    digest: () => [...done, open.digest()]
  }
}

/**
 * The etag of bytes that are there as a whole.
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromBytes = (bytes: Uint8Array, sha1: () => Hash): string => {
  const hasher = pieceHasher(sha1)
  hasher.update(bytes)
  return fromPieces(hasher.digest(), sha1)
}
