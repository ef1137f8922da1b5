/**
 * The emulator on a port, over any HTTP server of `@effect/platform`.
 *
 * @since 0.1.0
 */
import type * as HttpApp from "@effect/platform/HttpApp"
import * as HttpMiddleware from "@effect/platform/HttpMiddleware"
import * as HttpServer from "@effect/platform/HttpServer"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Chunk from "effect/Chunk"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { Emulator } from "./Emulator.ts"
import type { EmulatorRequest } from "./EmulatorRequest.ts"
import type { EmulatorResponse } from "./EmulatorResponse.ts"
import { hexId } from "./internal/ids.ts"
import * as refusals from "./internal/refusal.ts"

/**
 * Breaks connections in a runtime's own way.
 *
 * @since 0.1.0
 * @category models
 */
export interface ConnectionBreaker {
  /** `reset` drops what is under way, `end` lets it arrive first. */
  readonly break: (request: HttpServerRequest.HttpServerRequest, how: "reset" | "end") => Effect.Effect<void>
}

/**
 * How the server breaks connections. By default nothing is done to them, and a body that was promised fails, which is
 * the best that HTTP alone can do.
 *
 * @since 0.1.0
 * @category references
 */
export class BreakConnection extends Context.Reference<BreakConnection>()(
  "effect-wcs/testing/EmulatorServer/BreakConnection",
  { defaultValue: (): ConnectionBreaker => ({ break: () => Effect.void }) }
) {}

/** How much of a body is still read after its answer is known. A client that sends more than this may not see it. */
const maxDrain = 64 * 1024 * 1024

/** A body that can be read to its end after the answer is known, so that the client gets to read that answer. */
const openBody = (
  request: HttpServerRequest.HttpServerRequest
): Effect.Effect<
  { readonly body: Stream.Stream<Uint8Array, unknown>; readonly drain: Effect.Effect<void> },
  never,
  Scope.Scope
> =>
  request.method === "GET" || request.method === "HEAD"
    ? Effect.succeed({ body: Stream.empty, drain: Effect.void })
    : Effect.map(Stream.toPull(request.stream), (pull) => {
      let ended = false
      const next = Effect.suspend(() => ended ? Effect.fail(Option.none()) : pull).pipe(
        Effect.tapError(() =>
          Effect.sync(() => {
            ended = true
          })
        )
      )
      const drain = (read: number): Effect.Effect<void> =>
        read > maxDrain ? Effect.void : Effect.matchEffect(next, {
          onFailure: () => Effect.void,
          onSuccess: (chunk) => drain(Chunk.reduce(chunk, read, (total, bytes) => total + bytes.length))
        })
      return { body: Stream.repeatEffectChunkOption(next), drain: drain(0) }
    })

const toRequest = (
  request: HttpServerRequest.HttpServerRequest,
  body: EmulatorRequest["body"]
): EmulatorRequest => {
  // A request line may carry a whole URL.
  const target = request.url.replace(/^https?:\/\/[^/?]*/i, "")
  const mark = target.indexOf("?")
  return {
    method: request.method,
    path: mark < 0 ? target : target.slice(0, mark),
    query: mark < 0 ? "" : target.slice(mark + 1),
    headers: request.headers,
    body,
    remoteAddress: Option.getOrUndefined(request.remoteAddress)
  }
}

const toResponse = (
  request: HttpServerRequest.HttpServerRequest,
  { body, headers, status }: EmulatorResponse,
  cut: Effect.Effect<never>
): HttpServerResponse.HttpServerResponse =>
  request.method === "HEAD" || status === 304
    ? HttpServerResponse.empty({ status, headers })
    : body instanceof Uint8Array
    ? HttpServerResponse.uint8Array(body, { status, headers })
    : HttpServerResponse.stream(Stream.catchAll(body, () => Stream.fromEffect(cut)), {
      status,
      headers,
      contentType: headers["content-type"]
    })

/** Nothing more comes: a body that was promised fails. */
const unanswered = HttpServerResponse.stream(Stream.die("the connection broke"), { contentLength: 1 })

/** The answer to a mistake of the emulator's, or of a function of its options. */
const failed: Effect.Effect<EmulatorResponse> = Effect.map(hexId, (id) => {
  const response = refusals.toResponse(refusals.refuse(500, "Internal Server Error"))
  return { ...response, headers: { ...response.headers, "x-reqid": id } }
})

/**
 * The emulator as an HTTP application.
 *
 * @since 0.1.0
 * @category constructors
 */
export const app: HttpApp.Default<never, Emulator | Scope.Scope> = Effect.gen(function*() {
  const emulator = yield* Emulator
  const connection = yield* BreakConnection
  const request = yield* HttpServerRequest.HttpServerRequest
  const { body, drain } = yield* openBody(request)
  const cut = Effect.zipRight(connection.break(request, "end"), Effect.die("the connection broke"))
  return yield* emulator.handle(toRequest(request, body)).pipe(
    Effect.tapDefect((cause) => Effect.logError("the emulator failed", cause)),
    Effect.catchAllDefect(() => failed),
    Effect.zipLeft(drain),
    Effect.map((response) => toResponse(request, response, cut)),
    Effect.catchTag("EmulatorDisconnect", () => Effect.as(connection.break(request, "reset"), unanswered)),
    // A server holds its fibers uninterruptible until there is an answer; a client that leaves ends this one.
    Effect.interruptible
  )
})

/**
 * Serves the emulator. Nothing of a request goes into traces.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<never, never, Emulator | HttpServer.HttpServer> = HttpServer.serve(app).pipe(
  HttpMiddleware.withTracerDisabledWhen(() => true)
)
