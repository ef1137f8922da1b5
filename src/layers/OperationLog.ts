/**
 * A log of what this library does, in a folder, one file a day: `wcs-2026-01-31.log`.
 *
 * A line is `2026-01-31 09:05:00,123 - DEBUG - stat: done (200) attempt=1 … pid=4711 … target=media:a.txt`, as the
 * vendor's tool writes it, with the facts behind the text. What failed is an ERROR. Days and times are UTC: they are the
 * same on every machine, and no hour comes twice. Secrets and tokens are not in it. Files are appended to, their user's
 * alone, and never removed.
 *
 * @since 0.1.0
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Array from "effect/Array"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as HashMap from "effect/HashMap"
import * as HashSet from "effect/HashSet"
import * as Inspectable from "effect/Inspectable"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { redacted } from "../domain/SettingText.ts"
import * as Refusals from "../domain/wire/Refusals.ts"
import { makeFolder } from "../internal/makeFolder.ts"
import { reasonOf } from "../internal/reasonOf.ts"
import { isNotFound } from "../internal/recordFiles.ts"
import { WcsConfig } from "../services/WcsConfig.ts"

/**
 * Where the log is kept, and what must never be in it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** Made where it is not there, for its user alone. */
  readonly folder: string
  /** Texts that are left out, beside everything that looks like a token. */
  readonly secrets?: ReadonlyArray<Redacted.Redacted> | undefined
}

const text = (value: unknown): string => Inspectable.toStringUnknown(value, 0)

/** On one line: what a service or a name brings along cannot begin another. */
const oneLine = (text: string): string =>
  // oxlint-disable-next-line no-control-regex
  text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (character) =>
    `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)

const fact = ([name, value]: readonly [string, unknown]): string => {
  const shown = text(value)
  return `${name}=${/^[^\s"=]+$/.test(shown) ? shown : JSON.stringify(shown)}`
}

/** Processes may write to the same file. Where there are none, lines tell of none. */
const processId: ReadonlyArray<readonly [string, unknown]> = typeof process === "undefined"
  ? []
  : [["pid", process.pid]]

/** Whether something failed. That stat finds nothing is an answer: uploads ask it of what is to be new. */
const isFailure = (annotations: HashMap.HashMap<string, unknown>): boolean => {
  const [error, operation] = ["error", "operation"].map((name) => Option.getOrUndefined(HashMap.get(annotations, name)))
  return error !== undefined && !(operation === "stat" && error === "WcsNotFound")
}

/**
 * A record of the log as a line, without its end.
 *
 * @since 0.1.0
 * @category encoding
 */
export const toLine = (
  { annotations, cause, date, logLevel, message }: Logger.Logger.Options<unknown>,
  secrets: ReadonlyArray<Redacted.Redacted> = []
): string => {
  const time = date.toISOString().slice(0, 23).replace("T", " ").replace(".", ",")
  // Attempts are told at Debug however they end: a program's own loggers need not hear of what is tried again.
  const level = isFailure(annotations) ? LogLevel.Error : logLevel
  const facts = [...HashMap.entries(annotations), ...processId]
    .filter(([name]) => name !== "package")
    .toSorted(([a], [b]) => a < b ? -1 : 1)
    .map(fact)
  const said = [
    ...[message].flat().map(text),
    ...facts,
    ...(Cause.isEmpty(cause) ? [] : [Cause.pretty(cause, { renderErrorCause: true })])
  ].join(" ")
  const clean = secrets.map(Redacted.value).filter((secret) => secret !== "").reduce(
    (said, secret) => said.replaceAll(secret, redacted),
    Refusals.redact(said)
  )
  return oneLine(`${time} - ${level.label} - ${clean}`)
}

interface Line {
  readonly day: string
  readonly text: string
}

/** Lines that wait for the disk at most; what comes on top is counted and left out. */
const mostWaiting = 10_000

/**
 * A logger that writes the records of this library to the folder. It never holds up who logs, and a folder that cannot
 * be written is told of once, to the other loggers.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  { folder, secrets }: Options
): Effect.Effect<Logger.Logger<unknown, void>, never, FileSystem.FileSystem | Scope.Scope> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const some = yield* Effect.makeLatch()
    let waiting: Array<Line> = []
    let left = 0
    let warned = false

    const append = (day: string, lines: string) => {
      const write = fs.writeFileString(`${folder}/wcs-${day}.log`, lines, { flag: "a", mode: 0o600 })
      return Effect.catchIf(write, isNotFound, () => Effect.zipRight(makeFolder(fs, folder, 0o700), write))
    }

    const write = Effect.suspend(() => {
      const days = Array.groupBy(waiting, (line) => line.day)
      const missed = left
      waiting = []
      left = 0
      return Effect.forEach(
        Object.entries(days),
        ([day, lines]) => append(day, lines.map(({ text }) => `${text}\n`).join("")),
        { discard: true }
      ).pipe(
        Effect.zipRight(
          missed === 0 ? Effect.void : Effect.logWarning(`${missed} lines of the operation log are missing`)
        ),
        Effect.catchAll((error) => {
          if (warned) return Effect.void
          warned = true
          return Effect.logWarning(
            `operations are not logged: the folder ${folder} (logger_folder) cannot be written: ${reasonOf(error)}`
          )
        })
      )
    })

    // What is left at the end is written when no other writer is at work any more.
    yield* Effect.addFinalizer(() => write)
    yield* Effect.forkScoped(Effect.forever(
      Effect.zipRight(some.await, Effect.uninterruptible(Effect.zipRight(some.close, write)))
    ))

    return Logger.make((options) => {
      if (Option.getOrUndefined(HashMap.get(options.annotations, "package")) !== "effect-wcs") return
      if (waiting.length >= mostWaiting) {
        left += 1
        return
      }
      waiting.push({ day: options.date.toISOString().slice(0, 10), text: toLine(options, secrets) })
      some.unsafeOpen()
    })
  }).pipe(Effect.annotateLogs({ package: "effect-wcs", module: "OperationLog" }))

/**
 * Logs the operations of a program in a folder. The program's own loggers go on as before: what they were too coarse
 * for does not reach them.
 *
 * @example
 * import { OperationLog } from "effect-wcs"
 *
 * export const Log = OperationLog.layer({ folder: "/var/log/my-program" })
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options): Layer.Layer<never, never, FileSystem.FileSystem> =>
  Layer.scopedDiscard(Effect.gen(function*() {
    const logger = yield* make(options)
    const level = yield* FiberRef.get(FiberRef.currentMinimumLogLevel)
    const others = HashSet.map(
      yield* FiberRef.get(FiberRef.currentLoggers),
      (other) =>
        Logger.make<unknown, void>((options) => {
          if (LogLevel.greaterThanEqual(options.logLevel, level)) other.log(options)
        })
    )
    yield* Effect.locallyScoped(FiberRef.currentLoggers, HashSet.add(others, logger))
    yield* Effect.locallyScoped(
      FiberRef.currentMinimumLogLevel,
      LogLevel.greaterThan(level, LogLevel.Debug) ? LogLevel.Debug : level
    )
  }))

/**
 * Logs operations where the setting `logger_folder` says so.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerSettings: Layer.Layer<never, never, FileSystem.FileSystem | WcsConfig> = Layer.unwrapEffect(
  Effect.map(WcsConfig, ({ credentials, logFolder }) =>
    logFolder === undefined
      ? Layer.empty
      : layer({ folder: logFolder, secrets: credentials && [credentials.secretKey] }))
)
