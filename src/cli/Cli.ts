/**
 * `wcscmd`: the tool of the vendor's Python SDK over the services of this library (protocol 14).
 */
import type * as CliApp from "@effect/cli/CliApp"
import * as CliConfig from "@effect/cli/CliConfig"
import * as Command from "@effect/cli/Command"
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as ValidationError from "@effect/cli/ValidationError"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as CommandLine from "./CommandLine.ts"
import { commands } from "./commands/index.ts"
import * as Failure from "./Failure.ts"
import * as Format from "./Format.ts"
import * as Help from "./Help.ts"
import { version } from "./version.ts"
import { Called, CommandConsole, group, Operands } from "./WcsCommand.ts"

const tool = group("wcscmd", "Objects of Wangsu Cloud Storage from the command line.", commands)

const execute = Command.run(tool.command, { name: "wcscmd", version })

/** Tells what is wrong with a command line. Nobody has read it, so that --json is looked for word by word. */
const complain = (argv: ReadonlyArray<string>) => (error: Failure.UsageError) => {
  const words = [...argv, "--"]
  const json = words.slice(0, words.indexOf("--")).includes("--json")
  return Effect.as(
    Console.error(Failure.render(error, { ...Failure.nobody, format: json ? "json" : "human" })),
    Failure.exitCodes.usage
  )
}

/** What @effect/cli says is wrong, in a line. */
const problemOf = ({ error }: ValidationError.ValidationError): string =>
  Format.plain(HelpDoc.toAnsiText(error)).replaceAll(/\s+/g, " ").trim()
    .replaceAll(/Expected to find option: '([^']+)'/g, "$1 is missing")
    .replaceAll(" is missing --", " is missing, --")
    .replace(/^Missing argument <(.+)>$/, "$1 is missing")
    .replace(/^Received unknown arguments?: (.+)$/, "too many arguments: $1")

/** Runs a command line, without the two words before it, and tells the exit code. */
export const run = (argv: ReadonlyArray<string>): Effect.Effect<number, never, CliApp.CliApp.Environment> =>
  Effect.gen(function*() {
    const request = yield* CommandLine.read(argv, commands)
    if (request._tag === "Help") {
      const page = Help.render(request.path, request.command)
      return yield* request.wanted
        ? Effect.as(Console.log(page), Failure.exitCodes.done)
        : Effect.as(Console.error(page), Failure.exitCodes.usage)
    }
    if (request._tag === "Version") {
      yield* Console.log(version)
      return Failure.exitCodes.done
    }
    const console = yield* Effect.console
    return yield* execute(["node", "wcscmd", ...request.words]).pipe(
      Effect.as(Failure.exitCodes.done),
      Effect.provide(CliConfig.layer({ isCaseSensitive: true, showBuiltIns: false })),
      Effect.provideService(CommandConsole, Option.some(console)),
      Effect.provideService(Called, request.path.join(" ")),
      Effect.provideService(Operands, request.words.slice(request.words.indexOf("--") + 1)),
      // @effect/cli prints what is wrong with a command line, and fails with it: that is told once, below.
      Effect.withConsole({ ...console, error: () => Effect.void }),
      Effect.catchAll((error) =>
        ValidationError.isValidationError(error)
          ? complain(argv)(
            new Failure.UsageError({
              message: problemOf(error),
              hint: `${Help.usage(request.path, request.command)}; --help tells more`
            })
          )
          : Effect.succeed(error.code)
      )
    )
  }).pipe(Effect.catchTag("UsageError", complain(argv)))
