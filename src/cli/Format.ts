/**
 * Values as a person reads them.
 */
import * as DateTime from "effect/DateTime"

const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]

/** `1.4 MiB`; whole bytes below a KiB. */
export const size = (bytes: number): string => {
  const power = bytes < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1024 ** power
  return `${power === 0 ? value : value.toFixed(1)} ${units[power]}`
}

/** `2026-01-31T09:05:00Z`. */
export const time = (at: DateTime.Utc): string => `${DateTime.formatIso(at).slice(0, 19)}Z`

/** `1 file`, `2 files`. */
export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`

/**
 * A text on one line: control characters, and those that turn the direction of writing, are written as escapes, so that a
 * key can neither break a line nor play with the terminal.
 */
export const visible = (text: string): string =>
  // oxlint-disable-next-line no-control-regex
  text.replaceAll(/[\u0000-\u001f]/g, (character) => JSON.stringify(character).slice(1, -1))
    .replaceAll(
      /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`
    )

/** A text as one word of a shell. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** A text as a person writes it in a command line: in quotes only where a shell wants them. */
export const word = (text: string): string => /^[\w@%+=:,./-]+$/.test(text) ? text : quoted(visible(text))

/** The first sentence of a text: a line of a menu holds no more. */
export const brief = (text: string): string => /^.*?(?=[.:;](?: |$)|$)/.exec(text)?.[0] ?? text

/** A text of @effect/cli without its colours. */
export const plain = (text: string): string =>
  // oxlint-disable-next-line no-control-regex
  text.replaceAll(/\u001b\[[0-9;]*m/g, "")

/** Rows with their columns below each other; `right` names the columns that stand at their right edge. */
export const table = (
  rows: ReadonlyArray<ReadonlyArray<string>>,
  right: ReadonlyArray<number> = []
): string => {
  const widths: Array<number> = []
  for (const row of rows) {
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, cell.length)
    })
  }
  return rows.map((row) =>
    row.map((cell, i) =>
      right.includes(i)
        ? cell.padStart(widths[i] ?? 0)
        : i === row.length - 1
        ? cell
        : cell.padEnd(widths[i] ?? 0)
    ).join("  ").trimEnd()
  ).join("\n")
}
