import { Array as Arr, Effect, Either, FastCheck, Schedule } from "effect"
import type { Task, WcsError } from "effect-wcs"
import { Buckets, Entry, FileManager, Live, Media, Objects, Polling } from "effect-wcs"
import { WcsTest } from "effect-wcs/testing"
import { inTime } from "../support/clock.ts"
import { contentOf, keysOf, putAll } from "../support/emulated.ts"

export { emulator, operations } from "../support/emulated.ts"

export const service = (options: WcsTest.Options = {}) => WcsTest.layer({ buckets: ["media", "archive"], ...options })

export const objects = <A, E>(use: (objects: Objects.Objects["Type"]) => Effect.Effect<A, E>) =>
  Effect.flatMap(Objects.Objects, use)

export const buckets = <A, E>(use: (buckets: Buckets.Buckets["Type"]) => Effect.Effect<A, E>) =>
  Effect.flatMap(Buckets.Buckets, use)

export const files = <A, E>(use: (files: FileManager.FileManager["Type"]) => Effect.Effect<A, E>) =>
  Effect.flatMap(FileManager.FileManager, use)

export const media = <A, E>(use: (media: Media.Media["Type"]) => Effect.Effect<A, E>) =>
  Effect.flatMap(Media.Media, use)

export const live = <A, E>(use: (live: Live.Live["Type"]) => Effect.Effect<A, E>) => Effect.flatMap(Live.Live, use)

/** When the tests of this folder begin: whole seconds, as stat tells them. */
export const now = 1_767_323_045_000

export const at = (key: string, bucket = "media"): Entry.ObjectLocation => ({ bucket, key })

/** Stores objects by their keys. */
export const given = (contents: { readonly [key: string]: string }, bucket = "media") => putAll(bucket, contents)

export const keys = (bucket = "media") => keysOf(bucket)

/** What an object holds. */
export const bytesOf = (key: string, bucket = "media") => contentOf({ bucket, key })

export const textOf = (key: string, bucket?: string) => Effect.map(bytesOf(key, bucket), (bytes) => bytes.toString())

/** What was told of a task as it was waited for, each state of it and of its commands once. */
export interface Followed {
  readonly states: ReadonlyArray<Task.TaskState>
  readonly items: ReadonlyArray<string>
  readonly report: Task.TaskReport
}

/** Waits for a task, and writes down what it looked like meanwhile. */
export const follow = <R>(
  wait: (options: Polling.PollingOptions) => Effect.Effect<Task.TaskReport, WcsError.WcsError, R>
): Effect.Effect<Followed, WcsError.WcsError, R> => {
  const seen: Array<Task.TaskStatus> = []
  const schedule = Schedule.tapInput(
    Polling.schedule,
    (status: Task.TaskStatus) => Effect.sync(() => seen.push(status))
  )
  return Effect.map(inTime(wait({ schedule })), (report) => ({
    states: Arr.dedupeAdjacent(seen.map(({ state }) => state)),
    items: Arr.dedupeAdjacent(seen.map(({ items }) => items.map(({ state }) => state).join(" "))),
    report
  }))
}

/** Waits for a file task. */
export const followFiles = (id: string) =>
  Effect.flatMap(FileManager.FileManager, (files) => follow((options) => files.await(id, options)))

/** Waits for a media task. */
export const followMedia = (id: string) =>
  Effect.flatMap(Media.Media, (media) => follow((options) => media.await(id, options)))

/** Text with whatever a URL, a query or Base64 may choke on; not empty, and well-formed Unicode. */
export const anyText = FastCheck.oneof(
  FastCheck.string({ unit: "binary", minLength: 1, maxLength: 20 }),
  FastCheck.string({
    unit: FastCheck.constantFrom(..." &#+%=?'\"/:;,|@$!*()~<>\\^`{}[]"),
    minLength: 1,
    maxLength: 10
  })
)

export const bucketName = anyText.filter((name) => Either.isRight(Entry.bucketName(name)))

export const objectKey = anyText.filter((key) => Either.isRight(Entry.toStore({ bucket: "b", key })))
