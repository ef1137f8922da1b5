import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { WcsError } from "../domain/WcsError.ts"
import * as Retry from "../services/Retry.ts"
import * as WcsMetrics from "../services/WcsMetrics.ts"
import * as metrics from "./metrics.ts"

/** The distance of requests to a host that has throttled once, in milliseconds; it doubles each time. */
const firstDistance = 200

/** The largest distance, in milliseconds. */
const largestDistance = 10_000

/** No request waits longer in all, in milliseconds, whatever the others are told. */
const longestWait = 2 * Duration.toMillis(Retry.longestRetryAfter)

/**
 * What slows all requests of a client to one host down together. After a 429 or 503 none leaves before the time that
 * the answer asks for, and then one at a time, in the order in which they came, at a distance that doubles with each
 * further 429 or 503; the first other answer, be it a refusal, opens the way.
 */
export interface Throttle {
  /** Waits for its turn, runs an attempt, and learns from its end. */
  readonly pace: <A, R>(attempt: Effect.Effect<A, WcsError, R>) => Effect.Effect<A, WcsError, R>
}

/** Milliseconds by a clock that nobody sets. */
const now = Effect.map(Effect.clock, (clock) => Number(clock.unsafeCurrentTimeNanos()) / 1e6)

/** Whether the service has looked at the request, and refused it for what it is. */
const isRefused = (error: WcsError): boolean => "status" in error && !error.isRetryable

/** A throttle that nothing has slowed down yet. */
export const make = (): Throttle => {
  /** When the next request may leave. */
  let next = 0
  /** 0: nothing keeps them apart. */
  let distance = 0
  /** When the service has throttled last: what was sent before does not tell that it is over. */
  let throttled = -1

  const turn = (asked: number): Effect.Effect<number> =>
    Effect.flatMap(now, (now) => {
      // A fraction of a millisecond is no time to sleep.
      const wait = Math.ceil(Math.min(next, asked + longestWait) - now)
      if (wait > 0) {
        const waited = Effect.zipRight(Effect.sleep(wait), metrics.add(WcsMetrics.throttledSeconds, wait / 1000))
        return Effect.zipRight(waited, turn(asked))
      }
      if (distance > 0) next = Math.max(next, now + distance)
      return Effect.succeed(now)
    })

  const open = (left: number) =>
    Effect.sync(() => {
      if (left > throttled) distance = 0
    })

  const slowDown = (left: number, error: WcsError) =>
    error._tag !== "WcsThrottled" ? isRefused(error) ? open(left) : Effect.void : Effect.map(now, (now) => {
      // What was on the way already is told the same once more.
      if (left > throttled) distance = Math.min(largestDistance, Math.max(firstDistance, distance * 2))
      throttled = now
      next = Math.max(next, now + Math.max(distance, Duration.toMillis(Retry.retryAfter(error))))
    })

  return {
    pace: (attempt) =>
      Effect.flatMap(now, turn).pipe(
        Effect.flatMap((left) =>
          Effect.tapBoth(attempt, {
            onFailure: (error) => slowDown(left, error),
            onSuccess: () => open(left)
          })
        )
      )
  }
}
