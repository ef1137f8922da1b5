/** Uploads with a token of a server, and holds no secret key: `tsx examples/token-client.ts SERVER FILE`. */
import { HttpClient, HttpClientResponse } from "@effect/platform"
import { NodeContext, NodeHttpClient, NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Schema } from "effect"
import { Uploader, WcsAuthTokens, WcsConfigLayer } from "effect-wcs"
import { WcsNode } from "effect-wcs/node"
import { basename } from "node:path"

const [server = "http://127.0.0.1:8080", path = "movie.mp4"] = process.argv.slice(2)

const Answer = Schema.Struct({ token: Schema.String })

/** Asks the server; the client caches what it gets, and asks again when the token is near its end. */
const Tokens = WcsAuthTokens.layer({
  issue: () =>
    HttpClient.get(`${server}/upload-token`, { urlParams: { name: basename(path) } }).pipe(
      Effect.flatMap(HttpClientResponse.filterStatusOk),
      Effect.flatMap(HttpClientResponse.schemaBodyJson(Answer)),
      Effect.map(({ token }) => token)
    )
})

const program = Effect.gen(function*() {
  const uploader = yield* Uploader.Uploader
  const receipt = yield* uploader.putFile(path, { bucket: "media", key: `incoming/${basename(path)}` })
  yield* Console.log(`stored ${receipt.key}, ${receipt.size} bytes`)
})

program.pipe(
  Effect.provide(WcsNode.layerWithoutAuth.pipe(
    Layer.provide([Tokens, WcsConfigLayer.layerDefault()]),
    Layer.provide([NodeHttpClient.layer, NodeContext.layer])
  )),
  NodeRuntime.runMain
)
