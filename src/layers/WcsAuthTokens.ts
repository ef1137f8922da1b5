/**
 * `WcsAuth` by upload tokens that a server issues, for a client that holds no secret key.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as UploadToken from "../domain/UploadToken.ts"
import { isWcsError, type WcsError, WcsMissingCredentials } from "../domain/WcsError.ts"
import * as Retry from "../services/Retry.ts"
import { type TokenRequest, WcsAuth } from "../services/WcsAuth.ts"

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

/**
 * Where the tokens come from.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options<E> {
  /**
   * Asks the server for a token that covers a scope, `bucket` or `bucket:key`. An error of this library comes back as it
   * is; any other one as `WcsMissingCredentials`, which tells its tag and none of its content.
   */
  readonly issue: (request: { readonly scope: string }) => Effect.Effect<Redacted.Redacted | string, E>
  /** When a failed `issue` is repeated. Absent: `schedule`. */
  readonly retry?: Schedule.Schedule<unknown, NoInfer<E>> | undefined
}

/** What is known of the tokens of one scope; one fiber at a time looks after them. */
interface Slot {
  readonly permit: Effect.Semaphore
  token: UploadToken.UploadToken | undefined
  issuedAt: number
  /** Fibers that want this slot. */
  users: number
}

/** The provider's own errors may hold anything: only their tag is told. */
const unavailable = (cause: unknown): WcsError =>
  isWcsError(cause) ? cause : new WcsMissingCredentials({
    operation: "upload token",
    detail: `none was issued (${tagOf(cause)})`
  })

const tagOf = (cause: unknown): string =>
  typeof cause === "object" && cause !== null && "_tag" in cause && typeof cause._tag === "string"
    ? cause._tag
    : cause instanceof Error
    ? cause.name
    : typeof cause

/**
 * Uses the tokens that `issue` gives. A token is kept until it is near its end, and blocks that wait for the same one ask
 * once. A token that does not allow the upload as it was asked for is refused before a byte is sent: another scope, a
 * smaller `fsizeLimit`, or another value of a field that the call's policy sets. What that policy leaves open is the
 * issuer's. Management operations fail with `WcsMissingCredentials`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = <E>({ issue, retry = schedule }: Options<E>): Effect.Effect<WcsAuth["Type"]> =>
  Effect.sync(() => {
    const slots = new Map<string, Slot>()

    const slotOf = (scope: string): Slot => {
      const known = slots.get(scope)
      if (known) return known
      const fresh: Slot = { permit: Effect.unsafeMakeSemaphore(1), token: undefined, issuedAt: 0, users: 0 }
      slots.set(scope, fresh)
      return fresh
    }

    /** Forgets what nobody waits for and nobody can use any more. */
    const tidy = (now: number) => {
      for (const [scope, { token, users }] of slots) {
        if (users === 0 && (token === undefined || token.deadline <= now)) slots.delete(scope)
      }
    }

    const ask = (slot: Slot, { now, scope }: TokenRequest): Effect.Effect<UploadToken.UploadToken, WcsError> =>
      Effect.suspend(() => issue({ scope })).pipe(
        Effect.retry(retry),
        Effect.mapError(unavailable),
        Effect.flatMap((token) => UploadToken.parse(Redacted.isRedacted(token) ? Redacted.value(token) : token)),
        Effect.tap((token) =>
          Effect.sync(() => {
            slot.token = token
            slot.issuedAt = now
          })
        )
      )

    const current = (slot: Slot, request: TokenRequest) =>
      Effect.suspend(() => {
        const { issuedAt, token } = slot
        // Several uploads may have had the same token refused: the first of them has brought a new one.
        const isNew = request.now - issuedAt < Duration.toMillis(justIssued)
        const left = token === undefined ? 0 : token.deadline - request.now
        const life = token === undefined ? 0 : token.deadline - issuedAt
        const isFresh = left > Math.min(Duration.toMillis(margin), life / 4)
        return token !== undefined && (isNew || (isFresh && !request.renew))
          ? Effect.succeed(token)
          : ask(slot, request)
      })

    const uploadToken = (request: TokenRequest) =>
      Effect.suspend(() => {
        const slot = slotOf(request.scope)
        slot.users++
        return slot.permit.withPermits(1)(current(slot, request)).pipe(
          Effect.tap((token) => UploadToken.allows(token, request)),
          Effect.ensuring(Effect.sync(() => {
            slot.users--
            tidy(request.now)
          }))
        )
      })

    return WcsAuth.of({
      management: (operation) =>
        new WcsMissingCredentials({ operation, detail: "this client holds upload tokens only" }),
      uploadToken
    })
  })

/**
 * `WcsAuth` by the tokens that `issue` gives.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = <E>(options: Options<E>): Layer.Layer<WcsAuth> => Layer.effect(WcsAuth, make(options))
