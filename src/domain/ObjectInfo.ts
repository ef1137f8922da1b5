/**
 * What the service says of an object (protocol 6.1, 6.2).
 *
 * @since 0.1.0
 */
import type * as DateTime from "effect/DateTime"
import type * as Option from "effect/Option"

/**
 * An object as `stat` and the listings describe it.
 *
 * @since 0.1.0
 * @category models
 */
export interface ObjectInfo {
  readonly key: string
  /** Bytes. */
  readonly size: number
  /** The etag of its content (protocol 11.1); of an appended object the algorithm is unknown. */
  readonly etag: string
  readonly mimeType: string
  /** When it was stored; `stat` knows whole seconds, a listing milliseconds. */
  readonly putTime: DateTime.Utc
  /** When it will be deleted; `None`: never. */
  readonly expires: Option.Option<DateTime.Utc>
  readonly storageClass: Option.Option<string>
  /** Where the next append begins, in bytes; `None`: not appendable, or described by a listing, which does not tell. */
  readonly nextAppendPosition: Option.Option<number>
}

/**
 * The order of a listing of one level, with its folders in it.
 *
 * @since 0.1.0
 * @category models
 */
export type ListMode = "files-first" | "folders-first"

/**
 * One page of a listing.
 *
 * @since 0.1.0
 * @category models
 */
export interface ObjectPage {
  readonly objects: ReadonlyArray<ObjectInfo>
  /** Folders of this level, when the listing was asked for by level (`mode`). */
  readonly folders: ReadonlyArray<string>
  /** Where the next page begins; `None` on the last one. Opaque. */
  readonly marker: Option.Option<string>
}

/**
 * An object that was to be refreshed from its bucket's mirror source (protocol 6.9).
 *
 * @since 0.1.0
 * @category models
 */
export interface PrefetchedObject {
  readonly key: string
  /** Where it comes from; empty when the service does not tell. */
  readonly mirrorAddress: string
  /** The service's code for this object, such as `200`. */
  readonly code: string
  readonly message: string
}
