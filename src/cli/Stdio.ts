/**
 * Content that is piped into `wcscmd` and out of it.
 */
import * as NodeStream from "@effect/platform-node/NodeStream"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { WcsFileError } from "../domain/WcsError.ts"
import { UsageError } from "./Failure.ts"

/** The bytes of stdin. */
export const bytes: Stream.Stream<Uint8Array, WcsFileError> = NodeStream.fromReadable(
  () => process.stdin,
  (error) =>
    new WcsFileError({
      reason: "Unreadable",
      path: "stdin",
      detail: error instanceof Error ? error.message : String(error)
    }),
  { closeOnDone: false }
)

/** Writes bytes to stdout, and waits until they are taken. */
export const write = (bytes: Uint8Array): Effect.Effect<void, WcsFileError> =>
  Effect.async((resume) => {
    process.stdout.write(bytes, (error) => {
      resume(
        error
          ? new WcsFileError({ reason: "Unwritable", path: "-", detail: `stdout cannot be written: ${error.message}` })
          : Effect.void
      )
    })
  })

/** The text of stdin, which is to be short: at most so many bytes of UTF-8. */
export const text = (most: number): Effect.Effect<string, WcsFileError | UsageError> =>
  bytes.pipe(
    Stream.runFoldEffect(Buffer.alloc(0), (read, more) =>
      read.length + more.length > most
        ? new UsageError({ message: `stdin holds more than ${most} bytes` })
        : Effect.succeed(Buffer.concat([read, more]))),
    Effect.map((all) => all.toString("utf8"))
  )
