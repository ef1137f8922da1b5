/** What a client of Node tells of servers that are not there, stand still, or are somebody else's. */
import { Console, Effect, Layer, Stream } from "effect"
import { Downloader, Uploader, WcsConfigLayer, type WcsError } from "effect-wcs"
import { WcsNode } from "effect-wcs/node"
import * as assert from "node:assert"
import type { Socket } from "node:net"
import { peer } from "../../e2e/support/peer.ts"

/** More than any system takes from a program before it is on the way. */
const large = new Uint8Array(64 * 1024 * 1024)
const small = large.subarray(0, 10)

/** One block. */
const put = (content: Uint8Array) =>
  Effect.flatMap(
    Uploader.Uploader,
    (uploader) =>
      uploader.putBytes(content, { bucket: "media", key: "a" }, { method: "block", blockSize: large.length })
  )

const download = Effect.flatMap(
  Downloader.Downloader,
  (downloader) => Stream.runDrain(downloader.stream({ bucket: "media", key: "a" }))
)

/** Runs an effect against a server, and compares the error with what it should be. */
const fails = (
  expected: string,
  options: Parameters<typeof peer>[1],
  onConnection: (socket: Socket) => void,
  effect: Effect.Effect<unknown, WcsError.WcsError, Uploader.Uploader | Downloader.Downloader>,
  settings: WcsConfigLayer.Options = {},
  scheme = options
) =>
  Effect.gen(function*() {
    const { port } = yield* peer(onConnection, options)
    const address = `${scheme}://127.0.0.1:${port}`
    const config = WcsConfigLayer.layer({
      credentials: { accessKey: "AK", secretKey: "SK" },
      uploadUrl: address,
      managementUrl: address,
      downloadUrl: address,
      recordFolder: "records",
      chunkSize: large.length,
      connectTimeout: "1 second",
      requestTimeout: "1 second",
      stallTimeout: "1 second",
      retries: { connect: 0, mkblk: 0 },
      ...settings
    })
    const error = yield* effect.pipe(
      Effect.flip,
      Effect.provide(Layer.provide(WcsNode.layerWithoutConfig, config))
    )
    assert.strictEqual(error._tag === "WcsTimeout" ? `${error._tag} ${error.reason}` : error._tag, expected)
    yield* Console.log(`ok ${expected}: ${error.message}`)
  }).pipe(Effect.scoped)

const silent = () => {}
const program = Effect.gen(function*() {
  yield* fails("WcsNetworkError", "http", (socket) => socket.destroy(), put(small))
  yield* fails("WcsTimeout Connect", "http", silent, put(small), {}, "https")
  // Bun says nothing of a body that stands still, Deno of one within TLS only when all of it is in its hands.
  const { bun, deno } = process.versions
  if (bun === undefined) yield* fails("WcsTimeout Stall", "http", silent, put(large))
  if (bun === undefined && deno === undefined) {
    yield* fails("WcsTimeout Stall", "https", silent, put(large), { verifyTls: false })
  }
  yield* fails("WcsTimeout Upload", "http", silent, put(large), { stallTimeout: "1 minute", uploadTimeout: "1 second" })
  yield* fails("WcsTimeout Answer", "http", (socket) => socket.resume(), put(small))
  yield* fails("WcsTimeout Stall", "http", (socket) => {
    socket.resume()
    socket.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello")
  }, download)
  yield* fails("WcsUntrustedServer", "https", silent, put(small))
})

await Effect.runPromise(program)
