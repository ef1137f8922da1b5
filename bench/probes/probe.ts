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
  /** A sink that is there until the end. */
  readonly sinkOver: (expected: Expected) => Promise<Sink>
}

export interface Probe {
  readonly name: string
  /** Of its table. */
  readonly title: string
  /** Whether it needs the packages of the rivals. */
  readonly withRivals?: boolean
  /** Prepares, and gives what measures once. */
  readonly prepare: (bench: Bench) => Promise<() => Promise<Lines>>
  readonly goals: ReadonlyArray<Goal<Figures>>
}
