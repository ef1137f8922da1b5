/**
 * The command line as people write it, made the one that @effect/cli reads: the command, its options, `--`, its
 * arguments. Options stand anywhere, as in the vendor's tool (protocol 14), and its options are accepted by every command,
 * even where they mean nothing.
 */
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { UsageError } from "./Failure.ts"
import * as Flags from "./Flags.ts"
import * as Format from "./Format.ts"
import * as ObjectPath from "./ObjectPath.ts"
import { flagsOf, type WcsCommand } from "./WcsCommand.ts"

type Takes = Flags.Flag<unknown>["takes"]

/** Options that are commands, or ask for help. */
const special: ReadonlyMap<string, Takes> = new Map([
  ["help", "nothing"],
  ["version", "nothing"],
  ["configure", "nothing"],
  ["dump-config", "nothing"],
  ["ssl", "nothing"],
  // A flag in one of the vendor's tools, with a value in the other.
  ["debug", "switch"]
])

const letters: ReadonlyMap<string, string> = new Map([["h", "help"], ["s", "ssl"]])

const allFlags = (command: WcsCommand): ReadonlyArray<Flags.Flag<unknown>> => [
  ...flagsOf(command),
  ...command.children.flatMap(allFlags)
]

/** Every option of the tool. One name takes the same in every command. */
const options = (commands: ReadonlyArray<WcsCommand>) => {
  const flags = commands.flatMap(allFlags)
  return {
    takes: new Map([...flags.map(({ name, takes }) => [name, takes] as const), ...Flags.vendor, ...special]),
    letters: new Map([
      ...flags.flatMap(({ alias, name }) => alias === undefined ? [] : [[alias, name] as const]),
      ...letters
    ])
  }
}

const fail = (message: string, hint: string) => Either.left(new UsageError({ message, hint }))

const listed = (path: ReadonlyArray<string>) =>
  `wcscmd ${path.map((name) => `${name} `).join("")}--help lists what there is`

/** What is wrong with an option. */
interface Problem {
  readonly message: string
  /** The name that no option has. */
  readonly unknown?: string
}

interface Given {
  readonly name: string
  readonly value: string | undefined
}

/** Options, everything else, and what is wrong first. */
const split = (argv: ReadonlyArray<string>, commands: ReadonlyArray<WcsCommand>): {
  readonly given: ReadonlyArray<Given>
  readonly operands: ReadonlyArray<string>
  readonly problem: Problem | undefined
} => {
  const known = options(commands)
  const given: Array<Given> = []
  const operands: Array<string> = []
  const rest = [...argv]
  let problem: Problem | undefined
  const wrong = (message: string, unknown?: string) =>
    Either.left<Problem>({ message, ...(unknown !== undefined && { unknown }) })

  /** Reads one option; `inline` is the value that stands in the same word. */
  const take = (name: string, shown: string, inline: string | undefined): Either.Either<void, Problem> => {
    const takes = known.takes.get(name)
    if (takes === "nothing") {
      if (inline !== undefined) return wrong(`${shown} takes no value`)
      given.push({ name, value: undefined })
      return Either.void
    }
    if (takes === "switch") {
      const next = inline ?? rest[0]
      const isValue = inline !== undefined || (next !== undefined && Option.isSome(Flags.readSwitch(next)))
      if (isValue && inline === undefined) rest.shift()
      given.push({ name, value: isValue ? next : "1" })
      return Either.void
    }
    const value = inline ?? rest.shift()
    if (value === undefined) return wrong(`${shown} wants a value`)
    given.push({ name, value })
    return Either.void
  }

  /** The option of a name, or of the beginning of one of the vendor's names, as optparse has it. */
  const resolve = (name: string): Either.Either<string, Problem> => {
    if (known.takes.has(name)) return Either.right(name)
    const meant = [...Flags.vendor.keys()].filter((vendor) => vendor.startsWith(name))
    const [only] = meant
    return only !== undefined && meant.length === 1
      ? Either.right(only)
      : meant.length > 1
      ? wrong(`there is no option --${name}: did you mean --${meant.join(" or --")}?`)
      : wrong(`there is no option --${name}`, name)
  }

  const long = (word: string): Either.Either<void, Problem> => {
    const equals = word.indexOf("=")
    const name = word.slice(2, equals < 0 ? undefined : equals)
    const inline = equals < 0 ? undefined : word.slice(equals + 1)
    return Either.flatMap(resolve(name.replaceAll("_", "-")), (resolved) => take(resolved, `--${name}`, inline))
  }

  const short = (word: string): Either.Either<void, Problem> => {
    for (let at = 1; at < word.length; at += 1) {
      const letter = word.slice(at, at + 1)
      const name = known.letters.get(letter)
      if (name === undefined) return wrong(`there is no option -${letter}`)
      const more = word.slice(at + 1)
      const takesMore = known.takes.get(name) === "value" && more !== ""
      const taken = take(name, `-${letter}`, takesMore ? more : undefined)
      if (takesMore || Either.isLeft(taken)) return taken
    }
    return Either.void
  }

  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--") {
      for (const operand of rest.splice(0)) operands.push(operand)
    } else if (/^-$|^-\d|^[^-]|^$/.test(word)) {
      operands.push(word)
    } else {
      const read = word.startsWith("--") ? long(word) : short(word)
      if (Either.isLeft(read)) problem ??= read.left
    }
  }
  return { given, operands, problem }
}

