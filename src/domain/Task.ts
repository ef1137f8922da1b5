/**
 * Asynchronous tasks: what fmgr and fops start, and how they are doing (protocol 7.9, 8.2).
 *
 * @since 0.1.0
 */
import type * as Either from "effect/Either"
import type * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { ObjectLocation } from "./Entry.ts"
import * as Input from "./Input.ts"
import type { WcsInvalidInput } from "./WcsError.ts"

/**
 * The id of a task; opaque.
 *
 * @since 0.1.0
 * @category schemas
 */
export const PersistentId = Schema.String.pipe(
  Schema.filter((id) =>
    (id !== "" && id.length <= 1024 && id.isWellFormed()) || "is what the service answered, not empty"
  ),
  Schema.brand("effect-wcs/PersistentId")
)

/**
 * @since 0.1.0
 * @category models
 */
export type PersistentId = typeof PersistentId.Type

/**
 * Checks an id that was written down.
 *
 * @since 0.1.0
 * @category constructors
 */
export const persistentId: (id: string) => Either.Either<PersistentId, WcsInvalidInput> = Input.check(
  "persistentId",
  PersistentId
)

/**
 * How a task is run. What is left out is taken from the settings' `tasks`.
 *
 * @since 0.1.0
 * @category models
 */
export interface TaskOptions {
  /** Where the result is sent; `Callbacks.notification` reads it. */
  readonly notifyUrl?: string | undefined
  /** A notification for each command instead of one at the end. */
  readonly separate?: boolean | undefined
  /** Whether a target that exists is replaced; otherwise its command fails. */
  readonly force?: boolean | undefined
}

/**
 * Where a task is. `done`: all its commands have ended, well or not; the states after it are those of its notification.
 *
 * @since 0.1.0
 * @category models
 */
export type TaskState = "waiting" | "running" | "done" | "notifying" | "notification-failed" | "notified" | "unknown"

/**
 * Where a command of a task is. What is neither known to have succeeded nor still under way counts as not succeeded.
 *
 * @since 0.1.0
 * @category models
 */
export type ItemState = "waiting" | "running" | "failed" | "succeeded" | "unknown"

/**
 * One command of a task, and what became of it.
 *
 * @since 0.1.0
 * @category models
 */
export interface TaskItem {
  /** The command as it was sent. */
  readonly command: string
  readonly state: ItemState
  readonly description: string
  readonly error: Option.Option<string>
  /** The key that was made or worked on. */
  readonly key: Option.Option<string>
  readonly etag: Option.Option<string>
  /** Bytes. */
  readonly size: Option.Option<number>
  readonly url: Option.Option<string>
  /** Every member of the item, such as `costTime`, `resolution` or `decompresslist`, as it came. */
  readonly fields: { readonly [name: string]: unknown }
}

/**
 * The object that a media task reads.
 *
 * @since 0.1.0
 * @category models
 */
export interface TaskSource extends ObjectLocation {
  /** Bytes. */
  readonly size: Option.Option<number>
}

/**
 * A task and its commands.
 *
 * @since 0.1.0
 * @category models
 */
export interface TaskStatus {
  readonly id: string
  readonly state: TaskState
  readonly description: string
  readonly items: ReadonlyArray<TaskItem>
  /** The object that a media task reads. */
  readonly source: Option.Option<TaskSource>
}

/**
 * A task that has ended: which commands succeeded, and which did not.
 *
 * @since 0.1.0
 * @category models
 */
export interface TaskReport extends TaskStatus {
  readonly succeeded: ReadonlyArray<TaskItem>
  /** Those that failed, and those of which the service does not say that they succeeded. */
  readonly failed: ReadonlyArray<TaskItem>
}

/**
 * Whether a task has ended; how well, its items tell. A task in a state of no known meaning has ended when none of its
 * commands waits or runs.
 *
 * @since 0.1.0
 * @category guards
 */
export const hasEnded = (status: TaskStatus): boolean =>
  status.state === "unknown" ? !status.items.some(({ state }) => isUnderWay(state)) : !isUnderWay(status.state)

const isUnderWay = (state: TaskState | ItemState): boolean => state === "waiting" || state === "running"

/**
 * Sorts the commands of a task that has ended by their outcome.
 *
 * @since 0.1.0
 * @category constructors
 */
export const report = (status: TaskStatus): TaskReport => ({
  ...status,
  succeeded: status.items.filter(({ state }) => state === "succeeded"),
  failed: status.items.filter(({ state }) => state !== "succeeded")
})
