import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberRef from "effect/FiberRef"
import type * as Metric from "effect/Metric"
import * as MetricLabel from "effect/MetricLabel"
import * as Option from "effect/Option"
import { isWcsError } from "../domain/WcsError.ts"
import type { Operation } from "../domain/wire/WcsRequest.ts"
import * as WcsMetrics from "../services/WcsMetrics.ts"

type Tags = ReadonlyArray<MetricLabel.MetricLabel>

/**
 * How something ended: `success`, the tag of its error, `interrupted` or `defect`. An error that is not ours, as of a
 * caller's stream, is an `error`: its tag has no bounds.
 */
export const outcomeOf = (exit: Exit.Exit<unknown, unknown>): string =>
  Exit.match(exit, {
    onSuccess: () => "success",
    onFailure: (cause) =>
      Option.match(Cause.failureOption(cause), {
        onSome: (error) => isWcsError(error) ? error._tag : "error",
        onNone: () => Cause.isInterrupted(cause) ? "interrupted" : "defect"
      })
  })

const known = new WeakMap<Tags, Map<string, Tags>>()

/** Tags before those of the program. It is the same array each time, by which a metric finds its counter at once. */
const tagged = (programs: Tags, tags: { readonly operation?: Operation; readonly outcome?: string }): Tags => {
  const name = `${tags.operation} ${tags.outcome}`
  const found = known.get(programs)?.get(name)
  if (found !== undefined) return found
  const made = [...Object.entries(tags).map(([key, value]) => MetricLabel.make(key, value)), ...programs]
  known.set(programs, (known.get(programs) ?? new Map<string, Tags>()).set(name, made))
  return made
}

/** Adds to a counter. */
export const add = (counter: Metric.Metric.Counter<number>, amount: number): Effect.Effect<void> =>
  Effect.withFiberRuntime((fiber) => {
    counter.unsafeUpdate(amount, fiber.getFiberRef(FiberRef.currentMetricLabels))
    return Effect.void
  })

/** Counts an effect while it runs, and tells how it ended after how many seconds. */
const watched = <A, E, R>(
  self: Effect.Effect<A, E, R>,
  inFlight: Metric.Metric.Gauge<number>,
  ended: (exit: Exit.Exit<A, E>, seconds: number, tags: Tags) => void
): Effect.Effect<A, E, R> =>
  // Nothing comes between the first step and the last.
  Effect.uninterruptibleMask((restore) =>
    Effect.withFiberRuntime<A, E, R>((fiber) => {
      const tags = fiber.getFiberRef(FiberRef.currentMetricLabels)
      const clock = Context.get(fiber.getFiberRef(DefaultServices.currentServices), Clock.Clock)
      const began = clock.unsafeCurrentTimeMillis()
      inFlight.unsafeModify(1, tags)
      const end = (exit: Exit.Exit<A, E>) => {
        inFlight.unsafeModify(-1, tags)
        ended(exit, (clock.unsafeCurrentTimeMillis() - began) / 1000, tags)
        return exit
      }
      return Effect.matchCauseEffect(restore(self), {
        onFailure: (cause) => end(Exit.failCause(cause)),
        onSuccess: (value) => end(Exit.succeed(value))
      })
    })
  )

/** Counts a request and takes its time. */
export const request = (operation: Operation) => <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  watched(self, WcsMetrics.requestsInFlight, (exit, seconds, tags) => {
    const outcome = outcomeOf(exit)
    WcsMetrics.requestSeconds.unsafeUpdate(seconds, tagged(tags, { operation }))
    WcsMetrics.requests.unsafeUpdate(1, tagged(tags, { operation, outcome }))
  })

/** Counts an upload and takes its time. */
export const upload = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  watched(self, WcsMetrics.uploadsInFlight, (exit, seconds, tags) => {
    WcsMetrics.uploadSeconds.unsafeUpdate(seconds, tags)
    WcsMetrics.uploads.unsafeUpdate(1, tagged(tags, { outcome: outcomeOf(exit) }))
  })
