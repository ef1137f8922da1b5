/**
 * A TCP proxy that obeys rules of `ConnectionFault`: `import { FaultProxy } from "effect-wcs/testing/node"`.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { connect, createServer, type Socket } from "node:net"
import type { Action, ConnectionFault } from "./ConnectionFault.ts"
import { EmulatorAddress } from "./EmulatorAddress.ts"
import { strikes } from "./internal/faultPlan.ts"

/**
 * A connection that a client has made.
 *
 * @since 0.1.0
 * @category models
 */
export interface Connection {
  /** Bytes that the client has sent, whether they got through or not. */
  readonly received: number
  readonly open: boolean
}

/**
 * A proxy that is running.
 *
 * @since 0.1.0
 * @category services
 */
export class FaultProxy extends Context.Tag("effect-wcs/testing/FaultProxy")<FaultProxy, {
  /** Where it listens, such as `http://127.0.0.1:40001`. */
  readonly origin: string
  /** Rules for the connections to come. The first that is about a connection is the one that counts. */
  readonly addFault: (...faults: ReadonlyArray<ConnectionFault>) => Effect.Effect<void>
  readonly clearFaults: Effect.Effect<void>
  /** All connections so far, in the order in which they were made. */
  readonly connections: Effect.Effect<ReadonlyArray<Connection>>
}>() {}

/** What is done with each piece that a socket gives. */
type Carry = (bytes: Buffer) => void

/** Hands on, no faster than the other side takes it. */
const carry = (from: Socket, to: Socket): Carry => (bytes) => {
  if (to.write(bytes)) return
  from.pause()
  to.once("drain", () => from.resume())
}

const endOfHead = "\r\n\r\n"

/** The bytes up to a place, or up to the end of a head, of all that comes: what is before it, and whether it is reached. */
const upTo = (place: number | "head") => {
  let passed = 0
  let tail = ""
  return (bytes: Buffer): { readonly before: Buffer; readonly reached: boolean } => {
    let end = typeof place === "number" ? place - passed : Infinity
    if (place === "head") {
      const found = (tail + bytes.toString("latin1")).indexOf(endOfHead)
      if (found >= 0) end = found + endOfHead.length - tail.length
      tail = (tail + bytes.toString("latin1")).slice(1 - endOfHead.length)
    }
    passed += bytes.length
    return { before: bytes.subarray(0, Math.max(0, end)), reached: bytes.length >= end }
  }
}

/** Both sides of a connection, and how a paced one waits. */
interface Ends {
  readonly near: Socket
  readonly far: Socket
  readonly run: (effect: Effect.Effect<void>) => void
}

const paced =
  ({ run }: Ends, { bytes: size, every }: { readonly bytes: number; readonly every: Duration.Duration }) =>
  (from: Socket, to: Socket): Carry =>
  (bytes) => {
    from.pause()
    const pieces = Array.from(
      { length: Math.ceil(bytes.length / size) },
      (_, i) => bytes.subarray(i * size, (i + 1) * size)
    )
    run(
      Effect.forEach(pieces, (piece) => Effect.zipRight(Effect.sleep(every), Effect.sync(() => void to.write(piece))), {
        discard: true
      }).pipe(Effect.zipRight(Effect.sync(() => void from.resume())))
    )
  }

