import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { EmulatorSettings } from "../EmulatorOptions.ts"
import type { EmulatorRequest } from "../EmulatorRequest.ts"
import * as EmulatorResponse from "../EmulatorResponse.ts"
import type { Action } from "../Fault.ts"
import { operations } from "../handlers/operations.ts"
import type { FaultPlan } from "./faultPlan.ts"
import { hexId } from "./ids.ts"
import * as journal from "./journal.ts"
import { type Exchange, Intercepted, type Operation, type OperationServices, type Subject } from "./operation.ts"
import { type Refusal, refuse, toResponse } from "./refusal.ts"
import * as tamper from "./tamper.ts"

const notFound: Operation = {
  name: "unknown",
  methods: [],
  path: /^/,
  handle: () => Effect.fail(refuse(404, "Resource Not Found"))
}

const route = ({ method, path }: EmulatorRequest) => {
  for (const operation of operations) {
    const match = operation.methods.includes(method) ? operation.path.exec(path) : null
    if (match !== null) return { operation, params: match.groups ?? {} }
  }
  return { operation: notFound, params: {} }
}

const page = "<!DOCTYPE html><html><head><title>Welcome</title></head><body>Please sign in.</body></html>"

const tooLarge = () => refuse(413, "Request Entity Too Large")

/** A body that is counted, and refused when it grows too large or ends before its declared length (protocol 19.25). */
const watch = (
  { body, headers }: EmulatorRequest,
  limit: number,
  entry: journal.Entry
): Exchange["body"] => {
  const declared = Number(headers["content-length"] ?? NaN)
  if (declared > limit) return Stream.fail(tooLarge())
  const broken = (cause: unknown) => new EmulatorResponse.EmulatorDisconnect({ reason: "request", cause })
  return body.pipe(
    Stream.mapError(broken),
    Stream.tap((bytes) => {
      entry.bytes += bytes.length
      return entry.bytes > limit ? Effect.fail(tooLarge()) : Effect.void
    }),
    Stream.concat(Stream.suspend(() =>
      Number.isNaN(declared) || declared === entry.bytes
        ? Stream.empty
        : Stream.fail(broken(new Error(`${entry.bytes} bytes came where ${declared} were declared`)))
    ))
  )
}

/** Reads some of a body, to break off in the middle. */
const readSome = (body: Exchange["body"], length: number) =>
  length === 0 ? Effect.void : body.pipe(
    Stream.mapAccum(0, (read, bytes) => [read + bytes.length, read + bytes.length]),
    Stream.takeUntil((read) => read >= length),
    Stream.runDrain
  )

/** What happens to each request, from its arrival to its answer. */
export const make = (faults: FaultPlan, settings: EmulatorSettings) => {
  let entries: Array<journal.Entry> = []

  const handle = (request: EmulatorRequest): Effect.Effect<
    EmulatorResponse.EmulatorResponse,
    EmulatorResponse.EmulatorDisconnect,
    Exclude<OperationServices, import("effect/Scope").Scope>
  > =>
    Effect.gen(function*() {
      const startedAt = yield* Clock.currentTimeMillis
      const requestId = `${startedAt.toString(36)}${(yield* hexId).slice(0, 16)}`
      const { operation, params } = route(request)
      const entry: journal.Entry = {
        operation: operation.name,
        method: request.method,
        path: request.path,
        query: journal.redactQuery(request.query),
        headers: journal.redact(request.headers),
        requestId,
        receivedAt: startedAt,
        block: undefined,
        key: undefined,
        bytes: 0,
        status: undefined
      }
      entries.push(entry)
      if (entries.length > settings.logSize) entries = entries.slice(-settings.logSize)

      /** What faults do to the answer. */
      const pending: Array<Action> = []
      let skew = 0
      const body = watch(request, settings.maxBodySize, entry)

      const strike = (action: Action): Effect.Effect<void, Intercepted | EmulatorResponse.EmulatorDisconnect | Refusal> => {
        switch (action._tag) {
          case "Delay":
            return Effect.sleep(action.duration)
          case "Skew":
            skew += action.millis
            return Effect.void
          case "Reset":
            return Effect.zipRight(
              readSome(body, action.after),
              Effect.fail(new EmulatorResponse.EmulatorDisconnect({ reason: "reset" }))
            )
          case "Stall":
            return Effect.never
          case "Status":
            return Effect.fail(
              new Intercepted({
                response: action.body === undefined
                  ? { ...toResponse(refuse(action.status, "Injected Fault")) }
                  : EmulatorResponse.text(action.body)
              })
            )
          case "Garbage":
            return Effect.fail(new Intercepted({ response: EmulatorResponse.text(page, "text/html") }))
          default:
            pending.push(action)
            return Effect.void
        }
      }
      return yield* Effect.never
    })
  return { handle, requests: Effect.sync(() => entries.map((entry) => ({ ...entry }))), clearRequests: Effect.sync(() => { entries = [] }) }
}
