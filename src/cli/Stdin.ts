/**
 * What is piped into `wcscmd`.
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

/** The text of stdin, which is to be short: at most so many bytes of UTF-8. */
export const text = (most: number): Effect.Effect<string, WcsFileError | UsageError> =>
  bytes.pipe(
    Stream.runFoldEffect(Buffer.alloc(0), (read, more) =>
      read.length + more.length > most
        ? new UsageError({ message: `stdin holds more than ${most} bytes` })
        : Effect.succeed(Buffer.concat([read, more]))),
    Effect.map((all) => all.toString("utf8"))
  )
