/**
 * What became of many files: a line of JSON for each, or for a person what failed and a summary.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { WcsError } from "../domain/WcsError.ts"
import type { FileOutcome } from "../services/Uploader.ts"
import * as Failure from "./Failure.ts"
import * as Format from "./Format.ts"
import * as Globs from "./Globs.ts"
import { Output } from "./Output.ts"
import * as Progress from "./Progress.ts"

/** A file; `path` is the one within the folder. */
interface File {
  readonly path: string
  readonly key?: string | undefined
}

/** What became of a file, or would become of it. */
export type Outcome =
  & File
  & (
    | {
      readonly outcome:
        | "stored"
        | "saved"
        | "unchanged"
        | "kept"
        | "deleted"
        | "would-upload"
        | "would-download"
        | "would-delete"
      readonly size: number
      /** Blocks or bytes that an earlier run had moved. */
      readonly resumed?: number | undefined
    }
    | { readonly outcome: "failed"; readonly error: WcsError }
  )

type Kind = Outcome["outcome"]

/** The kinds in the order of the summary, and how they are told there. */
const words = {
  stored: "stored",
  saved: "saved",
  "would-upload": "to upload",
  "would-download": "to download",
  deleted: "deleted",
  "would-delete": "to delete",
  unchanged: "unchanged",
  kept: "kept",
  failed: "failed"
} as const satisfies Record<Kind, string>

const kinds = Object.keys(words) as ReadonlyArray<Kind>

/** The kinds of which nothing was moved, or would be. */
const still: ReadonlySet<Kind> = new Set(["unchanged", "kept", "failed"])

/** How to do without what was found in a folder, but cannot be used. */
const leaveOut = ({ error, key, path }: Extract<Outcome, { readonly outcome: "failed" }>): string =>
  error._tag === "WcsFileError" && key === undefined ? `\n  ${Globs.exclude(path)} leaves it out` : ""

/** What became of a file that was to be uploaded. */
export const ofUpload = (file: FileOutcome): Outcome => {
  const { key, path } = file
  switch (file._tag) {
    case "Stored": {
      const { blocks, size } = file.receipt
      return { outcome: "stored", path, key, size, resumed: blocks.resumed }
    }
    case "Unchanged":
      return { outcome: "unchanged", path, key, size: file.size }
    case "Failed":
      return { outcome: "failed", path, key, error: file.error }
  }
}

/** Runs what may fail for one file. */
export const settle = <R>(
  file: File,
  effect: Effect.Effect<Outcome, WcsError, R>
): Effect.Effect<Outcome, never, R> =>
  Effect.catchAll(effect, (error) => Effect.succeed<Outcome>({ ...file, outcome: "failed", error }))

/** What it comes to that some of many failed. */
const failure = (
  { all, busy, failed }: { readonly all: string; readonly busy: number; readonly failed: number },
  hints?: { readonly busy: string; readonly other: string }
): Failure.PartlyFailed | Failure.Busy => {
  const message = `${failed} of ${all} failed`
  return busy < failed ? new Failure.PartlyFailed({ message, hint: hints?.other }) : new Failure.Busy({
    message: `${message}: another process works on ${failed === 1 ? "it" : "them"}`,
    hint: hints?.busy
  })
}

const isBusy = (error: Failure.CommandError): boolean => Failure.describe(error).code === Failure.exitCodes.busy

/** The folder of the service of which the files are, or are to be: that of `RemoteFolder`. */
interface Remote {
  readonly bucket: string
  readonly prefix: string
}

/** Gathers what becomes of files while a person watches. */
export interface Outcomes {
  readonly progress: Progress.Progress
  /** Tells of one. */
  readonly add: (outcome: Outcome) => Effect.Effect<void>
  /** How many have failed so far. */
  readonly failed: Effect.Effect<number>
}

