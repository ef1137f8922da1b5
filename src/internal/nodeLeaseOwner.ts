import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import { readFileSync, readlinkSync } from "node:fs"
import { hostname } from "node:os"
import process from "node:process"
import { LeaseOwner, nameOf } from "./leaseOwner.ts"

/** What the system says of itself in a file; nothing where there is no such file. */
const textOf = (read: () => string): string => {
  try {
    return read()
  } catch {
    return ""
  }
}

/**
 * The machine since it was started and, where there are several, the space of process numbers: machines that share a
 * folder may be called alike, and a container like its host.
 */
const machine = (): string => {
  const started = textOf(() => readFileSync("/proc/sys/kernel/random/boot_id", "latin1")).slice(0, 8)
  const space = textOf(() => readlinkSync("/proc/self/ns/pid")).replaceAll(/\D/g, "")
  return [hostname(), started, space].filter((part) => part !== "").join("/")
}

/** When a process began, as the system counts: the number of one that has ended may be given to another. */
const beginning = (pid: number | "self"): string => {
  const stat = textOf(() => readFileSync(`/proc/${pid}/stat`, "latin1"))
  const [state, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  // One that has ended, and whose end nobody has asked for, is there still.
  return state === "Z" ? "ended" : rest[18] ?? ""
}

const isRunning = (pid: number): boolean => {
  try {
    // Signal 0 asks whether there is such a process.
    return process.kill(pid, 0)
  } catch (error) {
    return Predicate.hasProperty(error, "code") && error.code === "EPERM"
  }
}

/**
 * This process as an owner of uploads. One of this machine that has ended is known to be dead. When it began tells a
 * process from an earlier one of its number, and is the same for all clients of the process, in its workers, too.
 */
export const nodeLeaseOwner: Layer.Layer<LeaseOwner> = Layer.sync(LeaseOwner, () => {
  const here = machine()
  const began = beginning("self")
  return {
    name: `${here}:${process.pid}:${began}`,
    describe: (owner) => {
      const [place = "", pid, since] = owner.split(":")
      // The name of a program that tells no processes apart has none in it.
      return since === undefined
        ? nameOf(owner)
        : place !== here
        ? `process ${pid} on ${place.split("/")[0]}`
        : pid === String(process.pid) && since === began
        ? "this process"
        : `process ${pid} on this machine`
    },
    isDead: (owner) => {
      const [place, number, since] = owner.split(":")
      const pid = Number(number)
      if (place !== here) return false
      const now = began === "" ? "" : beginning(pid)
      return !isRunning(pid) || (now !== "" && now !== since)
    }
  }
})
