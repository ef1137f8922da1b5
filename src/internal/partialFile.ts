import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Cause from "effect/Cause"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Hash } from "../domain/Etag.ts"
import * as Etag from "../domain/Etag.ts"
import type { WcsError, WcsFileError } from "../domain/WcsError.ts"
import { unwritable } from "./localTarget.ts"
import { stillFor } from "./stillFor.ts"

/** A file that a download fills. */
export interface PartialFile {
  /** Bytes that it holds. */
  readonly received: () => number
  readonly append: (bytes: Uint8Array) => Effect.Effect<void, WcsFileError>
  /** Throws away what it holds. */
  readonly restart: Effect.Effect<void, WcsFileError>
  /** Ends it: the etag of all that it holds, where it is asked for. */
  readonly finish: Effect.Effect<string | undefined, WcsFileError>
}

/** Where partial files of a target are, and for how long one may stand still and be in use. */
export interface Place {
  readonly fs: FileSystem.FileSystem
  readonly path: Path.Path
  readonly target: string
  /** Ties a partial file to its content: another version of the object begins anew. Absent: nothing is resumed. */
  readonly etag: string | undefined
  readonly abandonedAfter: Duration.Duration
}

/** The beginning of a file's name that leaves room, in its 255 bytes, for what a partial file's name adds. */
const shortened = (name: string): string => {
  let end = Math.min(name.length, 180)
  while (new TextEncoder().encode(name.slice(0, end)).length > 180) end -= 1
  return name.slice(0, end)
}

/** Whether a path is that of a partial file. */
export const isPartial = (path: string): boolean =>
  /(?:^|\/)\.[^/]+\.(?:wcs|[Fl][\w-]{27})\.(?:[\da-f]+\.)?part$/.test(path)

/** What is left of the object is of no use to a later call. */
const isUseless = (cause: Cause.Cause<WcsError>): boolean =>
  Option.exists(
    Cause.failureOption(cause),
    (error) =>
      error._tag === "WcsIntegrityError" || error._tag === "WcsRefused" || error._tag === "WcsNotFound"
      || (error._tag === "WcsFileError" && error.reason === "Exists")
  )

const isAbandoned = (still: number, { abandonedAfter }: Place): boolean => still > Duration.toMillis(abandonedAfter)

/**
 * Takes a partial file for itself. One that is idle has a name that the target and the etag make, one in use has a name
 * of its own, and the file system lets only one of several take an idle file by renaming it. A process that was killed
 * leaves its file under the name of its own: what is in it is taken over when nothing has moved there for long. `others`
 * are those that were not taken.
 */
const claim = (place: Place) =>
  Effect.gen(function*() {
    const { etag, fs, path, target } = place
    const folder = path.dirname(target)
    const prefix = `.${shortened(path.basename(target))}.${etag ?? "wcs"}.`
    const idle = path.join(folder, `${prefix}part`)
    const id = (yield* Random.nextIntBetween(0, 0x1_0000_0000)).toString(16)
    const mine = path.join(folder, `${prefix}${id}.part`)
    const others: Array<string> = []
    if (etag === undefined) return { idle, mine, others }
    // Whenever what is in it was written, it stands still from now on: it may be long before the next byte comes. What a
    // link points to is not ours.
    const now = yield* DateTime.nowAsDate
    yield* Effect.ignore(Effect.zipRight(Effect.flip(fs.readLink(idle)), fs.utimes(idle, now, now)))
    if (yield* Effect.isSuccess(fs.rename(idle, mine))) return { idle, mine, others }
    let isTaken = false
    let youngest = Infinity
    for (const name of yield* Effect.orElseSucceed(fs.readDirectory(folder), () => [])) {
      if (!name.startsWith(prefix) || !name.endsWith(".part")) continue
      const other = path.join(folder, name)
      const since = yield* stillFor(fs, other)
      if (Option.isNone(since)) continue
      const still = since.value
      // By a copy: its owner may wake, and what it writes then must not land in ours.
      if (
        !isTaken && isAbandoned(still, place) && (yield* Effect.isSuccess(Stream.run(fs.stream(other), fs.sink(mine))))
      ) {
        yield* Effect.ignore(fs.remove(other))
        isTaken = true
      } else {
        others.push(other)
        youngest = Math.min(youngest, still)
      }
    }
    if (!isTaken && youngest < Infinity) {
      const seconds = Math.max(0, Math.round(youngest / 1000))
      yield* Effect.logWarning(
        `another download of ${target} was under way ${seconds} s ago: beginning anew`
      ).pipe(Effect.annotateLogs({ package: "effect-wcs", module: "Downloader" }))
    }
    return { idle, mine, others }
  })

