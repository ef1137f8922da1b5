import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Effect from "effect/Effect"
import * as Tracer from "effect/Tracer"

/** The tracer of a program that has chosen none: its spans lead nowhere. */
const nowhere = Context.get(DefaultServices.liveServices, Tracer.Tracer)

/** A span of what happens for each block, where somebody traces: else it would cost more than the sending itself. */
export const withSpan =
  (name: string, options?: Tracer.SpanOptions) => <A, E>(self: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.tracerWith((tracer) =>
      tracer === nowhere ? self : Effect.withSpan(self, name, { ...options, captureStackTrace: false })
    )
