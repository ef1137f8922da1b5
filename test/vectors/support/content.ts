import { createHash } from "node:crypto"

/** The contents that the vectors describe by a generator's name and a size. */
export type Generator = "g1" | "g2"

const bytesOf: { readonly [G in Generator]: (i: number) => number } = {
  g1: (i) => i * 31 + (i >>> 8) * 17 + 7,
  g2: (i) => i * 31 + (i >>> 8) * 17 + (i >>> 16) * 13 + (i >>> 24) * 11 + 7
}

const made = new Map<Generator, Uint8Array>()

/** The first `size` bytes of a generator's stream. They are shared: never write to them. */
export const content = (generator: Generator, size: number): Uint8Array => {
  const known = made.get(generator)
  if (known !== undefined && known.length >= size) return known.subarray(0, size)
  const byte = bytesOf[generator]
  const bytes = new Uint8Array(size)
  for (let i = 0; i < size; i++) bytes[i] = byte(i)
  made.set(generator, bytes)
  return bytes
}

const hashes = new Map<string, Buffer>()

/** The hash of bytes. Pieces of a generator's stream come back in hundreds of cases: theirs are computed once. */
const hash = (algorithm: string, bytes: Uint8Array): Buffer => {
  const generator = [...made].find(([, { buffer }]) => buffer === bytes.buffer)?.[0]
  const key = `${algorithm} ${generator} ${bytes.byteOffset} ${bytes.length}`
  const known = generator && hashes.get(key)
  if (known !== undefined) return known
  const digest = createHash(algorithm).update(bytes).digest()
  if (generator !== undefined) hashes.set(key, digest)
  return digest
}

export const sha1 = (bytes: Uint8Array): string => hash("sha1", bytes).toString("hex")

export const md5 = (bytes: Uint8Array): string => hash("md5", bytes).toString("hex")

export const base64url = (bytes: string | Uint8Array): string =>
  Buffer.from(bytes).toString("base64").replaceAll("+", "-").replaceAll("/", "_")

const pieceSize = 4 * 1024 * 1024

/** The etag by the book (protocol 11.1), with nothing of the library. */
export const etag = (bytes: Uint8Array): string => {
  const pieces: Array<Uint8Array> = []
  for (let at = 0; at < bytes.length; at += pieceSize) pieces.push(hash("sha1", bytes.subarray(at, at + pieceSize)))
  return base64url(Buffer.concat(
    pieces.length > 1
      ? [Buffer.of(0x96), hash("sha1", Buffer.concat(pieces))]
      : [Buffer.of(0x16), pieces[0] ?? hash("sha1", bytes)]
  ))
}
