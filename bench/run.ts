/**
 * `npm run bench -- [--runs 5] [--size 1024] [--only loop,ours] [--json FILE] [--plots FOLDER] [--profile] [--unpinned]`
 *
 * Measures and judges; a missed goal is no failure. It fails when a client fails, or when the sink did not get exactly
 * the bytes that were meant for it.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { cpus, release, tmpdir, totalmem } from "node:os"
import { dirname, join } from "node:path"
import { parseArgs } from "node:util"
import * as certificate from "../test/security/support/certificate.ts"
import { build, installRivals } from "./build.ts"
import type { Task } from "./clients/measure.ts"
import {
  blockSize,
  chunkSizes,
  fileSize,
  keyOf,
  mebibyte,
  parentFolder,
  writeFiles,
  writeRandom,
  writeSparse
} from "./content.ts"
import { goals, judge, type Run } from "./goals.ts"
import { probes as allProbes } from "./probes/index.ts"
import type { Figures } from "./probes/probe.ts"
import * as processes from "./processes.ts"
import { profile } from "./profile.ts"
import { growthPlot, probeTable, runsTables, verdictsTable } from "./report.ts"
import { type Content, isPossible, isRival, type Row, rows as allRows } from "./rows.ts"
import type { Expected, Held } from "./sinkAnswers.ts"

const { values: options } = parseArgs({
  options: {
    runs: { type: "string", default: "5" },
    size: { type: "string", default: "1024" },
    only: { type: "string" },
    json: { type: "string" },
    plots: { type: "string" },
    profile: { type: "boolean", default: false },
    unpinned: { type: "boolean", default: false }
  }
})
const natural = (name: "runs" | "size"): number => {
  const value = Number(options[name])
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${name} is a whole number above 0`)
  return value
}
const count = natural("runs")
const size = natural("size") * mebibyte
const names = options.only?.split(",")
const wanted = allRows.filter(({ name }) => names?.includes(name) ?? true)
const rows = wanted.filter(isPossible)
const probes = allProbes.filter(({ name }) => names?.includes(name) ?? true)
const unknown = names?.filter((name) => ![...allRows, ...allProbes].some((row) => row.name === name)) ?? []
if (unknown.length > 0) throw new Error(`no such row: ${unknown.join(", ")}`)

const concurrency = 4
const pinned = processes.canPin && !options.unpinned
const folderIn = (parent: string): string => {
  const folder = mkdtempSync(join(parent, "effect-wcs-bench-"))
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }))
  return folder
}
const folder = folderIn(parentFolder(size))
/** Records of uploads are on a disk, as they are in real life. */
const clientsFolder = folderIn(tmpdir())
const certificateFile = join(folder, "certificate.pem")
writeFileSync(certificateFile, `${certificate.cert}${certificate.key}`)
const { runClient, runNode, startSink } = processes.make(pinned, certificateFile)
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(1))

const say = (text: string) => console.error(text)
for (const { name, needs } of wanted.filter((row) => !rows.includes(row))) {
  say(`${name} is left out: there is no ${needs}`)
}
say("building")
build()
if (rows.some(isRival) || probes.some(({ withRivals }) => withRivals)) installRivals()

/** Files and objects, in proportion to the size. */
const counts: Record<Row["work"], number> = {
  upload: 1,
  download: 1,
  checksum: 1,
  files: Math.ceil((10_000 * size) / (1024 * mebibyte)),
  list: Math.ceil((1_000_000 * size) / (1024 * mebibyte))
}
const sizes: Record<Content, number> = { random: size, zeros: size, zeros4: 4 * size, zeros8: 8 * size }
const expected: Record<string, Held> = {}
for (const content of new Set(rows.map((row) => row.content))) {
  say(`writing a file: ${content}, ${sizes[content] / mebibyte} MiB`)
  const held = (content === "random" ? writeRandom : writeSparse)(join(folder, content), sizes[content])
  expected[keyOf(content, chunkSizes.block)] = held.block
  expected[keyOf(content, chunkSizes.eighth)] = held.eighth
}
if (rows.some(({ work }) => work === "files")) {
  say(`writing ${counts.files} files of ${fileSize / 1024} KiB`)
  expected["files"] = writeFiles(join(folder, "files"), counts.files)
}
writeFileSync(join(folder, "expected.json"), JSON.stringify(expected))

const taskOf = (sink: processes.Sink, { checks, chunkSize, content, work }: Row): Task => ({
  url: sink.url,
  file: join(folder, work === "files" ? "files" : content),
  key: work === "files" ? "files" : keyOf(content, chunkSize),
  size: work === "files" ? counts.files * fileSize : sizes[content],
  blockSize,
  chunkSize,
  concurrency,
  checks,
  count: counts[work],
  target: mkdtempSync(join(folder, "target-")),
  folder: mkdtempSync(join(clientsFolder, "client-"))
})

