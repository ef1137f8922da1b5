/**
 * When a failed request is repeated, as data.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as MetricLabel from "effect/MetricLabel"
import * as Schedule from "effect/Schedule"
import type { WcsError } from "../domain/WcsError.ts"
import type { Operation } from "../domain/wire/WcsRequest.ts"
import type { Retries } from "./WcsConfig.ts"
import * as WcsMetrics from "./WcsMetrics.ts"

/**
 * A schedule of repeats. Whatever it says, only an error whose `isRetryable` is true is repeated.
 *
 * @since 0.1.0
 * @category models
 */
export type RetrySchedule = Schedule.Schedule<unknown, WcsError>

/**
 * Schedules by what they repeat; one that is absent is the settings'. Each request begins its schedule anew, so that
 * one with three repeats allows three for every block, and not three for the upload.
 *
 * @since 0.1.0
 * @category models
 */
export interface Schedules {
  /** Of the request that begins a block with its first chunk; it begins anew for each block. */
  readonly mkblk?: RetrySchedule
  /** Of the request that sends a further chunk of a block; it begins anew for each chunk. */
  readonly bput?: RetrySchedule
  /** Of the request that joins the blocks into the object, at the end of an upload. */
  readonly mkfile?: RetrySchedule
  /** Of the form, which sends a small file whole, and of the append. */
  readonly upload?: RetrySchedule
  /** Of each request to the management and download domains. */
  readonly request?: RetrySchedule
}

/**
 * What is repeated, and how, beyond the schedule.
 *
 * @since 0.1.0
 * @category models
 */
export interface RetryOptions {
  /** Errors for which it is false are not repeated either. */
  readonly while?: ((error: WcsError) => boolean) | undefined
  /** Asked once before each repeat: whether the schedule begins again, as for an effect that has come further. */
  readonly anew?: (() => boolean) | undefined
}

/**
 * Schedules that take the place of those that the settings' `*_retries` give.
 *
 * @since 0.1.0
 * @category references
 */
export class RetrySchedules extends Context.Reference<RetrySchedules>()("effect-wcs/RetrySchedules", {
  defaultValue: (): Schedules => ({})
}) {}

/**
 * Replaces schedules for one effect; those that are not named stay as they are.
 *
 * @example
 * import { Effect, Schedule } from "effect"
 * import { Retry, Uploader } from "effect-wcs"
 *
 * // Ten more attempts to begin each block, 2 s apart; what is asked of the management domain is asked once.
 * export const program = Effect.flatMap(
 *   Uploader.Uploader,
 *   (uploader) => uploader.putFile("movie.mp4", { bucket: "media", key: "movie.mp4" })
 * ).pipe(
 *   Retry.withSchedules({
 *     mkblk: Schedule.intersect(Schedule.spaced("2 seconds"), Schedule.recurs(10)),
 *     request: Schedule.stop
 *   })
 * )
 *
 * @since 0.1.0
 * @category combinators
 */
export const withSchedules =
  (schedules: Schedules) => <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.flatMap(
      RetrySchedules,
      (current) => Effect.provideService(effect, RetrySchedules, { ...current, ...schedules })
    )

/**
 * Replaces the schedule of mkblk, which begins a block with its first chunk, for one effect. The count is of each block.
 *
 * @example
 * import { Effect } from "effect"
 * import { Retry, Uploader } from "effect-wcs"
 *
 * // Ten more attempts to begin each block, with the usual delays.
 * export const program = Effect.flatMap(
 *   Uploader.Uploader,
 *   (uploader) => uploader.putFile("movie.mp4", { bucket: "media", key: "movie.mp4" })
 * ).pipe(Retry.withMkblk(Retry.schedule(10)))
 *
 * @since 0.1.0
 * @category combinators
 */
export const withMkblk = (mkblk: RetrySchedule) => withSchedules({ mkblk })

/**
 * Replaces the schedule of bput, which sends a further chunk of a block, for one effect. The count is of each chunk.
 *
 * @since 0.1.0
 * @category combinators
 */
export const withBput = (bput: RetrySchedule) => withSchedules({ bput })

/**
 * Replaces the schedule of mkfile, which joins the blocks into the object, for one effect.
 *
 * @since 0.1.0
 * @category combinators
 */
export const withMkfile = (mkfile: RetrySchedule) => withSchedules({ mkfile })

/**
 * Jitter of ±20 %, in whole milliseconds: sums of fractions would miss the end of a time that is given.
 *
 * @since 0.1.0
 * @category combinators
 */
