/** The tables, in Markdown. */
import { type Measure, type Run, type Runs, type Spread, spread, type Verdict } from "./goals.ts"
import * as goals from "./goals.ts"
import { plot } from "./plot.ts"
import type { Figures } from "./probes/probe.ts"
import { type Row, rows, works } from "./rows.ts"

const table = (head: ReadonlyArray<string>, lines: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = head.map((title, column) => Math.max(title.length, ...lines.map((line) => line[column]?.length ?? 0)))
  const line = (cells: ReadonlyArray<string>) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...lines.map(line)].join("\n")
}

const format = ({ max, median, min }: Spread, digits: number): string =>
  Number.isNaN(median)
    ? ""
    : min === max
    ? median.toFixed(digits)
    : `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`

const connections: Measure = (run) => run.connections
const sinkBusy: Measure = (run) => run.sinkBusy * 100
const wholeCpu: Measure = (run) => run.wholeCpuSeconds

/** The rows of one kind of work; nothing where none was run. */
const runsTable = (runs: Runs, work: Row["work"]): string => {
  const cell = (of: ReadonlyArray<Run>, measure: Measure, digits: number) => format(spread(of.map(measure)), digits)
  const lines = rows.filter((row) => row.work === work).flatMap(({ name, title }) => {
    const of = runs[name]
    return of === undefined ? [] : [[
      name,
      title,
      cell(of, goals.goodput, 0),
      cell(of, goals.cpuPerMany, 2),
      cell(of, wholeCpu, 2),
      cell(of, goals.peak, 0),
      String(spread(of.map(connections)).max),
      `${spread(of.map(sinkBusy)).median.toFixed(0)} %`
    ]]
  })
  const { many, title, unit } = works[work]
  const head = [
    "row",
    "client",
    `${unit}/s`,
    `CPU s/${many}`,
    "CPU s, whole process",
    "peak RSS MiB",
    "connections",
    "sink busy"
  ]
  return lines.length === 0 ? "" : `### ${title}\n\n${table(head, lines)}\n`
}

export const runsTables = (runs: Runs): string =>
  (Object.keys(works) as Array<Row["work"]>).map((work) => runsTable(runs, work)).filter((text) => text !== "").join(
    "\n"
  )

/** Small figures are told more exactly. */
const rounded = (of: Spread): string => format(of, of.median < 20 ? 2 : 0)

/** The table of a probe. */
export const probeTable = (title: string, lines: Runs<Figures>): string => {
  const columns = Object.keys(Object.values(lines)[0]?.[0] ?? {})
  const cells = (all: ReadonlyArray<Figures>) =>
    columns.map((column) => rounded(spread(all.map((figures) => figures[column] ?? Number.NaN))))
  return `### ${title}\n\n${
    table(["", ...columns], Object.entries(lines).map(([line, all]) => [line, ...cells(all)]))
  }\n`
}

/** A probe's plot: its time and its memory over its first column, from the medians of the table. */
export const growthPlot = (title: string, xLabel: string, lines: Runs<Figures>): string => {
  const [x = ""] = Object.keys(Object.values(lines)[0]?.[0] ?? {})
  const series = (what: string, column: string) => ({
    title: what,
    unit: column,
    points: Object.values(lines).map((all) => {
      const median = (of: string) => spread(all.map((figures) => figures[of] ?? Number.NaN)).median
      return [median(x), median(column)] as const
    })
  })
  return plot(xLabel, [series(`${title}: time`, "s"), series("memory", "peak RSS MiB")])
}

export const verdictsTable = (verdicts: ReadonlyArray<Verdict>): string =>
  table(
    ["ratio or figure", "goal", "measured", "verdict"],
    verdicts.map((
      { goal, max, min, name, value, verdict }
    ) => [name, goal, rounded({ median: value, min, max }), verdict])
  )
