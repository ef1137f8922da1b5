/**
 * Uploads a file in blocks: `measured.ts FILE BUCKET KEY`. As JSON it tells how the object was verified, the most bytes
 * that buffers took, and the largest memory of the process, in bytes.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect } from "effect"
import { Uploader } from "effect-wcs"
import { WcsNode } from "effect-wcs/node"

const [path = "", bucket = "", key = ""] = process.argv.slice(2)

const program = Effect.gen(function*() {
  const { putFile } = yield* Uploader.Uploader
  let buffers = 0
  const { verified } = yield* putFile(path, { bucket, key }, {
    method: "block",
    onProgress: () =>
      Effect.sync(() => {
        buffers = Math.max(buffers, process.memoryUsage().arrayBuffers)
      })
  })
  yield* Console.log(JSON.stringify({ verified, buffers, maxRss: process.resourceUsage().maxRSS * 1024 }))
})

program.pipe(Effect.provide(WcsNode.layer), NodeRuntime.runMain)
