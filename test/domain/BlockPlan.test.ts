import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, FastCheck } from "effect"
import * as BlockPlan from "../../src/domain/BlockPlan.ts"

const mebibyte = 1024 * 1024
const piece = 4 * mebibyte

const blockSize = FastCheck.integer({ min: 1, max: 1024 }).map((pieces) => pieces * piece)
const size = FastCheck.oneof(
  FastCheck.integer({ min: 1, max: 64 * mebibyte }),
  FastCheck.integer({ min: 1, max: 1024 ** 4 }),
  FastCheck.tuple(FastCheck.integer({ min: 1, max: 1024 }), FastCheck.constantFrom(-1, 0, 1)).map(([n, by]) =>
    n * piece + by
  )
)

describe("BlockPlan", () => {
  it.effect.prop(
    "fault 31: blocks cover the content exactly, and all but the last are equal multiples of 4 MiB",
    [size, blockSize, FastCheck.integer({ min: 1, max: 64 * mebibyte })],
    ([size, blockSize, chunkSize]) =>
      Effect.gen(function*() {
        const plan = yield* BlockPlan.make({ size, blockSize, chunkSize })
        assert.isAtMost(plan.chunkSize, plan.blockSize)
        let end = 0
        for (const [index, block] of plan.blocks.entries()) {
          if (block.index !== index || block.offset !== end || block.size < 1) assert.fail(`a gap at block ${index}`)
          if (index < plan.blocks.length - 1 && block.size !== blockSize) assert.fail(`block ${index} is short`)
          end += block.size
        }
        assert.strictEqual(end, size)
        assert.isAtMost(plan.blocks.at(-1)!.size, blockSize)
      })
  )

  it.effect.prop(
    "chunks cover a block exactly, and all but the last are equal",
    [FastCheck.integer({ min: 1, max: 64 * mebibyte }), FastCheck.integer({ min: 4096, max: 65 * mebibyte })],
    ([blockSize, chunkSize]) =>
      Effect.sync(() => {
        const chunks = BlockPlan.chunks(blockSize, chunkSize)
        let end = 0
        for (const [i, chunk] of chunks.entries()) {
          if (chunk.offset !== end || chunk.size < 1) assert.fail(`a gap at chunk ${i}`)
          if (i < chunks.length - 1 && chunk.size !== chunkSize) assert.fail(`chunk ${i} is short`)
          end += chunk.size
        }
        assert.strictEqual(end, blockSize)
      })
  )

  it("fault 31: plans 1 TiB", () => {
    const plan = Either.getOrThrow(BlockPlan.make({ size: 1024 ** 4, blockSize: piece, chunkSize: piece }))
    assert.strictEqual(plan.blocks.length, 262_144)
    assert.deepStrictEqual(plan.blocks.at(-1), { index: 262_143, offset: 1024 ** 4 - piece, size: piece })
  })

  const wrong = [
    ["size", { size: 0, blockSize: piece, chunkSize: piece }],
    ["size", { size: -1, blockSize: piece, chunkSize: piece }],
    ["size", { size: 1.5, blockSize: piece, chunkSize: piece }],
    ["size", { size: 2 ** 53, blockSize: piece, chunkSize: piece }],
    ["blockSize", { size: 1, blockSize: 0, chunkSize: piece }],
    ["blockSize", { size: 1, blockSize: -piece, chunkSize: piece }],
    ["blockSize", { size: 1, blockSize: mebibyte, chunkSize: piece }],
    ["blockSize", { size: 1, blockSize: piece + 1, chunkSize: piece }],
    ["blockSize", { size: 1, blockSize: Number.NaN, chunkSize: piece }],
    ["chunkSize", { size: 1, blockSize: piece, chunkSize: 0 }],
    ["chunkSize", { size: 1, blockSize: piece, chunkSize: 0.5 }],
    ["chunkSize", { size: 1, blockSize: piece, chunkSize: Number.POSITIVE_INFINITY }]
  ] as const
  for (const [input, options] of wrong) {
    it(`refuses ${JSON.stringify(options)}`, () => {
      assert.strictEqual(Either.getOrThrow(Either.flip(BlockPlan.make(options))).input, input)
    })
  }
})
