/** This package, with the etag of a file. */
import { Effect } from "effect"
import { Checksums } from "effect-wcs"
import { ChecksumsLive } from "./checksums.ts"
import { begin, task } from "./measure.ts"

const program = Effect.gen(function*() {
  const { etagOfFile } = yield* Checksums.Checksums
  const end = begin()
  yield* etagOfFile(task.file)
  end()
})

await Effect.runPromise(Effect.provide(program, ChecksumsLive))