export const jittered = <Out, In>(schedule: Schedule.Schedule<Out, In>): Schedule.Schedule<Out, In> =>
  Schedule.modifyDelay(Schedule.jittered(schedule), (_, delay) => Math.round(Duration.toMillis(delay)))

/**
 * The delays: 200 ms, doubled each time, with jitter of ±20 %, at most 10 s.
 *
 * @since 0.1.0
 * @category schedules
 */
export const backoff: Schedule.Schedule<unknown> = Schedule.exponential("200 millis").pipe(
  Schedule.union(Schedule.spaced("10 seconds")),
  jittered
)

/**
 * The longest `Retry-After` that is obeyed; a service that asks for more is asked again after this.
 *
 * @since 0.1.0
 * @category constants
 */
export const longestRetryAfter: Duration.Duration = Duration.minutes(2)

/**
 * How long an error asks to wait, up to `longestRetryAfter`.
 *
 * @since 0.1.0
 * @category conversions
 */
export const retryAfter = (error: WcsError): Duration.Duration =>
  "retryAfter" in error && error.retryAfter ? Duration.min(error.retryAfter, longestRetryAfter) : Duration.zero

/**
 * `retries` repeats after `backoff`, later where the answer's `Retry-After` says so.
 *
 * @since 0.1.0
 * @category schedules
 */
export const schedule = (retries: number): RetrySchedule =>
  Schedule.identity<WcsError>().pipe(
    Schedule.intersect(backoff),
    Schedule.modifyDelay(([error], delay) => Duration.max(delay, retryAfter(error))),
    Schedule.intersect(Schedule.recurs(retries))
  )

/** The schedule of an operation: the one that the program brings, else that of the settings. */
const scheduleFor = (operation: Operation, retries: Retries): Effect.Effect<RetrySchedule> =>
  Effect.map(RetrySchedules, (schedules) => {
    switch (operation) {
      case "mkblk":
      case "bput":
      case "mkfile":
        return schedules[operation] ?? schedule(retries[operation])
      case "upload":
      case "append":
        return schedules.upload ?? schedule(retries.connect)
      default:
        return schedules.request ?? schedule(retries.connect)
    }
  })

/** The same schedule, begun again at each step for which `anew` is true. */
const renewed = (schedule: RetrySchedule, anew: () => boolean): RetrySchedule =>
  Schedule.makeWithState(
    schedule.initial,
    (now, error, state) => schedule.step(now, error, anew() ? schedule.initial : state)
  )

/** Tells that an operation is repeated, and why: an event of the current span, and a metric. */
const counted = (operation: Operation, { _tag }: WcsError): Effect.Effect<void> =>
  Effect.zipRight(
    Metric.increment(
      Metric.taggedWithLabels(WcsMetrics.retries, [
        MetricLabel.make("operation", operation),
        MetricLabel.make("reason", _tag)
      ])
    ),
    Effect.ignore(Effect.zipWith(Effect.currentSpan, Effect.clock, (span, clock) =>
      span.event("retry", clock.unsafeCurrentTimeNanos(), { "error.type": _tag })))
  )

/**
 * Repeats an effect by the schedule of its operation, read when the effect runs, while its errors are retryable.
 *
 * @since 0.1.0
 * @category combinators
 */
export const retry =
  (operation: Operation, retries: Retries, options: RetryOptions = {}) =>
  <A, R>(effect: Effect.Effect<A, WcsError, R>): Effect.Effect<A, WcsError, R> => {
    const repeated = (error: WcsError) => error.isRetryable && options.while?.(error) !== false
    // A schedule is looked for, and its state made, where there is something to repeat.
    return Effect.catchIf(effect, repeated, (error) => {
      let failure: WcsError | undefined
      const failed = (error: WcsError) => {
        failure = error
        return Effect.fail(error)
      }
      const again = Effect.suspend(() =>
        failure === undefined
          ? failed(error)
          : Effect.zipRight(counted(operation, failure), Effect.catchAll(effect, failed))
      )
      return Effect.flatMap(
        scheduleFor(operation, retries),
        (schedule) =>
          Effect.retry(again, {
            schedule: options.anew === undefined ? schedule : renewed(schedule, options.anew),
            while: repeated
          })
      )
    })
  }

/**
 * Replaces schedules for every effect that the layer is provided to.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (schedules: Schedules): Layer.Layer<never> => Layer.succeed(RetrySchedules, schedules)
