import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"

/** What the service does of its own accord once a request has changed something: it ends with the emulator. */
export class Background extends Context.Tag("effect-wcs/testing/internal/background")<Background, {
  /**
   * Takes a step without a break, and then does what follows from it to its end, even when the client that waits for it
   * goes away.
   */
  readonly followUp: <A, E, R, A2, E2, R2>(
    step: Effect.Effect<A, E, R>,
    next: (result: A) => Effect.Effect<A2, E2, R2>
  ) => Effect.Effect<A2, E | E2, R | R2>
}>() {}

export const make: Effect.Effect<Background["Type"], never, Scope.Scope> = Effect.map(
  Effect.scope,
  (scope) =>
    Background.of({
      followUp: (step, next) =>
        Effect.uninterruptibleMask((restore) =>
          step.pipe(
            Effect.flatMap((result) => Effect.forkIn(Effect.interruptible(next(result)), scope)),
            Effect.flatMap((fiber) => restore(Fiber.join(fiber)))
          )
        )
    })
)
