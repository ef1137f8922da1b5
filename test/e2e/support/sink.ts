import { Effect } from "effect"
import type { EmulatorAddress } from "effect-wcs/testing"
import { createServer } from "node:http"
import { answer, type Held } from "../../../bench/sinkAnswers.ts"
import { bucket, secretKey } from "./service.ts"
import { listening } from "./webServer.ts"

/** What a sink has seen. */
export interface Seen {
  readonly connections: number
  readonly requests: number
  /** Of all bodies of blocks and chunks that were begun. */
  readonly payloadBytes: number
}

interface Options {
  /** Resets the connection of a request with payload, the first being 1, when so many bytes of its body have come. */
  readonly reset?: { readonly nth: number; readonly after: number }
}

/** A service for one object of which it keeps nothing: it counts, and answers what it is told that it will hold. */
export const sink = (key: string, held: Held, { reset }: Options = {}) =>
  Effect.gen(function*() {
    const sockets = new Set<unknown>()
    const seen = { requests: 0, payloadBytes: 0 }
    let payloads = 0
    // However long it waits, it is the client that closes a connection.
    const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
      sockets.add(request.socket)
      seen.requests += 1
      const { method = "", url = "" } = request
      const length = Number(request.headers["content-length"])
      const { body, headers, payload, status } = answer({ [key]: held }, {
        method,
        path: url,
        key,
        length,
        header: (name) => String(request.headers[name] ?? "")
      })
      if (payload) {
        payloads += 1
        seen.payloadBytes += length
      }
      const cut = payload && payloads === reset?.nth ? reset : undefined
      let received = 0
      request.on("error", () => {})
      request.on("data", (bytes: Uint8Array) => {
        received += bytes.length
        if (cut !== undefined && received >= cut.after) request.socket.resetAndDestroy()
      })
      request.on("end", () => response.writeHead(status, headers).end(body))
    })
    const origin = `http://127.0.0.1:${yield* listening(server)}`
    yield* Effect.addFinalizer(() => Effect.sync(() => server.closeAllConnections()))
    const address: EmulatorAddress.EmulatorAddress["Type"] = {
      uploadUrl: origin,
      managementUrl: origin,
      downloadUrl: `${origin}/download/{bucket}`,
      accessKey: "access-key",
      secretKey,
      buckets: [bucket]
    }
    const look = Effect.sync((): Seen => ({ ...seen, connections: sockets.size }))
    return { address, seen: look }
  })
