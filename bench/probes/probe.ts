/** What is measured otherwise than by one client against the sink. */
import type { Goal } from "../goals.ts"
import type { Processes, Sink } from "../processes.ts"
import type { Expected } from "../sinkAnswers.ts"

/** Figures by their columns. */
export type Figures = { readonly [column: string]: number }

/** The lines of a table, in order. */
export type Lines = { readonly [line: string]: Figures }

/** What a probe may use. */
export interface Bench extends Pick<Processes, "runClient" | "runNode"> {
  /** A folder that is there until the end. */
  readonly folder: string
  /** Bytes that the benchmark's uploads carry. */
  readonly size: number
  /** A sink that is there until the end, and answers so many milliseconds later. */
  readonly sinkOver: (expected: Expected, latency?: number) => Promise<Sink>
}

export interface Probe {
  readonly name: string
  /** Of its table. */
  readonly title: string
  /** Whether it needs the packages of the rivals. */
  readonly withRivals?: boolean
  /** Whether the first round alone measures it: it takes long. */
  readonly once?: boolean
  /** What its first column is, which a plot has as its horizontal axis; absent: there is no plot. */
  readonly plot?: string
  /** Prepares, and gives what measures once. */
  readonly prepare: (bench: Bench) => Promise<() => Promise<Lines>>
  readonly goals: ReadonlyArray<Goal<Figures>>
}
