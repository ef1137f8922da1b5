/** One question to the service, over all that Node brings. */
import { Objects } from "effect-wcs"
import { WcsNode } from "effect-wcs/node"
import * as Effect from "effect/Effect"

const program = Effect.gen(function*() {
  const objects = yield* Objects.Objects
  const { size } = yield* objects.stat({ bucket: "media", key: "film.mp4" })
  yield* Effect.log(size)
})

await Effect.runPromise(Effect.provide(program, WcsNode.layer))
