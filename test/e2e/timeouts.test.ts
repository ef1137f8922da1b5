import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { UploadRecord, WcsConfigLayer, WcsHttpClient } from "effect-wcs"
import { WcsNode } from "effect-wcs/node"
import * as Uploads from "../../src/domain/wire/Uploads.ts"
import { mebibyte } from "../support/content.ts"
import { peer } from "./support/peer.ts"

/** More than any system takes from a program before it is on the way. */
const content = new Uint8Array(64 * mebibyte)

const mkblk = (scheme: "http" | "https", port: number, settings: WcsConfigLayer.Options, body = content) =>
  Effect.flatMap(WcsHttpClient.WcsHttpClient, (client) =>
    client.execute(Uploads.mkblk(
      {
        bucket: "media",
        key: "a",
        policy: {},
        custom: {},
        mimeType: undefined,
        retentionDays: undefined,
        trafficLimit: 0
      },
      UploadRecord.UploadId.make("one"),
      { index: 0, offset: 0, size: body.length },
      body
    ))).pipe(
      Effect.provide(WcsNode.layerWithoutConfig.pipe(
        Layer.provide(WcsConfigLayer.layer({
          credentials: { accessKey: "AK", secretKey: "SK" },
          uploadUrl: `${scheme}://127.0.0.1:${port}`,
          retries: { mkblk: 1 },
          ...settings
        }))
      ))
    )

describe("Node's client", () => {
  it.scopedLive("gives up a connection that is not there in time, TLS included, and tries again", () =>
    Effect.gen(function*() {
      let connections = 0
      const { port } = yield* peer(() => {
        connections += 1
      })
      const error = yield* Effect.flip(mkblk("https", port, { connectTimeout: "300 millis" }))
      assert.deepInclude(error, { _tag: "WcsTimeout", reason: "Connect", operation: "mkblk" })
      assert.strictEqual(error.message, "mkblk: not connected within 300 ms")
      assert.strictEqual(connections, 2)
    }))

  for (const scheme of ["http", "https"] as const) {
    it.scopedLive(`gives up a body that stands still, and tries again (${scheme})`, () =>
      Effect.gen(function*() {
        let connections = 0
        const { port } = yield* peer(() => {
          connections += 1
        }, scheme)
        const error = yield* Effect.flip(mkblk(scheme, port, { verifyTls: false, stallTimeout: "300 millis" }))
        assert.deepInclude(error, { _tag: "WcsTimeout", reason: "Stall", operation: "mkblk" })
        assert.strictEqual(connections, 2)
      }))

    it.scopedLive(
      `fault 6: does not give up a body that moves, however long it takes (${scheme})`,
      () =>
        Effect.gen(function*() {
          const body = content.subarray(0, 16 * mebibyte)
          const { port } = yield* peer((socket) => {
            let received = 0
            let answered = false
            socket.on("data", (bytes) => {
              received += bytes.length
              // A pause after each piece, in all far longer than a standstill may be.
              socket.pause()
              setTimeout(() => socket.resume(), 4)
              if (received < body.length || answered) return
              answered = true
              const answer = JSON.stringify({ ctx: "ctx", offset: body.length })
              socket.write(
                `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${answer.length}\r\n\r\n${answer}`
              )
            })
            socket.resume()
          }, scheme)
          const began = Date.now()
          const answer = yield* mkblk(scheme, port, {
            verifyTls: false,
            stallTimeout: "1 second",
            retries: { mkblk: 0 }
          }, body)
          assert.strictEqual(answer.offset, body.length)
          assert.isAbove(Date.now() - began, 1000)
        }),
      60_000
    )
  }

  it.scopedLive("fault 5: gives up an answer that does not come, and asks again", () =>
    Effect.gen(function*() {
      let received = 0
      const { port } = yield* peer((socket) => {
        socket.on("data", (bytes) => {
          received += bytes.length
        }).resume()
      })
      const body = new Uint8Array(100_000)
      const error = yield* Effect.flip(mkblk("http", port, { requestTimeout: "300 millis" }, body))
      assert.deepInclude(error, { _tag: "WcsTimeout", reason: "Answer", operation: "mkblk" })
      assert.match(error.message, /^mkblk: no answer within \d+ ms$/)
      // The first time, and once more.
      assert.isAtLeast(received, 2 * body.length)
    }))

  it.scopedLive("tells a refusal that does not wait for the body, and lets go of the connection", () =>
    Effect.gen(function*() {
      const { port, sockets } = yield* peer((socket) => {
        const answer = JSON.stringify({ code: "413", message: "too large" })
        socket.write(
          `HTTP/1.1 413 Too Large\r\ncontent-type: application/json\r\ncontent-length: ${answer.length}\r\n\r\n${answer}`
        )
      })
      const error = yield* Effect.flip(mkblk("http", port, {}))
      assert.deepInclude(error, { _tag: "WcsRefused", operation: "mkblk", status: 413 })
      // The rest of the body is read by nobody: only a connection that is given up ends.
      const [socket] = sockets
      yield* Effect.async<void>((resume) => {
        socket?.once("close", () => resume(Effect.void)).resume()
      })
    }))
})
