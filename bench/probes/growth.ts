/** How cost grows with the size of a file, with the blocks in flight, and with the objects that are listed. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Measured } from "../clients/measure.ts"
import { blockSize, heldOfZeros, makeSparse, mebibyte } from "../content.ts"
import type { Sink } from "../processes.ts"
import type { Bench, Figures, Probe } from "./probe.ts"

const powers = (base: number, from: number, to: number): ReadonlyArray<number> =>
  from > to ? [] : [from, ...powers(base, from * base, to)]

/** What every point tells; the first column is the horizontal axis. */
const figures = (column: string, x: number, { cpuSeconds, maxRssMiB, seconds }: Measured, rate: Figures): Figures => ({
  [column]: x,
  "s": seconds,
  ...rate,
  "CPU s": cpuSeconds,
  "peak RSS MiB": maxRssMiB ?? Number.NaN
})

/** A client's run on a sparse file, or on a bucket. */
const runner = ({ folder, runClient }: Bench) =>
async (
  client: string,
  { url }: Sink,
  task: { readonly key: string; readonly size: number; readonly concurrency?: number; readonly count?: number }
): Promise<Measured> => {
  const file = join(folder, "growing")
  // Records are on a disk, as they are in real life.
  const own = mkdtempSync(join(tmpdir(), "effect-wcs-bench-growth-"))
  makeSparse(file, task.size)
  const measured = await runClient(`clients/${client}`, {
    concurrency: 4,
    count: 1,
    ...task,
    url,
    file,
    blockSize,
    chunkSize: blockSize,
    checks: true,
    target: own,
    folder: own
  })
  rmSync(own, { recursive: true })
  return measured
}

/** Measures point after point, from the smallest on. */
const along =
  (points: ReadonlyArray<number>, label: (x: number) => string, measure: (x: number) => Promise<Figures>) =>
  async () => {
    const lines: Record<string, Figures> = {}
    for (const x of points) lines[label(x)] = await measure(x)
    return lines
  }

const mebibytes = (size: number, { seconds }: Measured): Figures => ({ "MiB/s": size / mebibyte / seconds })

/** Sizes from 1 MiB to 64 times the benchmark's, each four times the one before. */
const size: Probe = {
  name: "growth-size",
  title: "Growth with the size of a file",
  once: true,
  plot: "size of the file, MiB",
  prepare: async (bench) => {
    const sizes = powers(4, mebibyte, 64 * bench.size)
    const keyOf = (size: number) => `zeros-${size / mebibyte}`
    const sink = await bench.sinkOver(Object.fromEntries(sizes.map((size) => [keyOf(size), heldOfZeros(size)])))
    const run = runner(bench)
    return along(sizes, (size) => `${size / mebibyte} MiB`, async (size) => {
      const measured = await run("ours", sink, { key: keyOf(size), size })
      return figures("MiB", size / mebibyte, measured, mebibytes(size, measured))
    })
  },
  goals: []
}

/** From 1 to 64 blocks in flight. */
const inFlight = (latency: number): Probe => ({
  name: latency === 0 ? "growth-blocks" : `growth-blocks-${latency}ms`,
  title: `Growth with the blocks in flight${latency === 0 ? "" : `, answers ${latency} ms later`}`,
  once: true,
  plot: "blocks in flight",
  prepare: async (bench) => {
    const sink = await bench.sinkOver({ zeros: heldOfZeros(bench.size) }, latency)
    const run = runner(bench)
    return along(powers(2, 1, 64), String, async (concurrency) => {
      const measured = await run("ours", sink, { key: "zeros", size: bench.size, concurrency })
      return figures("blocks", concurrency, measured, mebibytes(bench.size, measured))
    })
  },
  goals: []
})

/** From a thousand objects to a million, in proportion to the benchmark's size. */
const objects: Probe = {
  name: "growth-list",
  title: "Growth with the objects that are listed",
  once: true,
  plot: "objects",
  prepare: async (bench) => {
    const sink = await bench.sinkOver({})
    const run = runner(bench)
    return along(powers(10, 1000, (1_000_000 * bench.size) / 1024 ** 3), String, async (count) => {
      const measured = await run("list", sink, { key: "", size: 0, count })
      return figures("objects", count, measured, { "1000 objects/s": count / 1000 / measured.seconds })
    })
  },
  goals: []
}

export const growth: ReadonlyArray<Probe> = [size, inFlight(0), inFlight(50), objects]
