/**
 * What a shell completes.
 */
import * as Args from "@effect/cli/Args"
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Completions from "../Completions.ts"
import * as Flags from "../Flags.ts"
import { Output } from "../Output.ts"
import * as WcsCommand from "../WcsCommand.ts"

const names = Completions.shells.join("|")

const shell = Args.text({ name: names }).pipe(
  Args.mapEffect((text) =>
    Either.fromNullable(
      Completions.shells.find((shell) => shell === text),
      () => HelpDoc.p(`the shell is one of ${names}, not ${text}`)
    )
  )
)

/** `commands` are those of the tool, once they are all there. */
export const make = (commands: () => ReadonlyArray<WcsCommand.WcsCommand>): WcsCommand.WcsCommand =>
  WcsCommand.local("completions", {
    description: "Print a script by which a shell completes commands and options: source <(wcscmd completions bash).",
    examples: ["completions bash", "completions fish"],
    args: { shell }
  }, ({ shell }) =>
    Effect.gen(function*() {
      const script = Completions.script(shell, commands(), Object.values(Flags.common))
      yield* (yield* Output).result({ shell, script }, script)
    }))
