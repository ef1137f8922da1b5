/**
 * Runs a command line of `wcscmd` as this process.
 */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Cli from "./Cli.ts"
import * as Failure from "./Failure.ts"
import { Interruption, Screen } from "./WcsCommand.ts"

/** Runs the words behind the tool's name, and ends the process with the exit code. */
export const main = (argv: ReadonlyArray<string>): void => {
  Failure.endWithStreams("wcscmd")
  const interruption: { code: number } = { code: Failure.exitCodes.interrupted }
  Cli.run(argv).pipe(
    Effect.provide(
      Context.make(Screen, { isTerminal: process.stderr.isTTY }).pipe(Context.add(Interruption, interruption))
    ),
    Effect.provide(NodeContext.layer),
    NodeRuntime.runMain({
      disableErrorReporting: true,
      // It would stand beside the tool's own, and write to stdout.
      disablePrettyLogger: true,
      teardown: (exit, onExit) => onExit(Exit.isInterrupted(exit) ? interruption.code : Failure.exitCodeOf(exit))
    })
  )
}