/** How many letters have to change to make one word of another. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 0; i < a.length; i += 1) {
    row = b.split("").reduce(
      (next, letter, j) => [
        ...next,
        Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (a[i] === letter ? 0 : 1))
      ],
      [i + 1]
    )
  }
  return row[b.length] ?? 0
}

/** Those of many words that a word is likely to be a slip of. */
const near = (word: string, names: ReadonlyArray<string>): ReadonlyArray<string> => {
  const most = Math.min(2, word.length - 1)
  return names.filter((name) =>
    // Of a word of any length only what may be near is looked at letter by letter.
    Math.abs(word.length - name.length) <= most && distance(word.toLowerCase(), name.toLowerCase()) <= most
  )
}

/** What other tools call a command. */
const otherNames: ReadonlyMap<string, string> = new Map([
  ["ls", "list"],
  ["rm", "del"],
  ["delete", "del"],
  ["remove", "del"],
  ["upload", "put"],
  ["download", "get"],
  ["cat", "get"],
  ["copy", "cp"],
  ["move", "mv"],
  ["rename", "mv"]
])

const unknownCommand = (word: string, commands: ReadonlyArray<WcsCommand>, path: ReadonlyArray<string>) => {
  const names = commands.map(({ name }) => name)
  const other = names.filter((name) => name === otherNames.get(word.toLowerCase()))
  const meant = other.length > 0 ? other : near(word, names)
  const before = path.map((name) => `${name} `).join("")
  return fail(
    `there is no command ${before}${word}`,
    meant.length === 0 ? listed(path) : `did you mean ${before}${meant.join(" or ")}?`
  )
}

interface Target {
  readonly path: ReadonlyArray<string>
  readonly command: WcsCommand
  readonly operands: ReadonlyArray<string>
}

/** The command that the first words name. */
const find = (
  operands: ReadonlyArray<string>,
  commands: ReadonlyArray<WcsCommand>,
  path: ReadonlyArray<string> = []
): Either.Either<Target | undefined, UsageError> => {
  const [word, ...others] = operands
  if (word === undefined) return Either.right(undefined)
  const command = commands.find(({ name }) => name === word)
  if (command === undefined) return unknownCommand(word, commands, path)
  const here = { path: [...path, word], command, operands: others }
  return command.children.length === 0
    ? Either.right(here)
    : Either.map(find(others, command.children, here.path), (deeper) => deeper ?? here)
}

