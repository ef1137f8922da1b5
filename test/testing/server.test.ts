import { HttpServer } from "@effect/platform"
import { NodeHttpServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Layer, Logger, LogLevel, TestClock } from "effect"
import { Emulator, EmulatorAddress, EmulatorServer, Fault } from "effect-wcs/testing"
import { createServer, request as httpRequest } from "node:http"
import { connect } from "node:net"
import * as support from "./support.ts"
import { accessKey, bytes, manage, multipart, now, onPort, sign, uploadToken } from "./support.ts"

/** What comes back over a socket of our own, until the other side closes it. */
const exchange = (
  send: string | Uint8Array | ((socket: ReturnType<typeof connect>) => void)
): Effect.Effect<string, string, EmulatorAddress.EmulatorAddress> =>
  Effect.flatMap(EmulatorAddress.EmulatorAddress, ({ uploadUrl }) =>
    Effect.async<string, string>((resume) => {
      const { hostname, port } = new URL(uploadUrl)
      const socket = connect(Number(port), hostname)
      let received = ""
      socket.setEncoding("latin1")
      socket.on("data", (data) => {
        received += data
      })
      socket.on("error", (error) => resume(Effect.fail((error as NodeJS.ErrnoException).code ?? "unknown")))
      socket.on("close", () => resume(Effect.succeed(received)))
      if (typeof send === "function") send(socket)
      else socket.write(send)
      return Effect.sync(() => socket.destroy())
    }))

const head = (lines: ReadonlyArray<string>): string => `${lines.join("\r\n")}\r\nConnection: close\r\n\r\n`

