/**
 * A whole client for Node.
 *
 * @since 0.1.0
 */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodePath from "@effect/platform-node/NodePath"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as ConfigError from "effect/ConfigError"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Http from "node:http"
import * as nodeExchange from "../internal/nodeExchange.ts"
import { nodeLeaseOwner } from "../internal/nodeLeaseOwner.ts"
import { ownLayer } from "../internal/ownLayer.ts"
import * as transport from "../internal/transport.ts"
import type { WcsAuth } from "../services/WcsAuth.ts"
import { WcsConfig } from "../services/WcsConfig.ts"
import * as DigestNode from "./DigestNode.ts"
import * as OperationLog from "./OperationLog.ts"
import * as ProgressStoreDirectory from "./ProgressStoreDirectory.ts"
import * as Wcs from "./Wcs.ts"
import * as WcsAuthKeys from "./WcsAuthKeys.ts"
import * as WcsConfigLayer from "./WcsConfigLayer.ts"

/** Bounds the time until a connection of an agent is there. */
const boundConnecting = (after: Duration.Duration, agent: Http.Agent, connected: "connect" | "secureConnect"): void => {
  const connect = agent.createConnection.bind(agent)
  agent.createConnection = (options, callback) => {
    const socket = connect(options, callback)
    if (socket) {
      const giveUp = Effect.sync(() => socket.destroy(new transport.GivenUp({ reason: "Connect", after })))
      const cancel = Effect.runCallback(Effect.delay(giveUp, after))
      const settled = () => cancel()
      socket.once(connected, settled).once("close", settled)
    }
    return socket
  }
}

/**
 * Node's HTTP client as the settings ask for it: connections that are kept alive, certificates that are checked, and
 * bounds of the time to connect and of the time in which a body stands still.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerHttpClient: Layer.Layer<HttpClient.HttpClient, never, WcsConfig> = Layer.unwrapEffect(
  Effect.gen(function*() {
    const { connectTimeout, keepAlive, verifyTls } = yield* WcsConfig
    if (!verifyTls) {
      yield* Effect.annotateLogs(
        Effect.logWarning("TLS certificates are not checked (isverify): anyone on the way can read and change"),
        { package: "effect-wcs", module: "WcsNode" }
      )
    }
    return Layer.scoped(
      HttpClient.HttpClient,
      Effect.gen(function*() {
        const agents = yield* NodeHttpClient.makeAgent({ keepAlive, rejectUnauthorized: verifyTls })
        boundConnecting(connectTimeout, agents.http, "connect")
        boundConnecting(connectTimeout, agents.https, "secureConnect")
        const client = yield* Effect.provideService(NodeHttpClient.make, NodeHttpClient.HttpAgent, agents)
        transport.exchanges.set(client, nodeExchange.make(agents))
        return client
      })
    )
  })
)

/**
 * A client over settings and credentials of any kind, such as `WcsAuthTokens`: it keeps its records in a folder, and
 * its log where the settings say so.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerWithoutAuth: Layer.Layer<Wcs.Services, never, WcsConfig | WcsAuth> = Wcs.layer.pipe(
  Layer.provide([ProgressStoreDirectory.layer(), layerHttpClient, nodeLeaseOwner]),
  Layer.merge(OperationLog.layerSettings),
  Layer.provide([DigestNode.layer, NodeFileSystem.layer, NodePath.layer])
)

/**
 * A client over settings of any kind: it signs with their keys and keeps its records in a folder.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerWithoutConfig: Layer.Layer<Wcs.Services, never, WcsConfig> = layerWithoutAuth.pipe(
  Layer.provide(WcsAuthKeys.layer),
  Layer.provide(DigestNode.layer)
)

/**
 * A client with its settings from the `WCS_*` variables, then from `~/.wcscfg`.
 *
 * @example
 * import { Effect } from "effect"
 * import { Objects } from "effect-wcs"
 * import { WcsNode } from "effect-wcs/node"
 *
 * const program = Effect.flatMap(Objects.Objects, (objects) => objects.stat({ bucket: "media", key: "film.mp4" }))
 *
 * export const main = Effect.provide(program, WcsNode.layer)
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Wcs.Services, ConfigError.ConfigError> = layerWithoutConfig.pipe(
  Layer.provide(WcsConfigLayer.layerDefault()),
  Layer.provide([NodeFileSystem.layer, NodePath.layer])
)

/**
 * A client with settings given as values.
 *
 * @example
 * import { WcsNode } from "effect-wcs/node"
 *
 * export const Client = WcsNode.layerOptions({
 *   uploadUrl: "account.up0.v1.wcsapi.com",
 *   managementUrl: "account.mgr0.v1.wcsapi.com",
 *   credentials: { accessKey: "access-key", secretKey: "secret-key" }
 * })
 *
 * @since 0.1.0
 * @category layers
 */
export const layerOptions = (
  options: WcsConfigLayer.Options
): Layer.Layer<Wcs.Services, ConfigError.ConfigError> =>
  ownLayer(Layer.provide(layerWithoutConfig, WcsConfigLayer.layer(options)))
