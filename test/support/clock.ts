import { type Duration, Effect, Fiber, Option, TestClock } from "effect"

/** Runs an effect with as much of the test's time as it wants, a step at a time. */
export const inTime = <A, E, R>(effect: Effect.Effect<A, E, R>, step: Duration.DurationInput = "1 second") =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(effect)
    while (Option.isNone(yield* Fiber.poll(fiber))) {
      yield* TestClock.adjust(step)
      // Digests and the like finish outside of the test's clock.
      yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
    }
    return yield* Fiber.join(fiber)
  })
