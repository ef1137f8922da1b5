/** What goes over the wire, and to whom. */
import { HttpClient, HttpClientError, HttpServer } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Logger, Stream } from "effect"
import { Downloader, Objects, Uploader, type Wcs, WcsConfig, type WcsConfigLayer, type WcsError } from "effect-wcs"
import { WcsNode } from "effect-wcs/node"
import * as EmulatorNode from "effect-wcs/testing/node"
import { FaultProxy } from "effect-wcs/testing/node"
import { mkdtempSync, rmSync } from "node:fs"
import { connect } from "node:net"
import { networkInterfaces, tmpdir } from "node:os"
import { join } from "node:path"
import * as recording from "../support/recording.ts"
import * as servers from "./support/servers.ts"

const credentials = { accessKey: recording.accessKey, secretKey: recording.secretKey }

const at = { bucket: "media", key: "a" }

/** Nothing of these uploads is to be found in the home of whoever runs the tests. */
const recordFolder = mkdtempSync(join(tmpdir(), "effect-wcs-records-"))
afterAll(() => rmSync(recordFolder, { recursive: true }))

const client = (options: WcsConfigLayer.Options) =>
  Layer.orDie(WcsNode.layerOptions({ credentials, recordFolder, ...options }))

const stat = Effect.flatMap(Objects.Objects, (objects) => objects.stat(at))

const put = (method: "form" | "block") =>
  Effect.flatMap(Uploader.Uploader, (uploader) => uploader.putBytes(new Uint8Array(9), at, { method }))

const get = Effect.flatMap(Downloader.Downloader, (downloader) => Stream.runDrain(downloader.stream(at)))

/** Keeps what is logged. */
const logged = () => {
  const lines: Array<string> = []
  const logger = Logger.make(({ logLevel, message }) =>
    void lines.push(`${logLevel.label} ${[message].flat().join(" ")}`)
  )
  return { lines, layer: Logger.replace(Logger.defaultLogger, logger) }
}

/** An answer that a stat can be read from. */
const known = JSON.stringify({
  code: 200,
  name: "a",
  fsize: 9,
  hash: "h",
  mimeType: "text/plain",
  putTime: "1767323045000"
})

describe("TLS", () => {
  it.effect("is what a host without a scheme is reached by", () =>
    Effect.gen(function*() {
      const { downloadUrl, managementUrl, uploadUrl, verifyTls } = yield* WcsConfig.WcsConfig
      assert.deepStrictEqual(
        [uploadUrl, managementUrl, downloadUrl, verifyTls],
        ["https://up.example.com", "https://mgr.example.com", "https://down.example.com", true]
      )
    }).pipe(Effect.provide(recording.config({
      uploadUrl: "up.example.com",
      managementUrl: "mgr.example.com",
      downloadUrl: "down.example.com"
    }))))

  it.scopedLive("that nobody vouches for is an error of its own, at once, and nothing is sent", () =>
    Effect.gen(function*() {
      const { port, received, server } = yield* servers.tls((_, response) => response.end(known))
      let connections = 0
      server.on("connection", () => {
        connections += 1
      })
      const asked = Effect.provide(stat, client({ managementUrl: `127.0.0.1:${port}` }))
      const error = yield* Effect.flip(asked)
      assert.deepInclude(error, { _tag: "WcsUntrustedServer", operation: "stat", isRetryable: false })
      assert.match(error.message, /certificate is refused: .*SELF_SIGNED/)
      assert.strictEqual(connections, 1)
      assert.isEmpty(received)
    }))

  it.scopedLive("that is not checked works, and is warned of once", () =>
    Effect.gen(function*() {
      const { port, received } = yield* servers.tls((_, response) => response.end(known))
      const { layer, lines } = logged()
      const twice = Effect.zipRight(stat, stat)
      yield* Effect.provide(
        twice,
        Layer.provide(client({ managementUrl: `127.0.0.1:${port}`, verifyTls: false }), layer)
      )
      assert.lengthOf(received, 2)
      assert.lengthOf(lines, 1)
      assert.match(lines[0] ?? "", /^WARN TLS certificates are not checked \(isverify\)/)
    }))

  const codes = [
    ["CERT_HAS_EXPIRED", "WcsUntrustedServer"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "WcsUntrustedServer"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "WcsUntrustedServer"],
    ["SELF_SIGNED_CERT_IN_CHAIN", "WcsUntrustedServer"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "WcsUntrustedServer"],
    ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "WcsUntrustedServer"],
    ["ECONNRESET", "WcsNetworkError"],
    ["EPROTO", "WcsNetworkError"]
  ] as const
  it.effect("fails by the code that the transport tells", () =>
    Effect.forEach(codes, ([code, tag]) => {
      const http = HttpClient.make((request) =>
        Effect.fail(
          new HttpClientError.RequestError({
            request,
            reason: "Transport",
            cause: Object.assign(new Error("no"), { code })
          })
        )
      )
      const layer = recording.services(Layer.succeed(HttpClient.HttpClient, http), { retries: { connect: 0 } })
      return Effect.map(Effect.flip(Effect.provide(stat, layer)), ({ _tag }) => assert.strictEqual(_tag, tag, code))
    }))
})

