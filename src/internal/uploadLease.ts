import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Schema from "effect/Schema"
import { type OnBusy, type UploadId, type UploadLease, UploadManifest } from "../domain/UploadRecord.ts"
import { type WcsError, WcsProgressError } from "../domain/WcsError.ts"
import type { ProgressStore } from "../services/ProgressStore.ts"

/** How long an owner that shows no sign of life keeps its lease. */
const leaseTime = Duration.seconds(30)

/** How often an owner shows one. */
const renewEvery = Duration.seconds(10)

/** How often somebody who waits asks again. */
const askEvery = Duration.seconds(1)

/** The name of this program among all that may work on an upload, and which of the others are known to be dead. */
export class LeaseOwner extends Context.Reference<LeaseOwner>()("effect-wcs/internal/LeaseOwner", {
  defaultValue: (): { readonly name: string; readonly isDead: (owner: string) => boolean } => ({
    name: "a program",
    isDead: () => false
  })
}) {}

const same = Schema.equivalence(Schema.UndefinedOr(UploadManifest))

const busy = (uploadId: UploadId, { owner, until }: UploadLease, now: number) =>
  new WcsProgressError({
    reason: "Busy",
    uploadId,
    owner,
    until,
    detail: `${owner} works on it; it counts as dead in ${
      Math.ceil((until - now) / 1000)
    } s unless it shows a sign of life`
  })

/**
 * A store for one upload of a program that may stand still, as one that is stopped or sleeps with its machine. Once the
 * time of its lease is over, another may have taken the upload, and even ended it: then nothing more is written.
 */
export const guarded = (store: ProgressStore["Type"]): ProgressStore["Type"] => {
  let held: UploadLease | undefined
  let record: { readonly manifest: UploadManifest | undefined } | undefined

  const intact = (id: UploadId) =>
    Effect.flatMap(
      store.load(id),
      (found) =>
        record === undefined || Option.exists(found, ({ manifest }) => same(manifest, record?.manifest))
          ? Effect.void
          : new WcsProgressError({
            reason: "Busy",
            uploadId: id,
            detail: "another has taken it over and ended it while this program stood still"
          })
    )
  const claim: typeof store.claim = (id, wanted) =>
    Effect.gen(function*() {
      const lapsed = held?.owner === wanted.owner && held.until <= (yield* Clock.currentTimeMillis)
      const lease = yield* store.claim(id, wanted)
      if (lease.owner !== wanted.owner) return lease
      if (lapsed) yield* intact(id)
      held = lease
      return lease
    })
  const sure = (id: UploadId): Effect.Effect<void, WcsProgressError> =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      if (held === undefined || now < held.until) return Effect.void
      const { owner } = held
      return Effect.flatMap(
        claim(id, { owner, until: Math.ceil(now) + Duration.toMillis(leaseTime) }),
        (lease) => lease.owner === owner ? Effect.void : busy(id, lease, now)
      )
    })

  return {
    ...store,
    claim,
    load: (id) =>
      Effect.tap(store.load(id), (found) =>
        Effect.sync(() => {
          if (held !== undefined) record = Option.getOrUndefined(Option.map(found, ({ manifest }) => ({ manifest })))
        })),
    begin: (id, manifest) =>
      Effect.zipRight(
        sure(id),
        Effect.tap(store.begin(id, manifest), () =>
          Effect.sync(() => {
            record = { manifest }
          }))
      ),
    accept: (id, block) => Effect.zipRight(sure(id), store.accept(id, block)),
    finishing: (id) => Effect.zipRight(sure(id), store.finishing(id)),
    refused: (id) => Effect.zipRight(sure(id), store.refused(id)),
    forget: (id) => Effect.zipRight(sure(id), store.forget(id))
  }
}

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

/** Runs with the lease of an upload. It is given back at the end, and fails when another takes it for dead. */
export const hold = <A>(
  { help, me, onBusy, onHelped, run, store, uploadId }: Leased<A>
): Effect.Effect<A, WcsError> => {
  if (store === undefined) return run(undefined)
  return Effect.gen(function*() {
    const owner = `${me.name}:${yield* Random.nextIntBetween(0, Number.MAX_SAFE_INTEGER)}`
    const claim = (options: { readonly dead?: string; readonly join?: boolean } = {}) =>
      Effect.flatMap(
        Clock.currentTimeMillis,
        (now) => store.claim(uploadId, { owner, until: Math.ceil(now) + Duration.toMillis(leaseTime), ...options })
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
        if (onBusy === "refuse") return yield* busy(uploadId, lease, now)
        if (since === undefined) {
          since = now
          yield* Effect.logWarning(`${lease.owner} works on this upload: ${onBusy === "join" ? "helping" : "waiting"}`)
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
            ? Effect.flatMap(Clock.currentTimeMillis, (now) => busy(uploadId, lease, now))
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
