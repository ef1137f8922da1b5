import { type PlatformError, SystemError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"

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

const trusted = (folder: string) => ({ folder, guard: Effect.void })

const below = (folder: string) => `${folder}/effect-wcs/uploads`

/**
 * The folder of upload records: the one that is given, else a private folder of the user.
 *
 * `guard` is run before each use. It is for the folder below the system's temporary one, which anybody could have made
 * before us: such a folder must not be a link, and the right to change its mode is its owner's alone.
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
    if (given !== undefined) return trusted(given)
    const { home, state, temporary, user } = yield* system
    if (state.startsWith("/")) return trusted(below(state))
    if (home !== "") return trusted(below(`${home}/.local/state`))
    const mine = `${temporary || "/tmp"}/effect-wcs-${user.replaceAll(/[^\w-]/g, "_") || "user"}`
    const guard = Effect.gen(function*() {
      yield* fs.makeDirectory(mine, { recursive: true, mode: 0o700 })
      // To read a link's target succeeds for links only.
      if (yield* Effect.isSuccess(fs.readLink(mine))) {
        return yield* new SystemError({
          reason: "PermissionDenied",
          module: "FileSystem",
          method: "readLink",
          pathOrDescriptor: mine,
          description: "a symbolic link is not trusted"
        })
      }
      yield* fs.chmod(mine, 0o700)
    })
    return { folder: `${mine}/uploads`, guard }
  })
