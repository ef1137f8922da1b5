/**
 * Settings: what they are, where they come from, and the questions that set them.
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Redacted from "effect/Redacted"
import * as Settings from "../../domain/Settings.ts"
import { redacted } from "../../domain/SettingText.ts"
import * as WcsCfg from "../../domain/WcsCfg.ts"
import { WcsFileError } from "../../domain/WcsError.ts"
import * as localTarget from "../../internal/localTarget.ts"
import * as recordFolder from "../../internal/recordFolder.ts"
import * as source from "../../internal/source.ts"
import * as WcsConfigLayer from "../../layers/WcsConfigLayer.ts"
import * as Ask from "../Ask.ts"
import { UsageError } from "../Failure.ts"
import * as Flags from "../Flags.ts"
import * as Format from "../Format.ts"
import * as Origins from "../Origins.ts"
import { Output } from "../Output.ts"
import * as WcsCommand from "../WcsCommand.ts"

/** A secret is no option: the whole machine can read a command line. */
const all = Settings.names.filter((name) => !Settings.table[name].secret)

const fileLine = (file: Origins.Settled["file"]): string =>
  Option.match(file, {
    onNone: () => "There is no file of settings, and no home for a ~/.wcscfg.",
    onSome: ({ isThere, path }) =>
      isThere
        ? `The file of settings is ${Format.visible(path)}.`
        : `The file of settings would be ${Format.visible(path)}, which is not there.`
  })

export const config = WcsCommand.local("config", {
  description: "Show every setting, its value, and where that comes from.",
  examples: ["config", "config -c other.cfg"],
  settings: all
}, (_, sources) =>
  Effect.gen(function*() {
    const output = yield* Output
    const { file, provider, settings: found, unknown } = yield* Origins.find(sources)
    const { folder } = yield* recordFolder.make(undefined)
    const settings = found.map((setting) =>
      setting.name === "tmp_record_folder" && setting.origin.kind === "default"
        ? { ...setting, value: folder }
        : setting
    )
    yield* output.result(
      settings.map(({ expected, name, origin, value }) => ({
        name,
        value: value === "" ? null : value,
        origin,
        ...(expected !== undefined && { expected })
      })),
      `${fileLine(file)}\n\n${
        Format.table(settings.map(({ expected, name, origin, value }) => [
          name,
          expected === undefined ? Format.visible(value) || "-" : `bad: expected ${expected}`,
          Origins.format(origin)
        ]))
      }`
    )
    for (const line of unknown) yield* output.note(`${line}, which is no setting`)
    const bad = settings.filter(({ expected }) => expected !== undefined)
    if (bad.length > 0) {
      return yield* new UsageError({
        message: bad.map(({ expected, origin }) => `${Origins.format(origin)}: expected ${expected}`).join("; ")
      })
    }
    // What is right by itself may still not go together.
    yield* provider.load(WcsConfigLayer.config)
  }))

export const dumpConfig = WcsCommand.local("dump-config", {
  description: "Print the settings as a file of settings, without secrets; --dump-config is the same.",
  examples: ["dump-config"],
  settings: all
}, (_, sources) =>
  Effect.gen(function*() {
    const provider = yield* WcsConfigLayer.providerDefault(sources)
    const values = yield* provider.load(Settings.config)
    const text = (name: Settings.Name) => Settings.toText(name, values[name])
    yield* (yield* Output).result(
      Object.fromEntries(Settings.names.map((name) => [
        name,
        Settings.table[name].secret && text(name) !== "" ? redacted : text(name)
      ])),
      WcsCfg.render(values).replace(/\n$/, "")
    )
  }))

/** What the vendor's tool asks, in its order (protocol 14.2): a script answers that. */
const vendors: ReadonlyArray<Settings.Name> = [
  "access_key",
  "secret_key",
  "put_url",
  "mgr_url",
  "block_size",
  "bput_size",
  "connection_retries",
  "connection_timeout",
  "mkblk_retries",
  "bput_retries",
  "mkfile_retries",
  "tmp_record_folder",
  "concurrency",
  "ishttps",
  "isverify",
  "mode",
  "keepalive",
  "deadline",
  "traffic_limit"
]

