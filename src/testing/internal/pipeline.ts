import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { EmulatorSettings } from "../EmulatorOptions.ts"
import type { EmulatorRequest } from "../EmulatorRequest.ts"
import { EmulatorDisconnect, type EmulatorResponse } from "../EmulatorResponse.ts"
import { operations } from "../handlers/operations.ts"
import * as crossOrigin from "./crossOrigin.ts"
import type { FaultPlan } from "./faultPlan.ts"
import * as httpDate from "./httpDate.ts"
import { hexId } from "./ids.ts"
import type { Entry, Journal } from "./journal.ts"
import type { Exchange, Operation, OperationServices } from "./operation.ts"
import { hintHeader, refuse, toResponse } from "./refusal.ts"
import * as strikes from "./strikes.ts"
import type { Usage } from "./usage.ts"
import * as wholeTime from "./wholeTime.ts"

const unknown: Operation = {
  name: "unknown",
  methods: [],
  path: /^/,
  handle: () => Effect.fail(refuse(404, "Resource Not Found"))
}

const route = ({ method, path, query }: EmulatorRequest) => {
  for (const operation of operations) {
    const match = operation.methods.includes(method) ? operation.path.exec(path) : null
    if (match !== null && (operation.query?.test(query) ?? true)) return { operation, params: match.groups ?? {} }
  }
  return { operation: unknown, params: {} }
}

/** A body that is counted, and refused when it grows too large or ends before its declared length (protocol 19.25). */
const watch = (
  { body, headers }: EmulatorRequest,
  limit: number,
  journal: Journal,
  entry: Entry
): Exchange["body"] => {
  const declared = Number(headers["content-length"] ?? NaN)
  const tooLarge = () => refuse(413, "Request Entity Too Large")
  const broken = (cause: unknown) => new EmulatorDisconnect({ reason: "request", cause })
  if (declared > limit) return Stream.fail(tooLarge())
  return body.pipe(
    Stream.mapError(broken),
    Stream.tap((bytes) => {
      journal.note(entry, { bytes: entry.bytes + bytes.length })
      return entry.bytes > limit ? Effect.fail(tooLarge()) : Effect.void
    }),
    Stream.concat(Stream.suspend(() =>
      Number.isNaN(declared) || declared === entry.bytes
        ? Stream.empty
        : Stream.fail(broken(`${entry.bytes} bytes came where ${declared} were declared`))
    ))
  )
}

/** What the service adds to every answer of its own, and `Date` and the length to any. */
const complete = (
  response: EmulatorResponse,
  { date, method, own }: {
    readonly date: number
    readonly method: string
    readonly own: EmulatorResponse["headers"]
  }
): EmulatorResponse => {
  const { body } = response
  return {
    status: response.status,
    headers: {
      date: httpDate.format(date),
      ...own,
      ...(body instanceof Uint8Array && response.status !== 304 && { "content-length": String(body.length) }),
      ...response.headers
    },
    body: method === "HEAD" ? new Uint8Array(0) : body
  }
}

/** What happens to a request from its arrival to its answer. */
export const make =
  (plan: FaultPlan, journal: Journal, usage: Usage["Type"], settings: EmulatorSettings) =>
  (request: EmulatorRequest): Effect.Effect<
    EmulatorResponse,
    EmulatorDisconnect,
    Exclude<OperationServices, Scope.Scope>
  > =>
    Effect.gen(function*() {
      const startedAt = yield* wholeTime.now
      const requestId = `${startedAt.toString(36)}${(yield* hexId).slice(0, 16)}`
      const { operation, params } = route(request)
      const entry = journal.open(request, operation.name, requestId, startedAt)
      const body = watch(request, operation.bodyLimit?.(settings) ?? settings.maxBodySize, journal, entry)
      const faults = strikes.make(plan, journal, entry, body)
      const serviceTime = Effect.map(Clock.currentTimeMillis, (now) => now + faults.skew())
      const exchange: Exchange = {
        request,
        params,
        body,
        startedAt,
        serviceTime,
        identify: (subject) => faults.on(subject, "identified")
      }
      const answered = yield* Effect.gen(function*() {
        const subject = operation.subject ? yield* operation.subject(exchange) : {}
        yield* faults.on(subject, "head")
        return yield* operation.handle(exchange)
      }).pipe(
        Effect.scoped,
        Effect.map((response) => ({ response, isService: true })),
        Effect.catchTags({
          Intercepted: ({ isService, response }) => Effect.succeed({ response, isService }),
          Refusal: (refusal) => Effect.succeed({ response: toResponse(refusal), isService: true }),
          EmulatorStorageError: (error) =>
            Effect.as(
              Effect.logError("the emulator's storage failed", error),
              { response: toResponse(refuse(500, "Internal Server Error")), isService: true }
            )
        })
      )
      const date = yield* serviceTime
      const response = yield* faults.finish(complete(answered.response, {
        date,
        method: request.method,
        own: answered.isService
          ? { "x-reqid": requestId, ...crossOrigin.headers(request, operation.name, settings) }
          : {}
      }))
      journal.note(entry, { status: response.status, hint: response.headers[hintHeader] })
      return usage.count(entry, response)
    })
