import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import type { OnBusy, UploadId, UploadLease } from "../domain/UploadRecord.ts"
import type { WcsError } from "../domain/WcsError.ts"
import type { ProgressStore } from "../services/ProgressStore.ts"
import { busy, leaseEnd, type LeaseOwner, leaseTime } from "./leaseOwner.ts"

/** How often an owner shows a sign of life. */
const renewEvery = Duration.seconds(10)

/** How often somebody who waits asks again. */
const askEvery = Duration.seconds(1)

/** An upload that only one may work on, and what is to be done where somebody else does. */
export interface Leased<A> {
  readonly store: ProgressStore["Type"] | undefined
  readonly uploadId: UploadId
  readonly me: LeaseOwner["Type"]
  readonly onBusy: OnBusy
  /** Helps the owner, once. */
  readonly help: Effect.Effect<void, WcsError>
  /** Run at each sign of life while somebody helps. */
  readonly onHelped: Effect.Effect<void>
  /** `since`: when it began to wait for another owner, if it did; that one may have finished the upload. */
  readonly run: (since: number | undefined) => Effect.Effect<A, WcsError>
}

/**
 * Runs what only the owner of an upload may do. The lease is renewed meanwhile and given back at the end; where another
 * has taken its owner for dead, the run is interrupted, and `Busy` is the error.
 */
export const hold = <A>(
  { help, me, onBusy, onHelped, run, store, uploadId }: Leased<A>
): Effect.Effect<A, WcsError> => {
  if (store === undefined) return run(undefined)
  return Effect.gen(function*() {
    const owner = `${me.name}:${yield* Random.nextIntBetween(0, Number.MAX_SAFE_INTEGER)}`
    const claim = (options: { readonly dead?: string; readonly join?: boolean } = {}) =>
      Effect.flatMap(
        Clock.currentTimeMillis,
        (now) => store.claim(uploadId, { owner, until: leaseEnd(now), ...options })
      )

    /** Waits where that is wanted; since when, if there was any waiting. */
    const acquire: Effect.Effect<number | undefined, WcsError> = Effect.gen(function*() {
      let since: number | undefined
      let seen: { readonly lease: UploadLease; readonly at: number } | undefined
      while (true) {
        const first = yield* claim()
        const now = yield* Clock.currentTimeMillis
        const unchanged = seen?.lease.owner === first.owner && seen.lease.until === first.until
        const at = unchanged && seen ? seen.at : now
        // The clock of another machine may be ahead: what counts is that nothing comes of it for so long.
        const dead = me.isDead(first.owner) || now - at >= Duration.toMillis(leaseTime)
        const lease = first.owner !== owner && dead ? yield* claim({ dead: first.owner }) : first
        if (lease.owner === owner) return since
        if (onBusy === "refuse") return yield* busy(me, uploadId, lease, now)
        if (since === undefined) {
          since = now
          yield* Effect.logWarning(
            `${me.describe(lease.owner)} works on this upload: ${onBusy === "join" ? "helping" : "waiting"}`
          )
            .pipe(Effect.annotateLogs({ package: "effect-wcs", module: "Uploader", uploadId }))
          if (onBusy === "join") yield* Effect.zipRight(claim({ join: true }), help)
        }
        seen = { lease, at }
        yield* Effect.sleep(askEvery)
      }
    })

    const renew: Effect.Effect<never, WcsError> = Effect.sleep(renewEvery).pipe(
      // A store that fails now may work again before the lease ends; and if not, a block will tell.
      Effect.zipRight(Effect.option(claim())),
      Effect.flatMap(Option.match({
        onNone: () => Effect.void,
        onSome: (lease): Effect.Effect<void, WcsError> =>
          lease.owner !== owner
            ? Effect.flatMap(Clock.currentTimeMillis, (now) => busy(me, uploadId, lease, now))
            : lease.shared
            ? onHelped
            : Effect.void
      })),
      Effect.forever
    )

    return yield* acquire.pipe(
      Effect.flatMap((since) => Effect.raceFirst(run(since), Effect.interruptible(renew))),
      // Also when no lease was got: an interruption between a claim and its answer may leave one behind.
      Effect.ensuring(Effect.ignore(store.release(uploadId, owner)))
    )
  })
}
