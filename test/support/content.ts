import { createHash } from "node:crypto"

export const mebibyte = 1024 * 1024

/** Bytes that differ everywhere, so that nothing can change places unseen. */
export const bytes = (size: number, seed = 1): Uint8Array => {
  const out = new Uint8Array(size)
  const words = new Uint32Array(out.buffer, 0, size >>> 2)
  let state = (seed * 0x9e37_79b9) >>> 0
  for (let i = 0; i < words.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    words[i] = state
  }
  for (let i = words.length * 4; i < size; i++) out[i] = (state >>> ((i & 3) * 8)) & 0xff
  return out
}

export const sha1 = (content: Uint8Array): string => createHash("sha1").update(content).digest("hex")
