/**
 * Asynchronous file management: batches of commands that the service carries out on its own (protocol 7).
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { ObjectLocation } from "../domain/Entry.ts"
import type { Compress, DeleteM3u8, DeletePrefix, Fetch, SetDeadline, Transfer } from "../domain/FileCommand.ts"
import type { PersistentId, TaskOptions, TaskReport, TaskStatus } from "../domain/Task.ts"
import type { WcsError } from "../domain/WcsError.ts"
import type { PollingOptions } from "./Polling.ts"

/**
 * Starts a batch of one or more commands, and tells its id.
 *
 * A start whose answer was lost is sent again only where a second run finds nothing left to do: deletions and deadlines.
 * Otherwise the error comes back, and the task may run.
 *
 * @since 0.1.0
 * @category models
 */
export type Start<Command> = (
  commands: ReadonlyArray<Command>,
  options?: TaskOptions
) => Effect.Effect<PersistentId, WcsError>

/**
 * Asynchronous file management. Layer: `FileManagerHttp`.
 *
 * @example
 * import { Effect } from "effect"
 * import { FileManager } from "effect-wcs"
 * import { Emulator, WcsTest } from "effect-wcs/testing"
 *
 * const program = Effect.gen(function*() {
 *   const emulator = yield* Emulator.Emulator
 *   yield* emulator.putObject({ bucket: "drafts", key: "film.mp4" }, "a film")
 *   const files = yield* FileManager.FileManager
 *   const id = yield* files.copy([
 *     { from: { bucket: "drafts", key: "film.mp4" }, to: { bucket: "media" } },
 *     { from: { bucket: "drafts", key: "missing.mp4" }, to: { bucket: "media" } }
 *   ])
 *   const { failed, succeeded } = yield* files.await(id)
 *   return [succeeded.length, failed.length]
 * })
 * const test = WcsTest.layer({ buckets: ["drafts", "media"] })
 * assert.deepStrictEqual(await Effect.runPromise(Effect.provide(program, test)), [1, 1])
 *
 * @since 0.1.0
 * @category services
 */
export class FileManager extends Context.Tag("effect-wcs/FileManager")<FileManager, {
  /** Moves objects (protocol 7.3). */
  readonly move: Start<Transfer>
  /** Copies objects (protocol 7.3). */
  readonly copy: Start<Transfer>
  /** Has the service fetch URLs (protocol 7.2). */
  readonly fetch: Start<Fetch>
  /** Deletes objects; a missing one counts as deleted (protocol 7.5). */
  readonly delete: Start<ObjectLocation>
  /** Deletes everything below folders (protocol 7.6). */
  readonly deletePrefix: Start<DeletePrefix>
  /** Deletes playlists and their segments (protocol 7.7). */
  readonly deleteM3u8: Start<DeleteM3u8>
  /** Sets how long the objects of folders or of whole buckets stay, counted from now (protocol 7.8). */
  readonly setDeadline: Start<SetDeadline>
  /** Packs objects into ZIP archives (protocol 7.8). */
  readonly compress: Start<Compress>
  /** How a task is doing; `WcsNotFound` for an id that the service does not know (protocol 7.9). */
  readonly status: (id: string) => Effect.Effect<TaskStatus, WcsError>
  /** Waits for a task's end, and tells every command's outcome. `WcsTaskPending` when the schedule ends first. */
  readonly await: (id: string, options?: PollingOptions) => Effect.Effect<TaskReport, WcsError>
}>() {}
