import * as HttpBody from "@effect/platform/HttpBody"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { WcsError } from "../domain/WcsError.ts"
import type { Answer, Operation } from "../domain/wire/WcsRequest.ts"
import type { WcsOptions } from "../services/WcsConfig.ts"
import * as bodyWatch from "./bodyWatch.ts"
import * as transport from "./transport.ts"

/** The whole answer. Not every client bounds what it reads, so that it is done here. */
export const read = (
  operation: Operation,
  response: HttpClientResponse.HttpClientResponse
): Effect.Effect<Answer, WcsError> =>
  Effect.suspend(() => {
    const decoder = new TextDecoder()
    const { headers, status } = response
    let text = ""
    let size = 0
    return response.stream.pipe(
      Stream.catchAll((error) =>
        error._tag === "ResponseError" && error.reason === "EmptyBody"
          ? Stream.empty
          : Stream.fail(transport.fromHttp(operation)(error))
      ),
      Stream.runForEach((bytes) => {
        size += bytes.length
        if (size > transport.largestAnswer) {
          return Effect.fail(transport.fromCause(operation)(new transport.TooLong({ status, headers })))
        }
        text += decoder.decode(bytes, { stream: true })
        return Effect.void
      }),
      Effect.map(() => ({ status, headers, text: text + decoder.decode() }))
    )
  })

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
    return Effect.mapError(exchange({ method, url, headers, bytes }, config), transport.fromHttp(operation))
  }
  const size = ("contentLength" in body ? body.contentLength : undefined) ?? 0
  return Effect.flatMap(bodyWatch.make(operation, size, config), ({ failure, moving }) => {
    const watched = body._tag === "Stream"
      ? HttpClientRequest.setBody(request, HttpBody.stream(moving(body.stream), body.contentType, size))
      : request
    return client.execute(watched).pipe(
      Effect.mapError(transport.fromHttp(operation)),
      Effect.flatMap((response) => read(operation, response)),
      // In a finalizer nothing is interruptible, and a race waits for its loser.
      Effect.raceFirst(Effect.interruptible(failure))
    )
  })
}
