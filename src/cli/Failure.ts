/**
 * How `wcscmd` ends: an exit code for each thing that a script would do differently, and what a person is told.
 */
import * as ConfigError from "effect/ConfigError"
import * as Data from "effect/Data"
import * as Exit from "effect/Exit"
import * as Predicate from "effect/Predicate"
import * as Settings from "../domain/Settings.ts"
import type { WcsError, WcsFileError, WcsInvalidInput } from "../domain/WcsError.ts"
import { isWcsError } from "../domain/WcsError.ts"
import * as localTarget from "../internal/localTarget.ts"
import * as Flags from "./Flags.ts"
import * as Format from "./Format.ts"
import { jsonLine, type Output } from "./Output.ts"

/** The exit codes. */
export const exitCodes = {
  done: 0,
  /** Anything without a code of its own. */
  failed: 1,
  /** The command line, a setting or an argument is wrong; nothing was sent. */
  usage: 2,
  notFound: 3,
  /** The credentials are missing, were refused, or do not cover this. */
  credentials: 4,
  alreadyExists: 5,
  /** No answer, or one that asks to come again. */
  network: 6,
  /** What is stored or what arrived is not what it should be. */
  integrity: 7,
  /** Some of many failed. */
  partlyFailed: 8,
  /** A local file or record cannot be used. */
  localFile: 9,
  /** A task had not ended in the time that was given. */
  pending: 10,
  /** Another process works on the same upload. */
  busy: 11,
  interrupted: 130,
  /** Whoever read the results went away, as `head` does. */
  brokenPipe: 141,
  terminated: 143
} as const

/** A command line that cannot work. */
export class UsageError extends Data.TaggedError("UsageError")<{ readonly message: string; readonly hint?: string }> {}

/** Some of many failed; each has been told of. */
export class PartlyFailed
  extends Data.TaggedError("PartlyFailed")<{ readonly message: string; readonly hint?: string | undefined }>
{}

/** What failed of many failed since another process works on it; each has been told of. */
export class Busy extends Data.TaggedError("Busy")<{ readonly message: string; readonly hint?: string | undefined }> {}

/** A local folder without files, where that would delete what is in the service. */
export class EmptyFolder
  extends Data.TaggedError("EmptyFolder")<{ readonly message: string; readonly hint?: string }>
{}

/** Nothing is where something was to be. */
export class NotFound extends Data.TaggedError("NotFound")<{ readonly message: string; readonly hint?: string }> {}

/** Something outside of the service did not work. */
export class Failed extends Data.TaggedError("Failed")<{ readonly message: string; readonly hint?: string }> {}

/** What a command may fail with. */
export type CommandError =
  | WcsError
  | ConfigError.ConfigError
  | UsageError
  | NotFound
  | EmptyFolder
  | PartlyFailed
  | Busy
  | Failed

const ownCodes = {
  UsageError: exitCodes.usage,
  NotFound: exitCodes.notFound,
  EmptyFolder: exitCodes.localFile,
  PartlyFailed: exitCodes.partlyFailed,
  Busy: exitCodes.busy,
  Failed: exitCodes.failed
}

/** Who tells of a failure: the command, and the settings and the file of settings that its command line gives. */
export type Speaker = Pick<Output["Type"], "command" | "overrides" | "file">

/** Before a command is known. */
export const nobody: Speaker = { command: "", overrides: new Map(), file: undefined }

/** How a failure is told. */
export interface Description {
  readonly tag: string
  readonly code: number
  /** The command, where it is the command that failed and not something that has a name of its own. */
  readonly subject?: string | undefined
  readonly message: string
  /** What to do next. */
  readonly hint?: string | undefined
}

const later = "it has been tried again already; try again later, or raise --connection-retries"

/** Where another process is at work. */
export const busyHint = "wait for its end, or stop it; uploads take --on-busy wait, or --on-busy join"

