/** This package, with a folder of small files. */
import { Effect } from "effect"
import { Uploader } from "effect-wcs"
import { ClientLive } from "./client.ts"
import { begin, task } from "./measure.ts"

const program = Effect.gen(function*() {
  const uploader = yield* Uploader.Uploader
  const end = begin()
  const { counts } = yield* uploader.putDirectory(task.file, { bucket: "bench" }, { concurrency: 16, existing: "send" })
  end()
  if (counts.stored !== task.count) return yield* Effect.dieMessage(`${counts.stored} files were stored`)
})

await Effect.runPromise(Effect.provide(program, ClientLive))
