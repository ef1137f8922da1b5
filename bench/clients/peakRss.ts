import { readFileSync } from "node:fs"

/**
 * The largest resident set of this process, in KiB. What `resourceUsage` says is kept across `exec` on Linux: there it
 * may be that of the process that started this one.
 */
export const peakRssKiB = (): number => {
  try {
    const [, peak] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? []
    if (peak !== undefined) return Number(peak)
  } catch {
    // Only Linux has it.
  }
  return process.resourceUsage().maxRSS
}
