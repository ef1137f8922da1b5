import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Tracer from "effect/Tracer"
import { outcomeOf } from "./metrics.ts"

/** The tracer of a program that has chosen none: its spans lead nowhere. */
const nowhere = Context.get(DefaultServices.liveServices, Tracer.Tracer)

/** What a span says of itself. */
export interface Attributes {
  readonly [name: string]: string | number | undefined
}

/** Says on the current span what is known when an effect ends; `error.type` where it failed. Only where somebody traces. */
export const annotated =
  (facts: () => Attributes = () => ({})) => <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.tracerWith((tracer) =>
      tracer === nowhere ? self : Effect.onExit(self, (exit) => {
        const all = { ...facts(), ...(Exit.isFailure(exit) && { "error.type": outcomeOf(exit) }) }
        return Effect.annotateCurrentSpan(
          Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
        )
      })
    )

/**
 * A span of what happens for each block, where somebody traces: else it would cost more than the sending itself. `facts`
 * are told at its end.
 */
export const withSpan = (
  name: string,
  options?: Tracer.SpanOptions,
  facts?: () => Attributes
) =>
<A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.tracerWith((tracer) =>
    tracer === nowhere ? self : Effect.withSpan(annotated(facts)(self), name, { ...options, captureStackTrace: false })
  )
