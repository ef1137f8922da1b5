/**
 * A file of settings that others can read, with the secret key in it.
 */
import type * as CliApp from "@effect/cli/CliApp"
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import type * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as WcsConfigLayer from "../layers/WcsConfigLayer.ts"
import * as Format from "./Format.ts"

/** The file, if that is so. Windows has no such modes. */
const exposed = (
  sources: WcsConfigLayer.Sources
): Effect.Effect<Option.Option<string>, ConfigError.ConfigError | PlatformError, FileSystem.FileSystem> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const path = yield* WcsConfigLayer.findFile(sources)
    if (Option.isNone(path) || process.platform === "win32") return Option.none()
    const { mode } = yield* fs.stat(path.value)
    if ((mode & 0o077) === 0) return Option.none()
    const { entries } = yield* WcsConfigLayer.readFile(path.value)
    const secret = entries.get("secret_key")
    return secret === undefined || Redacted.value(secret.text) === "" ? Option.none() : path
  })

/** Warns of it, as ssh does of a key; the command goes on. */
export const warn = (sources: WcsConfigLayer.Sources): Effect.Effect<void, never, CliApp.CliApp.Environment> =>
  exposed(sources).pipe(
    // What is wrong with the file is told where it is used.
    Logger.withMinimumLogLevel(LogLevel.None),
    Effect.orElseSucceed(() => Option.none<string>()),
    Effect.flatMap(Option.match({
      onNone: () => Effect.void,
      onSome: (path) => {
        const file = Format.visible(path)
        return Effect.logWarning(`others can read ${file}, which holds the secret key: chmod 600 ${file}`)
      }
    }))
  )
