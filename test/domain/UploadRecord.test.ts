import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, FastCheck } from "effect"
import * as BlockPlan from "../../src/domain/BlockPlan.ts"
import * as UploadRecord from "../../src/domain/UploadRecord.ts"

const piece = 4 * 1024 * 1024

const manifestOf = (plan: BlockPlan.BlockPlan): UploadRecord.UploadManifest => ({
  bucket: "b",
  key: "k",
  size: plan.size,
  blockSize: plan.blockSize,
  source: "file:/a"
})

const plan = FastCheck.tuple(FastCheck.integer({ min: 1, max: 300 * piece }), FastCheck.integer({ min: 1, max: 4 }))
  .map(([size, pieces]) => Either.getOrThrow(BlockPlan.make({ size, blockSize: pieces * piece, chunkSize: piece })))

/** A plan, some of its blocks as accepted, and some others as not. */
const half = plan.chain((plan) =>
  FastCheck.record({
    plan: FastCheck.constant(plan),
    accepted: FastCheck.shuffledSubarray([...plan.blocks]),
    known: FastCheck.boolean()
  })
)

const recordOf = (plan: BlockPlan.BlockPlan, accepted: ReadonlyArray<BlockPlan.Block>, known: boolean) => ({
  ...(known ? { manifest: manifestOf(plan) } : {}),
  blocks: accepted.map(({ index, offset, size }) => ({ offset, size, ctx: `ctx-${index}` })),
  unusable: plan.blocks.filter((block) => !accepted.includes(block)).map(({ offset }) => offset),
  finishing: false
})

describe("UploadRecord", () => {
  it.effect.prop(
    "the accepted blocks are taken over by index, and no other",
    [half],
    ([{ accepted, known, plan }]) =>
      Effect.gen(function*() {
        const fitted = yield* UploadRecord.fit(recordOf(plan, accepted, known), manifestOf(plan))
        assert.deepStrictEqual(
          [...fitted.keys()].toSorted((a, b) => a - b),
          accepted.map(({ index }) => index).toSorted((a, b) => a - b)
        )
        for (const [index, block] of fitted) {
          assert.strictEqual(block.ctx, `ctx-${index}`)
          assert.strictEqual(block.offset, plan.blocks[index]?.offset)
        }
      })
  )

  it.effect.prop(
    "a record of another upload is refused, and the field is named",
    [
      half,
      FastCheck.constantFrom(
        "bucket" as const,
        "key" as const,
        "size" as const,
        "blockSize" as const,
        "source" as const
      )
    ],
    ([{ accepted, plan }, field]) =>
      Effect.sync(() => {
        const manifest = manifestOf(plan)
        const other = { ...manifest, [field]: typeof manifest[field] === "number" ? 1 : "other" }
        const record = { ...recordOf(plan, accepted, true), manifest: other }
        if (plan.size === 1) return
        assert.include(Either.getOrThrow(Either.flip(UploadRecord.fit(record, manifest))), `another ${field}`)
      })
  )

  it.effect.prop("blocks off the grid or beyond the end are refused", [half, FastCheck.boolean()], ([
    { accepted, plan },
    beyond
  ]) =>
    Effect.sync(() => {
      const offset = beyond ? plan.blocks.length * plan.blockSize : 1
      const record = recordOf(plan, accepted, false)
      const block = { offset, size: piece, ctx: "ctx" }
      for (
        const foreign of [
          { ...record, blocks: [...record.blocks, block] },
          { ...record, unusable: [...record.unusable, offset] }
        ]
      ) {
        assert.isTrue(Either.isLeft(UploadRecord.fit(foreign, manifestOf(plan))))
      }
    }))

  it.effect.prop("a block of another length is refused", [plan], ([plan]) =>
    Effect.sync(() => {
      const [first] = plan.blocks
      const blocks = [{ offset: 0, size: first!.size + 1, ctx: "ctx" }]
      const fitted = UploadRecord.fit({ blocks, unusable: [], finishing: false }, manifestOf(plan))
      assert.isTrue(Either.isLeft(fitted))
    }))
})
