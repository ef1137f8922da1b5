/**
 * The help of `wcscmd`: a page for the tool, and one for each command.
 */
import { sections } from "./commands/index.ts"
import { exitCodes } from "./Failure.ts"
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

/** The exit codes as the page of the tool names them. */
const exits = {
  done: "done",
  failed: "failed",
  usage: "usage",
  notFound: "not found",
  credentials: "credentials",
  alreadyExists: "exists already",
  network: "network",
  integrity: "integrity",
  partlyFailed: "partly failed",
  localFile: "local file",
  pending: "task pending",
  busy: "upload busy",
  interrupted: "interrupted",
  brokenPipe: "broken pipe",
  terminated: "terminated"
} satisfies { readonly [Name in keyof typeof exitCodes]: string }

const exitList = Object.entries(exits).map(([name, text]) => `${exitCodes[name as keyof typeof exits]} ${text}`)

/** How a command is called. */
export const usage = (path: ReadonlyArray<string>, { sections, usage }: WcsCommand): string =>
  `wcscmd ${[...path, usage].join(" ").trimEnd()}${sections.length === 0 ? "" : " [OPTION...]"}`

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
      `Settings come from options, then from WCS_* variables, then from ~/.wcscfg: wcscmd config shows them. Exit codes: ${
        exitList.join(", ")
      }.`,
      0
    )
  ].join("\n\n")

const ofCommand = (path: ReadonlyArray<string>, command: WcsCommand): string =>
  [
    usage(path, command),
    wrap(command.description, 0),
    ...command.examples.length === 0
      ? []
      : [`Examples:\n${command.examples.map((example) => `  wcscmd ${example}`).join("\n")}`],
    ...command.children.length === 0 ? [] : [`Commands:\n${commandTerms(command.children)}`],
    ...command.sections.flatMap(({ flags, title }) =>
      flags.length === 0 ? [] : [`${title}:\n${terms(flagRows(flags))}`]
    )
  ].join("\n\n")

/** The page of a command; without one that of the tool. */
export const render = (path: ReadonlyArray<string>, command: WcsCommand | undefined): string =>
  command === undefined ? ofTool() : ofCommand(path, command)
