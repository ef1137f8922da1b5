import * as Effect from "effect/Effect"

/** Lets one at a time do something for each name. A name that nobody waits for takes no memory. */
export const make = (): (name: string) => <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R> => {
  const turns = new Map<string, { readonly permit: Effect.Semaphore; users: number }>()
  return (name) => (self) =>
    Effect.acquireUseRelease(
      Effect.sync(() => {
        const turn = turns.get(name) ?? { permit: Effect.unsafeMakeSemaphore(1), users: 0 }
        turns.set(name, turn)
        turn.users += 1
        return turn
      }),
      ({ permit }) => permit.withPermits(1)(self),
      (turn) =>
        Effect.sync(() => {
          turn.users -= 1
          if (turn.users === 0) turns.delete(name)
        })
    )
}
