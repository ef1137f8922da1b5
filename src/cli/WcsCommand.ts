/**
 * A command of `wcscmd`: its arguments and options, and what it does with the services.
 */
import * as Args from "@effect/cli/Args"
import type * as CliApp from "@effect/cli/CliApp"
import * as Command from "@effect/cli/Command"
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as Usage from "@effect/cli/Usage"
import * as Array from "effect/Array"
import * as Cause from "effect/Cause"
import * as ConfigProvider from "effect/ConfigProvider"
import type * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Settings from "../domain/Settings.ts"
import type * as Wcs from "../layers/Wcs.ts"
import * as WcsConfigLayer from "../layers/WcsConfigLayer.ts"
import * as WcsNode from "../layers/WcsNode.ts"
import type { WcsConfig } from "../services/WcsConfig.ts"
import * as Exposure from "./Exposure.ts"
import * as Failure from "./Failure.ts"
import * as Flags from "./Flags.ts"
import * as Format from "./Format.ts"
import * as Output from "./Output.ts"

/** Whether a person watches stderr. */
export class Screen extends Context.Reference<Screen>()("effect-wcs/cli/Screen", {
  defaultValue: () => ({ isTerminal: false })
}) {}

/** How the process ends when it is interrupted; a command that has no other end says so here. */
export class Interruption extends Context.Reference<Interruption>()("effect-wcs/cli/Interruption", {
  defaultValue: (): { code: number } => ({ code: Failure.exitCodes.interrupted })
}) {}

/** The console of the process, for commands; @effect/cli writes to another one. */
export class CommandConsole extends Context.Reference<CommandConsole>()("effect-wcs/cli/CommandConsole", {
  defaultValue: () => Option.none<Console.Console>()
}) {}

/** The words by which the command was called: `uploads resume`. */
export class Called extends Context.Reference<Called>()("effect-wcs/cli/Called", {
  defaultValue: () => ""
}) {}

/** Its other words that are no options: `site wcs://media/site`. */
export class Operands extends Context.Reference<Operands>()("effect-wcs/cli/Operands", {
  defaultValue: (): ReadonlyArray<string> => []
}) {}

/** A command has failed, and has told so. */
export class Ended extends Data.TaggedError("Ended")<{ readonly code: number }> {}

/** A command, and what the command line has to know of it. */
export interface WcsCommand {
  readonly name: string
  // What a command's handler reads is its own affair.
  readonly command: Command.Command<string, CliApp.CliApp.Environment, Ended, any>
  readonly description: string
  /** Its arguments, as the help shows them. */
  readonly usage: string
  /** Command lines to begin with, without the tool's name. */
  readonly examples: ReadonlyArray<string>
  /** Its options, in the sections of the help. */
  readonly sections: ReadonlyArray<{ readonly title: string; readonly flags: ReadonlyArray<Flags.Flag<unknown>> }>
  readonly children: ReadonlyArray<WcsCommand>
}

/** All options of a command. */
export const flagsOf = ({ sections }: WcsCommand): ReadonlyArray<Flags.Flag<unknown>> =>
  sections.flatMap(({ flags }) => flags)

const usageOf = (args: Record<string, Args.Args<unknown>>): string =>
  Object.values(args).map((arg) =>
    Format.plain(HelpDoc.toAnsiText(Usage.getHelp(Args.getUsage(arg)))).replaceAll(/[<>]/g, "").trim()
  ).join(" ")

/** What a command's arguments and options say. */
export type Input<A extends Record<string, Args.Args<unknown>>, F extends Record<string, Flags.Flag<unknown>>> =
  & { readonly [K in keyof A]: A[K] extends Args.Args<infer Value> ? Value : never }
  & { readonly [K in keyof F]: F[K] extends Flags.Flag<infer Value> ? Value : never }

/** What every command may use. */
export type Environment = CliApp.CliApp.Environment | Output.Output | Scope.Scope

/** What a command declares. */
export interface Declaration<
  A extends Record<string, Args.Args<unknown>>,
  F extends Record<string, Flags.Flag<unknown>>