/** What a person is asked first, and what is told of it. */
const needed: ReadonlyMap<Settings.Name, string> = new Map([
  ["access_key", "The access key of the account. Left empty, nothing can be asked of the service."],
  ["secret_key", "The secret key that goes with it. What is typed does not show."],
  [
    "put_url",
    "The upload domain of the account, such as account.up0.v1.wcsapi.com. Left empty, nothing can be uploaded."
  ],
  [
    "mgr_url",
    "The management domain of the account, such as account.mgr0.v1.wcsapi.com. Left empty, only uploads, and get of single objects, work."
  ],
  [
    "download_url",
    "The domain of downloads; where each bucket has its own, {bucket} stands for its name. Left empty, get, imageinfo, exif and avinfo do not work."
  ]
])

/** What is asked of a person who wants to say more. */
const others = vendors.filter((name) => !needed.has(name))

const asked: ReadonlyArray<Settings.Name> = [...needed.keys(), ...others]

/** What a person is told of a setting before its question. */
const explain = (name: Settings.Name): string => {
  const { default: byDefault, description } = Settings.about(name)
  const { unit } = Settings.table[name]
  return needed.get(name) ??
    `${description}${unit === undefined ? "" : ` In ${unit}.`}${byDefault === "" ? "" : ` Default: ${byDefault}.`}`
}

type Values = ReadonlyMap<Settings.Name, string>

/** As in the vendor's tool whatever begins with y is a yes; what else is neither yes nor no is asked again. */
const answerOf = (name: Settings.Name, text: string): Either.Either<string, string> => {
  const [letter] = text.trim().toLowerCase()
  const word = Flags.isSwitch(name) && (letter === "y" || letter === "n") ? (letter === "y" ? "yes" : "no") : text
  return Settings.check(name, word)
}

/** Asks for values; Enter keeps the one in brackets. */
const askFor = (ask: Ask.Ask, names: Iterable<Settings.Name>, current: Values) =>
  Effect.gen(function*() {
    const { note } = yield* Output
    const values = new Map(current)
    for (const name of names) {
      if (ask.isTerminal) yield* note(`\n${explain(name)}`)
      const { secret } = Settings.table[name]
      const now = values.get(name) ?? ""
      const shown = now === "" ? "" : ` [${secret ? "hidden" : Format.visible(now)}]`
      let given: string | undefined
      while (given === undefined) {
        const text = (yield* ask.line(`${name}${shown}: `, { hidden: secret })).trim()
        const answer = text === "" ? Either.right(now) : answerOf(name, text)
        if (Either.isRight(answer)) given = answer.right
        else if (ask.isTerminal) yield* note(`  expected ${answer.left}`)
        else return yield* new UsageError({ message: `${name}: expected ${answer.left}; nothing was saved` })
      }
      values.set(name, given)
    }
    return values
  })

/** A person is asked for what is needed and, if that is wanted, for the rest; a script for what the vendor's tool asks. */
const askAll = (ask: Ask.Ask, current: Values) =>
  Effect.gen(function*() {
    if (!ask.isTerminal) return yield* askFor(ask, vendors, current)
    const values = yield* askFor(ask, needed.keys(), current)
    yield* (yield* Output).note(`\nThe other ${others.length} settings keep their values.`)
    return saysYes(yield* ask.line("Ask for them, too? [y/N] "), false) ? yield* askFor(ask, others, values) : values
  })

const saysYes = (text: string, byDefault: boolean): boolean =>
  text.trim() === "" ? byDefault : text.trim().toLowerCase().startsWith("y")

/** The file itself where the path is a link to it, even to one that is not there yet. */
const behindLinks = (file: string): Effect.Effect<string, never, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    // A chain that is longer leads nowhere: the system has such a bound, too.
    for (let at = file, links = 0; links < 40; links += 1) {
      const target = yield* Effect.option(fs.readLink(at))
      if (Option.isNone(target)) return at
      at = path.resolve(path.dirname(at), target.value)
    }
    return file
  })

