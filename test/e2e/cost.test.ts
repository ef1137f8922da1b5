import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { createServer } from "node:http"
import { keyOf, writeSparse } from "../../bench/content.ts"
import { answer, type Expected } from "../../bench/sinkAnswers.ts"
import { mebibyte } from "../support/content.ts"
import { run } from "./support/processes.ts"
import { folder } from "./support/service.ts"
import { listening } from "./support/webServer.ts"

const blockSize = 4 * mebibyte
const concurrency = 4

/** A service that takes what it is told to expect, and keeps nothing but counts. */
const sink = (expected: Expected) =>
  Effect.gen(function*() {
    const counts = { connections: 0, requests: 0, bytes: 0 }
    const server = createServer((request, response) => {
      let length = 0
      request.on("data", (part: Uint8Array) => {
        length += part.length
      })
      request.on("end", () => {
        const header = (name: string) => String(request.headers[name] ?? "")
        const { body, headers, payload, status } = answer(expected, {
          method: request.method ?? "",
          path: request.url ?? "",
          key: Buffer.from(header("key"), "base64url").toString(),
          length,
          header
        })
        counts.requests += 1
        if (payload) counts.bytes += length
        response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) }).end(body)
      })
    })
    server.on("connection", () => {
      counts.connections += 1
    })
    return { url: `http://127.0.0.1:${yield* listening(server)}`, counts }
  })

const Measured = Schema.parseJson(
  Schema.Struct({ verified: Schema.String, buffers: Schema.Number, maxRss: Schema.Number })
)

/** Uploads a file of zeros in a process of its own. */
const upload = (size: number) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const base = yield* folder
    const path = `${base}/zeros`
    const key = keyOf("zeros", blockSize)
    const { counts, url } = yield* sink({ [key]: writeSparse(path, size).block })
    const { code, stderr, stdout } = yield* run("test/e2e/support/measured.ts", {
      arguments: [path, "bench", key],
      env: {
        HOME: base,
        WCS_PUT_URL: url,
        WCS_MGR_URL: url,
        WCS_ACCESS_KEY: "AK",
        WCS_SECRET_KEY: "secret-of-the-sink",
        WCS_CONCURRENCY: String(concurrency),
        WCS_BPUT_SIZE: String(blockSize)
      }
    })
    assert.strictEqual(code, 0, stderr)
    yield* fs.remove(path)
    return { ...counts, ...(yield* Schema.decode(Measured)(stdout)) }
  })

/**
 * What does not depend on the speed of a machine. A buffer that is lost for each block would be 256 MiB more in the larger
 * file; a pool of connections that is not used, a connection for each of its blocks.
 */
describe("what an upload in blocks costs", () => {
  const sizes = { small: 64 * mebibyte, large: 1024 * mebibyte }

  it.scopedLive("is each byte once, a request for a block and one for all, and memory that no size makes grow", () =>
    Effect.gen(function*() {
      const small = yield* upload(sizes.small)
      const large = yield* upload(sizes.large)
      for (const [size, cost] of [[sizes.small, small], [sizes.large, large]] as const) {
        assert.strictEqual(cost.verified, "etag")
        assert.strictEqual(cost.bytes, size)
        assert.strictEqual(cost.requests, size / blockSize + 1)
        // A socket may still be on its way back when the next request wants one.
        assert.isAtMost(cost.connections, 2 * concurrency)
        // A block for each that is in flight, and what the modules and answers take.
        assert.isAtMost(cost.buffers, (concurrency + 2) * blockSize)
      }
      // What V8 lets lie before it looks: 20 MiB as measured, and more than that again for other machines.
      assert.isAtMost(large.maxRss - small.maxRss, 50 * mebibyte)
      assert.isAtMost(large.maxRss, 200 * mebibyte)
    }).pipe(Effect.provide(NodeContext.layer)))
})
