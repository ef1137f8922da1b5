/**
 * How content is cut: into blocks that travel independently, and each block into chunks that follow one another
 * (protocol 5.3).
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import { pieceSize } from "./Etag.ts"
import { invalid } from "./Input.ts"
import type { WcsInvalidInput } from "./WcsError.ts"

/**
 * A block of an object.
 *
 * @since 0.1.0
 * @category models
 */
export interface Block {
  /** 0-based position in the object. */
  readonly index: number
  /** First byte within the object. */
  readonly offset: number
  /** Length in bytes, at least 1. */
  readonly size: number
}

/**
 * A chunk of a block.
 *
 * @since 0.1.0
 * @category models
 */
export interface Chunk {
  /** First byte within the block. */
  readonly offset: number
  /** Length in bytes, at least 1. */
  readonly size: number
}

/**
 * Block and chunk size, both in bytes.
 *
 * @since 0.1.0
 * @category models
 */
export interface Sizes {
  /** A multiple of 4 MiB, or the service computes another etag. */
  readonly blockSize: number
  /** One that is larger than the block means the whole block. */
  readonly chunkSize: number
}

/**
 * An object cut into blocks.
 *
 * @since 0.1.0
 * @category models
 */
export interface BlockPlan extends Sizes {
  /** Bytes in all, at least 1. */
  readonly size: number
  readonly blocks: ReadonlyArray<Block>
}

const whole = (n: number) => Number.isSafeInteger(n) && n > 0

/**
 * Checks block and chunk size; the chunk size that comes back is not larger than the block's.
 *
 * @since 0.1.0
 * @category guards
 */
export const validateSizes = (sizes: Sizes): Either.Either<Sizes, WcsInvalidInput> =>
  !whole(sizes.blockSize) || sizes.blockSize % pieceSize !== 0
    ? invalid("blockSize", `is a multiple of ${pieceSize} bytes, not ${sizes.blockSize}`)
    : !whole(sizes.chunkSize)
    ? invalid("chunkSize", `is a whole number of bytes above 0, not ${sizes.chunkSize}`)
    : Either.right({ blockSize: sizes.blockSize, chunkSize: Math.min(sizes.chunkSize, sizes.blockSize) })

/**
 * The plan of an object of `size` bytes. An empty object has no plan: it has no blocks, and travels as a form.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Sizes & { readonly size: number }): Either.Either<BlockPlan, WcsInvalidInput> =>
  whole(options.size)
    ? Either.map(validateSizes(options), ({ blockSize, chunkSize }) => ({
      size: options.size,
      blockSize,
      chunkSize,
      blocks: Array.from({ length: Math.ceil(options.size / blockSize) }, (_, index) => ({
        index,
        offset: index * blockSize,
        size: Math.min(blockSize, options.size - index * blockSize)
      }))
    }))
    : invalid("size", "only content of 1 byte or more is cut into blocks")

/**
 * The chunks of a block, in order.
 *
 * @since 0.1.0
 * @category constructors
 */
export const chunks = (blockSize: number, chunkSize: number): ReadonlyArray<Chunk> =>
  Array.from({ length: Math.ceil(blockSize / chunkSize) }, (_, i) => ({
    offset: i * chunkSize,
    size: Math.min(chunkSize, blockSize - i * chunkSize)
  }))
