/** Where a client's time goes, from a profile of V8. */
import { readFileSync } from "node:fs"
import type { Profiler } from "node:inspector"
import { join } from "node:path"
import type { Task } from "./clients/measure.ts"
import type { Processes } from "./processes.ts"

/** The last two steps of a path are enough to find a function. */
const place = (url: string, line: number): string =>
  url === "" ? "" : ` ${url.split("/").slice(-2).join("/")}:${line + 1}`

/**
 * Self time by function, the largest first, in percent of all samples but the idle ones. Samples are counted, not the
 * time between them: that passes, too, while another process has the processor.
 */
const selfTimes = (
  { nodes, samples = [] }: Profiler.Profile
): ReadonlyArray<readonly [name: string, share: number]> => {
  const names = new Map(nodes.map(({ callFrame, id }) => [
    id,
    `${callFrame.functionName || "(anonymous)"}${place(callFrame.url, callFrame.lineNumber)}`
  ]))
  const busy = samples.map((id) => names.get(id) ?? "").filter((name) => name !== "(idle)")
  const counts = new Map<string, number>()
  for (const name of busy) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].map(([name, count]) => [name, (100 * count) / busy.length] as const).toSorted((a, b) =>
    b[1] - a[1]
  )
}

/** Runs a client under the profiler; gives the functions in which its upload spent most. */
export const profile = async (
  runClient: Processes["runClient"],
  client: string,
  task: Task,
  top: number
): Promise<ReadonlyArray<string>> => {
  const path = join(task.folder, "upload.cpuprofile")
  await runClient(client, { ...task, profile: path })
  return selfTimes(JSON.parse(readFileSync(path, "utf8")))
    .slice(0, top)
    .map(([name, share]) => `${share.toFixed(1).padStart(5)} %  ${name}`)
}
