/**
 * The options of `wcscmd`: what a command declares, and what the command line is read by.
 */
import * as Options from "@effect/cli/Options"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Settings from "../domain/Settings.ts"
import * as SettingText from "../domain/SettingText.ts"

/** An option of a command. */
export interface Flag<A> {
  /** Without dashes. */
  readonly name: string
  /** One letter. */
  readonly alias: string | undefined
  /** `switch`: a value such as `1` or `no` may follow; without one it is on. */
  readonly takes: "nothing" | "value" | "switch"
  /** What stands for its value in the help. */
  readonly what: string
  readonly description: string
  readonly options: Options.Options<A>
}

const make = <A>(
  flag: Omit<Flag<A>, "options" | "alias"> & { readonly alias?: string | undefined },
  options: Options.Options<A>
): Flag<A> => ({ ...flag, alias: flag.alias, options: Options.withDescription(options, flag.description) })

const named = <A>(options: Options.Options<A>, what: string, alias?: string): Options.Options<A> => {
  const shown = Options.withPseudoName(options, what)
  return alias === undefined ? shown : Options.withAlias(shown, alias)
}

/** On when it is given. */
export const toggle = (name: string, description: string, alias?: string): Flag<boolean> => {
  const option = Options.boolean(name)
  return make(
    { name, alias, takes: "nothing", what: "", description },
    alias === undefined ? option : Options.withAlias(option, alias)
  )
}

/** A text; `what` stands for it in the help. */
export const value = (
  name: string,
  what: string,
  description: string,
  alias?: string
): Flag<Option.Option<string>> =>
  make(
    { name, alias, takes: "value", what, description },
    Options.optional(named(Options.text(name), what, alias))
  )

/** A text that has to be given. */
export const required = (name: string, what: string, description: string): Flag<string> =>
  make({ name, takes: "value", what, description }, named(Options.text(name), what))

/** A text that may be given more than once. */
export const values = (name: string, what: string, description: string): Flag<ReadonlyArray<string>> =>
  make(
    { name, takes: "value", what, description: `${description} May be given more than once.` },
    Options.map(Options.repeated(named(Options.text(name), what)), (texts): ReadonlyArray<string> => texts)
  )

/** A whole number, 0 or more. */
export const count = (name: string, description: string, what = "N"): Flag<Option.Option<number>> =>
  make(
    { name, takes: "value", what, description },
    Options.optional(
      named(Options.text(name), what).pipe(
        Options.filterMap(
          (text) => /^\d{1,15}$/.test(text) ? Option.some(Number(text)) : Option.none(),
          `--${name} is a whole number, 0 or more`
        )
      )
    )
  )

/** What the text of a switch says. */
export const readSwitch: (text: string) => Option.Option<boolean> = Schema.decodeOption(SettingText.Flag)

/** Yes or no; the vendor's tool wants `1` or `0` behind it, which may be left out here. */
export const onOff = (name: string, description: string): Flag<Option.Option<boolean>> =>
  make(
    { name, takes: "switch", what: "0|1", description },
    Options.optional(
      named(Options.text(name), "0|1").pipe(
        Options.filterMap(readSwitch, `--${name} is 1 or 0`)
      )
    )
  )

/** The vendor's names of settings where they are not the setting's own. */
const vendorNames: { readonly [K in Settings.Name]?: string } = {
  notifyurl: "notify",
  persistentNotifyUrl: "persistentntyurl",
  detectNotifyURL: "detectntyurl",
  detectNotifyRule: "detectntyrule"
}

/** The option that sets a setting: `--block-size` of `block_size`. The command line also takes it with underscores. */
export const settingName = (name: Settings.Name): string => vendorNames[name] ?? name.replaceAll("_", "-").toLowerCase()

/** Whether a setting is a yes or a no. */
export const isSwitch = (name: Settings.Name): boolean => {
  const { schema } = Settings.table[name]
  return schema === SettingText.Switch || schema === SettingText.Flag
}

