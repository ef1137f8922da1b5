/**
 * How `wcscmd` ends: an exit code for each thing that a script would do differently, and what a person is told.
 */
import * as ConfigError from "effect/ConfigError"
import * as Data from "effect/Data"
import * as Exit from "effect/Exit"
import * as Predicate from "effect/Predicate"
import * as Settings from "../domain/Settings.ts"
import type { WcsError } from "../domain/WcsError.ts"
import { isWcsError } from "../domain/WcsError.ts"
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
  extends Data.TaggedError("PartlyFailed")<{ readonly message: string; readonly hint?: string }>
{}

/** Nothing is where something was to be. */
export class NotFound extends Data.TaggedError("NotFound")<{ readonly message: string; readonly hint?: string }> {}

/** Something outside of the service did not work. */
export class Failed extends Data.TaggedError("Failed")<{ readonly message: string; readonly hint?: string }> {}

/** What a command may fail with. */
export type CommandError = WcsError | ConfigError.ConfigError | UsageError | NotFound | PartlyFailed | Failed

const ownCodes = {
  UsageError: exitCodes.usage,
  NotFound: exitCodes.notFound,
  PartlyFailed: exitCodes.partlyFailed,
  Failed: exitCodes.failed
}

/** How a failure is told. */
export interface Description {
  readonly tag: string
  readonly code: number
  readonly message: string
  /** What to do next. */
  readonly hint?: string | undefined
}

const later = "it has been tried again already; try again later, or raise --connection-retries"

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
    : "check the bucket and the name: wcscmd list wcs://BUCKET"

const ofWcs = (error: WcsError): Omit<Description, "tag" | "message"> => {
  switch (error._tag) {
    case "WcsNotFound":
      return { code: exitCodes.notFound, hint: notFoundHint(error.operation) }
    case "WcsUnauthorized":
      return { code: exitCodes.credentials, hint: "check access_key and secret_key: wcscmd config" }
    case "WcsTokenExpired":
      return { code: exitCodes.credentials, hint: "raise --deadline, or check this machine's clock" }
    case "WcsMissingCredentials":
      return { code: exitCodes.credentials, hint: "set WCS_ACCESS_KEY and WCS_SECRET_KEY, or run wcscmd --configure" }
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
      return {
        code: exitCodes.usage,
        ...(error.input.endsWith("Url") && { hint: "wcscmd --configure asks for the hosts" })
      }
    case "WcsFileError":
      return error.reason === "Exists"
        ? { code: exitCodes.alreadyExists, hint: "choose another name, or --force" }
        : { code: exitCodes.localFile }
    case "WcsProgressError":
      return error.reason === "Busy"
        ? { code: exitCodes.busy, hint: "wait for its end, or stop it; uploads take --on-busy wait, or --on-busy join" }
        : { code: exitCodes.localFile, hint: "look at wcscmd uploads list; --tmp-record-folder moves the records" }
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
const settingProblems = (error: ConfigError.ConfigError, overrides: Flags.Overrides): ReadonlyArray<string> => {
  if (error._op === "And" || error._op === "Or") {
    return [...settingProblems(error.left, overrides), ...settingProblems(error.right, overrides)]
  }
  const variable = error.path.join("_")
  const option = [...overrides.keys()].find((name) => Settings.variable(name) === variable)
  return [`${option === undefined ? variable : `--${Flags.settingName(option)}`}: ${error.message}`]
}

/** Tells what went wrong, why, and what to do next. */
export const describe = (error: CommandError, overrides: Flags.Overrides = new Map()): Description => {
  if (ConfigError.isConfigError(error)) {
    return {
      tag: "ConfigError",
      code: exitCodes.usage,
      message: settingProblems(error, overrides).join("; "),
      hint: "wcscmd config shows where each setting comes from"
    }
  }
  if (isWcsError(error)) return { tag: error._tag, message: error.message, ...ofWcs(error) }
  return {
    tag: error._tag,
    code: ownCodes[error._tag],
    message: error.message,
    hint: error.hint
  }
}

/** What a script may know of a failure. What the service answered is kept. */
export const facts = (error: CommandError, overrides?: Flags.Overrides): object => {
  const { code, hint, message, tag } = describe(error, overrides)
  const answered = Predicate.isRecord(error)
    ? ["operation", "reason", "owner", "status", "code", "requestId", "persistentId"].flatMap((name) =>
      Predicate.hasProperty(error, name) && error[name] !== undefined ? [[name, error[name]]] : []
    )
    : []
  return { tag, message, ...Object.fromEntries(answered), hint, exitCode: code }
}

/** A failure as a person reads it: what is wrong, and what to do next. */
export const text = (error: CommandError, overrides?: Flags.Overrides, program = "wcscmd"): string => {
  const { hint, message } = describe(error, overrides)
  return `${program}: ${Format.visible(message)}${hint === undefined ? "" : `\n  ${hint}`}`
}

/** A failure as it stands on stderr. */
export const render = (error: CommandError, format: Output["Type"]["format"], overrides?: Flags.Overrides): string =>
  format === "json" ? jsonLine({ error: facts(error, overrides) }) : text(error, overrides)

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
