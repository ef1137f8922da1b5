/** This package, with the CRC-64 of a file. */
import { Effect } from "effect"
import { Checksums } from "effect-wcs"
import { ChecksumsLive } from "./checksums.ts"
import { begin, task } from "./measure.ts"

const program = Effect.gen(function*() {
  const { crc64OfFile } = yield* Checksums.Checksums
  const end = begin()
  yield* crc64OfFile(task.file)
  end()
})

await Effect.runPromise(Effect.provide(program, ChecksumsLive))
