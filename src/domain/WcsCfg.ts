/**
 * The `.wcscfg` file of the vendor's tool: read, written back, and as a `ConfigProvider` (protocol 13).
 *
 * @since 0.1.0
 */
import * as ConfigError from "effect/ConfigError"
import * as ConfigProvider from "effect/ConfigProvider"
import * as ConfigProviderPathPatch from "effect/ConfigProviderPathPatch"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as HashSet from "effect/HashSet"
import * as Redacted from "effect/Redacted"
import * as Settings from "./Settings.ts"
import { redacted } from "./SettingText.ts"

/**
 * A line that sets something.
 *
 * @since 0.1.0
 * @category models
 */
export interface Entry {
  /** Counted from 1. */
  readonly line: number
  /** Redacted, since any text may be a secret. */
  readonly text: Redacted.Redacted
}

/**
 * A line that reads as nothing. What stands in it is not repeated: it may be a secret.
 *
 * @since 0.1.0
 * @category models
 */
export interface Warning {
  /** Counted from 1. */
  readonly line: number
  readonly reason: string
}

/**
 * What a file says.
 *
 * @since 0.1.0
 * @category models
 */
export interface WcsCfg {
  /** By name, unknown names included. */
  readonly entries: ReadonlyMap<string, Entry>
  readonly warnings: ReadonlyArray<Warning>
}

const ignored = /^\s*(?:#.*|\[[^\]]+\].*)?$/
const assignment = /^\s*([\p{L}\p{N}_]+)\s*=(.*)$/u
const quoted = /^"(.*)"$/

/**
 * Reads the text of a file. Sections are ignored, the last line of a name wins, double quotes around a whole value are
 * taken off, and a comment has a line of its own. Any other line is a warning (protocol 13.1).
 *
 * @since 0.1.0
 * @category encoding
 */
export const parse = (text: string): WcsCfg => {
  const entries = new Map<string, Entry>()
  const warnings: Array<Warning> = []
  for (const [index, content] of text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/).entries()) {
    if (ignored.test(content)) continue
    const line = index + 1
    const [, name, value] = assignment.exec(content) ?? []
    if (name === undefined || value === undefined) {
      warnings.push({ line, reason: "is ignored: it is no section, no comment and no `name = value`" })
    } else {
      const trimmed = value.trim()
      entries.set(name, { line, text: Redacted.make(quoted.exec(trimmed)?.[1] ?? trimmed) })
    }
  }
  return { entries, warnings }
}

/** Names by code point, as in the vendor's dump (protocol 13.3). */
const sorted = Settings.names.toSorted()

const isQuotable = (text: string) => text !== text.trim() || quoted.test(text)

/**
 * Writes settings as a file that reads as the same settings. Secrets are left out unless they are asked for, which is
 * for a file that only its owner can read (protocol 13.3).
 *
 * @since 0.1.0
 * @category encoding
 */
export const render = (
  values: Settings.Values,
  options: { readonly secrets: "redacted" | "shown" } = { secrets: "redacted" }
): string => {
  const textOf = (name: Settings.Name) => {
    const text = Settings.toText(name, values[name])
    if (text === "") return text
    if (Settings.table[name].secret && options.secrets === "redacted") return redacted
    return isQuotable(text) ? `"${text}"` : text
  }
  return ["[default]", ...sorted.map((name) => `${name} = ${textOf(name)}`), ""].join("\n")
}

const nameOf: ReadonlyMap<string, Settings.Name> = new Map(
  Settings.names.map((name) => [Settings.variable(name), name])
)

/**
 * A file as a source of settings, each under the name of its environment variable. What is wrong with a value is told
 * with the file's name and the line.
 *
 * @since 0.1.0
 * @category conversions
 */
export const toProvider = (self: WcsCfg, file: string): ConfigProvider.ConfigProvider =>
  ConfigProvider.fromFlat(ConfigProvider.makeFlat({
    load: (path, primitive) => {
      const name = nameOf.get(path.join("_"))
      const entry = name === undefined ? undefined : self.entries.get(name)
      if (name === undefined || entry === undefined) {
        return Effect.fail(ConfigError.MissingData([...path], `is not set in ${file}`))
      }
      return Either.mapBoth(primitive.parse(Redacted.value(entry.text)), {
        onLeft: (error) =>
          ConfigError.isInvalidData(error)
            ? ConfigError.InvalidData([name], `line ${entry.line} of ${file}: ${error.message}`)
            : ConfigError.prefixed(error, [name]),
        onRight: (value) => [value]
      })
    },
    enumerateChildren: (path) =>
      Effect.succeed(path.length === 0 ? HashSet.fromIterable(nameOf.keys()) : HashSet.empty()),
    patch: ConfigProviderPathPatch.empty
  }))
