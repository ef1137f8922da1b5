/** This package, with a schedule that does not wait before a block is sent again. */
import { Effect, Schedule } from "effect"
import { Retry, Uploader } from "effect-wcs"
import { ClientLive } from "./client.ts"
import { begin, task } from "./measure.ts"

const program = Effect.gen(function*() {
  const uploader = yield* Uploader.Uploader
  const end = begin()
  yield* uploader.putFile(task.file, { bucket: "bench", key: task.key }, { method: "block" }).pipe(
    Retry.withMkblk(Schedule.recurs(3))
  )
  end()
})

await Effect.runPromise(Effect.provide(program, ClientLive))
