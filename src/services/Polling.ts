/**
 * How often an asynchronous task is asked whether it has ended, as data.
 *
 * @since 0.1.0
 */
import * as Schedule from "effect/Schedule"
import type { TaskStatus } from "../domain/Task.ts"

/**
 * A schedule of questions; it sees each answer. When it ends before the task does, waiting fails with `WcsTaskPending`.
 *
 * @since 0.1.0
 * @category models
 */
export type PollingSchedule = Schedule.Schedule<unknown, TaskStatus>

/**
 * Half a second, a half longer each time, at most 15 seconds, with jitter of ±20 %; for an hour.
 *
 * @since 0.1.0
 * @category schedules
 */
export const schedule: PollingSchedule = Schedule.exponential("500 millis", 1.5).pipe(
  Schedule.union(Schedule.spaced("15 seconds")),
  Schedule.jittered,
  Schedule.upTo("1 hour")
)

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
