import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type WcsError, WcsInvalidInput, WcsNetworkError, WcsRefused, WcsTimeout } from "../domain/WcsError.ts"
import * as transport from "./transport.ts"

/** What a URL answers. */
export interface RemoteSource {
  /** Bytes, when the answer says how many. */
  readonly size: number | undefined
  /** The last segment of its path. */
  readonly name: string
  readonly stream: Stream.Stream<Uint8Array, WcsError>
}

const operation = "source"

const parse = (url: string | URL) => {
  const text = String(url)
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
    ? Effect.succeed(new URL(text))
    : new WcsInvalidInput({ input: "url", detail: "is an absolute http or https URL" })
}

/** The last segment of a path, as a person reads it. */
const lastSegment = ({ pathname }: URL): string => {
  const segment = pathname.slice(pathname.lastIndexOf("/") + 1)
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/** Undoes what a server did to a body although it was asked not to. */
const decoded = (
  stream: Stream.Stream<Uint8Array, WcsError>,
  encoding: string
): Stream.Stream<Uint8Array, WcsError> => {
  const format = ({ gzip: "gzip", "x-gzip": "gzip", deflate: "deflate" } as const)[encoding]
  if (format === undefined) {
    return Stream.fail(
      new WcsRefused({ operation, status: 200, code: "200", detail: `the source answers in encoding ${encoding}` })
    )
  }
  return Stream.fromReadableStream<Uint8Array, WcsError>({
    evaluate: () =>
      Stream.toReadableStream(stream).pipeThrough(
        new DecompressionStream(format) as unknown as TransformStream<Uint8Array, Uint8Array>
      ),
    onError: () => new WcsNetworkError({ operation, detail: `the source's ${encoding} body is broken` })
  })
}

/** Asks a URL, without credentials, following redirects; only a 2xx answer is content (protocol 5.2). */
export const open = (
  client: HttpClient.HttpClient,
  url: string | URL,
  timeout: Duration.Duration
): Effect.Effect<RemoteSource, WcsError> =>
  Effect.gen(function*() {
    const target = yield* parse(url)
    const timedOut = () => new WcsTimeout({ operation, after: timeout })
    const response = yield* client.pipe(
      HttpClient.withTracerDisabledWhen(() => true),
      HttpClient.followRedirects(5)
    ).execute(HttpClientRequest.get(target, { headers: { "accept-encoding": "identity" } })).pipe(
      Effect.mapError(transport.fromHttp(operation)),
      Effect.timeoutFail({ duration: timeout, onTimeout: timedOut })
    )
    const { headers, status } = response
    if (status < 200 || status >= 300) {
      return yield* new WcsRefused({
        operation,
        status,
        code: String(status),
        detail: "the source does not answer with content"
      })
    }
    const stream = response.stream.pipe(
      Stream.mapError(transport.fromHttp(operation)),
      Stream.timeoutFail(timedOut, timeout)
    )
    const encoding = headers["content-encoding"]?.trim().toLowerCase() ?? "identity"
    const length = Number(headers["content-length"])
    return {
      name: lastSegment(target),
      ...(encoding === "identity" || encoding === ""
        ? { size: headers["content-length"] !== undefined && Number.isSafeInteger(length) ? length : undefined, stream }
        : { size: undefined, stream: decoded(stream, encoding) })
    }
  })