const make = Effect.fnUntraced(function*({ bucket, prefix }: Remote) {
  const output = yield* Output
  const progress = yield* Progress.make("many")
  const totals = new Map(kinds.map((kind) => [kind, { files: 0, bytes: 0 }]))
  let busy = 0
  const count = (kind: Kind) => totals.get(kind)?.files ?? 0

  /** Notes a failure in the log of operations: what is shown is gone with the terminal. */
  const log = ({ error, key, path }: Extract<Outcome, { readonly outcome: "failed" }>) => {
    const { message, tag } = Failure.describe(error, output)
    return Effect.annotateLogs(Effect.logInfo(`failed: ${message}`), {
      package: "effect-wcs",
      module: "wcscmd",
      path,
      target: `${bucket}:${key ?? prefix + path}`,
      error: tag
    })
  }

  const show = (outcome: Outcome) => {
    const { key, path } = outcome
    if (outcome.outcome === "failed") {
      return output.format === "json"
        ? output.result({ outcome: "failed", path, key, error: Failure.facts(outcome.error, output) }, "")
        : progress.above(
          output.note(
            `failed: ${Format.visible(path)}: ${Format.visible(Failure.describe(outcome.error, output).message)}${
              leaveOut(outcome)
            }`
          )
        )
    }
    if (output.format === "json") return output.result(outcome, "")
    return outcome.outcome.startsWith("would-")
      ? progress.above(
        output.result(
          null,
          `${outcome.outcome.replace("-", " ")} ${Format.visible(path)} (${Format.size(outcome.size)})`
        )
      )
      : Effect.void
  }

  return {
    progress,
    add: (outcome: Outcome) =>
      Effect.suspend(() => {
        const total = totals.get(outcome.outcome)
        if (total !== undefined) {
          total.files += 1
          total.bytes += outcome.outcome === "failed" ? 0 : outcome.size
        }
        if (outcome.outcome === "failed" && isBusy(outcome.error)) busy += 1
        const logged = outcome.outcome === "failed" ? log(outcome) : Effect.void
        return Effect.all([logged, show(outcome), progress.ended(outcome.path)], { discard: true })
      }),
    failed: Effect.sync(() => count("failed")),
    end: Effect.fnUntraced(function*(nothing: string) {
      const told = [...totals].filter(([, { files }]) => files > 0)
      if (told.length === 0) return yield* output.note(nothing)
      if (output.format === "human") {
        const summary = told.map(([kind, { bytes, files }]) =>
          `${files} ${words[kind]}${still.has(kind) ? "" : ` (${Format.size(bytes)})`}`
        )
        yield* output.result(null, summary.join(", "))
      }
      if (count("failed") > 0) {
        const all = told.reduce((sum, [, { files }]) => sum + files, 0)
        return yield* failure(
          { failed: count("failed"), busy, all: Format.plural(all, "file") },
          {
            busy: Failure.busyHint,
            other: `what failed is told ${
              output.format === "json" ? "on stdout" : "above"
            }; the same command tries it again`
          }
        )
      }
    })
  }
})

/**
 * Runs what transfers many files, and tells a person the sum, or `nothing` where there were none; `PartlyFailed` when one
 * has failed, `Busy` when all that failed are at work elsewhere.
 */
export const gather = <E, R>(
  remote: Remote,
  nothing: string,
  transfer: (outcomes: Outcomes) => Effect.Effect<void, E, R>
): Effect.Effect<void, E | Failure.PartlyFailed | Failure.Busy, Exclude<R, Scope.Scope> | Output> =>
  Effect.gen(function*() {
    const { note } = yield* Output
    const outcomes = yield* Effect.scoped(Effect.tap(make(remote), transfer)).pipe(
      Effect.onInterrupt(() => note("interrupted; the same command does what is left"))
    )
    yield* outcomes.end(nothing)
  })

/** Runs for each of several. A failure is told of, and does not keep the others from theirs; that of one alone is its. */
export const each = <A, R>(
  items: ReadonlyArray<A>,
  noun: string,
  run: (item: A) => Effect.Effect<void, Failure.CommandError, R>
): Effect.Effect<void, Failure.CommandError, R | Output> =>
  Effect.gen(function*() {
    const output = yield* Output
    const [only] = items
    if (only !== undefined && items.length === 1) return yield* run(only)
    const [failures] = yield* Effect.partition(items, (item) =>
      Effect.tapError(run(item), (error) => output.failure(Failure.render(error, output))))
    if (failures.length > 0) {
      return yield* failure({
        failed: failures.length,
        busy: failures.filter(isBusy).length,
        all: Format.plural(items.length, noun)
      })
    }
  })
