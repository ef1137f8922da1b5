/**
 * A whole client for Node.
 *
 * @since 0.1.0
 */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { WcsAuth } from "../services/WcsAuth.ts"
import { WcsConfig } from "../services/WcsConfig.ts"
import * as DigestNode from "./DigestNode.ts"
import * as OperationLog from "./OperationLog.ts"
import * as ProgressStoreDirectory from "./ProgressStoreDirectory.ts"
import * as Wcs from "./Wcs.ts"
import * as WcsAuthKeys from "./WcsAuthKeys.ts"
import * as WcsConfigLayer from "./WcsConfigLayer.ts"

/**
 * Node's HTTP client as the settings ask for it: connections that are kept alive, certificates that are checked.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerHttpClient: Layer.Layer<HttpClient.HttpClient, never, WcsConfig> = Layer.unwrapEffect(
  Effect.gen(function*() {
    const { keepAlive, verifyTls } = yield* WcsConfig
    if (!verifyTls) {
      yield* Effect.annotateLogs(
        Effect.logWarning("TLS certificates are not checked (isverify): anyone on the way can read and change"),
        { package: "effect-wcs", module: "WcsNode" }
      )
    }
    return NodeHttpClient.layerWithoutAgent.pipe(
      Layer.provide(NodeHttpClient.makeAgentLayer({ keepAlive, rejectUnauthorized: verifyTls }))
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
  Layer.provide([ProgressStoreDirectory.layer(), layerHttpClient]),
  Layer.merge(OperationLog.layerConfig),
  Layer.provide([DigestNode.layer, NodeContext.layer])
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
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Wcs.Services, ConfigError.ConfigError> = layerWithoutConfig.pipe(
  Layer.provide(WcsConfigLayer.layerDefault()),
  Layer.provide(NodeContext.layer)
)

/**
 * A client with settings given as values.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerOptions = (
  options: WcsConfigLayer.Options
): Layer.Layer<Wcs.Services, ConfigError.ConfigError> =>
  Layer.provide(layerWithoutConfig, WcsConfigLayer.layer(options))
