import { type PlatformError, SystemError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import { makeFolder } from "./makeFolder.ts"
import { isLink } from "./recordFiles.ts"

const setting = (...names: ReadonlyArray<string>) =>
  names.reduceRight(
    (otherwise, name) => Config.orElse(Config.nonEmptyString(name), () => otherwise),
    Config.succeed("")
  )

/** What the system says about the user's folders; nothing is known where it cannot be asked. */
const system = Config.all({
  state: setting("XDG_STATE_HOME"),
  home: setting("HOME"),
  temporary: setting("TMPDIR", "TEMP", "TMP"),
  user: setting("USER", "LOGNAME", "USERNAME")
}).pipe(Effect.orElseSucceed(() => ({ state: "", home: "", temporary: "", user: "" })))

const refuseLink = (fs: FileSystem.FileSystem, path: string): Effect.Effect<void, PlatformError> =>
  Effect.flatMap(isLink(fs, path), (linked) =>
    linked
      ? new SystemError({
        reason: "PermissionDenied",
        module: "FileSystem",
        method: "readLink",
        pathOrDescriptor: path,
        description: "a symbolic link is not trusted: name the folder that it leads to (tmp_record_folder)"
      })
      : Effect.void)

/**
 * The folder of upload records: the one that is given, else a private folder of the user.
 *
 * `guard` is run before each use: nothing is written through a link that somebody has put there. A folder that is given
 * is otherwise left as it is. That of the user is closed to others; below the system's temporary folder, where anybody
 * could have made it before us, that also shows whose it is: the right to change its mode is its owner's alone.
 */
export const make = (given: string | undefined): Effect.Effect<
  {
    readonly folder: string
    readonly guard: Effect.Effect<void, PlatformError>
  },
  never,
  FileSystem.FileSystem
> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    if (given !== undefined) {
      const folder = given.replace(/(?<=.)\/+$/, "")
      return { folder, guard: refuseLink(fs, folder) }
    }
    const { home, state, temporary, user } = yield* system
    const parent = state.startsWith("/") ? state : home === "" ? undefined : `${home}/.local/state`
    const mine = parent === undefined
      ? `${temporary || "/tmp"}/effect-wcs-${user.replaceAll(/[^\w-]/g, "_") || "user"}`
      : `${parent}/effect-wcs`
    const folder = `${mine}/uploads`
    const guard = Effect.gen(function*() {
      yield* makeFolder(fs, mine, 0o700)
      yield* refuseLink(fs, mine)
      const { mode } = yield* fs.stat(mine)
      if (parent === undefined || (mode & 0o077) !== 0) yield* fs.chmod(mine, 0o700)
      yield* refuseLink(fs, folder)
    })
    return { folder, guard }
  })