describe("a redirect", () => {
  for (const status of [301, 302, 307, 308]) {
    it.scopedLive(`${status} of the service is refused, and the other host hears nothing`, () =>
      Effect.gen(function*() {
        const other = yield* servers.plain((_, response) => response.end(known))
        const first = yield* servers.plain((request, response) => {
          response.writeHead(status, { location: `http://localhost:${other.port}${request.url}` }).end()
        })
        const url = `http://127.0.0.1:${first.port}`
        const hosts = { uploadUrl: url, managementUrl: url, downloadUrl: url }
        for (const call of [stat, put("form"), put("block"), get]) {
          const asked: Effect.Effect<unknown, WcsError.WcsError, Wcs.Services> = call
          const error = yield* Effect.flip(Effect.provide(asked, client(hosts)))
          assert.deepInclude(error, { _tag: "WcsRefused", status })
        }
        assert.lengthOf(first.received, 4)
        assert.isDefined(first.received[0]?.headers["authorization"])
        assert.isEmpty(other.received)
      }))
  }

  it.scopedLive("of a source is followed without credentials", () =>
    Effect.gen(function*() {
      const other = yield* servers.plain((_, response) => response.end("content"))
      const first = yield* servers.plain((_, response) => {
        response.writeHead(302, { location: `http://localhost:${other.port}/b` }).end()
      })
      const url = `http://127.0.0.1:${first.port}`
      // The upload itself goes to the first server, which redirects it: that is refused.
      const call = Effect.flatMap(Uploader.Uploader, (uploader) => uploader.putUrl(`${url}/a`, at))
      const error = yield* Effect.flip(Effect.provide(call, client({ uploadUrl: url })))
      assert.deepInclude(error, { _tag: "WcsRefused", operation: "upload", status: 302 })
      assert.deepStrictEqual(other.received.map(({ method, url }) => `${method} ${url}`), ["GET /b"])
      for (const { headers } of [first.received[0]!, ...other.received]) {
        assert.isUndefined(headers["authorization"])
        assert.isUndefined(headers["cookie"])
      }
    }))
})

describe("an answer without end", () => {
  it.effect("is read up to a bound, whatever the client", () => {
    let given = 0
    const piece = new Uint8Array(1024 * 1024).fill(0x20)
    const { layer } = recording.client(() =>
      new Response(
        new ReadableStream({
          pull: (controller) => {
            given += 1
            controller.enqueue(piece)
          }
        })
      )
    )
    return Effect.gen(function*() {
      const error = yield* Effect.flip(stat)
      assert.deepInclude(error, { _tag: "WcsUndecodableAnswer", operation: "stat" })
      assert.include(error.message, "longer than")
      assert.isAtMost(given, 70)
    }).pipe(Effect.provide(recording.services(layer, { retries: { connect: 0 } })))
  })
})

describe("the emulator", () => {
  /** Addresses of this machine that others can reach. */
  const reachable = Object.values(networkInterfaces()).flatMap((all) =>
    (all ?? []).flatMap(({ address, internal }) => internal || address.startsWith("fe80") ? [] : [address])
  )
  const accepts = (host: string, port: number) =>
    Effect.async<boolean>((resume) => {
      const socket = connect({ host, port })
        .on("connect", () => resume(Effect.succeed(true)))
        .on("error", () => resume(Effect.succeed(false)))
      return Effect.sync(() => void socket.destroy())
    })

  it.scopedLive("listens on the loopback interface and on no other", () =>
    Effect.gen(function*() {
      const { address } = yield* HttpServer.HttpServer
      assert.include(address, { _tag: "TcpAddress", hostname: "127.0.0.1" })
      const port = address._tag === "TcpAddress" ? address.port : 0
      assert.isTrue(yield* accepts("127.0.0.1", port))
      for (const host of reachable) assert.isFalse(yield* accepts(host, port), host)
    }).pipe(Effect.provide(Layer.provideMerge(EmulatorNode.layerServer(), NodeContext.layer))))

  it.scopedLive("and so does its proxy", () =>
    Effect.gen(function*() {
      const { origin } = yield* FaultProxy.make("http://127.0.0.1:9")
      const { hostname, port } = new URL(origin)
      assert.strictEqual(hostname, "127.0.0.1")
      assert.isTrue(yield* accepts("127.0.0.1", Number(port)))
      for (const host of reachable) assert.isFalse(yield* accepts(host, Number(port)), host)
    }))
})
