/** Medians, and the ratios that the goals speak of. */
import type { Measured } from "./clients/measure.ts"
import { type Row, works } from "./rows.ts"

/** A client's measurements, and what the sink saw meanwhile. */
export interface Run extends Measured {
  readonly work: Row["work"]
  readonly connections: number
  readonly requests: number
  /** The part of the time that the sink's processor was busy. */
  readonly sinkBusy: number
}

/** All runs of a row, in the order of the rounds. */
export type Runs<R = Run> = { readonly [row: string]: ReadonlyArray<R> }

export type Measure<R = Run> = (run: R) => number

const unitsOf = ({ amount, work }: Run): number => amount / works[work].size

export const goodput: Measure = (run) => unitsOf(run) / run.seconds
/** CPU seconds for a GiB, or a million objects. */
export const cpuPerMany: Measure = (run) => run.cpuSeconds / (unitsOf(run) / (run.work === "list" ? 1000 : 1024))
export const peak: Measure = ({ maxRssMiB }) => maxRssMiB ?? Number.NaN

export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

export const spread = (values: ReadonlyArray<number>): Spread => {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (index: number) => sorted[index] ?? Number.NaN
  const middle = (sorted.length - 1) / 2
  return {
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    min: at(0),
    max: at(sorted.length - 1)
  }
}

export interface Goal<R = Run> {
  readonly name: string
  readonly measure: Measure<R>
  readonly row: string
  /** The row that it is divided by. */
  readonly by?: string
  /** The row that is taken off. */
  readonly above?: string
  readonly unit?: string
  /** Absent: reported, not judged. */
  readonly bound?: { readonly least: number } | { readonly most: number }
}

/** Goodput as a part of that of the loop that does the same. */
const beside = (name: string, row: string, by: string, least: number): Goal => ({
  name: `goodput, ${name} ÷ loop`,
  measure: goodput,
  row,
  by,
  bound: { least }
})

/** Goodput as a multiple of that of another service's SDK, which checks nothing that it need not. */
const against = (name: string, by: string): ReadonlyArray<Goal> => [
  { name: `goodput, checks on ÷ ${name}`, measure: goodput, row: "ours", by, bound: { least: 3 } },
  { name: `goodput, checks off ÷ ${name}`, measure: goodput, row: "ours-unchecked", by }
]

export const goals: ReadonlyArray<Goal> = [
  beside("checks on", "ours", "loop", 0.9),
  beside("checks off", "ours-unchecked", "loop-unchecked", 0.75),
  beside("8 times the size", "memory8", "loop-zeros8", 0.9),
  beside("TLS", "ours-tls", "loop-tls", 0.9),
  beside("requests of 512 KiB", "ours-chunks", "loop-chunks", 0.9),
  beside("answers 50 ms later", "ours-50ms", "loop-50ms", 0.9),
  beside("answers 200 ms later", "ours-200ms", "loop-200ms", 0.9),
  beside("stream of unknown length", "stream", "loop", 0.7),
  { ...beside("", "files", "undici-files", 0.7), name: "files, putDirectory ÷ undici" },
  { ...beside("", "download-unchecked", "undici-download", 0.9), name: "download, not checked ÷ undici" },
  { ...beside("", "download", "undici-download", 0.7), name: "download, checked ÷ undici" },
  { ...beside("", "list", "undici-list", 0.8), name: "listing ÷ undici" },
  { ...beside("", "etag", "openssl-etag", 0.95), name: "etag ÷ openssl sha1" },
  { ...beside("", "crc64", "loop-crc64", 0.95), name: "crc64 ÷ hash-wasm" },
  { name: "CPU per GiB, checks on ÷ loop", measure: cpuPerMany, row: "ours", by: "loop", bound: { most: 1.2 } },
  {
    name: "CPU per GiB, 8 times the size ÷ loop",
    measure: cpuPerMany,
    row: "memory8",
    by: "loop-zeros8",
    bound: { most: 1.2 }
  },
  {
    name: "CPU per GiB, checks off ÷ loop without hashing",
    measure: cpuPerMany,
    row: "ours-unchecked",
    by: "loop-unchecked"
  },
  ...against("lib-storage", "aws"),
  { name: "goodput, loop ÷ lib-storage", measure: goodput, row: "loop", by: "aws" },
  ...against("azure", "azure"),
  ...against("google", "google"),
  ...against("qiniu", "qiniu"),
  ...against("tus", "tus"),
  { name: "peak RSS, 8 times the size ÷ the size", measure: peak, row: "memory8", by: "memory", bound: { most: 1.1 } },
  {
    name: "peak RSS above the loop's",
    measure: peak,
    row: "memory",
    above: "loop-zeros",
    unit: "MiB",
    bound: { most: 60 }
  },
  {
    name: "peak RSS above the loop's, 8 times the size",
    measure: peak,
    row: "memory8",
    above: "loop-zeros8",
    unit: "MiB",
    bound: { most: 60 }
  }
]

export interface Verdict {
  readonly name: string
  readonly goal: string
  readonly value: number
  /** Of the ratios of the rounds, or of the runs. */
  readonly min: number
  readonly max: number
  readonly verdict: "met" | "missed" | "no goal"
}

const verdictOf = (bound: Goal<never>["bound"], value: number): Verdict["verdict"] =>
  bound === undefined ? "no goal" : ("least" in bound ? value >= bound.least : value <= bound.most) ? "met" : "missed"

const textOf = (bound: Goal<never>["bound"], unit: string): string =>
  bound === undefined
    ? ""
    : ("least" in bound ? `at least ${bound.least} ${unit}` : `at most ${bound.most} ${unit}`).trim()

/** Judges the goals whose rows were run: by the medians, which are divided. */
export const judge = <R>(goals: ReadonlyArray<Goal<R>>, runs: Runs<R>): ReadonlyArray<Verdict> =>
  goals.flatMap(({ above, bound, by, measure, name, row, unit = "" }) => {
    const values = runs[row]?.map(measure)
    const other = above ?? by
    const others = other === undefined ? values?.map(() => 1) : runs[other]?.map(measure)
    if (values === undefined || others === undefined) return []
    const compare = (value: number, other: number) => above === undefined ? value / other : value - other
    const value = compare(spread(values).median, spread(others).median)
    const { max, min } = spread(values.map((value, round) => compare(value, others[round] ?? Number.NaN)))
    return [{ name, goal: textOf(bound, unit), value, min, max, verdict: verdictOf(bound, value) }]
  })
