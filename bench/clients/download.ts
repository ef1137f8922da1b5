/** This package, with an object that becomes a file. */
import { Effect } from "effect"
import { Downloader } from "effect-wcs"
import { join } from "node:path"
import { ClientLive } from "./client.ts"
import { begin, task } from "./measure.ts"

const program = Effect.gen(function*() {
  const downloader = yield* Downloader.Downloader
  const end = begin()
  const { size } = yield* downloader.toFile({ bucket: "bench", key: task.key }, join(task.target, "object"), {
    checks: task.checks
  })
  end()
  if (size !== task.size) return yield* Effect.dieMessage(`${size} bytes were downloaded`)
})

await Effect.runPromise(Effect.provide(program, ClientLive))