const measure = async (sink: processes.Sink, row: Row): Promise<Run> => {
  const task = taskOf(sink, row)
  const before = await sink.counts()
  const measured = await runClient(row.client, task)
  const after = await sink.counts()
  for (const used of [task.folder, task.target]) rmSync(used, { recursive: true })
  const received = after.payloadBytes - before.payloadBytes
  // The forms around small files count, too.
  if (row.work === "upload" ? received !== task.size : row.work === "files" && received < task.size) {
    throw new Error(`${row.name}: the sink got ${received} bytes instead of ${task.size}`)
  }
  const run = {
    ...measured,
    work: row.work,
    connections: after.connections - before.connections,
    requests: after.requests - before.requests,
    sinkBusy: (after.cpuSeconds - before.cpuSeconds) / measured.seconds
  }
  say(`  ${row.name}: ${measured.seconds.toFixed(2)} s, CPU ${measured.cpuSeconds.toFixed(2)} s`)
  return run
}

const sinks = new Map<string, Promise<processes.Sink>>()
/** The sink that a row is sent to: one for each kind. */
const sinkOf = ({ latency, tls }: Row): Promise<processes.Sink> => {
  const kind = `${latency} ${tls}`
  const sink = sinks.get(kind) ?? startSink(folder, join(folder, "expected.json"), { latency, tls })
  sinks.set(kind, sink)
  return sink
}
/** A probe's own sink. */
const sinkOver = (expected: Expected, latency = 0): Promise<processes.Sink> => {
  const file = join(folder, `expected-${sinks.size}.json`)
  writeFileSync(file, JSON.stringify(expected))
  const sink = startSink(folder, file, { latency, tls: false })
  sinks.set(file, sink)
  return sink
}
const prepared = await Promise.all(probes.map(async ({ prepare, ...probe }) => ({
  ...probe,
  measure: await prepare({ folder, size, runClient, runNode, sinkOver }),
  lines: {} as Record<string, Array<Figures>>
})))
say("warm-up")
for (const row of rows) {
  if (row.content === "random") await measure(await sinkOf(row), row)
}
const runs: Record<string, Array<Run>> = Object.fromEntries(rows.map(({ name }) => [name, []]))
for (let round = 1; round <= count; round++) {
  say(`round ${round} of ${count}`)
  for (const row of rows) runs[row.name]?.push(await measure(await sinkOf(row), row))
  for (const { lines, measure, name, once } of prepared) {
    if (once && round > 1) continue
    say(`  ${name}`)
    for (const [line, figures] of Object.entries(await measure())) (lines[line] ??= []).push(figures)
  }
}

const conditions = {
  date: new Date().toISOString().slice(0, 10),
  cpu: `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}`,
  memoryGiB: Math.round(totalmem() / 1024 ** 3),
  system: `${process.platform} ${release()}`,
  node: process.version,
  pinned,
  fileIn: dirname(folder),
  sizeMiB: size / mebibyte,
  blockMiB: blockSize / mebibyte,
  concurrency,
  runs: count
}
const verdicts = [...judge(goals, runs), ...prepared.flatMap(({ goals, lines }) => judge(goals, lines))]
console.log([
  Object.entries(conditions).map(([name, value]) => `${name}: ${value}`).join(", "),
  pinned ? "The client had core 0, the sink core 1." : "Client and sink ran on any core.",
  "",
  [runsTables(runs), ...prepared.map(({ lines, title }) => probeTable(title, lines))].filter((text) => text !== "")
    .join(
      "\n"
    ),
  "",
  "Ratios of medians (smallest–largest ratio of a round):",
  "",
  verdictsTable(verdicts)
].join("\n"))

const profiles: Record<string, ReadonlyArray<string>> = {}
for (const row of options.profile ? rows.filter(({ content }) => content !== "zeros8") : []) {
  profiles[row.name] = await profile(runClient, row.client, taskOf(await sinkOf(row), row), 25)
  console.log(["", `Self time of ${row.name}:`, "", ...profiles[row.name] ?? []].join("\n"))
}
if (options.plots !== undefined) {
  mkdirSync(options.plots, { recursive: true })
  for (const { lines, name, plot, title } of prepared) {
    if (plot !== undefined) writeFileSync(join(options.plots, `${name}.svg`), growthPlot(title, plot, lines))
  }
}
if (options.json !== undefined) {
  mkdirSync(dirname(options.json), { recursive: true })
  writeFileSync(
    options.json,
    JSON.stringify(
      {
        conditions,
        runs,
        probes: Object.fromEntries(prepared.map(({ lines, name }) => [name, lines])),
        verdicts,
        profiles
      },
      undefined,
      2
    )
  )
}
for (const sink of sinks.values()) (await sink).close()
