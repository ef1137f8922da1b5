/** One question to the service, over `fetch`: nothing of Node. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { DigestWasm, Objects, ObjectsHttp, WcsAuthKeys, WcsConfigLayer, WcsHttpClientPlatform } from "effect-wcs"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

const program = Effect.gen(function*() {
  const objects = yield* Objects.Objects
  const { size } = yield* objects.stat({ bucket: "media", key: "film.mp4" })
  yield* Effect.log(size)
})

const ClientLive = ObjectsHttp.layer.pipe(
  Layer.provide(WcsHttpClientPlatform.layer),
  Layer.provide(WcsAuthKeys.layer),
  Layer.provide([WcsConfigLayer.layerEnv, DigestWasm.layer, FetchHttpClient.layer])
)

await Effect.runPromise(Effect.provide(program, ClientLive))
