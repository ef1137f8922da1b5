/** This package, with all objects of a bucket, one after the other. */
import { Effect, Stream } from "effect"
import { Objects } from "effect-wcs"
import { ClientLive } from "./client.ts"
import { begin, task } from "./measure.ts"

const program = Effect.gen(function*() {
  const objects = yield* Objects.Objects
  const end = begin(task.count)
  let bytes = 0
  let count = 0
  // A page at a time: to fold one object after the other costs more than to read them.
  yield* Stream.runForEachChunk(objects.listAll({ bucket: `bench-${task.count}` }), (page) =>
    Effect.sync(() => {
      for (const { size } of page) {
        count += 1
        bytes += size
      }
    }))
  end()
  if (count !== task.count || bytes === 0) return yield* Effect.dieMessage(`${count} objects were listed`)
})

await Effect.runPromise(Effect.provide(program, ClientLive))
