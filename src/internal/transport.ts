import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { isWcsError, type WcsError, WcsNetworkError, WcsTimeout, WcsUntrustedServer } from "../domain/WcsError.ts"
import * as Refusals from "../domain/wire/Refusals.ts"

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

/** The error of a request that had no answer. */
export const fromHttp = (operation: string) => (error: HttpClientError.HttpClientError): WcsError => {
  const own = ours(error.cause)
  if (own !== undefined) return own
  const { code, detail } = read(error.cause)
  return code !== undefined && untrusted.test(code)
    ? new WcsUntrustedServer({ operation, detail })
    : new WcsNetworkError({ operation, detail })
}

/** A watch that fails when `touch` has not been run for the bound: what moves is never too slow. */
export const standstill = (
  operation: string,
  bound: Duration.Duration
): Effect.Effect<{ readonly touch: Effect.Effect<void>; readonly watch: Effect.Effect<never, WcsTimeout> }> =>
  Effect.map(Clock.currentTimeMillis, (started) => {
    let last = started
    const limit = Duration.toMillis(bound)
    const watch: Effect.Effect<never, WcsTimeout> = Effect.flatMap(Clock.currentTimeMillis, (now) =>
      now - last >= limit
        ? new WcsTimeout({ operation, after: bound })
        : Effect.zipRight(Effect.sleep(last + limit - now), watch))
    const touch = Effect.map(Clock.currentTimeMillis, (now) => {
      last = now
    })
    return { touch, watch }
  })
