import { Effect } from "effect"
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo, Server } from "node:net"

/** A server of anything that listens on a free port while the scope lasts; tells the port. */
export const listening = (server: Server) =>
  Effect.acquireRelease(
    Effect.async<number>((resume) => {
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed((server.address() as AddressInfo).port)))
    }),
    () => Effect.async<void>((resume) => void server.close(() => resume(Effect.void)))
  )

/** A web server that answers as a function says; tells its origin. */
export const webServer = (listener: RequestListener) =>
  Effect.gen(function*() {
    const server = createServer(listener)
    const port = yield* listening(server)
    yield* Effect.addFinalizer(() => Effect.sync(() => server.closeAllConnections()))
    return `http://127.0.0.1:${port}`
  })

/** A port that nobody listened on a moment ago. */
export const freePort = Effect.scoped(Effect.flatMap(Effect.sync(() => createServer()), listening))
