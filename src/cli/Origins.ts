/**
 * Where the value of each setting comes from.
 */
import type * as CliApp from "@effect/cli/CliApp"
import * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Settings from "../domain/Settings.ts"
import * as SettingText from "../domain/SettingText.ts"
import * as WcsConfigLayer from "../layers/WcsConfigLayer.ts"
import * as Flags from "./Flags.ts"

/** Where a value stands. */
export type Origin =
  | { readonly kind: "option"; readonly name: string }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "file"; readonly name: string; readonly line: number }
  | { readonly kind: "default" }

/** A setting and its value. */
export interface Found {
  readonly name: Settings.Name
  /** As in a file; empty for none, and for one that is bad: it may be, or hold, a secret. */
  readonly value: string
  readonly origin: Origin
  /** What is expected where the value is bad. */
  readonly expected: string | undefined
}

/** `--limit`, `WCS_LIMIT`, `/home/ann/.wcscfg:3` or `default`. */
export const format = (origin: Origin): string =>
  origin.kind === "default" ? "default" : origin.kind === "file" ? `${origin.name}:${origin.line}` : origin.name

/** The text of a setting, if a provider has one; an empty one counts as none. */
export const textOf = (provider: ConfigProvider.ConfigProvider, name: Settings.Name) =>
  Effect.map(Effect.option(provider.load(Config.nonEmptyString(Settings.variable(name)))), Option.getOrUndefined)

/** What a text is as a value; an empty one is the default. */
const judge = (name: Settings.Name, text: string): Pick<Found, "value" | "expected"> =>
  text === ""
    ? { value: Settings.about(name).default, expected: undefined }
    : Either.match(Settings.check(name, text), {
      onLeft: (expected) => ({ value: "", expected }),
      onRight: (value) => ({ value: Settings.table[name].secret ? SettingText.redacted : value, expected: undefined })
    })

/** What the sources say. */
export interface Settled {
  /** The file that was read, or would have been; `None` without a home. */
  readonly file: Option.Option<{ readonly path: string; readonly isThere: boolean }>
  /** Every setting, in the order of the table. */
  readonly settings: ReadonlyArray<Found>
  /** The lines of the file that set nothing known. */
  readonly unknown: ReadonlyArray<string>
  /** The values that count, as they stand in their sources. */
  readonly provider: ConfigProvider.ConfigProvider
}

/** Looks through the sources. */
export const find = (
  sources: WcsConfigLayer.Sources
): Effect.Effect<Settled, ConfigError.ConfigError, CliApp.CliApp.Environment> =>
  Effect.gen(function*() {
    const variables = yield* Effect.configProviderWith(Effect.succeed)
    const path = yield* WcsConfigLayer.findFile(sources)
    const cfg = yield* Effect.transposeMapOption(path, WcsConfigLayer.readFile)
    const file = Option.getOrElse(path, () => "")
    const entries = Option.match(cfg, { onNone: () => new Map<string, never>(), onSome: ({ entries }) => entries })

    const origin = (
      name: Settings.Name
    ): Effect.Effect<{ readonly name: Settings.Name; readonly text: string; readonly origin: Origin }> =>
      Effect.gen(function*() {
        const given = sources.overrides && (yield* textOf(sources.overrides, name))
        if (given !== undefined) {
          return { name, text: given, origin: { kind: "option", name: `--${Flags.settingName(name)}` } }
        }
        const variable = yield* textOf(variables, name)
        if (variable !== undefined) {
          return { name, text: variable, origin: { kind: "variable", name: Settings.variable(name) } }
        }
        const entry = entries.get(name)
        const text = entry === undefined ? "" : Redacted.value(entry.text)
        return entry === undefined || text === ""
          ? { name, text: "", origin: { kind: "default" } }
          : { name, text, origin: { kind: "file", name: file, line: entry.line } }
      })

    const found = yield* Effect.forEach(Settings.names, origin)
    const known: ReadonlySet<string> = new Set(Settings.names)
    const unknown = [...entries].flatMap(([name, { line }]) => known.has(name) ? [] : [`${file}:${line} sets ${name}`])
    const looked = Option.isSome(path) ? path : yield* WcsConfigLayer.defaultFile
    return {
      file: Option.map(looked, (path) => ({ path, isThere: path === file })),
      settings: found.map(({ name, origin, text }) => ({ name, origin, ...judge(name, text) })),
      unknown,
      provider: ConfigProvider.fromMap(new Map(found.map(({ name, text }) => [Settings.variable(name), text])))
    }
  })
