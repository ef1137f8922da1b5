/** Servers of Node that are no service: they answer as they are told, and remember what reached them. */
import { Effect } from "effect"
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from "node:http"
import { createServer as createTlsServer } from "node:https"
import * as certificate from "./certificate.ts"

export interface Received {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
}

const listen = (make: (listener: RequestListener) => Server, answer: RequestListener) =>
  Effect.acquireRelease(
    Effect.async<{ readonly server: Server; readonly port: number; readonly received: Array<Received> }>((resume) => {
      const received: Array<Received> = []
      const server = make((request, response) => {
        received.push({ method: request.method ?? "", url: request.url ?? "", headers: request.headers })
        answer(request.resume(), response)
      })
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        resume(Effect.succeed({ server, received, port: typeof address === "object" ? address?.port ?? 0 : 0 }))
      })
    }),
    ({ server }) =>
      Effect.async<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      })
  )

export const plain = (answer: RequestListener) => listen((listener) => createServer(listener), answer)

/** Its certificate is signed by itself. */
export const tls = (answer: RequestListener) => listen((listener) => createTlsServer(certificate, listener), answer)
