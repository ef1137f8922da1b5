/** What it costs to start the tool, beside Node that does nothing. */
import { join } from "node:path"
import { bundle } from "../../scripts/cli.ts"
import { binaries } from "../build.ts"
import { blockSize } from "../content.ts"
import { spread } from "../goals.ts"
import type { Started } from "../processes.ts"
import type { Figures, Probe } from "./probe.ts"

/** Starts of each command a round, in turn. */
const starts = 20

const figures = (all: ReadonlyArray<Started>): Figures => {
  const median = (of: (started: Started) => number) => spread(all.map(of)).median
  return {
    "ms": median(({ seconds }) => seconds * 1000),
    "CPU ms": median(({ cpuSeconds }) => cpuSeconds * 1000),
    "peak RSS MiB": median(({ maxRssMiB }) => maxRssMiB)
  }
}

export const startUp: Probe = {
  name: "start-up",
  title: "Start-up",
  prepare: async ({ folder, runNode, sinkOver }) => {
    await bundle(binaries)
    const key = "zeros-of-nothing"
    const { url } = await sinkOver({
      [key]: { size: 0, blockSize, chunkSize: blockSize, crc32: [], etag: "Fto5o-5ea0sNMlW_75VgGJCv2AcJ" }
    })
    const settings = { WCS_ACCESS_KEY: "access-key", WCS_SECRET_KEY: "secret-key", WCS_MGR_URL: url }
    const wcscmd = join(binaries, "wcscmd.js")
    const commands = Object.entries({
      "node -e 0": ["-e", "0"],
      "wcscmd --version": [wcscmd, "--version"],
      "wcscmd stat": [wcscmd, "stat", `wcs://bench/${key}`]
    })
    return async () => {
      const runs = commands.map(([line, args]) => ({ line, args, all: new Array<Started>() }))
      for (let i = 0; i < starts; i++) {
        for (const { all, args } of runs) all.push(await runNode(folder, args, settings))
      }
      return Object.fromEntries(runs.map(({ all, line }) => [line, figures(all)]))
    }
  },
  goals: []
}
