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
import * as Predicate from "effect/Predicate"
import { readFileSync, readlinkSync } from "node:fs"
import type * as Http from "node:http"
import { hostname } from "node:os"
import * as process from "node:process"
import * as nodeExchange from "../internal/nodeExchange.ts"
import * as transport from "../internal/transport.ts"
import { LeaseOwner } from "../internal/uploadLease.ts"
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

/** What the system tells about itself in a file; nothing where there is no such file. */
const told = (read: () => string): string => {
  try {
    return read()
  } catch {
    return ""
  }
}

/**
 * The machine since it was started and, where there are several, the space of process numbers: machines that share a
 * folder may be called alike, and a container like its host.
 */
const machine = (): string => {
  const started = told(() => readFileSync("/proc/sys/kernel/random/boot_id", "latin1")).slice(0, 8)
  const space = told(() => readlinkSync("/proc/self/ns/pid")).replaceAll(/\D/g, "")
  return [hostname(), started, space].filter((part) => part !== "").join("-")
}

/** When a process began, as the system counts: the number of one that has ended may be given to another. */
const beginning = (pid: number | "self"): string => {
  const stat = told(() => readFileSync(`/proc/${pid}/stat`, "latin1"))
  const [state, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  // One that has ended, and whose end nobody has asked for, is there still.
  return state === "Z" ? "ended" : rest[18] ?? ""
}

const isRunning = (pid: number): boolean => {
  try {
    // Signal 0 asks whether there is such a process.
    return process.kill(pid, 0)
  } catch (error) {
    return Predicate.hasProperty(error, "code") && error.code === "EPERM"
  }
}

/**
 * This process as an owner of uploads. One of this machine that has ended is known to be dead. When it began tells a
 * process from an earlier one of its number, and is the same for all clients of the process, in its workers, too.
 */
const leaseOwner = (): LeaseOwner["Type"] => {
  const here = machine()
  const began = beginning("self")
  return {
    name: `${here}:${process.pid}:${began}`,
    isDead: (owner) => {
      const [place, number, since] = owner.split(":")
      const pid = Number(number)
      if (place !== here) return false
      const now = began === "" ? "" : beginning(pid)
      return !isRunning(pid) || (now !== "" && now !== since)
    }
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
  Layer.provide([ProgressStoreDirectory.layer(), layerHttpClient, Layer.sync(LeaseOwner, leaseOwner)]),
  Layer.merge(OperationLog.layerConfig),
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
  Layer.provide(layerWithoutConfig, WcsConfigLayer.layer(options))
