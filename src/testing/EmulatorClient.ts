/**
 * The emulator in process, behind the `HttpClient` tag: no socket, no time but the Clock's.
 *
 * @since 0.1.0
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import { Emulator } from "./Emulator.ts"
import * as EmulatorAddress from "./EmulatorAddress.ts"
import type { EmulatorRequest } from "./EmulatorRequest.ts"
import type { EmulatorResponse } from "./EmulatorResponse.ts"

/**
 * Where the emulator answers in process. Every other origin reaches it, too.
 *
 * @since 0.1.0
 * @category constants
 */
export const origin = "http://wcs.test"

/** Whatever a web platform takes for a body. */
type WebBody = ConstructorParameters<typeof Response>[0]

const fromWeb = (body: WebBody) => {
  const { body: stream, headers } = new Response(body)
  return {
    stream: stream ? Stream.fromReadableStream(() => stream, identity) : Stream.empty,
    contentType: headers.get("content-type") ?? undefined
  }
}

const isAsyncIterable = (u: unknown): u is AsyncIterable<Uint8Array> => Predicate.hasProperty(u, Symbol.asyncIterator)

/** A request's body, and the headers that a transport would add for it. */
const readBody = ({ body, method }: HttpClientRequest.HttpClientRequest): {
  readonly stream: Stream.Stream<Uint8Array, unknown>
  readonly contentType?: string | undefined
  readonly contentLength?: number | undefined
} => {
  switch (body._tag) {
    case "Empty":
      return { stream: Stream.empty, contentLength: method === "GET" || method === "HEAD" ? undefined : 0 }
    case "Uint8Array":
      return { stream: Stream.make(body.body), contentLength: body.body.length }
    case "Stream":
      return { stream: body.stream, contentLength: body.contentLength }
    case "FormData":
      return fromWeb(body.formData)
    case "Raw": {
      const raw = body.body
      const bytes = typeof raw === "string" ? new TextEncoder().encode(raw) : raw
      if (bytes instanceof Uint8Array) return { stream: Stream.make(bytes), contentLength: bytes.length }
      return {
        ...(isAsyncIterable(raw) ? { stream: Stream.fromAsyncIterable(raw, identity) } : fromWeb(raw as WebBody)),
        contentLength: body.contentLength
      }
    }
  }
}

const toRequest = (request: HttpClientRequest.HttpClientRequest, url: URL): EmulatorRequest => {
  const { contentLength, contentType, stream } = readBody(request)
  const length = contentLength === undefined ? undefined : String(contentLength)
  return {
    method: request.method,
    path: url.pathname,
    query: url.search.slice(1),
    headers: {
      host: url.host,
      "content-type": contentType,
      ...request.headers,
      "content-length": length ?? request.headers["content-length"]
    },
    body: stream,
    remoteAddress: "127.0.0.1"
  }
}

const toResponse = (
  request: HttpClientRequest.HttpClientRequest,
  { body, headers, status }: EmulatorResponse
): Effect.Effect<HttpClientResponse.HttpClientResponse> => {
  const web: Effect.Effect<Uint8Array | ReadableStream<Uint8Array> | null> = request.method === "HEAD" || status === 304
    ? Effect.succeed(null)
    : body instanceof Uint8Array
    ? Effect.succeed(body)
    // Nothing waits in between, or the last bytes before a break would go with it.
    : Stream.toReadableStreamEffect(Stream.rechunk(body, 1), { strategy: { highWaterMark: 0 } })
  return Effect.map(web, (body) => {
    const response = new Response(body, { status: status === 304 ? 304 : 200, headers })
    // A `Response` is not made with a status above 599, which the service has (protocol 12.2).
    return HttpClientResponse.fromWeb(request, Object.defineProperty(response, "status", { value: status }))
  })
}

/**
 * A client whose requests are answered by an emulator, in the fiber that sends them. A broken connection is a
 * `RequestError` with the reason `Transport`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<HttpClient.HttpClient, never, Emulator> = Effect.map(
  Emulator,
  (emulator) =>
    HttpClient.make((request, url) =>
      Effect.flatMap(
        Effect.mapError(
          emulator.handle(toRequest(request, url)),
          (cause) => new HttpClientError.RequestError({ request, reason: "Transport", cause })
        ),
        (response) => toResponse(request, response)
      )
    )
)

/**
 * An `HttpClient` that reaches nothing but the emulator, and the address to use with it.
 *
 * @example
 * import { HttpClient } from "@effect/platform"
 * import { Effect, Layer } from "effect"
 * import { Emulator, EmulatorClient } from "effect-wcs/testing"
 *
 * const program = Effect.gen(function*() {
 *   const emulator = yield* Emulator.Emulator
 *   yield* emulator.putObject({ bucket: "media", key: "a.txt" }, "hello")
 *   const response = yield* HttpClient.get("http://wcs.test/download/media/a.txt")
 *   return yield* response.text
 * })
 * const WcsTest = Layer.provideMerge(EmulatorClient.layer, Emulator.layerMemory({ buckets: ["media"] }))
 *
 * assert.strictEqual(await Effect.runPromise(Effect.provide(program, WcsTest)), "hello")
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<HttpClient.HttpClient | EmulatorAddress.EmulatorAddress, never, Emulator> = Layer
  .effectContext(
    Effect.gen(function*() {
      const { settings } = yield* Emulator
      return Context.make(HttpClient.HttpClient, yield* make).pipe(
        Context.add(EmulatorAddress.EmulatorAddress, EmulatorAddress.make(origin, settings))
      )
    })
  )