> {
  /** A sentence. */
  readonly description: string
  /** Command lines to begin with, without the tool's name. */
  readonly examples?: ReadonlyArray<string>
  readonly args?: A
  readonly flags?: F
  /** Settings that are options of this command, apart from those of the connection. */
  readonly settings?: ReadonlyArray<Settings.Name>
}

/** Where a command's settings come from, in the order in which they count. */
const sourcesOf = (overrides: Flags.Overrides, file: Option.Option<string>): WcsConfigLayer.Sources => ({
  overrides: ConfigProvider.fromMap(
    new Map([...overrides].map(([name, text]) => [Settings.variable(name), text]))
  ),
  file: Option.getOrUndefined(file)
})

/** The words of the library, on stderr: warnings, and with `--debug` everything. */
const logging = ({ debug, json }: { readonly debug: boolean; readonly json: boolean }) =>
  Layer.merge(
    Logger.replace(
      Logger.defaultLogger,
      debug
        ? Logger.withConsoleError(Logger.logfmtLogger)
        : Logger.withConsoleError(Logger.make(({ logLevel, message }) => {
          const text = [message].flat().map(String).join(" ")
          return json ? Output.jsonLine({ warning: text }) : `${logLevel.label.toLowerCase()}: ${text}`
        }))
    ),
    Logger.minimumLogLevel(debug ? LogLevel.All : LogLevel.Warning)
  )

