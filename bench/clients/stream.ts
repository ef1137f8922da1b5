/** This package, with a stream whose length it is not told. */
import { NodeStream } from "@effect/platform-node"
import { Data, Effect } from "effect"
import { Uploader } from "effect-wcs"
import { createReadStream } from "node:fs"
import { ClientLive } from "./client.ts"
import { begin, task } from "./measure.ts"

class Unreadable extends Data.TaggedError("Unreadable")<{ readonly cause: unknown }> {}

const program = Effect.gen(function*() {
  const uploader = yield* Uploader.Uploader
  const content = NodeStream.fromReadable<Unreadable, Uint8Array>(
    () => createReadStream(task.file, { highWaterMark: 1024 * 1024 }),
    (cause) => new Unreadable({ cause })
  )
  const end = begin()
  const { verified } = yield* uploader.putStream(content, { bucket: "bench", key: task.key }, { method: "block" })
  end()
  if (task.checks && verified !== "etag") return yield* Effect.dieMessage("the object was not verified")
})

await Effect.runPromise(Effect.provide(program, ClientLive))
