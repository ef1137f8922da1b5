/**
 * What an upload tells while it runs, enough for a progress bar and a log.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import type { WcsError } from "./WcsError.ts"

/**
 * - `Planned`: what will be sent. `size` and `blocks` are absent for a stream of unknown length.
 * - `Resumed`: blocks that an earlier run sent, and that this one does not send again.
 * - `Chunk`: the service has acknowledged a chunk. `sent` counts the bytes of the whole upload that it holds, resumed
 *   ones included; it never falls.
 * - `Block`: a block is complete and recorded.
 * - `Retrying`: an attempt failed and is repeated after its schedule's delay.
 * - `Restarting`: blocks turned out to be stale and are sent again, once.
 * - `Done`: the object is stored and checked.
 *
 * @since 0.1.0
 * @category models
 */
export type UploadEvent = Data.TaggedEnum<{
  readonly Planned: {
    readonly method: "form" | "block" | "append"
    readonly size?: number | undefined
    readonly blocks?: number | undefined
    readonly uploadId?: string | undefined
  }
  readonly Resumed: { readonly blocks: number; readonly bytes: number }
  readonly Chunk: { readonly block: number; readonly bytes: number; readonly sent: number }
  readonly Block: { readonly block: number; readonly bytes: number }
  readonly Retrying: { readonly operation: string; readonly block?: number | undefined; readonly error: WcsError }
  readonly Restarting: { readonly blocks: number }
  readonly Done: { readonly size: number; readonly etag?: string | undefined }
}>

/**
 * @since 0.1.0
 * @category constructors
 */
export const UploadEvent = Data.taggedEnum<UploadEvent>()