/** Opens a file that is claimed, and reads what it holds. */
const open = (fs: FileSystem.FileSystem, file: string, sha1: (() => Hash) | undefined): Effect.Effect<
  PartialFile,
  WcsFileError,
  Scope.Scope
> =>
  Effect.gen(function*() {
    const guarded = Effect.mapError(unwritable(file))
    // A link there is not ours, and what it points to is not to be written.
    yield* Effect.ignore(Effect.zipRight(fs.readLink(file), fs.remove(file)))
    const handle = yield* guarded(fs.open(file, { flag: "a+" }))
    const newHasher = () => sha1 && Etag.pieceHasher(sha1)
    let hasher = newHasher()
    let received = 0
    const count = (bytes: Uint8Array) => {
      hasher?.update(bytes)
      received += bytes.length
    }
    yield* Stream.runForEach(Stream.mapError(fs.stream(file), unwritable(file)), (bytes) =>
      Effect.sync(() => count(bytes)))
    return {
      received: () =>
        received,
      // A write that has begun ends before the file is closed, or its bytes could land in another one.
      append: (bytes) => Effect.uninterruptible(Effect.map(guarded(handle.writeAll(bytes)), () => count(bytes))),
      restart: Effect.map(guarded(handle.truncate(0)), () => {
        hasher = newHasher()
        received = 0
      }),
      finish: Effect.map(guarded(handle.sync), () => sha1 && hasher && Etag.fromPieces(hasher.digest(), sha1))
    }
  })

/**
 * Lets `fill` complete a partial file, then `accept` judge it, then puts it in the target's place. When that fails, what
 * was received stays for a later call, unless it is of no use. When it ends well, what others have abandoned is removed.
 * It is hashed where `sha1` is given.
 */
export const use = <A>(
  place: Place,
  sha1: (() => Hash) | undefined,
  fill: (file: PartialFile) => Effect.Effect<A, WcsError>,
  accept: Effect.Effect<void, WcsError>
): Effect.Effect<A, WcsError> => {
  const { etag, fs, target } = place
  return Effect.acquireUseRelease(
    claim(place),
    ({ mine }) =>
      Effect.scoped(Effect.flatMap(open(fs, mine, sha1), fill)).pipe(
        Effect.zipLeft(accept),
        Effect.zipLeft(Effect.mapError(fs.rename(mine, target), unwritable(target)))
      ),
    ({ idle, mine, others }, exit) =>
      Effect.gen(function*() {
        if (Exit.isSuccess(exit)) {
          // What nobody has moved meanwhile, either, nobody will need.
          for (const other of others) {
            const still = yield* stillFor(fs, other)
            if (Option.exists(still, (still) => isAbandoned(still, place))) yield* Effect.ignore(fs.remove(other))
          }
          return
        }
        const size = yield* Effect.orElseSucceed(Effect.map(fs.stat(mine), (info) => info.size), () => 0n)
        const keep = etag !== undefined && size > 0n && !isUseless(exit.cause)
        yield* Effect.ignore(keep ? fs.rename(mine, idle) : fs.remove(mine))
      })
  )
}
