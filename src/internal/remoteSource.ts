import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type WcsError, WcsInvalidInput, WcsNetworkError, WcsRefused } from "../domain/WcsError.ts"
import type { WcsOptions } from "../services/WcsConfig.ts"
import * as httpAnswer from "./httpAnswer.ts"
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

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** How many redirects are followed. */
const mostRedirects = 5

const httpUrl = (url: string | URL, base?: URL): URL | undefined => {
  const text = String(url)
  return URL.canParse(text, base?.href) && /^https?:$/.test(new URL(text, base).protocol)
    ? new URL(text, base)
    : undefined
}

const refused = (status: number, detail: string) => new WcsRefused({ operation, status, code: String(status), detail })

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
    return Stream.fail(refused(200, `the source answers in encoding ${encoding}`))
  }
  return Stream.fromReadableStream<Uint8Array, WcsError>({
    evaluate: () =>
      Stream.toReadableStream(stream).pipeThrough(
        new DecompressionStream(format)
      ),
    onError: () => new WcsNetworkError({ operation, detail: `the source's ${encoding} body is broken` })
  })
}

/** Asks a URL, without credentials, following redirects; only a 2xx answer is content (protocol 5.2). */
export const open = (
  client: HttpClient.HttpClient,
  url: string | URL,
  limits: Pick<WcsOptions, "requestTimeout" | "stallTimeout">
): Effect.Effect<RemoteSource, WcsError> =>
  Effect.gen(function*() {
    const first = httpUrl(url)
    if (first === undefined) {
      return yield* new WcsInvalidInput({ input: "url", detail: "is an absolute http or https URL" })
    }
    const untraced = HttpClient.withTracerDisabledWhen(client, () => true)
    const follow = (
      target: URL,
      left: number
    ): Effect.Effect<HttpClientResponse.HttpClientResponse, WcsError> =>
      untraced.execute(HttpClientRequest.get(target, { headers: { "accept-encoding": "identity" } })).pipe(
        Effect.mapError(transport.fromHttp(operation)),
        Effect.flatMap((response) => {
          const { headers, status } = response
          if (!redirects.has(status) || headers["location"] === undefined) return Effect.succeed(response)
          const next = httpUrl(headers["location"], target)
          return next === undefined
            ? refused(status, "the source redirects to what is no http or https URL")
            : left === 0
            ? refused(status, `the source redirects more than ${mostRedirects} times`)
            : follow(next, left - 1)
        })
      )
    const response = yield* httpAnswer.inTime(operation, limits)(follow(first, mostRedirects))
    const { headers, status, stream } = httpAnswer.flowing(operation, response, limits)
    if (status < 200 || status >= 300) {
      return yield* refused(status, "the source does not answer with content")
    }
    const encoding = headers["content-encoding"]?.trim().toLowerCase() ?? "identity"
    const length = Number(headers["content-length"])
    return {
      name: lastSegment(first),
      ...(encoding === "identity" || encoding === ""
        ? { size: headers["content-length"] !== undefined && Number.isSafeInteger(length) ? length : undefined, stream }
        : { size: undefined, stream: decoded(stream, encoding) })
    }
  })
