/** For `--require`: when a process ends it tells what it has used, on its descriptor 3. */
const { readFileSync, writeSync } = process.getBuiltinModule("node:fs")

process.on("exit", () => {
  const { maxRSS, systemCPUTime, userCPUTime } = process.resourceUsage()
  // See `peakRss.ts`.
  const peak = process.platform === "linux"
    ? /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]
    : undefined
  writeSync(
    3,
    JSON.stringify({
      cpuSeconds: (systemCPUTime + userCPUTime) / 1e6,
      maxRssMiB: Number(peak ?? maxRSS) / 1024
    })
  )
})
