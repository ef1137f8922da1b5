import type * as PlatformError from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { WcsFileError, WcsInvalidInput } from "../domain/WcsError.ts"
import { makeFolder } from "./makeFolder.ts"
import { reasonOf } from "./reasonOf.ts"

/** The error of a file that cannot be written. */
export const unwritable = (path: string) => (error: PlatformError.PlatformError): WcsFileError =>
  new WcsFileError({
    reason: "Unwritable",
    path,
    detail: `cannot be written: ${reasonOf(error)}`
  })

/** Whether something stands at a path, a broken link included. */
const stands = (fs: FileSystem.FileSystem, path: string) =>
  Effect.orElse(
    Effect.as(fs.readLink(path), true),
    () => Effect.orElseSucceed(fs.exists(path), () => false)
  )

/** Refuses a target that is there already. */
export const free = (fs: FileSystem.FileSystem, path: string): Effect.Effect<void, WcsFileError> =>
  Effect.flatMap(stands(fs, path), (taken) =>
    taken
      ? new WcsFileError({ reason: "Exists", path, detail: "is there already, and is not to be overwritten" })
      : Effect.void)

/** Whether a path is a folder. */
export const isFolder = (fs: FileSystem.FileSystem, path: string): Effect.Effect<boolean> =>
  Effect.orElseSucceed(Effect.map(fs.stat(path), ({ type }) => type === "Directory"), () => false)

/** Refuses a target that is there and no file: one would take the place of `/dev/null`, too, for who may do that. */
export const isFile = (fs: FileSystem.FileSystem, path: string): Effect.Effect<void, WcsFileError> =>
  Effect.matchEffect(fs.stat(path), {
    onFailure: () => Effect.void,
    onSuccess: ({ type }) =>
      type === "File"
        ? Effect.void
        : new WcsFileError({
          reason: "NotAFile",
          path,
          detail: type === "Directory" ? "is a folder" : "is not a regular file"
        })
  })

/** What is said of a folder that a file is to be written into, and that is not there. */
export const noFolder = "there is no such folder"

/** Refuses a target whose folder is not there. A path that ends with a slash is a folder itself. */
export const inFolder = (
  fs: FileSystem.FileSystem,
  path: Path.Path,
  target: string
): Effect.Effect<void, WcsFileError> => {
  const folder = target.endsWith("/") || target.endsWith(path.sep) ? target : path.dirname(target)
  const refuse = (detail: string) => new WcsFileError({ reason: "Unwritable", path: folder, detail })
  return Effect.matchEffect(fs.stat(folder), {
    onFailure: (error) =>
      error._tag === "SystemError" && error.reason === "NotFound" ? refuse(noFolder) : unwritable(folder)(error),
    onSuccess: ({ type }) => type === "Directory" ? Effect.void : refuse("is not a folder")
  })
}

const refused = (key: string, detail: string) => new WcsInvalidInput({ input: "key", detail: `${detail}: ${key}` })

/** The names of folders and file that a key is made of. A key that names no file below a folder is refused. */
export const segments = (path: Path.Path, key: string): Either.Either<ReadonlyArray<string>, WcsInvalidInput> => {
  const names = key.split("/")
  // oxlint-disable-next-line no-control-regex
  const strange = /[\u0000-\u001f]/.test(key) || (path.sep === "\\" && /[\\:]/.test(key))
  return names.some((name) => name === "" || name === "." || name === "..")
    ? Either.left(refused(key, "has an empty, `.` or `..` segment, which names no file in a folder"))
    : strange
    ? Either.left(refused(key, "has a character that no file's name has"))
    : Either.right(names)
}

/**
 * The file below `folder` that a key names, its folders made. A key that leads out of the folder is refused, and so is
 * a link on the way that does.
 */
export const below = (
  fs: FileSystem.FileSystem,
  path: Path.Path,
  folder: string,
  key: string
): Effect.Effect<string, WcsInvalidInput | WcsFileError> =>
  Effect.gen(function*() {
    const names = yield* segments(path, key)
    const guarded = Effect.mapError(unwritable(folder))
    yield* guarded(makeFolder(fs, folder))
    const root = yield* guarded(fs.realPath(folder))
    let parent = root
    for (const segment of names.slice(0, -1)) {
      const next = path.join(parent, segment)
      // Another download may make it at the same time.
      if (!(yield* stands(fs, next))) yield* Effect.mapError(makeFolder(fs, next), unwritable(next))
      const real = yield* Effect.mapError(fs.realPath(next), unwritable(next))
      if (real !== root && !real.startsWith(`${root}${path.sep}`)) {
        return yield* refused(key, `leads out of ${folder} by a link`)
      }
      parent = real
    }
    return path.join(parent, names.at(-1) ?? "")
  })
