import * as Effect from "effect/Effect"
import type { WcsError } from "../domain/WcsError.ts"

/** Where this program may not ask stat: no credentials for it, no domain. */
export const mayNotAsk =
  <B>(otherwise: () => B) => <A, R>(asked: Effect.Effect<A, WcsError, R>): Effect.Effect<A | B, WcsError, R> =>
    Effect.catchTags(asked, {
      WcsMissingCredentials: () => Effect.sync(otherwise),
      WcsUnauthorized: () => Effect.sync(otherwise),
      WcsInvalidInput: () => Effect.sync(otherwise)
    })
