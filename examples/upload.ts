/** Uploads a file and shows how far it is: `tsx examples/upload.ts FILE BUCKET KEY`. Run it again to go on after a stop. */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect } from "effect"
import { Uploader, type UploadEvent } from "effect-wcs"
import { WcsNode } from "effect-wcs/node"

const [path = "movie.mp4", bucket = "media", key = "movie.mp4"] = process.argv.slice(2)

const program = Effect.gen(function*() {
  const uploader = yield* Uploader.Uploader
  let size = 0
  const onProgress = (event: UploadEvent.UploadEvent) => {
    switch (event._tag) {
      case "Planned":
        size = event.size ?? 0
        return Console.log(`${size} bytes as ${event.method}`)
      case "Resumed":
        return Console.log(`${event.blocks} blocks are there already`)
      case "Chunk":
        return Console.log(`${Math.floor(100 * event.sent / size)} %`)
      case "Retrying":
        return Console.log(`again: ${event.error.message}`)
      default:
        return Effect.void
    }
  }
  const receipt = yield* uploader.putFile(path, { bucket, key }, { onProgress })
  yield* Console.log(`stored as ${receipt.etag}: ${receipt.blocks.sent} blocks sent, ${receipt.blocks.resumed} resumed`)
})

program.pipe(
  Effect.onInterrupt(() => Console.log("stopped: run it again to go on")),
  Effect.provide(WcsNode.layer),
  NodeRuntime.runMain
)
