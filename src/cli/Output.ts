/**
 * What `wcscmd` prints: results on stdout, everything else on stderr.
 */
import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import type * as Flags from "./Flags.ts"

/** Where a command's words go. */
export class Output extends Context.Tag("effect-wcs/cli/Output")<Output, {
  readonly format: "human" | "json"
  /** The command that speaks: `uploads resume`. */
  readonly command: string
  /** The settings that its command line gives. */
  readonly overrides: Flags.Overrides
  /** The file of settings that it names. */
  readonly file: string | undefined
  /** Whether a person watches stderr. */
  readonly isTerminal: boolean
  /** Prints a result: one JSON value on a line, or its text. */
  readonly result: (json: unknown, human: string) => Effect.Effect<void>
  /** Tells something that is no result, and no failure. */
  readonly note: (text: string) => Effect.Effect<void>
  /** Prints a failure on stderr, as it is rendered. */
  readonly failure: (rendered: string) => Effect.Effect<void>
}>() {}

/** A value as JSON has it: an absent one is `null`, a time is ISO 8601, a secret is not there. */
const toJson = (value: unknown): unknown => {
  if (Option.isOption(value)) return toJson(Option.getOrNull(value))
  if (DateTime.isDateTime(value)) return DateTime.formatIso(value)
  if (Redacted.isRedacted(value)) return undefined
  if (typeof value === "bigint") return String(value)
  if (Array.isArray(value)) return value.map(toJson)
  if (Predicate.isReadonlyRecord(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, toJson(member)]))
  }
  return value
}

/** A value as one line of JSON. */
export const jsonLine = (value: unknown): string => JSON.stringify(toJson(value) ?? null)

/** Output to the process's two streams. */
export const layer = (options: {
  readonly json: boolean
  readonly command: string
  readonly overrides: Flags.Overrides
  readonly file: string | undefined
  readonly isTerminal: boolean
}): Layer.Layer<Output> =>
  Layer.succeed(
    Output,
    Output.of({
      format: options.json ? "json" : "human",
      command: options.command,
      overrides: options.overrides,
      file: options.file,
      isTerminal: options.isTerminal,
      result: (json, human) =>
        options.json ? Console.log(jsonLine(json)) : human === "" ? Effect.void : Console.log(human),
      note: (text) => Console.error(options.json ? jsonLine({ note: text }) : text),
      failure: (rendered) => Console.error(rendered)
    })
  )
