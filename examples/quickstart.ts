import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Stream } from "effect"
import { Objects, Uploader } from "effect-wcs"
import { WcsNode } from "effect-wcs/node"

const program = Effect.gen(function*() {
  const uploader = yield* Uploader.Uploader
  const objects = yield* Objects.Objects

  const target = { bucket: "media", key: "2026/movie.mp4" }
  const { blocks, etag, size } = yield* uploader.putFile("movie.mp4", target, { policy: { overwrite: true } })
  yield* Console.log(`stored ${size} bytes, etag ${etag}, ${blocks.resumed} of ${blocks.total} blocks from before`)

  const all = objects.listAll({ bucket: "media", prefix: "2026/" })
  yield* Stream.runForEach(all, (object) => Console.log(object.key, object.size))
})

program.pipe(Effect.provide(WcsNode.layer), NodeRuntime.runMain)
