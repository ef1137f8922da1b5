/**
 * What an upload tells while it runs, enough for a progress bar and a log.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import type { WcsError } from "./WcsError.ts"

/**
 * What will be sent.
 *
 * @since 0.1.0
 * @category models
 */
export interface Planned {
  readonly _tag: "Planned"
  readonly method: "form" | "block" | "append"
  /** Bytes in all; absent for a stream of unknown length. */
  readonly size?: number | undefined
  /** Absent for a stream of unknown length, and for what is not cut into blocks. */
  readonly blocks?: number | undefined
  readonly uploadId?: string | undefined
}

/**
 * Blocks that an earlier run sent, and that this one does not send again.
 *
 * @since 0.1.0
 * @category models
 */
export interface Resumed {
  readonly _tag: "Resumed"
  readonly blocks: number
  readonly bytes: number
}

/**
 * The service has acknowledged a chunk.
 *
 * @since 0.1.0
 * @category models
 */
export interface Chunk {
  readonly _tag: "Chunk"
  readonly block: number
  readonly bytes: number
  /** The bytes of the whole upload that the service holds, resumed ones included; it never falls. */
  readonly sent: number
}

/**
 * A block is complete and recorded.
 *
 * @since 0.1.0
 * @category models
 */
export interface Block {
  readonly _tag: "Block"
  readonly block: number
  readonly bytes: number
}

/**
 * An attempt failed and is repeated after its schedule's delay.
 *
 * @since 0.1.0
 * @category models
 */
export interface Retrying {
  readonly _tag: "Retrying"
  readonly operation: string
  readonly block?: number | undefined
  readonly error: WcsError
}

/**
 * Blocks turned out to be stale and are sent again, once.
 *
 * @since 0.1.0
 * @category models
 */
export interface Restarting {
  readonly _tag: "Restarting"
  readonly blocks: number
}

/**
 * The object is stored and checked.
 *
 * @since 0.1.0
 * @category models
 */
export interface Done {
  readonly _tag: "Done"
  readonly size: number
  readonly etag?: string | undefined
}

/**
 * What an upload tells while it runs.
 *
 * @since 0.1.0
 * @category models
 */
export type UploadEvent = Planned | Resumed | Chunk | Block | Retrying | Restarting | Done

/**
 * What makes events and tells them apart.
 *
 * @since 0.1.0
 * @category models
 */
export interface UploadEvents extends Data.TaggedEnum.Constructor<UploadEvent> {
  /** Whether something is an event of this kind: `UploadEvent.$is("Retrying")`. */
  readonly $is: Data.TaggedEnum.Constructor<UploadEvent>["$is"]
  /**
   * Tells events apart: one function for each kind, and the result is that of the event's own. With `onProgress` each
   * gives an effect; a kind that does not matter is `() => Effect.void`.
   *
   * @example
   * import { Console, Effect } from "effect"
   * import { UploadEvent } from "effect-wcs"
   *
   * const nothing = () => Effect.void
   * export const onProgress = UploadEvent.UploadEvent.$match({
   *   Planned: ({ size }) => Console.log(`${size ?? "unknown"} bytes to send`),
   *   Resumed: ({ blocks }) => Console.log(`${blocks} blocks were sent before`),
   *   Chunk: ({ sent }) => Console.log(`${sent} bytes are there`),
   *   Block: nothing,
   *   Retrying: ({ error, operation }) => Console.log(`${operation} again: ${error.message}`),
   *   Restarting: nothing,
   *   Done: ({ etag }) => Console.log(`stored, etag ${etag}`)
   * })
   */
  readonly $match: Data.TaggedEnum.Constructor<UploadEvent>["$match"]
}

/**
 * Makes events and tells them apart.
 *
 * @since 0.1.0
 * @category constructors
 */
export const UploadEvent: UploadEvents = Data.taggedEnum<UploadEvent>()
