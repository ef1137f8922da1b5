import type { HttpAgent } from "@effect/platform-node/NodeHttpClient"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Http from "node:http"
import * as Https from "node:https"
import type { Socket } from "node:net"
import process from "node:process"
import { clearTimeout, setTimeout } from "node:timers"
import type { Answer } from "../domain/wire/WcsRequest.ts"
import * as bodyWatch from "./bodyWatch.ts"
import * as nodeBody from "./nodeBody.ts"
import * as transport from "./transport.ts"

/** Headers as the platform has them: in small letters, and text. */
const textOf = (headers: Http.IncomingHttpHeaders): Answer["headers"] =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value])
  )

/** What sockets have and their types do not tell: the connection that carries the packed bytes of TLS. */
interface HasCarrier {
  readonly _handle?: { readonly _parent?: { readonly writeQueueSize?: number } | null } | null
}

/**
 * Bytes that the system has not taken of what TLS has packed, which it does with a whole body at once: Node's own look
 * at the socket sees nothing move until all is gone. `undefined` for a plain connection.
 */
const packed = (socket: Socket): number | undefined => (socket as HasCarrier)._handle?._parent?.writeQueueSize

const begin = (agents: HttpAgent, { headers, method, url }: Parameters<transport.Exchange["open"]>[0]) =>
  url.startsWith("https:")
    ? Https.request(url, { agent: agents.https, method, headers })
    : Http.request(url, { agent: agents.http, method, headers })

/**
 * Sends bytes and reads their answer on `node:http`, in one step of the program: what the platform's client does in many,
 * and a request for each block pays for them. It keeps to the time-outs by itself.
 */
const send = (agents: HttpAgent): transport.Exchange["send"] => (asked, { requestTimeout, stallTimeout }) =>
  Effect.async((resume) => {
    const { bytes } = asked
    const began = process.uptime()
    const request = begin(agents, asked)
    let timer: ReturnType<typeof setTimeout> | undefined
    let ended = false

    const end = () => {
      ended = true
      clearTimeout(timer)
    }
    const fail = (cause: unknown) => {
      end()
      resume(new transport.ExchangeFailed({ cause }))
      request.destroy()
    }
    const giveUp = (reason: transport.GivenUp["reason"], after: Duration.Duration) =>
      fail(new transport.GivenUp({ reason, after }))

    request.on("error", fail)
    // A socket's time-out does not strike while a write moves on, however slowly: Node looks at how much of it the
    // system has not taken yet.
    request.once("socket", (socket) => {
      let left: number | undefined
      const stalled = () => {
        const before = left
        left = packed(socket)
        if (socket.writableLength === 0) return
        if (left === before) giveUp("Stall", stallTimeout)
        else socket.setTimeout(Duration.toMillis(stallTimeout))
      }
      const settled = () => {
        socket.off("timeout", stalled).setTimeout(0)
      }
      socket.on("timeout", stalled).setTimeout(Duration.toMillis(stallTimeout))
      request.once("finish", settled).once("close", settled)
    })
    request.once("finish", () => {
      if (ended) return
      const after = bodyWatch.answerTime(requestTimeout, bytes.length, 1000 * (process.uptime() - began))
      timer = setTimeout(() => giveUp("Answer", after), Duration.toMillis(after))
    })
    request.once("response", (response) => {
      const status = response.statusCode ?? 0
      const headers = textOf(response.headers)
      const parts: Array<Uint8Array> = []
      let size = 0
      response.on("error", fail)
      response.on("data", (part: Uint8Array) => {
        size += part.length
        if (size > transport.largestAnswer) fail(new transport.TooLong({ status, headers }))
        else parts.push(part)
      })
      response.once("end", () => {
        const text = new TextDecoder().decode(Buffer.concat(parts))
        const done = () => {
          end()
          resume(Effect.succeed({ status, headers, text }))
        }
        // An answer may be here before the news that all is sent.
        if (request.writableFinished) return done()
        if (status < 300) return void request.once("finish", done)
        // A refusal that did not wait for all: the rest is wanted by nobody, and its memory by the next request.
        done()
        request.destroy()
      })
    })
    request.end(bytes)

    return Effect.sync(() => {
      end()
      request.destroy()
    })
  })

/** Asks on `node:http`. */
const open = (agents: HttpAgent): transport.Exchange["open"] => (asked, limits) =>
  Effect.acquireRelease(
    Effect.sync(() => begin(agents, asked)),
    (request) => Effect.sync(() => request.destroy())
  ).pipe(Effect.flatMap((request) =>
    Effect.async<transport.Opened<transport.ExchangeFailed>, transport.ExchangeFailed>((resume) => {
      request.on("error", (cause) => resume(new transport.ExchangeFailed({ cause })))
      request.once("response", (response) =>
        resume(Effect.succeed({
          status: response.statusCode ?? 0,
          headers: textOf(response.headers),
          stream: nodeBody.make(response, limits)
        })))
      request.end()
    })
  ))

/** An exchange over the platform's agents. */
export const make = (agents: HttpAgent): transport.Exchange => ({ send: send(agents), open: open(agents) })
