/**
 * The help of `wcscmd`: a page for the tool, and one for each command.
 */
import { sections } from "./commands/index.ts"
import * as Flags from "./Flags.ts"
import * as Format from "./Format.ts"
import type { WcsCommand } from "./WcsCommand.ts"

const width = 100

/** A text in lines of the page's width. */
const wrap = (text: string, indent: number): string => {
  const lines = [""]
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? ""
    if (line !== "" && line.length + word.length + 1 > width - indent) lines.push(word)
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`
  }
  return lines.join(`\n${" ".repeat(indent)}`)
}

/** Names at the left, what they mean at the right. */
const terms = (rows: ReadonlyArray<readonly [name: string, text: string]>): string => {
  const indent = Math.min(30, Math.max(...rows.map(([name]) => name.length))) + 4
  return rows.map(([name, text]) =>
    name.length + 4 > indent
      ? `  ${name}\n${" ".repeat(indent)}${wrap(text, indent)}`
      : `  ${name.padEnd(indent - 2)}${wrap(text, indent)}`
  ).join("\n")
}

const flagName = ({ alias, name, what }: Flags.Flag<unknown>): string =>
  `${alias === undefined ? "" : `-${alias}, `}--${name}${what === "" ? "" : ` ${what}`}`

const flagRows = (flags: ReadonlyArray<Flags.Flag<unknown>>) =>
  flags.map((flag) => [flagName(flag), flag.description] as const)

const commandTerms = (commands: ReadonlyArray<WcsCommand>) =>
  terms(commands.map(({ description, name }) => [name, `${Format.brief(description)}.`]))

const ofTool = (): string =>
  [
    "wcscmd COMMAND [ARGUMENT...] [OPTION...]",
    "Objects of Wangsu Cloud Storage from the command line.",
    ...sections.map(({ commands, title }) => `${title}:\n${commandTerms(commands)}`),
    `Every command:\n${
      terms([
        ...flagRows(Object.values(Flags.common)),
        ["-h, --help", "Show help, of a command or of the tool."],
        ["--version", "Show the version."]
      ])
    }`,
    wrap(
      "Settings come from options, then from WCS_* variables, then from ~/.wcscfg: wcscmd config shows them. Exit codes: 0 done, 1 failed, 2 usage, 3 not found, 4 credentials, 5 exists already, 6 network, 7 integrity, 8 partly failed, 9 local file, 10 task pending, 130 interrupted.",
      0
    )
  ].join("\n\n")

const ofCommand = (path: ReadonlyArray<string>, { children, description, sections, usage }: WcsCommand): string =>
  [
    `wcscmd ${[...path, usage].join(" ").trimEnd()}${sections.length === 0 ? "" : " [OPTION...]"}`,
    wrap(description, 0),
    ...children.length === 0 ? [] : [`Commands:\n${commandTerms(children)}`],
    ...sections.flatMap(({ flags, title }) => flags.length === 0 ? [] : [`${title}:\n${terms(flagRows(flags))}`])
  ].join("\n\n")

/** The page of a command; without one that of the tool. */
export const render = (path: ReadonlyArray<string>, command: WcsCommand | undefined): string =>
  command === undefined ? ofTool() : ofCommand(path, command)
