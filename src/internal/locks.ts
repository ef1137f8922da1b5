import * as Effect from "effect/Effect"
import * as Hash from "effect/Hash"

const count = 16

/**
 * One at a time for each id, by a fixed number of semaphores that the ids share: nothing grows, and nothing is to be
 * cleaned up. What has begun is not interrupted.
 */
export const makeLocks: Effect.Effect<
  (id: string) => <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
> = Effect.map(Effect.replicateEffect(Effect.makeSemaphore(1), count), (semaphores) => (id) => (self) => {
  const semaphore = semaphores[Math.abs(Hash.string(id)) % count]
  return semaphore === undefined ? self : semaphore.withPermits(1)(Effect.uninterruptible(self))
})
