/** This package, as a program uses it. */
import { Effect } from "effect"
import { Uploader } from "effect-wcs"
import { ClientLive } from "./client.ts"
import { begin, task } from "./measure.ts"

const program = Effect.gen(function*() {
  const uploader = yield* Uploader.Uploader
  const end = begin()
  const { verified } = yield* uploader.putFile(task.file, { bucket: "bench", key: task.key }, { method: "block" })
  end()
  if (task.checks && verified !== "etag") return yield* Effect.dieMessage("the object was not verified")
})

await Effect.runPromise(Effect.provide(program, ClientLive))
