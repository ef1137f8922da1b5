/**
 * `WcsAuth` by upload tokens that a server issues, for a client that holds no secret key.
 *
 * @since 0.1.0
 */
import type * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Tracer from "effect/Tracer"
import * as UploadToken from "../domain/UploadToken.ts"
import { type WcsError, WcsMissingCredentials } from "../domain/WcsError.ts"
import * as locks from "../internal/locks.ts"
import * as Retry from "../services/Retry.ts"
import { type TokenRequest, WcsAuth } from "../services/WcsAuth.ts"

/**
 * Where the tokens come from.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options<E, R = never> {
  /**
   * Asks the server for a token that covers a scope, `bucket` or `bucket:key`. Its failure comes back as
   * `WcsMissingCredentials`, which tells its tag and none of its content.
   */
  readonly issue: (request: UploadToken.UploadPermission) => Effect.Effect<Redacted.Redacted | string, E, R>
  /** How long one `issue` may take. Default: 30 seconds. */
  readonly timeout?: Duration.DurationInput | undefined
  /** When a failed `issue` is repeated. Absent: `schedule`. */
  readonly retry?: Schedule.Schedule<unknown, NoInfer<E> | Cause.TimeoutException> | undefined
}

/**
 * A token is asked for anew when less than this is left of its life, or less than a quarter where it lives shorter.
 *
 * @since 0.1.0
 * @category constants
 */
export const margin: Duration.Duration = Duration.minutes(5)

/** A token of this age has not been refused yet: the refusal was about the one before. */
const justIssued = Duration.seconds(5)

/**
 * How often a server that fails is asked again: three times, after `Retry.backoff`.
 *
 * @since 0.1.0
 * @category schedules
 */
export const schedule: Schedule.Schedule<unknown> = Schedule.intersect(Retry.backoff, Schedule.recurs(3))

/** The token of a scope, and when it came. */
interface Kept {
  readonly token: UploadToken.UploadToken
  readonly issuedAt: number
}

const missing = (detail: string) => new WcsMissingCredentials({ operation: "upload token", detail })

const tagOf = (cause: unknown): string =>
  typeof cause === "object" && cause !== null && "_tag" in cause && typeof cause._tag === "string"
    ? cause._tag
    : cause instanceof Error
    ? cause.name
    : typeof cause

/** The provider's own errors may hold anything: only their tag is told. */
const unavailable = (cause: unknown): WcsError => missing(`none was issued (${tagOf(cause)})`)

/** A token that the service would refuse is not sent to it. */
const alive = ({ deadline }: UploadToken.UploadToken, now: number): Effect.Effect<void, WcsError> =>
  deadline > now
    ? Effect.void
    : missing(`the one that was issued had ended ${Math.ceil((now - deadline) / 1000)} s before it came`)

/**
 * Uses the tokens that `issue` gives. A token is kept until it is near its end, and blocks that wait for the same one ask
 * once. A token that does not allow the upload as it was asked for is refused before a byte is sent: another scope, a
 * smaller `fsizeLimit`, or another value of a field that the call's policy sets. What that policy leaves open is the
 * issuer's. One whose deadline has passed when it comes is `WcsMissingCredentials`: who issues it must not keep it to its
 * end, and the clocks have to agree. Management operations fail with `WcsMissingCredentials`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = <E, R = never>(
  { issue, retry = schedule, timeout = "30 seconds" }: Options<E, R>
): Effect.Effect<WcsAuth["Type"], never, R> =>
  Effect.map(Effect.context<R>(), (context) => {
    /** `issue` belongs to the upload that waits for it, not to where the layer was built; no `R` asks for a span. */
    const services = Context.omit(Tracer.ParentSpan)(context) as Context.Context<R>
    const tokens = new Map<string, Kept>()
    /** Blocks that wait for the same token ask once. */
    const inTurn = locks.make()
    /** How many tokens there may be before those that have ended are looked for. */
    let crowded = 64

    const keep = (token: UploadToken.UploadToken, now: number) => {
      tokens.set(token.scope, { token, issuedAt: now })
      if (tokens.size < crowded) return
      for (const [scope, { token }] of tokens) {
        if (token.deadline <= now) tokens.delete(scope)
      }
      crowded = Math.max(64, 2 * tokens.size)
    }

    /** Asks the server; only a token that allows the upload is kept. */
    const ask = (request: TokenRequest): Effect.Effect<UploadToken.UploadToken, WcsError> =>
      Effect.suspend(() => issue({ scope: request.scope, policy: request.policy, size: request.size })).pipe(
        Effect.provide(services),
        Effect.timeout(timeout),
        Effect.retry(retry),
        Effect.mapError(unavailable),
        Effect.flatMap((token) => UploadToken.parse(Redacted.isRedacted(token) ? Redacted.value(token) : token)),
        Effect.tap((token) => UploadToken.allows(token, request)),
        Effect.timed,
        Effect.flatMap(([taken, token]) => {
          const now = request.now + Duration.toMillis(taken)
          return Effect.map(alive(token, now), () => {
            keep(token, now)
            return token
          })
        })
      )

    /** The token of a scope, while it has life left and allows the upload. */
    const usable = (scope: string, request: TokenRequest): UploadToken.UploadToken | undefined => {
      const kept = tokens.get(scope)
      if (kept === undefined || Either.isLeft(UploadToken.allows(kept.token, request))) return undefined
      const { issuedAt, token } = kept
      // Several uploads may have had the same token refused: the first of them has brought a new one.
      const isNew = request.now - issuedAt < Duration.toMillis(justIssued)
      const life = token.deadline - issuedAt
      const isFresh = token.deadline - request.now > Math.min(Duration.toMillis(margin), life / 4)
      return isNew || (isFresh && !request.renew) ? token : undefined
    }

    const current = (request: TokenRequest) =>
      Effect.suspend(() => {
        const [bucket = ""] = request.scope.split(":", 1)
        const token = usable(request.scope, request) ?? usable(bucket, request)
        return token === undefined ? ask(request) : Effect.succeed(token)
      })

    return WcsAuth.of({
      management: (operation) =>
        new WcsMissingCredentials({ operation, detail: "this client holds upload tokens only" }),
      uploadToken: (request) => inTurn(request.scope)(current(request))
    })
  })

/**
 * `WcsAuth` by the tokens that `issue` gives.
 *
 * @example
 * import { HttpClient } from "@effect/platform"
 * import { Effect } from "effect"
 * import { WcsAuthTokens } from "effect-wcs"
 *
 * // Needs an `HttpClient`, because `issue` does.
 * export const Auth = WcsAuthTokens.layer({
 *   issue: ({ scope }) =>
 *     HttpClient.get("https://example.com/upload-token", { urlParams: { scope } }).pipe(
 *       Effect.flatMap((response) => response.text)
 *     )
 * })
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = <E, R = never>(options: Options<E, R>): Layer.Layer<WcsAuth, never, R> =>
  Layer.effect(WcsAuth, make(options))