/** A URL without what may let its holder in. */
const withoutSecrets = (word: string): string =>
  /^https?:/i.test(word) ? word.replace(/\/\/[^/?#]*@/, "//").replace(/[?#].*$/s, "") : word

/** Notes in the log of operations what a command comes to; at the terminal only `--debug` shows it. */
const noted = <A, R>(
  speaker: Failure.Speaker,
  operands: ReadonlyArray<string>,
  run: Effect.Effect<A, Failure.CommandError, R>
): Effect.Effect<A, Failure.CommandError, R> => {
  const note = (text: string, error?: string) =>
    Effect.annotateLogs(Effect.logInfo(`wcscmd ${speaker.command} ${text}`), {
      package: "effect-wcs",
      module: "wcscmd",
      ...(operands.length > 0 && { arguments: operands.map(Format.word).join(" ") }),
      ...(error !== undefined && { error })
    })
  return note("begins").pipe(
    Effect.zipRight(run),
    Effect.onExit(Exit.match({
      onSuccess: () => note("is done"),
      onFailure: (cause) =>
        Option.match(Cause.failureOption(cause), {
          onSome: (error) => {
            const { message, tag } = Failure.describe(error, speaker)
            return note(`failed: ${message}`, tag)
          },
          onNone: () =>
            Cause.isInterruptedOnly(cause) ? note("was interrupted") : note("failed by an error of its own", "defect")
        })
    }))
  )
}

/** Tells of a failure on stderr, and ends with its exit code. Being interrupted is no failure. */
const report =
  (debug: boolean) => (cause: Cause.Cause<Failure.CommandError>): Effect.Effect<never, Ended, Output.Output> =>
    Effect.gen(function*() {
      if (Cause.isInterruptedOnly(cause)) return yield* Effect.interrupt
      const output = yield* Output.Output
      if (debug) yield* output.failure(Cause.pretty(cause, { renderErrorCause: true }))
      const error = Cause.failureOption(cause)
      if (Option.isNone(error)) {
        yield* output.failure(
          Failure.render(
            new Failure.Failed({ message: "an error of wcscmd itself", hint: "--debug tells more" }),
            output
          )
        )
        return yield* new Ended({ code: Failure.exitCodes.failed })
      }
      yield* output.failure(Failure.render(error.value, output))
      return yield* new Ended({ code: Failure.describe(error.value).code })
    })

const make = <
  A extends Record<string, Args.Args<unknown>>,
  F extends Record<string, Flags.Flag<unknown>>,
  R
>(
  name: string,
  declaration: Declaration<A, F>,
  connection: ReadonlyArray<Settings.Name>,
  layerOf: (sources: WcsConfigLayer.Sources) => Layer.Layer<R, Failure.CommandError, CliApp.CliApp.Environment>,
  handler: (
    input: Input<A, F>,
    settings: WcsConfigLayer.Sources
  ) => Effect.Effect<void, Failure.CommandError, R | Environment>
): WcsCommand => {
  const { args = {}, description, settings = [] } = declaration
  const flags: Record<string, Flags.Flag<unknown>> = declaration.flags ?? {}
  const ofCommand = Flags.ofSettings(settings)
  const ofConnection = Flags.ofSettings(connection)
  const readsFile = settings.length + connection.length > 0
  const command = Command.make(name, {
    args,
    flags: Object.fromEntries(Object.entries(flags).map(([field, { options }]) => [field, options])),
    settings: ofCommand.options,
    connection: ofConnection.options,
    config: Flags.common.config.options,
    json: Flags.common.json.options,
    debug: Flags.common.debug.options
  }, ({ args, config, connection, debug, flags, json, settings }) =>
    Effect.gen(function*() {
      const { isTerminal } = yield* Screen
      const console = yield* Effect.console
      const overrides = new Map([...connection, ...settings])
      const speaker = { command: yield* Called, overrides, file: Option.getOrUndefined(config) }
      const sources = sourcesOf(overrides, config)
      // The shapes are those of `declaration`, field by field.
      const input = { ...args, ...flags } as Input<A, F>
      // A command of this machine has no log, and a token may be among its words.
      const operands = ofConnection.flags.length > 0 ? (yield* Operands).map(withoutSecrets) : []
      const run = noted(speaker, operands, Effect.scoped(handler(input, sources)))
      return yield* (readsFile ? Exposure.warn(sources) : Effect.void).pipe(
        Effect.zipRight(Effect.provide(run, layerOf(sources))),
        Effect.catchAllCause(report(debug)),
        Effect.provide(Output.layer({ ...speaker, json, isTerminal })),
        Effect.provide(logging({ debug, json })),
        Effect.withConsole(Option.getOrElse(yield* CommandConsole, () => console))
      )
    }))
  return {
    name,
    command: Command.withDescription(command, description),
    description,
    usage: usageOf(args),
    examples: declaration.examples ?? [],
    sections: [
      { title: "Options", flags: Object.values(flags) },
      { title: "Settings", flags: ofCommand.flags },
      { title: "Connection", flags: ofConnection.flags },
      { title: "Every command", flags: Object.values(Flags.common) }
    ],
    children: []
  }
}

/** A command that asks the service. */
export const client = <
  const A extends Record<string, Args.Args<unknown>> = {},
  const F extends Record<string, Flags.Flag<unknown>> = {}
>(
  name: string,
  declaration: Declaration<A, F>,
  handler: (input: Input<A, F>) => Effect.Effect<void, Failure.CommandError, Wcs.Services | WcsConfig | Environment>
): WcsCommand =>
  make(
    name,
    declaration,
    Flags.connection,
    (sources) => Layer.provideMerge(WcsNode.layerWithoutConfig, WcsConfigLayer.layerDefault(sources)),
    handler
  )

/** A command that works on this machine alone. It may read settings. */
export const local = <
  const A extends Record<string, Args.Args<unknown>> = {},
  const F extends Record<string, Flags.Flag<unknown>> = {}
>(
  name: string,
  declaration: Declaration<A, F>,
  handler: (
    input: Input<A, F>,
    settings: WcsConfigLayer.Sources
  ) => Effect.Effect<void, Failure.CommandError, Environment>
): WcsCommand => make(name, declaration, [], () => Layer.empty, handler)

/** A command of commands: `wcscmd token make`. */
export const group = (name: string, description: string, children: ReadonlyArray<WcsCommand>): WcsCommand => ({
  name,
  command: Command.make(name).pipe(
    Command.withDescription(description),
    // The list is not empty: a group without commands would be none.
    Command.withSubcommands(Array.map(children, ({ command }) => command) as Array.NonEmptyArray<WcsCommand["command"]>)
  ),
  description,
  usage: "COMMAND",
  examples: children.flatMap(({ examples }) => examples),
  sections: [],
  children
})
