/**
 * Objects of a bucket: what is there, and away with it.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as DateTime from "effect/DateTime"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { ObjectLocation } from "../domain/Entry.ts"
import type { ObjectInfo, ObjectPage } from "../domain/ObjectInfo.ts"
import type { WcsError } from "../domain/WcsError.ts"

/**
 * Which objects to list (protocol 6.2). What is left out is taken from the settings' `list`.
 *
 * @since 0.1.0
 * @category models
 */
export interface ListOptions {
  readonly bucket: string
  /** Keys that begin so; with a `mode`: a folder. */
  readonly prefix?: string | undefined
  /** Where to begin: the marker of the page before. */
  readonly marker?: string | undefined
  /** Objects of a page, 1 to 1000. */
  readonly limit?: number | undefined
  /** One level instead of everything below, files or folders first. */
  readonly mode?: "files-first" | "folders-first" | undefined
  /** Stored at this time or later. */
  readonly startTime?: DateTime.DateTime.Input | undefined
  /** Stored at this time or earlier. */
  readonly endTime?: DateTime.DateTime.Input | undefined
}

/**
 * Operations on objects. Layer: `ObjectsHttp`.
 *
 * @since 0.1.0
 * @category services
 */
export class Objects extends Context.Tag("effect-wcs/Objects")<Objects, {
  /** Describes an object; `WcsNotFound` when there is none (protocol 6.1). */
  readonly stat: (location: ObjectLocation) => Effect.Effect<ObjectInfo, WcsError>
  /** One page. Its size says nothing about whether there are more: `marker` does. */
  readonly list: (options: ListOptions) => Effect.Effect<ObjectPage, WcsError>
  /** Every object from `marker` on, page by page as the stream is pulled. */
  readonly listAll: (options: ListOptions) => Stream.Stream<ObjectInfo, WcsError>
  /** Deletes an object; `WcsNotFound` when there is none (protocol 6.6). */
  readonly delete: (location: ObjectLocation) => Effect.Effect<void, WcsError>
}>() {}
