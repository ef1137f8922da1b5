import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Stream } from "effect"
import { Objects, Uploader } from "effect-wcs"
import { WcsNode } from "effect-wcs/node"

const program = Effect.gen(function*() {
  const uploader = yield* Uploader.Uploader
  const objects = yield* Objects.Objects

  const receipt = yield* uploader.putFile("movie.mp4", { bucket: "media", key: "2026/movie.mp4" }, {
    policy: { overwrite: true }
  })
  yield* Console.log(`stored ${receipt.size} bytes, etag ${receipt.etag}`)

  const all = objects.listAll({ bucket: "media", prefix: "2026/" })
  yield* Stream.runForEach(all, (object) => Console.log(object.key, object.size))
})

program.pipe(Effect.provide(WcsNode.layer), NodeRuntime.runMain)
