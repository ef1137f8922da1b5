/**
 * A command line as this process: its streams, its signals, its exit code.
 */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import * as Failure from "./Failure.ts"

/** Runs what tells its exit code as this process. Signals interrupt it; `interruption` is how it ends then. */
export const run = (
  program: string,
  effect: Effect.Effect<number, never, NodeContext.NodeContext>,
  interruption: { code: number } = { code: Failure.exitCodes.interrupted }
): void => {
  Failure.endWithStreams(program)
  // Before the runtime's own, which interrupts: a command may still say otherwise.
  process.once("SIGTERM", () => {
    interruption.code = Failure.exitCodes.terminated
  })
  effect.pipe(
    Effect.provide(NodeContext.layer),
    NodeRuntime.runMain({
      disableErrorReporting: true,
      // It would stand beside the tool's own, and write to stdout.
      disablePrettyLogger: true,
      teardown: (exit, onExit) => onExit(Failure.exitCodeOf(exit, interruption.code))
    })
  )
}
