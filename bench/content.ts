/** What is uploaded, and what a service that holds it would answer. */
import { createHash, type Hash, randomFillSync } from "node:crypto"
import { closeSync, ftruncateSync, openSync, statfsSync, writeSync } from "node:fs"
import { freemem, tmpdir } from "node:os"
import { crc32 } from "node:zlib"
import type { Held } from "./sinkAnswers.ts"

export const mebibyte = 1024 * 1024

/** Of a block, of a request's body and of a piece of the etag: here they are one. */
export const blockSize: number = 4 * mebibyte

const sha1 = (bytes: Uint8Array): Buffer => createHash("sha1").update(bytes).digest()

/** The blocks of an object as they pass by, from the first to the last. */
const holder = (size: number) => {
  const crcs: Array<number> = []
  const pieces: Hash = createHash("sha1")
  return {
    take: (checksums: { readonly crc32: number; readonly sha1: Uint8Array }) => {
      crcs.push(checksums.crc32)
      pieces.update(checksums.sha1)
    },
    held: (): Held => ({
      size,
      blockSize,
      chunkSize: blockSize,
      crc32: crcs,
      etag: Buffer.concat([Buffer.of(0x96), pieces.digest()]).toString("base64url")
    })
  }
}

const checksums = (block: Uint8Array) => ({ crc32: crc32(block), sha1: sha1(block) })

const blocksOf = (size: number): number => {
  if (size % blockSize !== 0 || size < 2 * blockSize) throw new Error("a size is two blocks of 4 MiB or more of them")
  return size / blockSize
}

/** Writes a file of random bytes. */
export const writeRandom = (path: string, size: number): Held => {
  const file = openSync(path, "wx")
  const holds = holder(size)
  const block = new Uint8Array(blockSize)
  for (let left = blocksOf(size); left > 0; left--) {
    randomFillSync(block)
    holds.take(checksums(block))
    for (let at = 0; at < blockSize;) at += writeSync(file, block, at)
  }
  closeSync(file)
  return holds.held()
}

/** Makes a file of zeros that takes no room. */
export const writeSparse = (path: string, size: number): Held => {
  const file = openSync(path, "wx")
  ftruncateSync(file, size)
  closeSync(file)
  const holds = holder(size)
  const zeros = checksums(new Uint8Array(blockSize))
  for (let left = blocksOf(size); left > 0; left--) holds.take(zeros)
  return holds.held()
}

/** Where a file of this size is best kept: in memory, if it leaves enough of it. */
export const parentFolder = (size: number): string => {
  const needed = size + 2048 * mebibyte
  try {
    const { bavail, bsize } = statfsSync("/dev/shm")
    if (bavail * bsize > needed && freemem() > needed) return "/dev/shm"
  } catch {
    // Not every system has it.
  }
  return tmpdir()
}