/** The text of a file that is text; empty where there is none. */
const textOf = (file: string): Effect.Effect<string, WcsFileError, FileSystem.FileSystem> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const bytes = yield* fs.readFile(file).pipe(
      Effect.catchIf((error) => error._tag === "SystemError" && error.reason === "NotFound", () =>
        Effect.succeed(new Uint8Array())),
      Effect.mapError(source.fileError(file))
    )
    return yield* Effect.try({
      try: () =>
        new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes),
      catch: () => new WcsFileError({ reason: "Unreadable", path: file, detail: "it is not UTF-8; nothing was saved" })
    })
  })

/** Puts a text in a file's place; nobody but its owner can read it, from its first byte on. */
const replace = (file: string, text: string): Effect.Effect<void, WcsFileError, FileSystem.FileSystem> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const temporary = `${file}.${yield* Random.nextIntBetween(0, Number.MAX_SAFE_INTEGER)}.tmp`
    yield* fs.writeFileString(temporary, text, { flag: "wx", mode: 0o600 }).pipe(
      Effect.zipRight(fs.rename(temporary, file)),
      Effect.onError(() => Effect.ignore(fs.remove(temporary, { force: true }))),
      Effect.uninterruptible,
      Effect.mapError(localTarget.unwritable(file))
    )
  })

/** The right values of a file. */
const valuesOf = (text: string): Values =>
  new Map([...WcsCfg.parse(text).entries].flatMap(([key, entry]) => {
    const name = asked.find((name) => name === key)
    const value = name && Settings.check(name, Redacted.value(entry.text))
    return name && value && Either.isRight(value) ? [[name, value.right]] : []
  }))

/** What is to be written: all that has a value, but not what the file says already, in whatever words. */
const changed = (text: string, values: Values): Values => {
  const before = valuesOf(text)
  const there = WcsCfg.parse(text).entries
  return new Map([...values].filter(([name, value]) => value !== before.get(name) && (value !== "" || there.has(name))))
}

const unsaved = "nothing was saved"

/** Asks until the answers are to be saved; `None` where they are not. */
const settle = (
  ask: Ask.Ask,
  current: Values
): Effect.Effect<Option.Option<Values>, Ask.EndOfInput | UsageError, Output> =>
  Effect.gen(function*() {
    let values = current
    for (;;) {
      values = yield* askAll(ask, values)
      if (saysYes(yield* ask.line("Save settings? [y/N] "), false)) return Option.some(values)
      if (!saysYes(yield* ask.line("Retry configuration? [Y/n] "), true)) return Option.none()
    }
  })

/** The variables of the environment that say something else than what is saved. */
const hiding = (values: Values) =>
  Effect.gen(function*() {
    const variables = yield* Effect.configProviderWith(Effect.succeed)
    const names = yield* Effect.filter(values.keys(), (name) =>
      Effect.map(Origins.textOf(variables, name), (text) =>
        text !== undefined && Either.getOrUndefined(Settings.check(name, text)) !== values.get(name)))
    return names.map(Settings.variable)
  })

export const configure = WcsCommand.local("configure", {
  description: "Ask for the account and write it to the file of settings; --configure is the same."
}, (_, { file }) =>
  Effect.gen(function*() {
    const named = file === undefined ? yield* WcsConfigLayer.defaultFile : Option.some(file)
    if (Option.isNone(named)) {
      return yield* new UsageError({ message: "there is no home to write ~/.wcscfg to", hint: "name a file: -c FILE" })
    }
    const target = yield* behindLinks(named.value)
    const text = yield* textOf(target)
    const output = yield* Output
    const ask = yield* Ask.make
    yield* output.note(`Enter keeps the value in brackets. The file is ${named.value}.`)
    const defaults = asked.map((name) => [name, Settings.about(name).default] as const)
    const answers = yield* settle(ask, new Map([...defaults, ...valuesOf(text)])).pipe(
      Effect.onInterrupt(() => output.note(unsaved))
    )
    if (Option.isNone(answers)) return yield* output.result({ file: named.value, saved: false }, unsaved)
    yield* replace(target, WcsCfg.edit(text, changed(text, answers.value)))
    yield* output.result({ file: named.value, saved: true }, `saved to ${named.value}`)
    for (const variable of yield* hiding(answers.value)) {
      yield* output.note(`${variable} is set and goes before this file`)
    }
  }).pipe(
    Effect.catchTag("EndOfInput", () =>
      new UsageError({ message: "the input ended before all was answered; nothing was saved" }))
  ))
