/**
 * Objects below a prefix as files of a folder.
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { ObjectInfo } from "../domain/ObjectInfo.ts"
import type { WcsError } from "../domain/WcsError.ts"
import * as localTarget from "../internal/localTarget.ts"
import * as ObjectsHttp from "../layers/ObjectsHttp.ts"
import { Checksums } from "../services/Checksums.ts"
import { Downloader } from "../services/Downloader.ts"
import { type DirectoryOptions, Uploader } from "../services/Uploader.ts"
import { WcsConfig } from "../services/WcsConfig.ts"
import type { WcsHttpClient } from "../services/WcsHttpClient.ts"
import { NotFound } from "./Failure.ts"
import * as Format from "./Format.ts"
import type { IsMeant } from "./Globs.ts"
import { format, type ObjectPath } from "./ObjectPath.ts"
import * as Outcomes from "./Outcomes.ts"

/** A folder of the service: its objects' keys begin with `prefix`, which is empty or ends in a slash. */
export interface RemoteFolder {
  readonly bucket: string
  readonly prefix: string
}

/** The folder that a person names, with or without a slash at its end. */
export const fromPath = ({ bucket, key }: ObjectPath): RemoteFolder => ({
  bucket,
  prefix: key === "" || key.endsWith("/") ? key : `${key}/`
})

/** An object of a folder. */
export interface Listed {
  /** Its key without the folder's prefix. */
  readonly path: string
  readonly info: ObjectInfo
}

/** A folder's own mark, as consoles make it: it is no file. */
const isMark = ({ key, size }: ObjectInfo) => size === 0 && key.endsWith("/")

const notFound = ({ bucket, prefix }: RemoteFolder) =>
  prefix === ""
    ? new NotFound({ message: `no objects are in wcs://${bucket}` })
    : new NotFound({
      message: `no object begins with ${Format.visible(format({ bucket, key: prefix }))}`,
      hint: `check the name: wcscmd list wcs://${bucket}; a single object is downloaded by get without -r`
    })

/**
 * All objects of a folder. Settings of listings, which could leave something out, do not count here. With `mustExist` a
 * folder without objects, and without its own mark, is not found.
 */
export const list = (
  remote: RemoteFolder,
  isMeant: (path: string) => boolean,
  { mustExist }: { readonly mustExist: boolean }
): Stream.Stream<Listed, WcsError | NotFound, WcsConfig | WcsHttpClient> =>
  Stream.unwrap(Effect.gen(function*() {
    const config = yield* WcsConfig
    const objects = yield* Effect.provideService(ObjectsHttp.make, WcsConfig, {
      ...config,
      list: { limit: config.list.limit }
    })
    const { bucket, prefix } = remote
    let isFound = !mustExist
    return objects.listAll({ bucket, prefix }).pipe(
      Stream.filter((info) => {
        isFound = true
        return !isMark(info)
      }),
      Stream.map((info) => ({ path: info.key.slice(prefix.length), info })),
      Stream.filter(({ path }) => isMeant(path)),
      Stream.concat(Stream.suspend(() => isFound ? Stream.empty : Stream.fail(notFound(remote))))
    )
  }))

/** Whether a file has the content of an object: of equal sizes the etags are compared. */
export const isSame = (
  file: string,
  { etag, size }: ObjectInfo
): Effect.Effect<boolean, WcsError, Checksums | FileSystem.FileSystem> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const checksums = yield* Checksums
    const equal = yield* fs.stat(file).pipe(
      Effect.map((info) => info.type === "File" && Number(info.size) === size),
      Effect.orElseSucceed(() => false)
    )
    return equal && (yield* checksums.etagOfFile(file)) === etag
  })

/** Whether an object's file below a folder has its content. Nothing is made; a key that names no such file is refused. */
export const isHeld = (
  folder: string,
  { info, path }: Listed
): Effect.Effect<boolean, WcsError, Checksums | FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const paths = yield* Path.Path
    return yield* isSame(paths.join(folder, ...(yield* localTarget.segments(paths, path))), info)
  })

/** Whether an object's file is there, whatever is in it; a key that names none is left to whoever fetches it. */
export const isTaken = (
  folder: string,
  { path }: Listed
): Effect.Effect<boolean, never, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const paths = yield* Path.Path
    return yield* fs.exists(paths.join(folder, ...(yield* localTarget.segments(paths, path))))
  }).pipe(Effect.orElseSucceed(() => false))

/** Brings an object's file below a folder up to date. */
export const fetch = (
  bucket: string,
  listed: Listed,
  folder: string,
  { overwrite, progress }: Pick<Outcomes.Outcomes, "progress"> & { readonly overwrite: boolean }
): Effect.Effect<Outcomes.Outcome, never, Checksums | Downloader | FileSystem.FileSystem | Path.Path> => {
  const { info: { key, size }, path } = listed
  return Outcomes.settle(
    { path, key },
    Effect.gen(function*() {
      if (yield* isHeld(folder, listed)) {
        yield* progress.holds(path, size)
        return { outcome: "unchanged", path, key, size }
      }
      const target = yield* localTarget.below(yield* FileSystem.FileSystem, yield* Path.Path, folder, path)
      const receipt = yield* (yield* Downloader).toFile({ bucket, key }, target, {
        overwrite,
        onProgress: ({ received }) => progress.holds(path, received)
      })
      return { outcome: "saved", path, key, size: receipt.size, resumed: receipt.resumed }
    })
  )
}

/** Uploads files of a local folder, and tells of each; `isMeant` is asked of every one before the first one moves. */
export const send = (
  folder: string,
  { bucket, prefix }: RemoteFolder,
  isMeant: IsMeant,
  { add, progress }: Outcomes.Outcomes,
  options: Omit<DirectoryOptions, "onProgress" | "onFile" | "filter">
): Effect.Effect<void, WcsError, Uploader> =>
  Effect.gen(function*() {
    const uploader = yield* Uploader
    const work = { files: 0, bytes: 0 }
    const begin = yield* Effect.cached(Effect.suspend(() => progress.expect(work)))
    yield* uploader.putDirectory(folder, { bucket, prefix }, {
      ...options,
      filter: ({ path, size }) => {
        const meant = isMeant(path)
        if (meant) {
          work.files += 1
          work.bytes += size
        }
        return meant
      },
      onProgress: (event, path) => Effect.zipRight(begin, progress.uploaded(event, path)),
      // A folder that cannot be read has no key, and `filter` was not asked for it.
      onFile: (file) =>
        file.key === undefined && !isMeant(file.path, "folder") ? Effect.void : begin.pipe(
          Effect.zipRight(file._tag === "Unchanged" ? progress.holds(file.path, file.size) : Effect.void),
          Effect.zipRight(add(Outcomes.ofUpload(file)))
        )
    })
  })