const keysHint =
  "set WCS_ACCESS_KEY and WCS_SECRET_KEY, or access_key and secret_key in ~/.wcscfg: wcscmd --configure asks for them"

const keys = new Set((["access_key", "secret_key"] as const).map(Settings.variable))

/** One key is of no use without the other. */
const lacksKey = (error: ConfigError.ConfigError): boolean =>
  error._op === "MissingData" && keys.has(error.path.join("_"))

const timeoutHints = {
  Connect: "check the hosts and the network: wcscmd config; or raise --connect-timeout",
  Answer: "raise --connection-timeout, or try again later",
  Stall: "check the network, or raise --stall-timeout; the same command goes on with what it has stored",
  Upload: "raise --upload-timeout, or run the same command again"
}

/** What was not found depends on what was asked for. */
const notFoundHint = (operation: string): string =>
  operation === "fmgr/status" || operation === "fops/status"
    ? "check the id: fmgrStatus knows the tasks of file management, fopsStatus those of fops"
    : /^(bucket|fmgr|wslive)\/|^(list|imageDetect)$/.test(operation)
    ? "check the bucket: wcscmd listbucket"
    : operation === "prefetch"
    ? "check the bucket: wcscmd listbucket; it needs a mirror source"
    : operation === "exif"
    ? "check the name: wcscmd list wcs://BUCKET; an image without tags is answered so, too"
    : operation === "delete"
    ? "check the bucket and the name: wcscmd list wcs://BUCKET; deletePrefix deletes all that is in a folder"
    : "check the bucket and the name: wcscmd list wcs://BUCKET"

/** A host that is not set, as the library tells of it: `uploadUrl: … needs it (WCS_PUT_URL)`. */
const missingHost = /(\w+Url): .* needs it \(.*WCS_\w+\)/

const settingOf = (option: string | undefined): Settings.Name | undefined =>
  Settings.names.find((name) => option !== undefined && Settings.table[name].option === option)

/** How a host that is not set is set. */
const hostHint = ({ message }: WcsInvalidInput): string | undefined => {
  const setting = settingOf(missingHost.exec(message)?.[1])
  return setting === undefined
    ? undefined
    : `set it with --${Flags.settingName(setting)}, ${Settings.variable(setting)} or ${setting} in ~/.wcscfg`
}

/** How a folder that a file is to be written into comes to be. */
const folderHint = ({ detail, path, reason }: WcsFileError): string | undefined =>
  // One that is to be read is told of in the same words, and misspelt: an empty one would pass for what was meant.
  reason === "Unwritable" && detail === localTarget.noFolder
    ? `mkdir -p ${Format.word(path.replace(/(?<=.)\/$/, ""))}${path.endsWith("/") ? ", and name a file in it" : ""}`
    : undefined

