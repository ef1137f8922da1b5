/**
 * Runs a command line of `wcscmd` as this process.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { accessSync, constants } from "node:fs"
import { homedir } from "node:os"
import * as Cli from "./Cli.ts"
import * as Failure from "./Failure.ts"
import * as Process from "./Process.ts"
import { Interruption, Screen } from "./WcsCommand.ts"

/** The user's home, for a process that is started without HOME, as by a timer; a system's user may have none to use. */
const ownHome = Option.liftThrowable(() => {
  const home = homedir()
  accessSync(home, constants.W_OK)
  return home
})

/** Runs the words behind the tool's name, and ends the process with the exit code. */
export const main = (argv: ReadonlyArray<string>): void => {
  // Written, not read: `Config` finds it there.
  // oxlint-disable-next-line no-restricted-properties
  process.env["HOME"] ??= Option.getOrElse(ownHome(), () => "")
  const interruption = { code: Failure.exitCodes.interrupted as number }
  Process.run(
    "wcscmd",
    Effect.provide(
      Cli.run(argv),
      Context.make(Screen, { isTerminal: process.stderr.isTTY }).pipe(Context.add(Interruption, interruption))
    ),
    interruption
  )
}
