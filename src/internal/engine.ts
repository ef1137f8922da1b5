import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { type WcsError, WcsTimeout } from "../domain/WcsError.ts"
import type { Digest } from "../services/Digest.ts"
import type { ProgressStore } from "../services/ProgressStore.ts"
import type { WcsOptions } from "../services/WcsConfig.ts"
import type { WcsHttpClient } from "../services/WcsHttpClient.ts"
import type { LeaseOwner } from "./leaseOwner.ts"

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

/** Bounds a whole upload in time; what is interrupted so keeps its record, if it has one. */
export const bounded =
  ({ uploadTimeout: after }: Engine["config"], uploadId?: string) =>
  <A>(upload: Effect.Effect<A, WcsError>): Effect.Effect<A, WcsError> =>
    Duration.equals(after, Duration.zero) ? upload : Effect.timeoutFail(upload, {
      duration: after,
      onTimeout: () => new WcsTimeout({ operation: "upload", reason: "Upload", after, uploadId })
    })
