import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { isWcsError, type WcsError, WcsNetworkError, WcsTimeout, WcsUntrustedServer } from "../domain/WcsError.ts"
import * as Refusals from "../domain/wire/Refusals.ts"
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

/** Why a transport gave up: it was not connected in time, or no byte moved. */
export class GivenUp extends Data.TaggedError("GivenUp")<{
  readonly reason: "Connect" | "Stall"
  readonly after: Duration.Duration
}> {}

/** The error of a request that had no answer. */
export const fromHttp = (operation: string) => ({ cause }: HttpClientError.HttpClientError): WcsError => {
  if (cause instanceof GivenUp) return new WcsTimeout({ operation, reason: cause.reason, after: cause.after })
  const own = ours(cause)
  if (own !== undefined) return own
  const { code, detail } = read(cause)
  return code !== undefined && untrusted.test(code)
    ? new WcsUntrustedServer({ operation, detail })
    : new WcsNetworkError({ operation, detail })
}

/**
 * Who wants to know of a body of bytes on its way. A transport that can tell says that it has `begun` to watch the body,
 * gives up by itself when it stands still, and says when all of it is `sent`; any other is bounded by the body's size.
 */
export class Watcher extends Context.Reference<Watcher>()("effect-wcs/internal/Watcher", {
  defaultValue: (): { readonly begun: () => void; readonly sent: () => void } | undefined => undefined
}) {}

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

/** Watches a request's body on its way, and then for its answer. */
export interface Watch {
  /** A stream that tells how it moves. */
  readonly moving: <E>(bytes: Stream.Stream<Uint8Array, E>) => Stream.Stream<Uint8Array, E>
  readonly watcher: Watcher["Type"]
  /** Fails when the body stands still, or when its answer does not come. What moves is never too slow. */
  readonly failure: Effect.Effect<never, WcsTimeout>
}

/**
 * A watch over a body of `size` bytes. What the system has taken may still be on its way when the last byte is handed
 * over: it gets the time of a slow link, or on a slower one twice the time that the body took so far.
 */
export const watch = (
  operation: string,
  size: number,
  { requestTimeout, stallTimeout }: Pick<WcsOptions, "requestTimeout" | "stallTimeout">
): Effect.Effect<Watch> =>
  Effect.map(Effect.clock, (clock) => {
    // By a clock that nobody sets.
    const now = () => Number(clock.unsafeCurrentTimeNanos()) / 1e6
    const started = now()
    let last = started
    /** `unseen`: nobody tells how far the body is. `watched`: the transport gives up by itself. */
    let phase: "unseen" | "watched" | "moving" | "sent" = "unseen"
    const enter = (next: typeof phase) => {
      last = now()
      phase = next
    }
    const bound = () =>
      phase === "moving"
        ? stallTimeout
        : Duration.sum(
          requestTimeout,
          phase === "unseen"
            ? travelTime(size)
            : Duration.max(travelTime(Math.min(size, systemBuffer)), Duration.millis(2 * (last - started)))
        )
    const failure: Effect.Effect<never, WcsTimeout> = Effect.suspend(() => {
      // A body that is sent while this sleeps has at least as long for its answer.
      if (phase === "watched") return Effect.zipRight(Effect.sleep(requestTimeout), failure)
      const after = bound()
      // A fraction of a millisecond is no time to sleep.
      const left = Math.ceil(last + Duration.toMillis(after) - now())
      return left > 0
        ? Effect.zipRight(Effect.sleep(left), failure)
        : new WcsTimeout({ operation, reason: phase === "moving" ? "Stall" : "Answer", after })
    })
    return {
      failure,
      watcher: { begun: () => enter("watched"), sent: () => enter("sent") },
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
