import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { type UploadId, type UploadLease, UploadManifest } from "../domain/UploadRecord.ts"
import { WcsProgressError } from "../domain/WcsError.ts"
import type { ProgressStore } from "../services/ProgressStore.ts"
import { busy, leaseEnd, type LeaseOwner } from "./leaseOwner.ts"

const same = Schema.equivalence(Schema.UndefinedOr(UploadManifest))

/**
 * A store for one upload of a program that may stand still, as one that is stopped or sleeps with its machine. Once the
 * time of its lease is over, another may have taken the upload, and even ended it: then nothing more is written.
 */
export const make = (store: ProgressStore["Type"], me: LeaseOwner["Type"]): ProgressStore["Type"] => {
  let mine: UploadLease | undefined
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
      const lapsed = mine?.owner === wanted.owner && mine.until <= (yield* Clock.currentTimeMillis)
      const lease = yield* store.claim(id, wanted)
      if (lease.owner !== wanted.owner) return lease
      if (lapsed) yield* intact(id)
      mine = lease
      return lease
    })
  const sure = (id: UploadId): Effect.Effect<void, WcsProgressError> =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      if (mine === undefined || now < mine.until) return Effect.void
      const { owner } = mine
      return Effect.flatMap(
        claim(id, { owner, until: leaseEnd(now) }),
        (lease) => lease.owner === owner ? Effect.void : busy(me, id, lease, now)
      )
    })

  return {
    ...store,
    claim,
    load: (id) =>
      Effect.tap(store.load(id), (found) =>
        Effect.sync(() => {
          if (mine !== undefined) record = Option.getOrUndefined(Option.map(found, ({ manifest }) => ({ manifest })))
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
