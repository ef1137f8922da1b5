import { Chunk, Effect, Fiber, Order, TestClock } from "effect"

/** Whether the process waits for the disk. */
const diskIsBusy = () => process.getActiveResourcesInfo().some((resource) => resource.startsWith("FSReq"))

const tick = Effect.promise(() => new Promise<void>((resolve) => setTimeout(resolve, 1)))

/** Waits until everything that does not wait for the clock has come to rest. */
const rest: Effect.Effect<void> = Effect.gen(function*() {
  for (let quiet = 0; quiet < 3;) {
    yield* tick
    quiet = diskIsBusy() ? 0 : quiet + 1
  }
})

/** Runs an effect, moving the test's clock from one sleeper to the next whenever nothing else is left to wait for. */
export const run = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(effect)
    for (let steps = 0; fiber.unsafePoll() === null; steps++) {
      yield* rest
      const now = yield* TestClock.currentTimeMillis
      const next = Chunk.sort(Chunk.filter(yield* TestClock.sleeps(), (time) => time > now), Order.number)
      if (Chunk.isNonEmpty(next)) yield* TestClock.setTime(Chunk.headNonEmpty(next))
      else if (steps > 10_000) return yield* Effect.dieMessage("the call neither ends nor waits for the clock")
    }
    return yield* Fiber.join(fiber)
  })
