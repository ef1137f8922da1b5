/** Lists a bucket of any size in constant memory: `tsx examples/list.ts BUCKET [PREFIX]`. */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Stream } from "effect"
import { Objects } from "effect-wcs"
import { WcsNode } from "effect-wcs/node"

const [bucket = "media", prefix] = process.argv.slice(2)

const program = Effect.gen(function*() {
  const objects = yield* Objects.Objects
  const { bytes, count } = yield* objects.listAll({ bucket, prefix }).pipe(
    Stream.runFold({ count: 0, bytes: 0 }, (total, { size }) => ({ count: total.count + 1, bytes: total.bytes + size }))
  )
  const memory = Math.round(process.memoryUsage().rss / 1024 / 1024)
  yield* Console.log(`${count} objects, ${bytes} bytes; this process uses ${memory} MiB`)
})

program.pipe(Effect.provide(WcsNode.layer), NodeRuntime.runMain)
