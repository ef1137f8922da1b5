/**
 * How often an asynchronous task is asked whether it has ended, as data.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Schedule from "effect/Schedule"
import type { TaskStatus } from "../domain/Task.ts"
import * as Retry from "./Retry.ts"

/**
 * A schedule of questions; it sees each answer. When it ends before the task does, waiting fails with `WcsTaskPending`.
 *
 * @since 0.1.0
 * @category models
 */
export type PollingSchedule = Schedule.Schedule<unknown, TaskStatus>

/**
 * How a task is waited for.
 *
 * @since 0.1.0
 * @category models
 */
export interface PollingOptions {
  /** Absent: `schedule`. */
  readonly schedule?: PollingSchedule | undefined
}

/**
 * Half a second, a half longer each time, at most 15 seconds, with jitter of ±20 %; for as long as is said. The last
 * question is asked at the end of that time.
 *
 * @example
 * import { Effect } from "effect"
 * import { FileManager, Polling } from "effect-wcs"
 *
 * export const wait = (id: string) =>
 *   Effect.gen(function*() {
 *     const files = yield* FileManager.FileManager
 *     return yield* files.await(id, { schedule: Polling.upTo("10 minutes") })
 *   }).pipe(Effect.catchTag("WcsTaskPending", () => Effect.succeed("it goes on")))
 *
 * @since 0.1.0
 * @category schedules
 */
export const upTo = (limit: Duration.DurationInput): PollingSchedule =>
  Schedule.exponential("500 millis", 1.5).pipe(
    Schedule.union(Schedule.spaced("15 seconds")),
    Retry.jittered,
    Schedule.intersect(Schedule.elapsed),
    Schedule.modifyDelay(([, elapsed], delay) => Duration.min(delay, Duration.subtract(limit, elapsed))),
    Schedule.whileOutput(([, elapsed]) => Duration.lessThan(elapsed, limit))
  )

/**
 * `upTo` an hour.
 *
 * @since 0.1.0
 * @category schedules
 */
export const schedule: PollingSchedule = upTo("1 hour")
