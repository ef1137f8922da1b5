/**
 * What an emulator tells of its tasks.
 *
 * @since 0.1.0
 */
import type { OperationName } from "./EmulatorRequest.ts"

/**
 * One command of a task, and what became of it.
 *
 * @since 0.1.0
 * @category models
 */
export interface EmulatorTaskItem {
  /** The command as it was sent. */
  readonly cmd: string
  /** 0 waiting, 1 running, 2 failed, 3 succeeded. */
  readonly code: 0 | 1 | 2 | 3
  /** Why it failed. */
  readonly error: string | null
  /** The key of the object that was made, or is gone. */
  readonly key?: string | undefined
  /** The etag of what was made. */
  readonly hash?: string | undefined
  /** Its bytes. */
  readonly fsize?: number | undefined
  /** Its download URL. */
  readonly url?: string | undefined
  /** The keys of what was unpacked. */
  readonly decompresslist?: ReadonlyArray<string> | undefined
}

/**
 * The object that a media task reads.
 *
 * @since 0.1.0
 * @category models
 */
export interface EmulatorTaskInput {
  readonly bucket: string
  readonly key: string
  /** Bytes. */
  readonly fsize: number
}

/**
 * An asynchronous task (protocol 7, 8).
 *
 * @since 0.1.0
 * @category models
 */
export interface EmulatorTask {
  /** The `persistentId`. */
  readonly id: string
  /** What started it. */
  readonly operation: OperationName
  /** 0 waiting, 1 running, 3 done, 4 notifying, 5 notification failed, 6 notified. */
  readonly code: 0 | 1 | 3 | 4 | 5 | 6
  /** Whether each command is notified of by itself. */
  readonly separate: boolean
  readonly notifyUrl: string | undefined
  /** The object that a media task reads. */
  readonly input: EmulatorTaskInput | undefined
  readonly items: ReadonlyArray<EmulatorTaskItem>
}
