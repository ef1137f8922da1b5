/**
 * The process of `wcscmd`.
 */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Cli from "./Cli.ts"
import * as Failure from "./Failure.ts"
import { Screen } from "./WcsCommand.ts"

// Whoever reads stdout may go away, as `head` does: that is an end, and no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? Failure.exitCodes.done : Failure.exitCodes.failed)
})

Cli.run(process.argv.slice(2)).pipe(
  Effect.provide(Context.make(Screen, { isTerminal: process.stderr.isTTY })),
  Effect.provide(NodeContext.layer),
  NodeRuntime.runMain({
    disableErrorReporting: true,
    teardown: (exit, onExit) => onExit(Failure.exitCodeOf(exit))
  })
)
