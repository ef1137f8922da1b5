/** This package, with all objects of a bucket, one after the other. */
import { Effect, Stream } from "effect"
import { Objects } from "effect-wcs"
import { ClientLive } from "./client.ts"
import { begin, task } from "./measure.ts"

const program = Effect.gen(function*() {
  const objects = yield* Objects.Objects
  const end = begin(task.count)
  let bytes = 0
  const count = yield* Stream.runFold(objects.listAll({ bucket: `bench-${task.count}` }), 0, (count, { size }) => {
    bytes += size
    return count + 1
  })
  end()
  if (count !== task.count || bytes === 0) return yield* Effect.dieMessage(`${count} objects were listed`)
})

await Effect.runPromise(Effect.provide(program, ClientLive))
