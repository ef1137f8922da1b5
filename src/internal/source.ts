import type * as PlatformError from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Hash } from "../domain/Etag.ts"
import * as Etag from "../domain/Etag.ts"
import { WcsFileError } from "../domain/WcsError.ts"
import { reasonOf } from "./reasonOf.ts"

/** Reads a place of a source. For one fiber at a time: what it gave is gone with the next read. */
export interface Reader {
  readonly read: (offset: number, length: number) => Effect.Effect<Uint8Array, WcsFileError>
  /** Something may still look at what was read last: the next read takes other memory. */
  readonly renew: () => void
}

/** Content that can be read at any place, and again. */
export interface Source {
  readonly size: number
  /** The local name, for the form's file part. */
  readonly name: string
  /** Tells this content from another one of the same size. */
  readonly identity: Effect.Effect<string, WcsFileError>
  readonly reader: Effect.Effect<Reader, WcsFileError, Scope.Scope>
  /** From the beginning to the end, in memory of its own. */
  readonly stream: Stream.Stream<Uint8Array, WcsFileError>
  /** Fails when the content is no longer what it was at the beginning. */
  readonly unchanged: Effect.Effect<void, WcsFileError>
}

/** Bytes of a streamed read. */
const streamChunk = 262_144

/** What a file system adds to the system's own words, as the one in memory does. */
const added = ({ description = "" }: PlatformError.SystemError): string =>
  /^ENOENT: no such file or directory( \(.+\))$/.exec(description)?.[1] ?? ""

/** What local files are read with. */
export interface Files {
  readonly fs: FileSystem.FileSystem
  readonly paths: Path.Path
}

/** Where a path leads; the path where the working directory is gone, or not for this program to know. */
export const absolute = (paths: Path.Path, path: string) => (): string =>
  paths.isAbsolute(path) ? path : Option.getOrElse(Option.liftThrowable(paths.resolve)(path), () => path)

/** The error of what cannot be read; of what is not there it tells the place where it was looked for. */
export const fileError =
  (path: string, kind: "file" | "folder" = "file", placeOf = () => path) =>
  (error: PlatformError.PlatformError): WcsFileError => {
    if (error._tag !== "SystemError" || error.reason !== "NotFound") {
      return new WcsFileError({ reason: "Unreadable", path, detail: `cannot be read: ${reasonOf(error)}` })
    }
    const place = placeOf()
    return new WcsFileError({
      reason: "NotFound",
      path,
      detail: `there is no such ${kind}${added(error) || (place === path ? "" : `: ${place}`)}`
    })
  }

const changed = (path: string, detail: string) => new WcsFileError({ reason: "Changed", path, detail })

/** A file, as it is now. */
export const fromFile: (files: Files, path: string) => Effect.Effect<Source, WcsFileError> = Effect
  .fnUntraced(function*({ fs, paths }, path) {
    const failed = fileError(path, "file", absolute(paths, path))
    const stat = Effect.flatMap(Effect.mapError(fs.stat(path), failed), (info) =>
      info.type === "File"
        ? Effect.succeed({ size: Number(info.size), modified: Option.getOrUndefined(info.mtime)?.getTime() ?? 0 })
        : new WcsFileError({
          reason: "NotAFile",
          path,
          detail: info.type === "Directory" ? "is a folder, not a file" : "is not a regular file"
        }))
    const { modified, size } = yield* stat
    const short = () => changed(path, `became shorter than the ${size} bytes that it had at the beginning`)

    const reader = Effect.map(Effect.mapError(fs.open(path, { flag: "r" }), failed), (file): Reader => {
      let buffer = new Uint8Array(0)
      /** Where the file is read next; not known after an interruption. */
      let position: number | undefined = 0
      return {
        read: Effect.fnUntraced(function*(offset, length) {
          if (buffer.length < length) buffer = new Uint8Array(length)
          if (position !== offset) yield* file.seek(offset, "start")
          position = undefined
          for (let filled = 0; filled < length;) {
            const read = Number(yield* Effect.mapError(file.read(buffer.subarray(filled, length)), failed))
            if (read === 0) return yield* short()
            filled += read
          }
          position = offset + length
          return buffer.subarray(0, length)
        }),
        renew: () => {
          buffer = new Uint8Array(0)
        }
      }
    })

    return {
      size,
      name: path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1),
      identity: Effect.mapBoth(fs.realPath(path), {
        onFailure: failed,
        onSuccess: (real) => `file ${real} ${modified}`
      }),
      reader,
      stream: exactly(
        Stream.mapError(fs.stream(path, { bytesToRead: size, chunkSize: streamChunk }), failed),
        size,
        short
      ),
      unchanged: Effect.flatMap(stat, (current) =>
        current.size === size && current.modified === modified
          ? Effect.void
          : changed(path, "changed while it was uploaded"))
    }
  })

/** Bytes in memory. */
export const fromBytes = (bytes: Uint8Array, sha1: () => Hash): Source => {
  let identity: string | undefined
  return {
    size: bytes.length,
    name: "bytes",
    identity: Effect.sync(() => identity ??= `bytes ${Etag.fromBytes(bytes, sha1)}`),
    reader: Effect.succeed({
      read: (offset, length) => Effect.succeed(bytes.subarray(offset, offset + length)),
      renew: () => {}
    }),
    stream: Stream.make(bytes),
    unchanged: Effect.void
  }
}

/** Fails at the end of a stream that gave fewer bytes, and as soon as it gives more. */
export const exactly = <E, E2>(
  stream: Stream.Stream<Uint8Array, E>,
  size: number,
  mismatch: (actual: string) => E2
): Stream.Stream<Uint8Array, E | E2> =>
  Stream.suspend(() => {
    let total = 0
    return stream.pipe(
      Stream.mapEffect((bytes) => {
        total += bytes.length
        return total > size ? Effect.fail(mismatch(`more than ${size}`)) : Effect.succeed(bytes)
      }),
      Stream.concat(Stream.suspend(() => total < size ? Stream.fail(mismatch(String(total))) : Stream.empty))
    )
  })