const ofWcs = (error: WcsError): Omit<Description, "tag" | "subject" | "message"> => {
  switch (error._tag) {
    case "WcsNotFound":
      return { code: exitCodes.notFound, hint: notFoundHint(error.operation) }
    case "WcsUnauthorized":
      return {
        code: exitCodes.credentials,
        hint:
          "check access_key (--access-key, WCS_ACCESS_KEY) and secret_key (WCS_SECRET_KEY): wcscmd config shows where they come from"
      }
    case "WcsTokenExpired":
      return { code: exitCodes.credentials, hint: "raise --deadline, or check this machine's clock" }
    case "WcsMissingCredentials":
      return { code: exitCodes.credentials, hint: keysHint }
    case "WcsAlreadyExists":
      return { code: exitCodes.alreadyExists, hint: "choose another name, or --overwrite 1" }
    case "WcsNetworkError":
      return { code: exitCodes.network, hint: "check the hosts and the network: wcscmd config" }
    case "WcsUntrustedServer":
      return {
        code: exitCodes.failed,
        hint: "check the host; the certificate of an authority of your own goes into NODE_EXTRA_CA_CERTS"
      }
    case "WcsTimeout":
      return { code: exitCodes.network, hint: timeoutHints[error.reason] }
    case "WcsThrottled":
    case "WcsServerFailure":
      return { code: exitCodes.network, hint: later }
    case "WcsStaleBlock":
      return { code: exitCodes.failed, hint: "run the same command again" }
    case "WcsIntegrityError":
      return {
        code: exitCodes.integrity,
        hint: error.operation === "download"
          ? "do not trust what arrived; get it again"
          : "do not trust what is stored; upload it again"
      }
    case "WcsInvalidInput":
      return { code: exitCodes.usage, hint: hostHint(error) }
    case "WcsFileError":
      return error.reason === "Exists"
        ? { code: exitCodes.alreadyExists, hint: "choose another name, or --force" }
        : { code: exitCodes.localFile, hint: folderHint(error) }
    case "WcsProgressError":
      return error.reason === "Busy" ? { code: exitCodes.busy, hint: busyHint } : {
        code: exitCodes.localFile,
        hint: /another (?:size|source)/.test(error.detail)
          ? `the file is not what it was: put it again, and wcscmd uploads drop ${error.uploadId}`
          : "look at wcscmd uploads list; --tmp-record-folder names another folder"
      }
    case "WcsTaskPending":
      return {
        code: exitCodes.pending,
        hint: `the task goes on; ask again: wcscmd ${error.operation.split("/")[0]}Status ${error.persistentId}`
      }
    case "WcsUndecodableAnswer":
      return error.stored === true
        ? { code: exitCodes.failed, hint: "the object is stored; mend the policy's returnBody" }
        : { code: exitCodes.network, hint: "something between here and the service answers for it; check the hosts" }
    case "WcsCallbackFailed":
      return { code: exitCodes.failed, hint: "the object is stored; mend the callback, do not upload again" }
    case "WcsWrongPosition":
    case "WcsRefused":
    case "WcsBadCallback":
      return { code: exitCodes.failed }
  }
}

/** What is wrong with settings: one text for each, by the option that gave it or by its name in the environment. */
const settingProblems = (error: ConfigError.ConfigError, speaker: Speaker): ReadonlyArray<string> => {
  if (error._op === "And" || error._op === "Or") {
    return [...settingProblems(error.left, speaker), ...settingProblems(error.right, speaker)]
  }
  const variable = error.path.join("_")
  const option = [...speaker.overrides.keys()].find((name) => Settings.variable(name) === variable)
  return [`${option === undefined ? variable : `--${Flags.settingName(option)}`}: ${error.message}`]
}

/** Arguments of the library that options give which are no settings. */
const inputs: { readonly [input: string]: string } = {
  mimeType: "--mime-type",
  retention: "--retention",
  position: "--position",
  "policy.saveKey": "--save-key",
  "policy.fsizeLimit": "--fsize-limit",
  "policy.lastModifiedTime": "--last-modified-time"
}

/** What an argument of the library is called here. */
const inputName = (input: string, { overrides }: Speaker): string => {
  const setting = settingOf(input)
  return setting === undefined
    ? inputs[input] ?? input.replace(/^custom\./, "--custom ").replace(/^policy\./, "")
    : overrides.has(setting)
    ? `--${Flags.settingName(setting)}`
    : setting
}

/** What the library says to a program, and what is said to who has a command line. */
const libraryWords = [
  ["the same call", "the same command"],
  // The hint says it.
  ["; check the secret key (WCS_SECRET_KEY)", ""]
] as const

