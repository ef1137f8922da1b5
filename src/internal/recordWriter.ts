import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import type { BlockRecord, UploadId } from "../domain/UploadRecord.ts"
import * as UploadRecordFile from "../domain/UploadRecordFile.ts"
import type { WcsProgressError } from "../domain/WcsError.ts"
import * as recordFiles from "./recordFiles.ts"

/** Files of blocks that are written at once, how long the next ones wait, in milliseconds, and how many hold up the end. */
const batch = { files: 64, every: 1000, last: 1024 }

/**
 * Records blocks as they are accepted. A line of the manifest is all that it takes to resume; the files, by which the
 * official SDK could, cost ten times as much, and follow: at once, but no more than a batch each second.
 */
export interface RecordWriter {
  readonly accept: (id: UploadId, block: BlockRecord) => Effect.Effect<void, PlatformError | WcsProgressError>
  /** Writes files that have not followed yet, no more than an upload that stops can wait for. */
  readonly catchUp: (id: UploadId) => Effect.Effect<void, PlatformError>
  /** Somebody of this process works on an upload: what is open for it stays so until the last one has left. */
  readonly enter: (id: UploadId, owner: string) => Effect.Effect<void>
  readonly leave: (id: UploadId, owner: string) => Effect.Effect<void>
  /** Lets go of a manifest in whose place another process has put a new one: what is written to it nobody finds. */
  readonly refresh: (id: UploadId) => Effect.Effect<void>
  /** Forgets what has not followed. */
  readonly close: (id: UploadId) => Effect.Effect<void>
}

/** An upload's manifest that was looked at, and whose folder is there. */
interface Opened {
  readonly file: FileSystem.File
  readonly close: Effect.Effect<void>
  /** Blocks without a file, by offset. */
  readonly behind: Map<number, BlockRecord>
  /** When files were written last, in milliseconds. */
  written: number
}

/** What a writer stands on. */
export interface Place {
  readonly fs: FileSystem.FileSystem
  readonly files: recordFiles.RecordFiles
  /** Manifests stay open as long as this. */
  readonly scope: Scope.Scope
  /** Makes sure of an upload's folder and manifest. */
  readonly prepare: (id: UploadId) => Effect.Effect<void, PlatformError | WcsProgressError>
}

export const make = ({ files, fs, prepare, scope }: Place): RecordWriter => {
  const encoder = new TextEncoder()
  const opened = new Map<UploadId, Opened>()
  const owners = new Map<UploadId, Set<string>>()

  const close = (id: UploadId) =>
    Effect.suspend(() => {
      const manifest = opened.get(id)
      opened.delete(id)
      return manifest?.close ?? Effect.void
    })

  const open = Effect.fnUntraced(function*(id: UploadId) {
    yield* prepare(id)
    yield* close(id)
    const own = yield* Scope.fork(scope, ExecutionStrategy.sequential)
    const closeOwn = Scope.close(own, Exit.void)
    const file = yield* fs.open(files.manifestOf(id), { flag: "a", mode: 0o600 }).pipe(
      Scope.extend(own),
      Effect.onError(() => closeOwn)
    )
    const manifest: Opened = { file, close: closeOwn, behind: new Map(), written: -Infinity }
    opened.set(id, manifest)
    return manifest
  })

  /** One that is there already is of an older ctx. */
  const writeFile = (id: UploadId, block: BlockRecord) => {
    const path = `${files.blocksOf(id)}/${block.offset}`
    const content = UploadRecordFile.encodeBlock(block)
    return Effect.catchIf(
      files.write(path, content, "wx"),
      recordFiles.isThere,
      () => files.replace(id, path, content)
    )
  }

  const follow = (id: UploadId, { behind }: Opened, most: number) =>
    Effect.forEach([...behind.values()].slice(0, most), (block) =>
      Effect.map(writeFile(id, block), () => {
        behind.delete(block.offset)
      }), { discard: true })

  const note = (id: UploadId, block: BlockRecord, manifest: Opened) =>
    Effect.zipRight(
      manifest.file.writeAll(encoder.encode(UploadRecordFile.encodeAccepted(block))),
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        manifest.behind.set(block.offset, block)
        if (now - manifest.written < batch.every) return Effect.void
        manifest.written = now
        return follow(id, manifest, batch.files)
      })
    )

  return {
    accept: (id, block) =>
      Effect.suspend(() => {
        const manifest = opened.get(id)
        const anew = Effect.flatMap(open(id), (manifest) => note(id, block, manifest))
        if (manifest === undefined) return anew
        // Somebody has removed what was there. The lines of these went to a file that nobody finds; this block is one.
        const again = [...manifest.behind.values()]
        return Effect.catchIf(note(id, block, manifest), recordFiles.isNotFound, () =>
          Effect.flatMap(open(id), (manifest) =>
            Effect.forEach([...again, block], (block) =>
              note(id, block, manifest), { discard: true })))
      }),
    catchUp: (id) =>
      Effect.suspend(() => {
        const manifest = opened.get(id)
        return manifest ? follow(id, manifest, batch.last) : Effect.void
      }),
    enter: (id, owner) =>
      Effect.sync(() => {
        owners.set(id, (owners.get(id) ?? new Set()).add(owner))
      }),
    leave: (id, owner) =>
      Effect.suspend(() => {
        const others = owners.get(id)
        others?.delete(owner)
        if (others !== undefined && others.size > 0) return Effect.void
        owners.delete(id)
        return close(id)
      }),
    refresh: (id) =>
      Effect.suspend(() => {
        const manifest = opened.get(id)
        if (manifest === undefined) return Effect.void
        const isOurs = Effect.zipWith(
          manifest.file.stat,
          fs.stat(files.manifestOf(id)),
          (ours, there) => Equal.equals(ours.ino, there.ino)
        )
        // Where there is none at all the next block makes one, of what is still to follow, too.
        return Effect.unlessEffect(close(id), Effect.orElseSucceed(isOurs, () => true))
      }),
    close
  }
}
