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
  const bytes = Uint8Array.from({ length: size }, (_, i) => byte(i) & 0xff)
  made.set(generator, bytes)
  return bytes
}

/** Bytes that a request holds, as the vectors describe them: from `offset` of a generator's stream on. */
export const piece = (at: { readonly generator: Generator; readonly offset: number; readonly length: number }) =>
  content(at.generator, at.offset + at.length).subarray(at.offset)

export const sha1 = (bytes: Uint8Array): string => createHash("sha1").update(bytes).digest("hex")
