import * as HttpBody from "@effect/platform/HttpBody"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { type WcsError, WcsTimeout } from "../domain/WcsError.ts"
import type { Answer, Operation } from "../domain/wire/WcsRequest.ts"
import type { WcsOptions } from "../services/WcsConfig.ts"
import * as bodyWatch from "./bodyWatch.ts"
import * as transport from "./transport.ts"

/** What a client of the platform has begun to answer. A status that has no body, and a body without bytes, are alike. */
const opened = (
  operation: string,
  { headers, status, stream }: HttpClientResponse.HttpClientResponse
): transport.Opened<WcsError> => ({
  status,
  headers,
  stream: Stream.catchAll(stream, (error) =>
    error._tag === "ResponseError" && error.reason === "EmptyBody"
      ? Stream.empty
      : Stream.fail(transport.fromHttp(operation)(error)))
})

/** The same, to be pulled: a body that stands still fails. */
export const flowing = (
  operation: string,
  response: HttpClientResponse.HttpClientResponse,
  { stallTimeout }: Pick<WcsOptions, "stallTimeout">
): transport.Opened<WcsError> => {
  const answer = opened(operation, response)
  const stalled = () => new WcsTimeout({ operation, reason: "Stall", after: stallTimeout })
  return { ...answer, stream: Stream.timeoutFail(answer.stream, stalled, stallTimeout) }
}

/** Bounds the time until an answer is there. */
export const inTime = (operation: string, { requestTimeout }: Pick<WcsOptions, "requestTimeout">) =>
  Effect.timeoutFail({
    duration: requestTimeout,
    onTimeout: () => new WcsTimeout({ operation, reason: "Answer", after: requestTimeout })
  })

/** The whole answer. Not every client bounds what it reads, so that it is done here. */
export const read = (
  operation: Operation,
  { headers, status, stream }: transport.Opened<WcsError>
): Effect.Effect<Answer, WcsError> =>
  Effect.suspend(() => {
    const decoder = new TextDecoder()
    let text = ""
    let size = 0
    return Stream.runForEach(stream, (bytes) => {
      size += bytes.length
      if (size > transport.largestAnswer) {
        return Effect.fail(transport.fromCause(operation)(new transport.TooLong({ status, headers })))
      }
      text += decoder.decode(bytes, { stream: true })
      return Effect.void
    }).pipe(
      Effect.map(() => ({ status, headers, text: text + decoder.decode() }))
    )
  })

/** Asks with a client, and leaves the answer's body to be pulled. By the `exchange` where there is one. */
export const opens = (
  client: HttpClient.HttpClient,
  exchange: transport.Exchange | undefined,
  config: WcsOptions
) =>
(
  operation: Operation,
  request: HttpClientRequest.HttpClientRequest,
  reading: Pick<transport.OpenLimits, "lend" | "onRead">
): Effect.Effect<transport.Opened<WcsError>, WcsError, Scope.Scope> => {
  const fail = transport.fromHttp(operation)
  return exchange === undefined
    ? Effect.mapBoth(client.execute(request), {
      onFailure: fail,
      onSuccess: (response) => {
        const answer = flowing(operation, response, config)
        const stream = Stream.tap(answer.stream, ({ length }) => Effect.sync(() => reading.onRead(length)))
        return { ...answer, stream }
      }
    })
    : Effect.mapBoth(exchange.open(request, { stallTimeout: config.stallTimeout, ...reading }), {
      onFailure: fail,
      onSuccess: (answer) => ({ ...answer, stream: Stream.mapError(answer.stream, fail) })
    })
}

const noBytes = new Uint8Array(0)

/**
 * Asks with a client, within its time-outs: a body that moves may be as slow as it likes. Bytes go by the `exchange` where
 * there is one.
 */
export const asks = (
  client: HttpClient.HttpClient,
  exchange: transport.Exchange | undefined,
  config: WcsOptions
) =>
(operation: Operation, request: HttpClientRequest.HttpClientRequest): Effect.Effect<Answer, WcsError> => {
  const { body, headers, method, url } = request
  if (exchange !== undefined && (body._tag === "Uint8Array" || body._tag === "Empty")) {
    const bytes = body._tag === "Empty" ? noBytes : body.body
    return Effect.mapError(exchange.send({ method, url, headers, bytes }, config), transport.fromHttp(operation))
  }
  const size = ("contentLength" in body ? body.contentLength : undefined) ?? 0
  return Effect.flatMap(bodyWatch.make(operation, size, config), ({ failure, moving }) => {
    const watched = body._tag === "Stream"
      ? HttpClientRequest.setBody(request, HttpBody.stream(moving(body.stream), body.contentType, size))
      : request
    return client.execute(watched).pipe(
      Effect.mapError(transport.fromHttp(operation)),
      Effect.flatMap((response) => read(operation, opened(operation, response))),
      // In a finalizer nothing is interruptible, and a race waits for its loser.
      Effect.raceFirst(Effect.interruptible(failure))
    )
  })
}