/** An error's message in the words of who has a command line before them. */
const wcsMessage = (error: WcsError, speaker: Speaker): Pick<Description, "subject" | "message"> => {
  const { command } = speaker
  if (error._tag === "WcsInvalidInput") {
    const [host, option] = missingHost.exec(error.message) ?? []
    const missing = `${settingOf(option)} is not set`
    return {
      message: error.message === host
        ? `${missing}: ${command} needs it`
        : `${inputName(error.input, speaker)}: ${error.detail.replace(missingHost, missing)}`
    }
  }
  if (error._tag === "WcsMissingCredentials") return { subject: command, message: error.detail }
  const { message } = error
  if (!("operation" in error) || !message.startsWith(`${error.operation}: `)) return { message }
  const request = "requestId" in error && error.requestId ? `request ${error.requestId}` : ""
  const said = libraryWords.reduce(
    (text, [theirs, ours]) => text.replace(theirs, ours),
    message.slice(error.operation.length + 2).replace(` [${request}]`, "")
  )
  const notes = [error.operation === command ? "" : error.operation, request].filter((note) => note !== "").join(", ")
  return { subject: command, message: notes === "" ? said : `${said} [${notes}]` }
}

const diagnose = (error: CommandError, speaker: Speaker): Description => {
  if (ConfigError.isConfigError(error)) {
    return {
      tag: "ConfigError",
      message: settingProblems(error, speaker).join("; "),
      ...lacksKey(error)
        ? { code: exitCodes.credentials, hint: keysHint }
        : { code: exitCodes.usage, hint: "wcscmd config shows where each setting comes from" }
    }
  }
  if (isWcsError(error)) return { tag: error._tag, ...wcsMessage(error, speaker), ...ofWcs(error) }
  return {
    tag: error._tag,
    code: ownCodes[error._tag],
    message: error.message,
    hint: error.hint
  }
}

/** A hint that speaks of the file of settings names the one that is read. */
const inFile = (hint: string, file: string): string => {
  const named = Format.word(file)
  return hint.replace("~/.wcscfg", () => named)
    .replace(/wcscmd (?:--configure|config)(?= |;|$)/, (command) => `${command} -c ${named}`)
}

/** Tells what went wrong, why, and what to do next. */
export const describe = (error: CommandError, speaker: Speaker = nobody): Description => {
  const description = diagnose(error, speaker)
  const { hint } = description
  return hint === undefined || speaker.file === undefined
    ? description
    : { ...description, hint: inFile(hint, speaker.file) }
}

/** What a script may know of a failure. What the service answered is kept. */
export const facts = (error: CommandError, speaker?: Speaker): object => {
  const { code, hint, message, tag } = describe(error, speaker)
  const answered = Predicate.isRecord(error)
    ? ["operation", "reason", "owner", "status", "code", "requestId", "persistentId"].flatMap((name) =>
      Predicate.hasProperty(error, name) && error[name] !== undefined ? [[name, error[name]]] : []
    )
    : []
  return { tag, message, ...Object.fromEntries(answered), hint, exitCode: code }
}

/** A failure as a person reads it: what is wrong, and what to do next. */
export const text = (error: CommandError, speaker?: Speaker, program = "wcscmd"): string => {
  const { hint, message, subject = "" } = describe(error, speaker)
  return `${program}: ${subject === "" ? "" : `${subject}: `}${Format.visible(message)}${
    hint === undefined ? "" : `\n  ${hint}`
  }`
}

/** A failure as it stands on stderr. */
export const render = (error: CommandError, speaker: Speaker & Pick<Output["Type"], "format">): string =>
  speaker.format === "json" ? jsonLine({ error: facts(error, speaker) }) : text(error, speaker)

/** Ends the process when nobody takes its results any more. What cannot be told on stderr is not told. */
export const endWithStreams = (program: string): void => {
  process.stderr.on("error", () => {})
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(exitCodes.brokenPipe)
    process.stderr.write(
      `${text(new Failed({ message: `stdout cannot be written: ${error.message}` }), undefined, program)}\n`
    )
    process.exit(exitCodes.failed)
  })
}

/** The exit code of a process whose program tells it, unless it was interrupted. */
export const exitCodeOf = (exit: Exit.Exit<unknown, unknown>, interrupted: number): number =>
  Exit.isSuccess(exit) && typeof exit.value === "number"
    ? exit.value
    : Exit.isInterrupted(exit)
    ? interrupted
    : exitCodes.failed
