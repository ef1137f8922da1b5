/**
 * A local folder and a folder of the service made alike, one way or the other.
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { WcsFileError } from "../domain/WcsError.ts"
import * as folderWalk from "../internal/folderWalk.ts"
import * as localTarget from "../internal/localTarget.ts"
import { Objects } from "../services/Objects.ts"
import type { IsMeant } from "./Globs.ts"
import type { Outcomes } from "./Outcomes.ts"
import * as RemoteFolder from "./RemoteFolder.ts"

/** What is made alike. */
export interface Job {
  readonly folder: string
  readonly remote: RemoteFolder.RemoteFolder
  readonly isMeant: IsMeant
  /** Whether what is only in the target goes. */
  readonly deletes: boolean
  /** Whether what differs in the target is replaced. */
  readonly overwrites: boolean
  /** Files at once. */
  readonly concurrency: number
}

/** A file that something is to be done with. */
export interface File {
  readonly path: string
  readonly key: string
  readonly size: number
}

const fileOf = ({ info: { key, size }, path }: RemoteFolder.Listed): File => ({ path, key, size })

/** The files of the local folder. What is none, or cannot be read, is told of. */
const walk = ({ folder, isMeant, remote }: Job, outcomes: Outcomes) =>
  Effect.gen(function*() {
    const local = { fs: yield* FileSystem.FileSystem, paths: yield* Path.Path }
    const files = new Map<string, File>()
    const unusable = new Set<string>()
    for (const { error, path, size } of yield* folderWalk.walk(local, folder, ({ path }) => isMeant(path))) {
      if (error === undefined) {
        files.set(path, { path, size, key: remote.prefix + path })
      } else if (isMeant(path, "folder")) {
        unusable.add(path)
        yield* outcomes.add({ outcome: "failed", path, error })
      }
    }
    return { files, unusable }
  })

/**
 * Compares the folders, the local one as the source: what is to be sent, and what is only in the service. What is alike,
 * and what cannot be read, is told of at once.
 */
export const planUp = (job: Job, outcomes: Outcomes) =>
  Effect.gen(function*() {
    const { concurrency, deletes, folder, isMeant, overwrites, remote } = job
    const objects = yield* Objects
    const { files, unusable } = yield* walk(job, outcomes)
    const needed = new Map(files)
    const extras: Array<File> = []
    yield* RemoteFolder.list(remote, isMeant, { mustExist: false }).pipe(
      Stream.mapEffect((listed) => {
        const file = fileOf(listed)
        if (!files.has(file.path)) {
          return Effect.sync(() => void (deletes && !unusable.has(file.path) && extras.push(file)))
        }
        return RemoteFolder.isSame(folderWalk.below(folder, file.path), listed.info).pipe(
          // What cannot be read fails when it is sent.
          Effect.orElseSucceed(() => false),
          Effect.flatMap((same) => {
            if (!same && overwrites) return Effect.void
            needed.delete(file.path)
            return outcomes.add({ outcome: same ? "unchanged" : "kept", ...file })
          })
        )
      }, { concurrency, unordered: true }),
      Stream.runDrain
    )

    const transfer = Effect.gen(function*() {
      const met = new Set<string>()
      yield* RemoteFolder.send(
        folder,
        remote,
        (path) => needed.has(path) && met.add(path).has(path),
        { ...outcomes, add: (outcome) => unusable.has(outcome.path) ? Effect.void : outcomes.add(outcome) },
        { policy: { overwrite: overwrites }, existing: "send", files: concurrency }
      )
      for (const { key, path } of needed.values()) {
        if (met.has(path)) continue
        const error = new WcsFileError({ reason: "Changed", path, detail: "is no longer there" })
        yield* outcomes.add({ outcome: "failed", path, key, error })
      }
    })
    return {
      isEmpty: files.size === 0,
      transfers: [...needed.values()],
      extras,
      transfer,
      remove: ({ key }: File) =>
        Effect.catchTag(objects.delete({ bucket: remote.bucket, key }), "WcsNotFound", () => Effect.void)
    }
  })

/** The other way: what is to be fetched, and what is only in the local folder. */
export const planDown = (job: Job, outcomes: Outcomes) =>
  Effect.gen(function*() {
    const { concurrency, deletes, folder, isMeant, overwrites, remote } = job
    const fs = yield* FileSystem.FileSystem
    const paths = yield* Path.Path
    const there = yield* Effect.orElseSucceed(fs.exists(folder), () => true)
    const { files } = there && deletes ? yield* walk(job, outcomes) : { files: new Map<string, File>() }
    const extras = new Map(files)
    const needed: Array<RemoteFolder.Listed> = []
    let isEmpty = true
    yield* RemoteFolder.list(remote, isMeant, { mustExist: true }).pipe(
      Stream.mapEffect((listed) => {
        const file = fileOf(listed)
        extras.delete(file.path)
        isEmpty = false
        return RemoteFolder.isHeld(folder, listed).pipe(
          // What cannot be read or written fails when it is fetched.
          Effect.orElseSucceed(() => false),
          Effect.flatMap((same) =>
            same
              ? outcomes.add({ outcome: "unchanged", ...file })
              : Effect.flatMap(
                overwrites ? Effect.succeed(false) : RemoteFolder.isTaken(folder, listed),
                (kept) =>
                  kept ? outcomes.add({ outcome: "kept", ...file }) : Effect.sync(() => void needed.push(listed))
              )
          )
        )
      }, { concurrency, unordered: true }),
      Stream.runDrain
    )
    needed.sort((a, b) => a.path < b.path ? -1 : 1)

    const { progress } = outcomes
    return {
      isEmpty,
      transfers: needed.map(fileOf),
      extras: [...extras.values()],
      transfer: Effect.zipRight(
        progress.expect({ files: needed.length, bytes: needed.reduce((sum, { info }) => sum + info.size, 0) }),
        Effect.forEach(needed, (listed) =>
          Effect.flatMap(
            RemoteFolder.fetch(remote.bucket, listed, folder, { overwrite: overwrites, progress }),
            outcomes.add
          ), { concurrency, discard: true })
      ),
      /** A link that leads out of the folder is not followed. */
      remove: ({ path }: File) =>
        Effect.gen(function*() {
          const file = folderWalk.below(folder, path)
          const failed = Effect.mapError(localTarget.unwritable(file))
          const root = yield* failed(fs.realPath(folder))
          const parent = yield* failed(fs.realPath(paths.dirname(file)))
          if (parent !== root && !parent.startsWith(`${root}${paths.sep}`)) {
            return yield* new WcsFileError({ reason: "Unwritable", path: file, detail: "is outside of the folder" })
          }
          yield* failed(fs.remove(file))
        })
    }
  })
