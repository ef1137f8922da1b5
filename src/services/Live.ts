/**
 * Recordings of live channels.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as DateTime from "effect/DateTime"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { LivePage, LiveRecording } from "../domain/LiveRecording.ts"
import type { WcsError } from "../domain/WcsError.ts"

/**
 * Which recordings to list (protocol 9.2).
 *
 * @since 0.1.0
 * @category models
 */
export interface LiveOptions {
  readonly bucket: string
  readonly channel: string
  readonly from: DateTime.DateTime.Input
  /** Not before `from`, and at most seven days after it. */
  readonly to: DateTime.DateTime.Input
  /** Number of the first recording, counted from 1, which is the default. */
  readonly start?: number | undefined
  /** Recordings of a page, 1 or more. Absent: of `list` all that there are, of `listAll` 1000. */
  readonly limit?: number | undefined
}

/**
 * Live recordings. Layer: `LiveHttp`.
 *
 * @since 0.1.0
 * @category services
 */
export class Live extends Context.Tag("effect-wcs/Live")<Live, {
  /** One page of a channel's recordings. */
  readonly list: (options: LiveOptions) => Effect.Effect<LivePage, WcsError>
  /** Every recording from `start` on, page by page as the stream is pulled, until a page has none. */
  readonly listAll: (options: LiveOptions) => Stream.Stream<LiveRecording, WcsError>
}>() {}
