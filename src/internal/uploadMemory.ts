import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { WcsProgressError } from "../domain/WcsError.ts"
import type { ProgressStore } from "../services/ProgressStore.ts"
import type { Engine } from "./engine.ts"
import * as guardedStore from "./guardedStore.ts"

type Store = ProgressStore["Type"]

const warn = (message: string, error: WcsProgressError) =>
  Effect.annotateLogs(Effect.logWarning(message, error), { package: "effect-wcs", module: "Uploader" })

/**
 * The memory of one upload. With `warn` the upload goes on without it from the first failure on: what follows is not
 * recorded either, or a record could be in parts of two uploads. However it is, a record that outlives its upload is no
 * failure of the upload.
 */
export const make = (engine: Pick<Engine, "store" | "owner">, onFailure: "fail" | "warn"): Store => {
  const store = guardedStore.make(engine.store, engine.owner)
  let lost = false
  let mayBeAnothers = false
  let claimed = false
  const lose = (error: WcsProgressError) =>
    Effect.suspend(() => {
      if (onFailure === "fail") return Effect.fail(error)
      if (lost) return Effect.void
      lost = true
      return warn("the upload goes on, but what is sent from now on is sent again if it has to be resumed", error)
    })
  const unlessLost = (write: Effect.Effect<void, WcsProgressError>) =>
    Effect.suspend(() => lost ? Effect.void : Effect.catchAll(write, lose))
  return {
    ...store,
    claim: (id, claim) =>
      Effect.tap(store.claim(id, claim), () =>
        Effect.sync(() => {
          claimed = true
        })).pipe(
          // A lease that cannot be had is that of a record that nobody keeps; one that cannot be renewed may be again.
          Effect.catchAll((error) => {
            if (claimed) return Effect.fail(error)
            mayBeAnothers = true
            return Effect.as(lose(error), { owner: claim.owner, until: claim.until, shared: false })
          })
        ),
    load: (id) =>
      Effect.catchAll(store.load(id), (error) => {
        mayBeAnothers = true
        return Effect.as(lose(error), Option.none())
      }),
    begin: (id, manifest) => unlessLost(store.begin(id, manifest)),
    accept: (id, block) => unlessLost(store.accept(id, block)),
    finishing: (id) => unlessLost(store.finishing(id)),
    // The refusal is what the caller is told.
    refused: (id) => lost ? Effect.void : Effect.ignore(store.refused(id)),
    forget: (id) =>
      // What could not be read, or leased, is not to be thrown away.
      Effect.suspend(() =>
        mayBeAnothers
          ? Effect.void
          : Effect.catchAll(
            store.forget(id),
            (error) => warn("the record of an upload that has ended is left behind", error)
          )
      )
  }
}
