/**
 * Lists a bucket: `list.ts BUCKET [keep]`; with `keep` as a program does that keeps what it is given. As JSON it tells
 * the number of objects, the most that it held beyond what it held before, and the largest memory of the process, in
 * bytes.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Stream } from "effect"
import { Objects } from "effect-wcs"
import { WcsNode } from "effect-wcs/node"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { peakRssKiB } from "../../../bench/clients/peakRss.ts"

const [bucket = "", keep] = process.argv.slice(2)

setFlagsFromString("--expose-gc")
const collectGarbage: () => void = runInNewContext("gc")

/** What is held: all that is left when garbage has been collected. */
const held = () => {
  collectGarbage()
  const { external, heapUsed } = process.memoryUsage()
  return heapUsed + external
}

const program = Effect.gen(function*() {
  const { listAll } = yield* Objects.Objects
  const kept: Array<unknown> = []
  const before = held()
  let most = before
  let count = 0
  yield* Stream.runForEach(listAll({ bucket }), (object) =>
    Effect.sync(() => {
      count += 1
      if (keep !== undefined) kept.push(object)
      if (count % 10_000 === 0) most = Math.max(most, held())
    }))
  const maxRss = peakRssKiB() * 1024
  yield* Console.log(JSON.stringify({ count, held: most - before, maxRss }))
})

program.pipe(Effect.provide(WcsNode.layer), NodeRuntime.runMain)
