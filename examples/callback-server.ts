/**
 * Receives the callbacks of uploads and the notifications of tasks: `PORT=8080 tsx examples/callback-server.ts`.
 * `PUBLIC_URL` is the address that the service sees, as policies and tasks name it.
 */
import { HttpRouter, HttpServer, HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { NodeContext, NodeHttpServer, NodeRuntime } from "@effect/platform-node"
import { Config, Console, Effect, Layer } from "effect"
import { CallbackBody, Callbacks, ReturnBody, WcsConfigLayer } from "effect-wcs"
import { WcsNode } from "effect-wcs/node"
import { createServer } from "node:http"

const port = Config.withDefault(Config.integer("PORT"), 8080)
const publicUrl = Config.withDefault(Config.string("PUBLIC_URL"), "http://127.0.0.1:8080")

/** What `callbackBody` of the upload policy asks for. */
export const stored = CallbackBody.struct({
  key: ReturnBody.key,
  size: ReturnBody.fsize,
  who: ReturnBody.custom("who")
})

/** A request as it came; the signature covers the URL that the service was told. */
const incoming = Effect.gen(function*() {
  const { headers, text, url } = yield* HttpServerRequest.HttpServerRequest
  return { url: `${yield* publicUrl}${url}`, authorization: headers["authorization"], body: yield* text }
})

const onStored = Effect.gen(function*() {
  const callbacks = yield* Callbacks.Callbacks
  const { key, size, who } = yield* callbacks.upload(yield* incoming, stored)
  yield* Console.log(`${who} has stored ${key}, ${size} bytes`)
  // The service hands this answer to the uploader.
  return yield* HttpServerResponse.json({ accepted: key })
})

const onTask = Effect.gen(function*() {
  const callbacks = yield* Callbacks.Callbacks
  const { id, items } = yield* callbacks.notification(yield* incoming)
  yield* Console.log(`task ${id}: ${items.map(({ state }) => state).join(", ")}`)
  return HttpServerResponse.empty({ status: 200 })
})

const router = HttpRouter.empty.pipe(
  HttpRouter.post("/stored", onStored),
  HttpRouter.post("/task", onTask),
  HttpRouter.catchTag("WcsBadCallback", ({ reason }) => HttpServerResponse.text(reason, { status: 401 }))
)

const server = Layer.unwrapEffect(
  Effect.map(port, (port) => NodeHttpServer.layer(createServer, { host: "127.0.0.1", port }))
)

router.pipe(
  HttpServer.serve(),
  HttpServer.withLogAddress,
  Layer.provide([server, WcsNode.layerWithoutConfig]),
  Layer.provide(WcsConfigLayer.layerDefault()),
  Layer.provide(NodeContext.layer),
  Layer.launch,
  NodeRuntime.runMain
)
