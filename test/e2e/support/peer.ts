import { Effect } from "effect"
import { createServer, type Server, type Socket } from "node:net"
import * as tls from "node:tls"
import { cert, key } from "../../security/support/certificate.ts"

/** A server that takes connections and does nothing but what it is told. */
export const peer = (onConnection: (socket: Socket) => void, scheme: "http" | "https" = "http") =>
  Effect.acquireRelease(
    Effect.async<{ readonly port: number; readonly server: Server; readonly sockets: Set<Socket> }>((resume) => {
      const sockets = new Set<Socket>()
      const connected = (socket: Socket) => {
        sockets.add(socket)
        socket.on("error", () => {})
        onConnection(socket)
      }
      const server = scheme === "http"
        ? createServer({ pauseOnConnect: true }, connected)
        : tls.createServer({ cert, key, pauseOnConnect: true }, connected)
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        resume(Effect.succeed({ server, sockets, port: typeof address === "object" && address ? address.port : 0 }))
      })
    }),
    ({ server, sockets }) =>
      Effect.async<void>((resume) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resume(Effect.void))
      })
  )
