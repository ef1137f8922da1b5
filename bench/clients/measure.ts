/** What every client is told, and what it measures of itself. */
import { writeFileSync } from "node:fs"
import { type Profiler, Session } from "node:inspector"
import { peakRssKiB } from "./peakRss.ts"

/** The argument of a client, as JSON. */
export interface Task {
  readonly url: string
  readonly file: string
  readonly key: string
  readonly size: number
  readonly blockSize: number
  /** Bytes of a request's body. */
  readonly chunkSize: number
  readonly concurrency: number
  /** Whether chunks and the object are compared with what the service says that it holds. */
  readonly checks: boolean
  /** Files of the folder, or objects of the bucket. */
  readonly count: number
  /** Where a download may be written. */
  readonly target: string
  /** A folder for the client's own files. */
  readonly folder: string
  /** Where a profile of the upload is written; absent: none is taken. */
  readonly profile?: string
}

/** What a client prints, as a line of JSON. */
export interface Measured {
  /** From just before the upload begins to its end. */
  readonly seconds: number
  /** User and system time of the whole process, in that span. */
  readonly cpuSeconds: number
  /** The same from the start of the process. */
  readonly wholeCpuSeconds: number
  /** Null where the work is done by another program. */
  readonly maxRssMiB: number | null
  /** Bytes that were carried, or objects that were listed. */
  readonly amount: number
}

export const task: Task = JSON.parse(process.argv[2] ?? "")

const cpuSeconds = (): number => {
  const { system, user } = process.cpuUsage()
  return (system + user) / 1e6
}

/** Begins to take a profile; the function that it gives writes it. */
const beginProfile = (path: string): () => void => {
  const session = new Session()
  session.connect()
  session.post("Profiler.enable")
  session.post("Profiler.start")
  return () => {
    session.post("Profiler.stop", (_error: Error | null, { profile }: Profiler.StopReturnType) => {
      writeFileSync(path, JSON.stringify(profile))
    })
  }
}

/**
 * Begins to measure; the function that it gives ends it, and prints. It takes the CPU seconds of another program that did
 * the work.
 */
export const begin = (amount = task.size): (other?: number) => void => {
  const endProfile = task.profile === undefined ? undefined : beginProfile(task.profile)
  const cpu = cpuSeconds()
  const started = performance.now()
  return (other) => {
    const seconds = (performance.now() - started) / 1000
    const whole = cpuSeconds() + (other ?? 0)
    endProfile?.()
    const measured: Measured = {
      seconds,
      cpuSeconds: whole - cpu,
      wholeCpuSeconds: whole,
      maxRssMiB: other === undefined ? peakRssKiB() / 1024 : null,
      amount
    }
    console.log(JSON.stringify(measured))
  }
}