/** Tells what is wrong with an option, in view of those that the command has. */
const badOption = ({ message, unknown }: Problem, target: Target | undefined) => {
  const names = target === undefined ? [] : flagsOf(target.command).map(({ name }) => name)
  const meant = unknown === undefined ? [] : near(unknown, names)
  return fail(message, meant.length === 0 ? listed(target?.path ?? []) : `did you mean --${meant.join(" or --")}?`)
}

/** The command that does what an option was to do. */
const instead = (option: string, { command, operands: [object = ""] }: Target): string | undefined => {
  const path = ObjectPath.parse(object)
  if (command.name !== "del" || option !== "recursive" || Either.isLeft(path)) return undefined
  const { bucket, key } = path.right
  return `wcscmd deletePrefix ${Format.word(`wcs://${bucket}`)} ${Format.word(key.replace(/\/+$/, "") || "PREFIX")}`
}

/** Refuses an object and a file, or a URL and a bucket, that stand in each other's place. */
const inOrder = ({ command, operands, path }: Target): Either.Either<void, UsageError> => {
  const [first, second, ...others] = operands
  const [wanted, next] = command.usage.split(" ").map(ObjectPath.isRemote)
  if (first === undefined || second === undefined || next === undefined || wanted === next) return Either.void
  if (ObjectPath.isRemote(first) === wanted || ObjectPath.isRemote(second) === next) return Either.void
  const name = path.join(" ")
  return fail(
    `the arguments of ${name} stand the other way round: ${command.usage}`,
    `wcscmd ${[name, ...[second, first, ...others].map(Format.word)].join(" ")}`
  )
}

/** What a command line asks for: help on a command or on the tool, the version, or a run of words that @effect/cli reads. */
export type Request =
  | { readonly _tag: "Version" }
  | {
    readonly _tag: "Help"
    readonly path: ReadonlyArray<string>
    readonly command: WcsCommand | undefined
    /** False where a command is missing. */
    readonly wanted: boolean
  }
  | {
    readonly _tag: "Run"
    readonly path: ReadonlyArray<string>
    readonly command: WcsCommand
    readonly words: ReadonlyArray<string>
  }

/** Reads a command line. */
export const read = (
  argv: ReadonlyArray<string>,
  commands: ReadonlyArray<WcsCommand>
): Either.Either<Request, UsageError> =>
  Either.gen(function*() {
    const { given, operands, problem } = split(argv, commands)
    const asks = (name: string) => given.some((option) => option.name === name)
    const helps = asks("help") || operands[0] === "help"
    const named = operands[0] === "help" ? operands.slice(1) : operands
    const words = asks("configure") ? ["configure"] : asks("dump-config") ? ["dump-config"] : named
    const found = find(words, commands)
    if (problem !== undefined) return yield* badOption(problem, Either.getOrUndefined(found))
    const target = yield* found
    if (asks("version")) return { _tag: "Version" }
    if (helps || target === undefined || target.command.children.length > 0) {
      return { _tag: "Help", path: target?.path ?? [], command: target?.command, wanted: helps }
    }
    const declared = new Set(flagsOf(target.command).map(({ name }) => name))
    const tokens: Array<string> = []
    for (const { name, value } of given) {
      if (name === "debug") {
        if (Option.contains(Flags.readSwitch(value ?? "1"), true)) tokens.push("--debug")
      } else if (name === "ssl") {
        if (declared.has("ishttps")) tokens.push("--ishttps", "1")
      } else if (declared.has(name)) {
        tokens.push(`--${name}`, ...(value === undefined ? [] : [value]))
      } else if (!Flags.vendor.has(name) && !special.has(name)) {
        return yield* fail(
          `--${name} is no option of ${target.path.join(" ")}`,
          instead(name, target) ?? listed(target.path)
        )
      }
    }
    yield* inOrder(target)
    const { command, path } = target
    return { _tag: "Run", path, command, words: [...path, ...tokens, "--", ...target.operands] }
  })
