/**
 * Hands out upload tokens, so that browsers and apps upload without the secret key: `tsx examples/token-server.ts`.
 *
 * `GET /upload-token?name=a.jpg` answers `{"token","uploadUrl","key"}`. A browser POSTs a form with `token`, `key` and
 * `file` to `uploadUrl`; a program uses `examples/token-client.ts`.
 */
import { HttpRouter, HttpServer, HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { NodeContext, NodeHttpServer, NodeRuntime } from "@effect/platform-node"
import { Config, Effect, Layer, Redacted, Schema } from "effect"
import { UploadTokens, WcsConfig, WcsConfigLayer } from "effect-wcs"
import { WcsNode } from "effect-wcs/node"
import { createServer } from "node:http"

const bucket = Config.withDefault(Config.string("WCS_BUCKET"), "media")
const port = Config.withDefault(Config.integer("PORT"), 0)

const uploadToken = Effect.gen(function*() {
  const tokens = yield* UploadTokens.UploadTokens
  const { uploadUrl } = yield* WcsConfig.WcsConfig
  const { name } = yield* HttpServerRequest.schemaSearchParams(Schema.Struct({ name: Schema.NonEmptyString }))
  // Who may upload what is decided here, and nowhere else.
  const key = `incoming/${name}`
  const token = yield* tokens.issue({ bucket: yield* bucket, key }, {
    fsizeLimit: 10 * 1024 * 1024,
    lifetime: "10 minutes"
  })
  return yield* HttpServerResponse.json({
    token: Redacted.value(token.text),
    uploadUrl: `${uploadUrl}/file/upload`,
    key
  })
})

const router = HttpRouter.empty.pipe(
  HttpRouter.get("/upload-token", uploadToken),
  HttpRouter.catchTags({
    ParseError: () => HttpServerResponse.text("name is missing", { status: 400 }),
    WcsInvalidInput: ({ message }) => HttpServerResponse.text(message, { status: 400 })
  })
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
