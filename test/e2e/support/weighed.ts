/**
 * Uploads a file in blocks and weighs itself meanwhile: `weighed.ts FILE BUCKET KEY COUNT...`, each time that so many
 * blocks are complete. It prints `Weighed` as JSON.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect } from "effect"
import { Uploader } from "effect-wcs"
import { WcsNode } from "effect-wcs/node"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { peakRssKiB } from "../../../bench/clients/peakRss.ts"

export interface Look {
  /** What is alive on V8's heap, in bytes: array buffers have their contents elsewhere. */
  readonly held: number
  /** The largest resident set so far, in bytes. */
  readonly peakRss: number
}

export interface Weighed {
  /** The most bytes that array buffers had when a block was complete. */
  readonly arrayBuffers: number
  readonly looks: ReadonlyArray<Look>
}

const [path = "", bucket = "", key = "", ...counts] = process.argv.slice(2)

setFlagsFromString("--expose-gc")
const collectGarbage: () => void = runInNewContext("gc")

const look = (): Look => {
  const peakRss = peakRssKiB() * 1024
  collectGarbage()
  return { held: process.memoryUsage().heapUsed, peakRss }
}

const program = Effect.gen(function*() {
  const uploader = yield* Uploader.Uploader
  const looks: Array<Look> = []
  let arrayBuffers = 0
  let complete = 0
  yield* uploader.putFile(path, { bucket, key }, {
    method: "block",
    onProgress: (event) =>
      Effect.sync(() => {
        if (event._tag !== "Block") return
        complete += 1
        arrayBuffers = Math.max(arrayBuffers, process.memoryUsage().arrayBuffers)
        if (counts.includes(String(complete))) looks.push(look())
      })
  })
  yield* Console.log(JSON.stringify({ arrayBuffers, looks }))
})

program.pipe(Effect.provide(WcsNode.layer), NodeRuntime.runMain)
