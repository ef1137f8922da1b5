import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type WcsError, WcsUndecodableAnswer } from "../domain/WcsError.ts"
import * as Refusals from "../domain/wire/Refusals.ts"
import type { Answer, Operation } from "../domain/wire/WcsRequest.ts"
import * as transport from "./transport.ts"

/** In bytes, well above the largest page of a listing: an answer beyond it is none of the service's. */
const largest = 64 * 1024 * 1024

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
        if (size > largest) {
          const detail = `it is longer than ${largest} bytes`
          return new WcsUndecodableAnswer({
            operation,
            status,
            code: String(status),
            detail,
            requestId: Refusals.requestId({ headers })
          })
        }
        text += decoder.decode(bytes, { stream: true })
        return Effect.void
      }),
      Effect.map(() => ({ status, headers, text: text + decoder.decode() }))
    )
  })
