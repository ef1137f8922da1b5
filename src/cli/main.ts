/**
 * Runs a command line of `wcscmd` as this process.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { homedir } from "node:os"
import * as Cli from "./Cli.ts"
import * as Failure from "./Failure.ts"
import * as Process from "./Process.ts"
import { Interruption, Screen } from "./WcsCommand.ts"

/** Runs the words behind the tool's name, and ends the process with the exit code. */
export const main = (argv: ReadonlyArray<string>): void => {
  // Whom a timer or a container starts has a home, too, unless nobody knows the user.
  process.env["HOME"] ??= Option.getOrElse(Option.liftThrowable(homedir)(), () => "")
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
