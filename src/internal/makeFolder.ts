import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import { isNotFound } from "./recordFiles.ts"

/** The path around a path; empty where it names none. A backslash parts names only where no slash does. */
const around = (path: string): string => path.replace(path.includes("/") ? /\/*[^/]*\/*$/ : /\\*[^\\]*\\*$/, "")

/**
 * Makes a folder and those around it that are missing. Node's own `recursive` never comes back from a place where the
 * system makes no folders, such as `/proc`.
 */
export const makeFolder = (
  fs: FileSystem.FileSystem,
  path: string,
  mode?: number
): Effect.Effect<void, PlatformError> => {
  const make = fs.makeDirectory(path, mode === undefined ? {} : { mode })
  const parent = around(path)
  return make.pipe(
    Effect.catchIf(
      (error) => isNotFound(error) && parent !== "",
      () => Effect.zipRight(makeFolder(fs, parent, mode), make)
    ),
    Effect.catchAll((error) =>
      fs.stat(path).pipe(
        Effect.filterOrFail(({ type }) => type === "Directory"),
        Effect.mapError(() => error),
        Effect.asVoid
      )
    )
  )
}