describe("EmulatorServer", () => {
  it.effect("listens on the loopback interface only, on a port of its own", () =>
    Effect.gen(function*() {
      const first = yield* EmulatorAddress.EmulatorAddress
      assert.match(first.uploadUrl, /^http:\/\/127\.0\.0\.1:\d+$/)
      assert.strictEqual(first.downloadUrl, `${first.uploadUrl}/download/{bucket}`)
      const second = yield* Effect.provide(EmulatorAddress.EmulatorAddress, Layer.fresh(onPort()))
      assert.notStrictEqual(first.uploadUrl, second.uploadUrl)
    }).pipe(Effect.provide(onPort())))

  it.effect("takes the octets of the request line as they are", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const ask = (target: string, signed: string) =>
        Effect.map(
          exchange(head([
            `GET ${target} HTTP/1.1`,
            "Host: x",
            `Authorization: ${accessKey}:${sign(`${signed}\n`)}`
          ])),
          (answer) => answer.slice("HTTP/1.1 ".length, "HTTP/1.1 200".length)
        )
      const encoded = "/list?bucket=%e7%9b%AE&limit=1"
      assert.strictEqual(yield* ask(encoded, encoded), "200")
      assert.strictEqual(yield* ask(`http://elsewhere:1${encoded}`, encoded), "200")
      assert.strictEqual(yield* ask(encoded, "/list?bucket=目&limit=1"), "401")
      assert.strictEqual(yield* ask(encoded, encoded.replace("%e7", "%E7")), "401")
    }).pipe(Effect.provide(onPort({ buckets: ["目"] }))))

  it.effect("asks a client that expects it to go on", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const body = multipart([["token", uploadToken({ scope: "demo:key" })], ["file", "hello world", "f"]])
      const received = yield* exchange((socket) => {
        socket.write(head([
          "POST /file/upload HTTP/1.1",
          "Host: x",
          "Content-Type: multipart/form-data; boundary=boundary",
          `Content-Length: ${body.length}`,
          "Expect: 100-continue"
        ]))
        // The body goes out once the server has asked for it.
        socket.once("data", () => socket.write(body))
      })
      assert.match(received, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/)
    }).pipe(Effect.provide(onPort())))

  it.effect("answers a refusal after the body, on a connection that stays", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const block = Buffer.from(bytes(3_000_000))
      const post = (path: string, connection: string) =>
        Buffer.concat([
          Buffer.from(
            `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${block.length}\r\nAuthorization: ${
              uploadToken({ scope: "demo:key" })
            }\r\nConnection: ${connection}\r\n\r\n`
          ),
          block
        ])
      const received = yield* exchange(Buffer.concat([
        post("/mkblk/1000/0", "keep-alive"),
        post("/nothing", "keep-alive"),
        post("/mkblk/3000000/0", "close")
      ]))
      assert.deepStrictEqual(received.match(/HTTP\/1\.1 \d+/g), ["HTTP/1.1 400", "HTTP/1.1 404", "HTTP/1.1 200"])
    }).pipe(Effect.provide(onPort())))

  it.effect("resets connections, and ends those that are cut", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const emulator = yield* Emulator.Emulator
      yield* emulator.putObject({ bucket: "demo", key: "key" }, "0123456789")
      const get = Buffer.from(head(["GET /download/demo/key HTTP/1.1", "Host: x"]))
      yield* emulator.addFault(Fault.on("download", Fault.reset(), { times: 1 }))
      assert.strictEqual(yield* Effect.flip(exchange(get)), "ECONNRESET")
      yield* emulator.addFault(Fault.on("download", Fault.truncate(4), { times: 1 }))
      const cut = yield* exchange(get)
      assert.match(cut, /^HTTP\/1\.1 200 OK\r\n[^]*content-length: 10\r\n/i)
      assert.match(cut, /\r\n\r\n0123$/)
      assert.match(yield* exchange(get), /\r\n\r\n0123456789$/)
    }).pipe(Effect.provide(onPort())))

  it.effect("answers a mistake of a function of the options as the service's own", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const answer = yield* manage(
        "POST",
        "/imageDetect",
        `image=${support.b64u("http://a.test/")}&type=porn&bucket=demo`
      )
      assert.deepStrictEqual([answer.status, answer.json.code], [500, "500"])
      assert.match(answer.headers["x-reqid"] ?? "", /./)
    }).pipe(
      Effect.provide(onPort({ detectImage: () => Effect.die("mistaken") })),
      Logger.withMinimumLogLevel(LogLevel.None)
    ))

  it.effect("forgets a request whose client goes away", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const emulator = yield* Emulator.Emulator
      const { uploadUrl } = yield* EmulatorAddress.EmulatorAddress
      yield* Effect.async<void>((resume) => {
        const request = httpRequest(`${uploadUrl}/mkblk/1000000/0`, {
          method: "POST",
          headers: { Authorization: uploadToken({ scope: "demo:key" }), "Content-Length": 1_000_000 }
        })
        request.on("error", () => resume(Effect.void))
        request.write(bytes(100_000), () => request.destroy())
      })
      yield* Effect.repeat(manage("GET", "/list?bucket=demo"), { times: 3 })
      assert.deepStrictEqual(yield* emulator.blocks, [])
    }).pipe(Effect.provide(onPort())))

  it.effect("stops with its scope although clients hold connections", () =>
    Effect.gen(function*() {
      const address = yield* Effect.provide(
        Effect.gen(function*() {
          yield* Effect.forkDaemon(Effect.ignore(exchange(Buffer.from("GET /"))))
          const emulator = yield* Emulator.Emulator
          yield* emulator.addFault(Fault.on("any", Fault.stall, { nth: 2 }))
          yield* support.send("GET", "/nothing")
          yield* Effect.forkDaemon(Effect.ignore(support.send("GET", "/nothing")))
          yield* emulator.awaitRequests({ count: 2 })
          return yield* EmulatorAddress.EmulatorAddress
        }),
        Layer.fresh(onPort())
      )
      const gone = yield* Effect.flip(
        Effect.provideService(exchange("GET / HTTP/1.1\r\n\r\n"), EmulatorAddress.EmulatorAddress, address)
      )
      assert.strictEqual(gone, "ECONNREFUSED")
    }))

  it.effect("stops with its scope although a callback is under way", () =>
    Effect.gen(function*() {
      const calling = yield* Deferred.make<void>()
      const ended = yield* Deferred.make<boolean>()
      const web = () =>
        Deferred.succeed(calling, undefined).pipe(
          Effect.zipRight(Effect.never),
          Effect.onExit((exit) => Deferred.succeed(ended, Exit.isInterrupted(exit)))
        )
      yield* Effect.provide(
        Effect.gen(function*() {
          yield* TestClock.setTime(now)
          const policy = { scope: "demo:key", callbackUrl: "http://cb.test/" }
          yield* Effect.forkDaemon(Effect.ignore(support.put(policy, "x")))
          yield* Deferred.await(calling)
        }),
        Layer.fresh(onPort({ web }))
      )
      assert.isTrue(yield* Deferred.await(ended))
    }))

  it.effect("runs on any server, and breaks connections as well as HTTP can", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const emulator = yield* Emulator.Emulator
      const address = yield* HttpServer.addressFormattedWith((origin) =>
        Effect.succeed({ ...EmulatorAddress.make(origin, emulator.settings) })
      )
      const ask = (target: string) =>
        Effect.provideService(
          exchange(Buffer.from(head([`GET ${target} HTTP/1.1`, "Host: x"]))),
          EmulatorAddress.EmulatorAddress,
          address
        )
      assert.match(yield* ask("/nothing"), /^HTTP\/1\.1 404 /)
      yield* emulator.addFault(Fault.on("any", Fault.reset()))
      assert.notMatch(yield* ask("/nothing"), /\r\n\r\n./)
    }).pipe(
      Effect.provide(
        EmulatorServer.layer.pipe(
          Layer.provideMerge(NodeHttpServer.layerServer(createServer, { host: "127.0.0.1", port: 0 })),
          Layer.provideMerge(Emulator.layerMemory())
        )
      )
    ))
})
