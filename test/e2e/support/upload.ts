/** Uploads a file in blocks: `upload.ts FILE BUCKET KEY`. It tells everything that it can, and the receipt as JSON. */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Logger, LogLevel } from "effect"
import { Uploader } from "effect-wcs"
import { WcsNode } from "effect-wcs/node"

const [path = "", bucket = "", key = ""] = process.argv.slice(2)

const program = Effect.gen(function*() {
  const uploader = yield* Uploader.Uploader
  const receipt = yield* uploader.putFile(path, { bucket, key }, {
    method: "block",
    onProgress: (event) => Effect.logDebug("progress", event)
  })
  yield* Console.log(JSON.stringify(receipt))
})

program.pipe(
  Effect.tapErrorCause((cause) => Effect.logError("the upload failed", cause)),
  Effect.tapError((error) => Console.error(JSON.stringify(error))),
  Effect.provide([
    WcsNode.layer,
    Logger.replace(Logger.defaultLogger, Logger.withConsoleError(Logger.jsonLogger))
  ]),
  Logger.withMinimumLogLevel(LogLevel.All),
  NodeRuntime.runMain({ disableErrorReporting: true, disablePrettyLogger: true })
)
