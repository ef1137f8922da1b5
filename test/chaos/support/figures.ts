/** What happened, in numbers, and what should not have. */
export interface Violation {
  readonly story: number
  readonly round: number
  readonly what: string
  /** What the tool wrote. */
  readonly output: string
}

const counts = (): Record<string, number> => ({})

export const make = () => ({
  stories: 0,
  /** Processes of the tool. */
  runs: 0,
  /** By the moment, as the emulator saw it. */
  kills: counts(),
  /** Requests that were tampered with, by kind. */
  faults: counts(),
  /** Edits of the source between runs, by kind. */
  edits: counts(),
  /** Runs that ended by themselves, by exit code. */
  exits: counts(),
  /** Times that all blocks were forgotten by the service between runs. */
  forgotten: 0,
  /** Files of the records that were cut short between runs. */
  torn: 0,
  blocks: { sent: 0, resumed: 0 },
  violations: new Array<Violation>()
})

export type Figures = ReturnType<typeof make>

export const count = (counts: Record<string, number>, name: string | number): void => {
  counts[name] = (counts[name] ?? 0) + 1
}

export const total = (counts: Record<string, number>): number => Object.values(counts).reduce((sum, n) => sum + n, 0)
