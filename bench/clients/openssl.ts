/** `openssl sha1` of the file; the shell that starts it tells its CPU time. */
import { execFileSync } from "node:child_process"
import { begin, task } from "./measure.ts"

const end = begin()
const printed = execFileSync("sh", ["-c", "openssl sha1 \"$0\" && times", task.file], { encoding: "utf8" })
const [, times = ""] = /([^\n]*)\n$/.exec(printed) ?? []
const seconds = Array.from(
  times.matchAll(/(\d+)m([\d.]+)s/g),
  ([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds)
)
if (seconds.length !== 2) throw new Error(`these are no times: ${printed}`)
end(seconds.reduce((sum, time) => sum + time))
