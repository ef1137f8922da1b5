import type * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
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

/** The error of a platform's client, or of an exchange. */
export const fromHttp = (operation: string) => ({ cause }: { readonly cause?: unknown }): WcsError =>
  fromCause(operation)(cause)

/** What a request asks for, and with what. */
type Head = Pick<HttpClientRequest.HttpClientRequest, "method" | "url" | "headers">

/** A request whose body is bytes. */
export interface BytesRequest extends Head {
  readonly bytes: Uint8Array
}

/** An exchange that had no answer; the cause is whatever the transport says, `GivenUp` or `TooLong`. */
export class ExchangeFailed extends Data.TaggedError("ExchangeFailed")<{ readonly cause: unknown }> {}

/** An answer whose body is still on its way. */
export interface Opened<E> extends Pick<Answer, "status" | "headers"> {
  readonly stream: Stream.Stream<Uint8Array, E>
}

/** How a body may be pulled. */
export interface OpenLimits extends Pick<WcsOptions, "stallTimeout"> {
  /** Whether a piece of the body need not outlive the pull of the next one. */
  readonly lend: boolean
  /** Told how many bytes of the body are given to its reader. */
  readonly onRead: (bytes: number) => void
}

/** What sends requests in fewer steps than a client of the platform. */
export interface Exchange {
  /** Sends bytes and reads the whole answer, within the time-outs: what moves is never too slow. */
  readonly send: (
    request: BytesRequest,
    limits: Pick<WcsOptions, "requestTimeout" | "stallTimeout">
  ) => Effect.Effect<Answer, ExchangeFailed>
  /** Asks, without a body. The answer's body is there as long as the scope, and fails when it stands still. */
  readonly open: (
    request: Head,
    limits: OpenLimits
  ) => Effect.Effect<Opened<ExchangeFailed>, ExchangeFailed, Scope.Scope>
}

/** Clients that have an exchange of their own; whoever wraps one is asked himself. */
export const exchanges = new WeakMap<HttpClient.HttpClient, Exchange>()
