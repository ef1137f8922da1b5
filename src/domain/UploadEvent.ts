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
 * @since 0.1.0
 * @category constructors
 */
export const UploadEvent = Data.taggedEnum<UploadEvent>()
