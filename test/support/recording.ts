import { HttpClient, HttpClientError, type HttpClientRequest, HttpClientResponse } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { Effect, Layer, Stream } from "effect"
import {
  type Digest,
  ProgressStoreMemory,
  Wcs,
  type WcsAuth,
  WcsAuthKeys,
  type WcsConfig,
  WcsConfigLayer
} from "effect-wcs"
import { DigestNode } from "effect-wcs/node"
import { createHash } from "node:crypto"
import { crc32 } from "node:zlib"

/** A request as it left. */
export interface Sent {
  readonly method: string
  readonly url: URL
  readonly headers: { readonly [name: string]: string }
  readonly body: Uint8Array
}

/** What a request is answered with; `reset` breaks the connection, `stall` never answers. */
export type Reply = Response | "reset" | "stall"

export const accessKey = "test-access-key"
export const secretKey = "test-secret-key-that-shows-up-nowhere"

const bodyOf = (request: HttpClientRequest.HttpClientRequest): Effect.Effect<Uint8Array, unknown> => {
  switch (request.body._tag) {
    case "Uint8Array":
      // A copy: the client is free to use its memory again.
      return Effect.succeed(request.body.body.slice())
    case "Stream":
      return Effect.map(Stream.runCollect(request.body.stream), (chunks) => Buffer.concat([...chunks]))
    default:
      return Effect.succeed(new Uint8Array())
  }
}

/** An `HttpClient` that writes down what it is given and answers as a function says. */
export const client = (reply: (sent: Sent, nth: number) => Reply) => {
  const sent: Array<Sent> = []
  const layer = Layer.succeed(
    HttpClient.HttpClient,
    HttpClient.make((request, url) =>
      Effect.gen(function*() {
        const failed = (cause: unknown, reason: "Transport" | "Encode") =>
          new HttpClientError.RequestError({ request, reason, cause })
        const body = yield* Effect.mapError(bodyOf(request), (cause) => failed(cause, "Encode"))
        const index = sent.push({ method: request.method, url, headers: { ...request.headers }, body }) - 1
        const answer = reply(sent[index]!, index)
        if (answer === "stall") return yield* Effect.never
        if (answer === "reset") {
          return yield* failed(Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }), "Transport")
        }
        return HttpClientResponse.fromWeb(request, answer)
      })
    )
  )
  return { sent, layer }
}

/** The operation that a request asks for: the first segment of its path. */
export const operation = ({ url }: Sent): string => url.pathname.split("/")[1] ?? ""

/** The answer that the service would give to a chunk. */
export const chunkAnswer = (sent: Sent): Response => {
  const [, name, first, second] = sent.url.pathname.split("/")
  const from = name === "mkblk" ? 0 : Number(second)
  return Response.json({
    ctx: createHash("md5").update(sent.url.pathname).update(sent.body).digest("hex"),
    checksum: createHash("md5").update(sent.body).digest("hex"),
    crc32: crc32(sent.body),
    offset: from + sent.body.length,
    first
  })
}

/** Settings with keys, and hosts that are nowhere. */
export const config = (options: WcsConfigLayer.Options = {}): Layer.Layer<WcsConfig.WcsConfig> =>
  Layer.orDie(WcsConfigLayer.layer({
    credentials: { accessKey, secretKey },
    uploadUrl: "http://up.test",
    managementUrl: "http://mgr.test",
    downloadUrl: "http://down.test",
    ...options
  }))

/** All services over a recording client. */
export const services = (
  http: Layer.Layer<HttpClient.HttpClient>,
  options: WcsConfigLayer.Options = {},
  auth: Layer.Layer<WcsAuth.WcsAuth, never, WcsConfig.WcsConfig | Digest.Digest> = WcsAuthKeys.layer
): Layer.Layer<Wcs.Services> =>
  Wcs.layer.pipe(
    Layer.provide([auth, ProgressStoreMemory.layer]),
    Layer.provide([
      http,
      DigestNode.layer,
      NodeContext.layer,
      config(options)
    ])
  )
