/** Has the service make a picture and a small version of a video, and waits: `tsx examples/transcode.ts BUCKET KEY`. */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Option } from "effect"
import { Media, MediaPipeline } from "effect-wcs"
import { WcsNode } from "effect-wcs/node"

const [bucket = "media", key = "movie.mp4"] = process.argv.slice(2)

const pipeline = [
  MediaPipeline.vframe({ format: "jpg", offset: 1, width: 320 }).pipe(
    MediaPipeline.saveAs({ bucket, key: `${key}.jpg` })
  ),
  MediaPipeline.avthumb({ format: "mp4", videoBitRate: "300k", size: "640x360" }).pipe(
    MediaPipeline.saveAs({ bucket, key: `${key}.small.mp4` })
  )
]

const program = Effect.gen(function*() {
  const media = yield* Media.Media
  const id = yield* media.process({ bucket, key }, pipeline, { force: true })
  yield* Console.log(`task ${id} has started`)
  const { failed, succeeded } = yield* media.await(id)
  for (const item of succeeded) yield* Console.log(`made ${Option.getOrElse(item.key, () => "?")}`)
  for (const item of failed) yield* Console.log(`failed: ${item.command} ${Option.getOrElse(item.error, () => "")}`)
})

program.pipe(Effect.provide(WcsNode.layer), NodeRuntime.runMain)
