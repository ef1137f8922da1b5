import { NodeContext } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Uploader } from "effect-wcs"
import { EmulatorAddress } from "effect-wcs/testing"
import { join } from "node:path"
import { blockSize, chunkSizes, writeSparse } from "../../bench/content.ts"
import { quick } from "../faults/support.ts"
import { mebibyte } from "../support/content.ts"
import { environment, run } from "./support/processes.ts"
import { bucket, client, folder } from "./support/service.ts"
import { sink } from "./support/sink.ts"
import type { Weighed } from "./support/weighed.ts"

const key = "film.bin"
const concurrency = 4

/** An upload that makes a buffer for each block, even one that it lets go again, has several times as many. */
const mostArrayBuffers = (concurrency + 1) * blockSize

/**
 * What a block leaves until the end: its ctx, its digests and what the bookkeeping takes, 1.2 to 1.9 KiB. A request or
 * an answer of `node:http` that is kept has more than this.
 */
const mostHeldPerBlock = 6 * 1024

/**
 * From a quarter of the upload to its end. What is alive adds nearly nothing; garbage that V8 lets lie added 2.5 to 14 MiB.
 * A buffer of 512 KiB that stays with each block adds 96.
 */
const mostGrowth = 64 * mebibyte

/** Node, the modules, 16 MiB of buffers and garbage: 109 to 122 MiB. A quarter of the blocks, kept, is more. */
const mostMemory = 256 * mebibyte

describe("an upload of 1 GiB by a process of its own", () => {
  it.scopedLive("costs a request for each block, a connection for each in flight, and memory for these alone", () =>
    Effect.gen(function*() {
      const home = yield* folder
      const file = join(home, key)
      const size = 1024 * mebibyte
      const blocks = size / blockSize
      const { address, seen } = yield* sink(key, writeSparse(file, size).block)
      const { code, stderr, stdout } = yield* run("test/e2e/support/weighed.ts", {
        arguments: [file, bucket, key, String(blocks / 4), String(blocks)],
        env: { ...environment(address, home), WCS_CONCURRENCY: String(concurrency) }
      })
      assert.deepStrictEqual([code, stderr], [0, ""])

      const { connections, payloadBytes, requests } = yield* seen
      assert.strictEqual(payloadBytes, size)
      assert.strictEqual(requests, blocks + 1)
      // A socket may still be on its way back when the next request wants one.
      assert.isAtMost(connections, 2 * concurrency)

      const { arrayBuffers, looks: [quarter, end] }: Weighed = JSON.parse(stdout)
      assert.isDefined(quarter)
      assert.isDefined(end)
      assert.isAtMost(arrayBuffers, mostArrayBuffers)
      assert.isAtMost((end.held - quarter.held) / (blocks * 3 / 4), mostHeldPerBlock)
      assert.isAtMost(end.peakRss - quarter.peakRss, mostGrowth)
      assert.isAtMost(end.peakRss, mostMemory)
    }).pipe(Effect.provide(NodeContext.layer)))
})

describe("a connection that is reset in the middle of a body", () => {
  for (const [name, chunkSize] of [["a block", chunkSizes.block], ["a chunk of a block", chunkSizes.eighth]] as const) {
    it.scopedLive(`costs the bytes of ${name} once more, and one more request`, () =>
      Effect.gen(function*() {
        const size = 8 * blockSize
        const file = join(yield* folder, key)
        const held = chunkSize === blockSize ? writeSparse(file, size).block : writeSparse(file, size).eighth
        // No block is complete by then: the sixth of the chunks is not the first of its block.
        const { address, seen } = yield* sink(key, held, { reset: { nth: 6, after: chunkSize / 2 } })
        const { verified } = yield* Effect.flatMap(
          Uploader.Uploader,
          (uploader) => quick(uploader.putFile(file, { bucket, key }, { method: "block", concurrency }))
        ).pipe(
          Effect.provide(client({ chunkSize })),
          Effect.provideService(EmulatorAddress.EmulatorAddress, address)
        )
        assert.strictEqual(verified, "etag")
        const { payloadBytes, requests } = yield* seen
        assert.strictEqual(payloadBytes - size, chunkSize)
        assert.strictEqual(requests, size / chunkSize + 1 + 1)
      }).pipe(Effect.provide(NodeContext.layer)))
  }
})
