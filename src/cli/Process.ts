/**
 * A command line as this process: its streams, its signals, its exit code.
 */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { exitCodes, Failed, text } from "./Failure.ts"

/** Ends the process when nobody takes its results any more. What cannot be told on stderr is not told. */
const endWithStreams = (program: string): void => {
  process.stderr.on("error", () => {})
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(exitCodes.brokenPipe)
    process.stderr.write(
      `${text(new Failed({ message: `stdout cannot be written: ${error.message}` }), undefined, program)}\n`
    )
    process.exit(exitCodes.failed)
  })
}

const codeOf = (exit: Exit.Exit<unknown, unknown>, interrupted: number): number =>
  Exit.isSuccess(exit) && typeof exit.value === "number"
    ? exit.value
    : Exit.isInterrupted(exit)
    ? interrupted
    : exitCodes.failed

/** Runs what tells its exit code as this process. Signals interrupt it; `interruption` is how it ends then. */
export const run = (
  program: string,
  effect: Effect.Effect<number, never, NodeContext.NodeContext>,
  interruption: { code: number } = { code: exitCodes.interrupted }
): void => {
  endWithStreams(program)
  // Before the runtime's own, which interrupts: a command may still say otherwise.
  process.once("SIGTERM", () => {
    interruption.code = exitCodes.terminated
  })
  effect.pipe(
    Effect.provide(NodeContext.layer),
    NodeRuntime.runMain({
      disableErrorReporting: true,
      // It would stand beside the tool's own, and write to stdout.
      disablePrettyLogger: true,
      teardown: (exit, onExit) => onExit(codeOf(exit, interruption.code))
    })
  )
}
