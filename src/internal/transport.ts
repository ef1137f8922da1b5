import type * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import {
  isWcsError,
  type WcsError,
  WcsNetworkError,
  WcsTimeout,
  WcsUndecodableAnswer,
  WcsUntrustedServer
} from "../domain/WcsError.ts"
import * as Refusals from "../domain/wire/Refusals.ts"
import type { Answer } from "../domain/wire/WcsRequest.ts"
import type { WcsOptions } from "../services/WcsConfig.ts"

/** What a failure of the transport is, without the request that it keeps. */
const read = (cause: unknown): { readonly code?: string | undefined; readonly detail: string } => {
  const error = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  if (!(error instanceof Error)) return { detail: "the connection failed" }
  // OpenSSL tells where in its sources, over two lines.
  if (error.message.includes("wrong version number")) {
    return { detail: "the port does not speak TLS; it may want http://" }
  }
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined
  const detail = Refusals.clean(
    code === undefined || error.message.includes(code) ? error.message : `${code}: ${error.message}`
  )
  return { code, detail }
}

/** The codes of Node and of OpenSSL for a certificate that does not hold. */
const untrusted =
  /^(CERT_|ERR_TLS_CERT_|(DEPTH_ZERO_)?SELF_SIGNED_CERT|UNABLE_TO_(GET|VERIFY)_|INVALID_(CA|PURPOSE)|HOSTNAME_MISMATCH)/

/** An error of ours that a transport has wrapped: a body that failed on its way out tells why itself. */
const ours = (cause: unknown): WcsError | undefined =>
  isWcsError(cause) ? cause : cause instanceof Error && cause.cause !== cause ? ours(cause.cause) : undefined

/** Why a transport gave up: it was not connected in time, no byte moved, or no answer came. */
export class GivenUp extends Data.TaggedError("GivenUp")<{
  readonly reason: "Connect" | "Stall" | "Answer"
  readonly after: Duration.Duration
}> {}

/** In bytes, well above the largest page of a listing: an answer beyond it is none of the service's. */
export const largestAnswer = 64 * 1024 * 1024

/** An answer longer than `largestAnswer`. */
export class TooLong extends Data.TaggedError("TooLong")<Pick<Answer, "status" | "headers">> {}

/** The error of a request that had no answer. */
export const fromCause = (operation: string) => (cause: unknown): WcsError => {
  if (cause instanceof GivenUp) return new WcsTimeout({ operation, reason: cause.reason, after: cause.after })
  if (cause instanceof TooLong) {
    return new WcsUndecodableAnswer({
      operation,
      status: cause.status,
      code: String(cause.status),
      detail: `it is longer than ${largestAnswer} bytes`,
      requestId: Refusals.requestId(cause)
    })
  }
  const own = ours(cause)
  if (own !== undefined) return own
  const { code, detail } = read(cause)
  return code !== undefined && untrusted.test(code)
    ? new WcsUntrustedServer({ operation, detail })
    : new WcsNetworkError({ operation, detail })
}

/** The error of a platform's client. */
export const fromHttp = (operation: string) => ({ cause }: HttpClientError.HttpClientError): WcsError =>
  fromCause(operation)(cause)

/** A request whose body is bytes. */
export interface BytesRequest extends Pick<HttpClientRequest.HttpClientRequest, "method" | "url" | "headers"> {
  readonly bytes: Uint8Array
}

/**
 * Sends bytes and reads the whole answer, within the time-outs: what moves is never too slow. Fails with whatever a
 * transport fails with, `GivenUp` and `TooLong` among it.
 */
export type Exchange = (
  request: BytesRequest,
  limits: Pick<WcsOptions, "requestTimeout" | "stallTimeout">
) => Effect.Effect<Answer, unknown>

/** Clients that have an exchange of their own; whoever wraps one is asked himself. */
export const exchanges = new WeakMap<HttpClient.HttpClient, Exchange>()

/** Bytes of a stream that are handed on at once: a large piece takes its time to travel, and moves all the while. */
const piece = 256 * 1024

/** Bytes a second of a link that is slow, and not dead. */
const slowLink = 64 * 1024

/** Bytes that a system may take from a program before they are on the way. */
const systemBuffer = 4 * 1024 * 1024

/** How long bytes may travel of which nobody tells how far they are. */
export const travelTime = (bytes: number): Duration.Duration => Duration.seconds(bytes / slowLink)

const inPieces = (bytes: Uint8Array): ReadonlyArray<Uint8Array> =>
  bytes.length <= piece
    ? [bytes]
    : Array.from({ length: Math.ceil(bytes.length / piece) }, (_, i) => bytes.subarray(i * piece, (i + 1) * piece))

/**
 * How long an answer may take to a body of which the last byte is handed over. What the system has taken may still be on
 * its way: it gets the time of a slow link, or on a slower one twice the time that the body took so far.
 */
export const answerTime = (requestTimeout: Duration.Duration, size: number, took: Duration.DurationInput) =>
  Duration.sum(requestTimeout, Duration.max(travelTime(Math.min(size, systemBuffer)), Duration.times(took, 2)))

/** Watches a request's body on its way, and then for its answer. */
export interface Watch {
  /** A stream that tells how it moves. */
  readonly moving: <E>(bytes: Stream.Stream<Uint8Array, E>) => Stream.Stream<Uint8Array, E>
  /** Fails when the body stands still, or when its answer does not come. What moves is never too slow. */
  readonly failure: Effect.Effect<never, WcsTimeout>
}

/** A watch over a body of `size` bytes. One that does not tell how far it is has the time of a slow link. */
export const watch = (
  operation: string,
  size: number,
  { requestTimeout, stallTimeout }: Pick<WcsOptions, "requestTimeout" | "stallTimeout">
): Effect.Effect<Watch> =>
  Effect.map(Effect.clock, (clock) => {
    const started = clock.unsafeCurrentTimeMillis()
    let last = started
    let phase: "unseen" | "moving" | "sent" = "unseen"
    const enter = (next: typeof phase) => {
      last = clock.unsafeCurrentTimeMillis()
      phase = next
    }
    const bounds = {
      unseen: () => Duration.sum(requestTimeout, travelTime(size)),
      moving: () => stallTimeout,
      sent: () => answerTime(requestTimeout, size, last - started)
    }
    const failure: Effect.Effect<never, WcsTimeout> = Effect.suspend(() => {
      const after = bounds[phase]()
      // A fraction of a millisecond is no time to sleep.
      const left = Math.ceil(last + Duration.toMillis(after) - clock.unsafeCurrentTimeMillis())
      return left > 0
        ? Effect.zipRight(Effect.sleep(left), failure)
        : new WcsTimeout({ operation, reason: phase === "moving" ? "Stall" : "Answer", after })
    })
    return {
      failure,
      moving: (bytes) =>
        Stream.suspend(() => {
          enter("moving")
          return bytes.pipe(
            Stream.mapConcat(inPieces),
            Stream.tap(() => Effect.sync(() => enter("moving"))),
            Stream.onEnd(Effect.sync(() => enter("sent")))
          )
        })
    }
  })
