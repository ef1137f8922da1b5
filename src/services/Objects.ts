/**
 * Objects of a bucket: what is there, where it is, and how long it stays.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as DateTime from "effect/DateTime"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { ObjectLocation } from "../domain/Entry.ts"
import type { ListMode, ObjectInfo, ObjectPage, PrefetchedObject } from "../domain/ObjectInfo.ts"
import type { Retention } from "../domain/Retention.ts"
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
  readonly mode?: ListMode | undefined
  /** Stored at this time or later. */
  readonly startTime?: DateTime.DateTime.Input | undefined
  /** Stored at this time or earlier. */
  readonly endTime?: DateTime.DateTime.Input | undefined
}

/**
 * Where an object is moved or copied to; without a key it keeps its own.
 *
 * @since 0.1.0
 * @category models
 */
export interface Destination {
  readonly bucket: string
  readonly key?: string | undefined
}

/**
 * What a deadline covers.
 *
 * @since 0.1.0
 * @category models
 */
export interface DeadlineOptions {
  /** Whether the segments of an m3u8 share it. Absent: the service's default, yes. */
  readonly segments?: boolean | undefined
}

/**
 * Operations on objects. Layer: `ObjectsHttp`.
 *
 * @example
 * import { Chunk, Effect, Stream } from "effect"
 * import { Objects } from "effect-wcs"
 * import { Emulator, WcsTest } from "effect-wcs/testing"
 *
 * const program = Effect.gen(function*() {
 *   const emulator = yield* Emulator.Emulator
 *   yield* emulator.putObjects("media", [{ key: "2026/a", content: "a" }, { key: "2026/b", content: "bb" }])
 *   const objects = yield* Objects.Objects
 *   yield* objects.delete({ bucket: "media", key: "2026/a" })
 *   const left = yield* Stream.runCollect(objects.listAll({ bucket: "media", prefix: "2026/" }))
 *   return Chunk.toReadonlyArray(left).map(({ key, size }) => `${key}: ${size}`)
 * })
 * const test = WcsTest.layer({ buckets: ["media"] })
 * assert.deepStrictEqual(await Effect.runPromise(Effect.provide(program, test)), ["2026/b: 2"])
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
  /**
   * Moves an object. The service's pages differ on whether an object that is there is replaced: its documentation says
   * yes (protocol 6.7). Of an m3u8 only the playlist moves. When an answer was lost and a repeat is refused, the error is
   * that of the lost answer: the object may have been moved.
   */
  readonly move: (from: ObjectLocation, to: Destination) => Effect.Effect<void, WcsError>
  /** Copies an object; as `move` where the key is taken (protocol 6.7). */
  readonly copy: (from: ObjectLocation, to: Destination) => Effect.Effect<void, WcsError>
  /** Sets how long an object stays, counted from now (protocol 6.8). */
  readonly setDeadline: (
    location: ObjectLocation,
    retention: Retention,
    options?: DeadlineOptions
  ) => Effect.Effect<void, WcsError>
  /** Refreshes objects from their bucket's mirror source, and says of each how that went (protocol 6.9). */
  readonly prefetch: (
    bucket: string,
    keys: ReadonlyArray<string>
  ) => Effect.Effect<ReadonlyArray<PrefetchedObject>, WcsError>
}>() {}