/** What an action does with the bytes of each side. */
const carriers = (ends: Ends, action: Action | undefined): { readonly sent: Carry; readonly answered: Carry } => {
  const { far, near } = ends
  const sent = carry(near, far)
  const answered = carry(far, near)
  switch (action?._tag) {
    case undefined:
      return { sent, answered }
    case "Reset": {
      const part = upTo(action.after)
      return {
        sent: (bytes) => {
          const { before, reached } = part(bytes)
          if (!reached) return sent(bytes)
          // What came before the break arrives.
          far.write(before, () => far.resetAndDestroy())
          near.resetAndDestroy()
        },
        answered
      }
    }
    case "Swallow": {
      const part = upTo(action.after)
      let silent = action.after === 0
      return {
        sent: (bytes) => {
          const { before, reached } = part(bytes)
          silent ||= reached
          if (before.length > 0) sent(before)
        },
        answered: (bytes) => {
          if (!silent) answered(bytes)
        }
      }
    }
    case "Withhold":
      return { sent, answered: () => {} }
    case "CutAnswer": {
      const part = upTo(action.after)
      return {
        sent,
        answered: (bytes) => {
          const { before, reached } = part(bytes)
          if (!reached) return answered(bytes)
          near.end(before, () => near.destroy())
          far.destroy()
        }
      }
    }
    case "Pace":
      return { sent: paced(ends, action)(near, far), answered: paced(ends, action)(far, near) }
    case "Flip": {
      let passed = 0
      return {
        sent: (bytes) => {
          const at = action.at - passed
          passed += bytes.length
          if (at >= 0 && at < bytes.length) bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
          sent(bytes)
        },
        answered
      }
    }
  }
}

/**
 * A proxy on a free port of the loopback interface, before the server at an origin such as `http://127.0.0.1:8080`. It
 * ends with the scope, and its connections with it.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (origin: string): Effect.Effect<FaultProxy["Type"], never, Scope.Scope> =>
  Effect.gen(function*() {
    const { hostname, port } = new URL(origin)
    const runFork = yield* FiberSet.makeRuntime<never, void, never>()
    const rules: Array<{ readonly fault: ConnectionFault; seen: number }> = []
    const connections: Array<{ received: number; open: boolean }> = []
    const sockets = new Set<Socket>()

    /** Every rule counts every connection; the first that is about this one says what happens. */
    const take = (): Action | undefined =>
      rules.flatMap((rule) => {
        rule.seen += 1
        return strikes(rule.fault, rule.seen) ? [rule.fault.action] : []
      })[0]

    const server = createServer((near) => {
      const action = take()
      const connection = { received: 0, open: true }
      connections.push(connection)
      const far = connect(Number(port), hostname)
      const { answered, sent } = carriers({ near, far, run: runFork }, action)
      for (const [socket, other] of [[near, far], [far, near]] as const) {
        sockets.add(socket)
        // A silent connection hears nothing of the server's end either.
        const deaf = socket === far && (action?._tag === "Withhold" || action?._tag === "Swallow")
        socket
          .on("end", () => deaf || other.end())
          .on("error", () => {})
          .on("close", () => {
            sockets.delete(socket)
            if (socket === near) connection.open = false
            if (!deaf && !other.writableEnded) other.destroy()
          })
      }
      near.on("data", (bytes) => {
        connection.received += bytes.length
        sent(bytes)
      })
      far.on("data", answered)
      if (action?._tag === "Reset" && action.after === 0) near.resetAndDestroy()
    })
    yield* Effect.acquireRelease(
      Effect.async<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
      () =>
        Effect.async<void>((resume) => {
          server.close(() => resume(Effect.void))
          for (const socket of sockets) socket.destroy()
        })
    )
    const address = server.address()
    const own = typeof address === "object" && address !== null ? address.port : 0
    return FaultProxy.of({
      origin: `http://127.0.0.1:${own}`,
      addFault: (...faults) => Effect.sync(() => void rules.push(...faults.map((fault) => ({ fault, seen: 0 })))),
      clearFaults: Effect.sync(() => void rules.splice(0)),
      connections: Effect.sync(() => connections.map((connection) => ({ ...connection })))
    })
  })

/**
 * A proxy before an emulator, and the address that leads a client through it.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<FaultProxy | EmulatorAddress, never, EmulatorAddress> = Layer.scopedContext(
  Effect.gen(function*() {
    const address = yield* EmulatorAddress
    const { origin } = new URL(address.uploadUrl)
    const proxy = yield* make(origin)
    const through = (url: string) => url.replace(origin, proxy.origin)
    return Context.make(FaultProxy, proxy).pipe(
      Context.add(EmulatorAddress, {
        ...address,
        uploadUrl: through(address.uploadUrl),
        managementUrl: through(address.managementUrl),
        downloadUrl: through(address.downloadUrl)
      })
    )
  })
)
