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

// What Unicode calls a line separator is a character like any other here.
const ignored = /^\s*(?:#.*|\[[^\]]+\].*)?$/s
const assignment = /^\s*([\p{L}\p{N}_]+)\s*=(.*)$/su
const quoted = /^"(.*)"$/s
const lineBreak = /\r\n|\r|\n/
const byteOrderMark = /^\uFEFF/

/** The value that stands behind the `=` of a line. */
const valueOf = (text: string): string => quoted.exec(text.trim())?.[1] ?? text.trim()

/** What a line sets; `undefined` where that is nothing. */
const readLine = (line: string): { readonly name: string; readonly value: string } | undefined => {
  const [, name, value] = assignment.exec(line) ?? []
  return name === undefined || value === undefined ? undefined : { name, value: valueOf(value) }
}

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
  for (const [index, content] of text.replace(byteOrderMark, "").split(lineBreak).entries()) {
    if (ignored.test(content)) continue
    const line = index + 1
    const read = readLine(content)
    if (read === undefined) {
      warnings.push({ line, reason: "is ignored: it is no section, no comment and no `name = value`" })
    } else {
      entries.set(read.name, { line, text: Redacted.make(read.value) })
    }
  }
  return { entries, warnings }
}

/** Names by code point, as in the vendor's dump (protocol 13.3). */
const sorted = Settings.names.toSorted()

/** A value as it stands in a file. */
const written = (text: string): string => text !== text.trim() || quoted.test(text) ? `"${text}"` : text

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
    return written(text)
  }
  return ["[default]", ...sorted.map((name) => `${name} = ${textOf(name)}`), ""].join("\n")
}

/**
 * Sets values in the text of a file and leaves everything else as it is: comments, sections, order, unknown names, line
 * breaks, and the lines whose value stays. A name that the file does not set gets a line at its end. The text holds
 * secrets as it did: it is for the file alone.
 *
 * @since 0.1.0
 * @category encoding
 */
export const edit = (text: string, values: ReadonlyMap<Settings.Name, string>): string => {
  const mark = byteOrderMark.exec(text)?.[0] ?? ""
  // Lines at the even places, their ends at the odd ones.
  const parts = text.slice(mark.length).split(/(\r\n|\r|\n)/)
  const newLine = parts[1] ?? "\n"
  // The last line of a name is the one that counts.
  const places = new Map(parts.map((part, place) => [readLine(part)?.name, place]))
  const added: Array<string> = []
  for (const [name, value] of values) {
    const place = places.get(name)
    const line = parts[place ?? parts.length]
    if (place === undefined || line === undefined) {
      added.push(`${name} = ${written(value)}${newLine}`)
    } else if (readLine(line)?.value !== value) {
      const before = /^[^=]*=\s*/.exec(line)?.[0]
      parts[place] = before === line ? `${line.trimEnd()} ${written(value)}` : before + written(value)
    }
  }
  const edited = parts.join("")
  const begun = edited === "" ? `[default]${newLine}` : parts.at(-1) === "" ? edited : `${edited}${newLine}`
  return mark + (added.length === 0 ? edited : begun + added.join(""))
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
