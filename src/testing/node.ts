/**
 * The emulator on a port of Node's HTTP server: `import * as EmulatorNode from "effect-wcs/testing/node"`.
 *
 * @since 0.1.0
 */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import * as NodePath from "@effect/platform-node/NodePath"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpServer from "@effect/platform/HttpServer"
import type { ServeError } from "@effect/platform/HttpServerError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { createServer } from "node:http"
import * as DigestNode from "../layers/DigestNode.ts"
import * as Emulator from "./Emulator.ts"
import * as EmulatorAddress from "./EmulatorAddress.ts"
import type { EmulatorOptions } from "./EmulatorOptions.ts"
import * as EmulatorServer from "./EmulatorServer.ts"
import type { EmulatorStorageError } from "./EmulatorStorage.ts"
import * as EmulatorStorageDirectory from "./EmulatorStorageDirectory.ts"
import * as EmulatorStorageMemory from "./EmulatorStorageMemory.ts"

/** @since 0.1.0 */
export * as FaultProxy from "./FaultProxy.ts"

/**
 * How an emulator is set up on Node.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options extends EmulatorOptions {
  /** Default: 0, any free port. */
  readonly port?: number | undefined
  /** Where objects and blocks are kept. Absent: in memory. */
  readonly directory?: string | undefined
}

const breakConnection = Layer.succeed(EmulatorServer.BreakConnection, {
  break: (request, how) =>
    Effect.sync(() => {
      const { socket } = NodeHttpServerRequest.toIncomingMessage(request)
      if (how === "end") socket.end()
      else socket.resetAndDestroy()
    })
})

/**
 * A server of Node on the loopback interface. It leaves waiting to its clients: no time-out of its own ends a request or
 * an idle connection while the other side still counts on it.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerServer = (port = 0): Layer.Layer<HttpServer.HttpServer, ServeError> =>
  Layer.scoped(
    HttpServer.HttpServer,
    Effect.gen(function*() {
      const server = createServer({
        keepAliveTimeout: 600_000,
        headersTimeout: 0,
        requestTimeout: 0,
        maxHeaderSize: 64 * 1024
      })
      const running = yield* NodeHttpServer.make(() => server, { host: "127.0.0.1", port })
      // Closing waits for connections, and clients keep theirs open; none may come in between.
      yield* Effect.addFinalizer(() =>
        Effect.async<void>((resume) => {
          server.close(() => resume(Effect.void))
          server.closeAllConnections()
        })
      )
      return running
    })
  )

/** Other servers, reached by a client of Node that keeps no connection and follows no redirect. */
const web: Effect.Effect<NonNullable<EmulatorOptions["web"]>, never, HttpClient.HttpClient> = Effect.map(
  HttpClient.HttpClient,
  (client) => {
    const scoped = client.pipe(
      HttpClient.withTracerDisabledWhen(() => true),
      HttpClient.withTracerPropagation(false),
      HttpClient.withScope
    )
    return ({ body, headers, method, url }) =>
      HttpClientRequest.make(method)(url, { headers }).pipe(
        body === undefined
          ? (request) => request
          : HttpClientRequest.bodyUint8Array(new TextEncoder().encode(body), headers["content-type"]),
        scoped.execute,
        Effect.map(({ headers, status, stream }) => ({ status, headers, body: stream }))
      )
  }
)

/**
 * An emulator of any kind on a port of the loopback interface, and its address.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerOf = <E, R>(
  emulator: Layer.Layer<Emulator.Emulator, E, R>,
  options: Pick<Options, "port"> = {}
): Layer.Layer<Emulator.Emulator | EmulatorAddress.EmulatorAddress, E | ServeError, R> => {
  const address = Layer.effect(
    EmulatorAddress.EmulatorAddress,
    Effect.gen(function*() {
      const { settings } = yield* Emulator.Emulator
      return yield* HttpServer.addressFormattedWith((origin) => Effect.succeed(EmulatorAddress.make(origin, settings)))
    })
  )
  return Layer.merge(EmulatorServer.layer, address).pipe(
    Layer.provide([layerServer(options.port), breakConnection]),
    Layer.provideMerge(emulator)
  )
}

/**
 * An emulator on a port of the loopback interface, and its address. Without the option `web` it reaches other servers by
 * Node's HTTP client: callbacks and notifications are really posted.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  options: Options = {}
): Layer.Layer<Emulator.Emulator | EmulatorAddress.EmulatorAddress, ServeError | EmulatorStorageError> => {
  const storage = options.directory === undefined
    ? EmulatorStorageMemory.layer
    : EmulatorStorageDirectory.layer(options.directory).pipe(
      Layer.provide([NodeFileSystem.layer, NodePath.layer])
    )
  const emulator = Layer.unwrapEffect(
    Effect.map(web, (web) => Emulator.layer({ ...options, web: options.web ?? web }))
  ).pipe(
    Layer.provide([storage, NodeHttpClient.layer]),
    Layer.provide(DigestNode.layer)
  )
  return layerOf(emulator, options)
}
