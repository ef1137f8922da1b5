import type * as Effect from "effect/Effect"
import type { Digest } from "../services/Digest.ts"
import type { ProgressStore } from "../services/ProgressStore.ts"
import type { WcsOptions } from "../services/WcsConfig.ts"
import type { WcsHttpClient } from "../services/WcsHttpClient.ts"
import type { LeaseOwner } from "./uploadLease.ts"

/** What all uploads stand on. */
export interface Engine {
  readonly config: WcsOptions
  readonly client: WcsHttpClient["Type"]
  readonly digest: Digest["Type"]
  readonly store: ProgressStore["Type"]
  /** This program among the owners of uploads. */
  readonly owner: LeaseOwner["Type"]
  /** Waits for a place among all requests of uploads. Whoever has one must not wait for another. */
  readonly gate: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}
