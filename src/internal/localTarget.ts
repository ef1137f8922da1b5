import type * as PlatformError from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import { WcsFileError, WcsInvalidInput } from "../domain/WcsError.ts"

/** The error of a file that cannot be written. */
export const unwritable = (path: string) => (error: PlatformError.PlatformError): WcsFileError =>
  new WcsFileError({
    reason: "Unwritable",
    path,
    detail: `cannot be written: ${error._tag === "SystemError" ? error.reason : error.message}`
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
    const refused = (detail: string) => new WcsInvalidInput({ input: "key", detail: `${detail}: ${key}` })
    const segments = key.split("/")
    if (segments.some((segment) => segment === "" || segment === "." || segment === "..")) {
      return yield* refused("has an empty, `.` or `..` segment, which names no file in a folder")
    }
    // oxlint-disable-next-line no-control-regex
    if (/[\u0000-\u001f]/.test(key) || (path.sep === "\\" && /[\\:]/.test(key))) {
      return yield* refused("has a character that no file's name has")
    }
    const guarded = Effect.mapError(unwritable(folder))
    yield* guarded(fs.makeDirectory(folder, { recursive: true }))
    const root = yield* guarded(fs.realPath(folder))
    let parent = root
    for (const segment of segments.slice(0, -1)) {
      const next = path.join(parent, segment)
      if (!(yield* stands(fs, next))) yield* Effect.mapError(fs.makeDirectory(next), unwritable(next))
      const real = yield* Effect.mapError(fs.realPath(next), unwritable(next))
      if (real !== root && !real.startsWith(`${root}${path.sep}`)) {
        return yield* refused(`leads out of ${folder} by a link`)
      }
      parent = real
    }
    return path.join(parent, segments.at(-1) ?? "")
  })