/** What stands for a setting's value in the help: its unit, the words that there are, or what kind of text it is. */
const whatOf = (name: Settings.Name): string => {
  const { unit } = Settings.table[name]
  if (unit !== undefined) return unit.toUpperCase()
  const expected = Settings.expected(name)
  if (/^(?:\w+, )*\w+ or \w+$/.test(expected)) return expected.replaceAll(/, | or /g, "|")
  return expected.startsWith("a whole number")
    ? "N"
    : expected.startsWith("a host")
    ? "HOST"
    : expected === "an absolute URL"
    ? "URL"
    : "TEXT"
}

/** The option of a setting, as text: it is read where `WCS_*` and the file are. */
const ofSetting = (name: Settings.Name): Flag<Option.Option<string>> => {
  const { default: byDefault, description } = Settings.about(name)
  const takes = isSwitch(name) ? "switch" : "value"
  const what = takes === "switch" ? "0|1" : whatOf(name)
  const shown = takes === "switch" ? byDefault.replace("True", "1").replace("False", "0") : byDefault
  return make(
    {
      name: settingName(name),
      takes,
      what,
      description: shown === "" ? description : `${description} Default: ${shown}.`
    },
    Options.optional(named(Options.text(settingName(name)), what))
  )
}

/** Settings that a command line gives, by their names. */
export type Overrides = ReadonlyMap<Settings.Name, string>

/** Settings as options of a command. */
export const ofSettings = (names: ReadonlyArray<Settings.Name>): {
  readonly flags: ReadonlyArray<Flag<unknown>>
  readonly options: Options.Options<Overrides>
} => {
  const flags = names.map(ofSetting)
  return {
    flags,
    options: Options.map(
      Options.all(flags.map(({ options }) => options)),
      (texts) =>
        new Map(names.flatMap((name, i) => {
          const text = texts[i]
          return text === undefined || Option.isNone(text) ? [] : [[name, text.value] as const]
        }))
    )
  }
}

/** What every command takes. */
export const common = {
  config: value("config", "FILE", "The file of settings. Default: ~/.wcscfg.", "c"),
  json: toggle("json", "Print results as JSON."),
  debug: toggle("debug", "Tell every step and print the whole of an error.", "d")
}

/** How the service is reached. */
export const connection: ReadonlyArray<Settings.Name> = [
  "access_key",
  "put_url",
  "mgr_url",
  "download_url",
  "ishttps",
  "isverify",
  "keepalive",
  "connection_retries",
  "connect_timeout",
  "connection_timeout",
  "stall_timeout",
  "logger_folder"
]

/** What an upload token allows and asks for. */
export const policy: ReadonlyArray<Settings.Name> = [
  ...Settings.names.filter((name) => Settings.table[name].option?.startsWith("policy.")),
  "deadline"
]

/** How uploads go. */
export const uploads: ReadonlyArray<Settings.Name> = [
  "traffic_limit",
  "checks",
  "block_size",
  "bput_size",
  "concurrency",
  "total_concurrency",
  "adaptive_concurrency",
  "on_busy",
  "mkblk_retries",
  "bput_retries",
  "mkfile_retries",
  "upload_timeout",
  "tmp_record_folder"
]

/** Which objects a listing holds. */
export const listing: ReadonlyArray<Settings.Name> = ["prefix", "marker", "limit", "mode"]

/** How a task runs. */
export const tasks: ReadonlyArray<Settings.Name> = ["notifyurl", "separate", "force"]

/** The options of the vendor's tool that take a value (protocol 14.2): any command accepts them, as there. */
const vendorValues = [
  "upload-id",
  "limit",
  "prefix",
  "mode",
  "marker",
  "relevance",
  "output",
  "notify",
  "returnurl",
  "returnbody",
  "callbackurl",
  "callbackbody",
  "persistentntyurl",
  "persistentops",
  "contentdetect",
  "detectntyurl",
  "detectntyrule",
  "hashalgorithm",
  "deadline",
  "traffic-limit",
  "startdate",
  "enddate",
  "storagetype"
]
const vendorSwitches = ["separate", "force", "overwrite", "islistdetails"]

/** The options of the vendor's tool, with what they take. */
export const vendor: ReadonlyMap<string, "value" | "switch"> = new Map([
  ...vendorValues.map((name) => [name, "value"] as const),
  ...vendorSwitches.map((name) => [name, "switch"] as const)
])
