/** What is uploaded, and what a service that holds it would answer. */
import { createHash, randomFillSync } from "node:crypto"
import { closeSync, mkdirSync, openSync, statfsSync, truncateSync, writeFileSync, writeSync } from "node:fs"
import { freemem, tmpdir } from "node:os"
import { join } from "node:path"
import { crc32 } from "node:zlib"
import type { Held } from "./sinkAnswers.ts"

export const mebibyte = 1024 * 1024

/** Of a block, and of a piece of the etag: here they are one. */
export const blockSize: number = 4 * mebibyte

/** Bytes of a request's body: a whole block, or an eighth of it. */
export const chunkSizes = { block: blockSize, eighth: blockSize / 8 } as const

/** What an object is called whose chunks have a size: the content's name, and how its blocks are cut. */
export const keyOf = (content: string, chunkSize: number): string => `${content}-${chunkSize / 1024}`

const sha1 = (bytes: Uint8Array): Buffer => createHash("sha1").update(bytes).digest()

/** The etag of an object, from the digests of its pieces (protocol 11.1): by no code of the package. */
const etagOf = (pieces: ReadonlyArray<Uint8Array>): string => {
  const [first] = pieces
  const [mark, digest] = pieces.length === 1 && first ? [0x16, first] : [0x96, sha1(Buffer.concat(pieces))]
  return Buffer.concat([Buffer.of(mark), digest]).toString("base64url")
}

/** The object as a service holds it that was sent chunks of a size. */
export type HeldBy = Record<keyof typeof chunkSizes, Held>

interface Checksums {
  readonly crc32: Record<keyof typeof chunkSizes, ReadonlyArray<number>>
  readonly sha1: Uint8Array
}

/** The blocks of an object as they pass by, from the first to the last. */
const holder = (size: number) => {
  const crcs = { block: new Array<number>(), eighth: new Array<number>() }
  const pieces: Array<Uint8Array> = []
  return {
    take: (checksums: Checksums) => {
      crcs.block.push(...checksums.crc32.block)
      crcs.eighth.push(...checksums.crc32.eighth)
      pieces.push(checksums.sha1)
    },
    held: (): HeldBy => {
      const etag = etagOf(pieces)
      const of = (cut: keyof typeof chunkSizes): Held => ({
        size,
        blockSize,
        chunkSize: chunkSizes[cut],
        crc32: crcs[cut],
        etag
      })
      return { block: of("block"), eighth: of("eighth") }
    }
  }
}

const crc32s = (block: Uint8Array, chunkSize: number): ReadonlyArray<number> =>
  Array.from(
    { length: block.length / chunkSize },
    (_, i) => crc32(block.subarray(i * chunkSize, (i + 1) * chunkSize))
  )

const checksums = (block: Uint8Array): Checksums => ({
  crc32: { block: crc32s(block, chunkSizes.block), eighth: crc32s(block, chunkSizes.eighth) },
  sha1: sha1(block)
})

const blocksOf = (size: number): number => {
  if (size % blockSize !== 0 || size < 2 * blockSize) throw new Error("a size is two blocks of 4 MiB or more of them")
  return size / blockSize
}

/** Writes a file of random bytes. */
export const writeRandom = (path: string, size: number): HeldBy => {
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

/** Makes a file of zeros that takes no room, in the place of any. */
export const makeSparse = (path: string, size: number): void => {
  writeFileSync(path, "")
  truncateSync(path, size)
}

/** The same, and what it is as an object. */
export const writeSparse = (path: string, size: number): HeldBy => {
  makeSparse(path, size)
  const holds = holder(size)
  const zeros = checksums(new Uint8Array(blockSize))
  for (let left = blocksOf(size); left > 0; left--) holds.take(zeros)
  return holds.held()
}

/** Zeros of any size as a service holds them that was sent whole blocks. */
export const heldOfZeros = (size: number): Held => {
  const zeros = new Uint8Array(blockSize)
  const whole = { crc32: crc32(zeros), sha1: sha1(zeros) }
  const count = Math.ceil(size / blockSize)
  const rest = zeros.subarray(0, size - (count - 1) * blockSize)
  const last = { crc32: crc32(rest), sha1: sha1(rest) }
  const pieces = Array.from({ length: count }, (_, i) => i === count - 1 ? last : whole)
  return {
    size,
    blockSize,
    chunkSize: blockSize,
    crc32: pieces.map((piece) => piece.crc32),
    etag: etagOf(pieces.map((piece) => piece.sha1))
  }
}

/** Bytes of a small file. */
export const fileSize: number = 64 * 1024

/** Writes small files of the same random bytes, and tells what each of them is as an object. */
export const writeFiles = (folder: string, count: number): Held => {
  mkdirSync(folder)
  const bytes = randomFillSync(new Uint8Array(fileSize))
  for (let i = 0; i < count; i++) writeFileSync(join(folder, `${i}.bin`), bytes)
  return {
    size: fileSize,
    blockSize,
    chunkSize: fileSize,
    crc32: [crc32(bytes)],
    etag: etagOf([sha1(bytes)])
  }
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
