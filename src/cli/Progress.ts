/**
 * How far a transfer is, on stderr, where a person watches: a bar for one file, one line for many.
 */
import type { SingleBar } from "cli-progress"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import type { UploadEvent } from "../domain/UploadEvent.ts"
import * as Format from "./Format.ts"
import { Output } from "./Output.ts"

/** What a transfer tells of itself. A part is a file, by any name. */
export interface Progress {
  /** More is to do than was known. */
  readonly expect: (work: { readonly files: number; readonly bytes: number }) => Effect.Effect<void>
  /** An upload moves. */
  readonly uploaded: (event: UploadEvent, part: string) => Effect.Effect<void>
  /** A part holds so many bytes; what it holds at first was there before. */
  readonly holds: (part: string, bytes: number) => Effect.Effect<void>
  /** A part has come to its end. */
  readonly ended: (part: string) => Effect.Effect<void>
  /** Prints something, above the bar. */
  readonly above: (print: Effect.Effect<void>) => Effect.Effect<void>
}

/** How far it is, as it is shown. */
interface State {
  readonly kind: "one" | "many"
  readonly bytes: number
  /** Absent: nobody knows. */
  readonly total: number | undefined
  readonly files: number
  readonly totalFiles: number | undefined
  /** Bytes a second. */
  readonly rate: number
}

/** `0:07`, `12:30`, `3:05:00`. */
const duration = (seconds: number): string => {
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60]
  const two = (n: number) => String(n).padStart(2, "0")
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}

const barWidth = 24

/** The line that a person sees. */
const line = ({ bytes, files, kind, rate, total, totalFiles }: State): string => {
  const share = total === undefined ? undefined : total === 0 ? 1 : Math.min(1, bytes / total)
  const full = Math.floor((share ?? 0) * barWidth)
  return [
    ...kind === "many"
      ? [totalFiles === undefined ? Format.plural(files, "file") : `${files}/${Format.plural(totalFiles, "file")}`]
      : [],
    ...share === undefined
      ? [Format.size(bytes)]
      : [
        ...kind === "one" ? [`[${"=".repeat(full)}${"-".repeat(barWidth - full)}]`] : [],
        `${String(Math.floor(share * 100)).padStart(3)}%`,
        `${Format.size(bytes)} of ${Format.size(total ?? 0)}`
      ],
    ...rate > 0 ? [`${Format.size(Math.round(rate))}/s`] : [],
    ...rate > 0 && total !== undefined && total > bytes ? [`${duration((total - bytes) / rate)} left`] : []
  ].join("  ")
}

/** The rate is that of so many milliseconds. */
const span = 10_000

/** What is known, by what the transfer tells. */
const track = (kind: State["kind"]) => {
  const parts = new Map<string, number>()
  let samples: ReadonlyArray<readonly [at: number, moved: number]> = []
  let bytes = 0
  let earlier = 0
  let files = 0
  let total: number | undefined
  let totalFiles: number | undefined
  const set = (part: string, held: number, isNew: boolean) => {
    const more = held - (parts.get(part) ?? 0)
    parts.set(part, held)
    bytes += more
    if (isNew) earlier += more
  }
  return {
    set,
    has: (part: string) => parts.has(part),
    expect: (work: { readonly files: number; readonly bytes: number }) => {
      total = (total ?? 0) + work.bytes
      totalFiles = (totalFiles ?? 0) + work.files
    },
    end: (part: string) => {
      parts.delete(part)
      files += 1
    },
    state: (now: number): State => {
      samples = [...samples.filter(([at]) => at > now - span), [now, bytes - earlier]]
      const [since, before] = samples[0] ?? [now, 0]
      const rate = now > since ? Math.max(0, (bytes - earlier - before) / (now - since) * 1000) : 0
      return { kind, bytes, total, files, totalFiles, rate }
    }
  }
}

/** Nothing is shown where nobody watches. */
const silent: Progress = {
  expect: () => Effect.void,
  uploaded: () => Effect.void,
  holds: () => Effect.void,
  ended: () => Effect.void,
  above: (print) => print
}

/** The bar, until the scope ends. Its package is loaded only where somebody watches. */
const start = (state: Effect.Effect<State>): Effect.Effect<SingleBar, never, Scope.Scope> =>
  Effect.gen(function*() {
    const { default: cliProgress } = yield* Effect.promise(() => import("cli-progress"))
    let text = line(yield* state)
    const bar = yield* Effect.acquireRelease(
      Effect.sync(() => {
        const bar = new cliProgress.SingleBar({
          stream: process.stderr,
          hideCursor: true,
          clearOnComplete: true,
          forceRedraw: true,
          format: () => text
        })
        bar.start(0, 0)
        return bar
      }),
      (bar) => Effect.sync(() => bar.stop())
    )
    // The bar draws itself ten times a second.
    yield* Effect.forkScoped(
      Effect.repeat(Effect.map(state, (state) => void (text = line(state))), Schedule.spaced("100 millis"))
    )
    return bar
  })

/** Shows a transfer until the scope ends, then takes its line away. */
export const make = (kind: State["kind"]): Effect.Effect<Progress, never, Output | Scope.Scope> =>
  Effect.gen(function*() {
    const { format, isTerminal } = yield* Output
    if (!isTerminal || format === "json") return silent
    const tracked = track(kind)
    const bar = yield* start(Effect.map(Clock.currentTimeMillis, tracked.state))
    return {
      expect: (work) => Effect.sync(() => tracked.expect(work)),
      uploaded: (event, part) =>
        Effect.sync(() => {
          switch (event._tag) {
            case "Planned":
              return kind === "one" && event.size !== undefined
                ? tracked.expect({ files: 1, bytes: event.size })
                : undefined
            case "Resumed":
              return tracked.set(part, event.bytes, true)
            case "Chunk":
              return tracked.set(part, event.sent, false)
          }
        }),
      holds: (part, bytes) => Effect.sync(() => tracked.set(part, bytes, !tracked.has(part))),
      ended: (part) => Effect.sync(() => tracked.end(part)),
      // Begun anew: the bar remembers the line on which it began.
      above: (print) =>
        Effect.acquireUseRelease(
          Effect.sync(() => bar.stop()),
          () => print,
          () => Effect.sync(() => bar.start(0, 0))
        )
    }
  })
