/**
 * Lists a bucket: `list.ts BUCKET [keep]`. It tells how many objects there are, and its largest memory in KiB, as JSON.
 * `keep` lists as a program does that keeps what it was given.
 *
 * Garbage is collected again and again, so that the memory is what is held and not what nobody has cleared away yet.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Stream } from "effect"
import { Objects } from "effect-wcs"
import { WcsNode } from "effect-wcs/node"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"

const [bucket = "", keep] = process.argv.slice(2)

setFlagsFromString("--expose-gc")
const collectGarbage: () => void = runInNewContext("gc")

const program = Effect.gen(function*() {
  const kept: Array<unknown> = []
  let count = 0
  yield* Stream.runForEach((yield* Objects.Objects).listAll({ bucket }), (object) =>
    Effect.sync(() => {
      count += 1
      if (keep !== undefined) kept.push(object)
      if (count % 5000 === 0) collectGarbage()
    }))
  yield* Console.log(JSON.stringify({ count, maxRss: process.resourceUsage().maxRSS }))
})

program.pipe(Effect.provide(WcsNode.layer), NodeRuntime.runMain)
