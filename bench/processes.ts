/** Starts the sink and the clients, each in a process of its own, with a core of its own where the system allows it. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { availableParallelism } from "node:os"
import { createInterface } from "node:readline"
import { compiled } from "./build.ts"
import type { Measured, Task } from "./clients/measure.ts"
import type { Counts } from "./sink.ts"

const cores = { client: "0", sink: "1" }

/** Whether client and sink can have a core each. */
export const canPin: boolean = availableParallelism() > 1 &&
  Object.values(cores).every((core) => spawnSync("taskset", ["-c", core, "true"]).status === 0)

/** Programs see no settings of whoever runs the benchmark: no options of Node, no credentials. */
const environment = (folder: string) => ({
  PATH: process.env["PATH"],
  HOME: folder,
  TMPDIR: folder,
  NODE_NO_WARNINGS: "1"
})

const firstLine = async (child: ChildProcess): Promise<string> => {
  for await (const line of createInterface({ input: child.stdout! })) return line
  throw new Error(`${child.spawnargs.join(" ")} ended without a word`)
}

export interface Sink {
  readonly url: string
  readonly counts: () => Promise<Counts>
  readonly close: () => void
}

export interface Processes {
  /** Starts a sink over a JSON file of what it will hold; it ends with this process, however that ends. */
  readonly startSink: (folder: string, expected: string) => Promise<Sink>
  /** Runs a client to its end. */
  readonly runClient: (client: string, task: Task) => Promise<Measured>
}

/** Processes that have a core each by `taskset`, or run where the system puts them. */
export const make = (pinned: boolean): Processes => {
  const start = (role: keyof typeof cores, folder: string, args: ReadonlyArray<string>): ChildProcess => {
    const [command, ...before] = pinned ? ["taskset", "-c", cores[role], process.execPath] : [process.execPath]
    return spawn(command ?? "", [...before, ...args], {
      env: environment(folder),
      stdio: ["pipe", "pipe", "inherit"]
    })
  }
  return {
    startSink: async (folder, expected) => {
      const child = start("sink", folder, [compiled("sink"), expected])
      const { port } = JSON.parse(await firstLine(child))
      const url = `http://127.0.0.1:${port}`
      return {
        url,
        counts: async () => (await fetch(`${url}/control`)).json() as Promise<Counts>,
        close: () => child.stdin?.end()
      }
    },
    runClient: async (client, task) => {
      const child = start("client", task.folder, [compiled(`clients/${client}`), JSON.stringify(task)])
      const ended = once(child, "close")
      let text = ""
      child.stdout?.setEncoding("utf8").on("data", (part: string) => {
        text += part
      })
      const [code, signal] = await ended
      if (code !== 0) throw new Error(`the client ${client} failed: ${code ?? signal}`)
      return JSON.parse(text)
    }
  }
}
