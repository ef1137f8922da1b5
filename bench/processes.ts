/** Starts the sink and the clients, each in a process of its own, with a core of its own where the system allows it. */
import { type ChildProcess, spawn, spawnSync, type StdioOptions } from "node:child_process"
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

/**
 * Programs see no settings of whoever runs the benchmark: no options of Node, no credentials. A certificate is one that
 * they trust.
 */
const environment = (folder: string, certificate: string | undefined) => ({
  ...(certificate !== undefined && { NODE_EXTRA_CA_CERTS: certificate }),
  PATH: process.env["PATH"],
  HOME: folder,
  TMPDIR: folder,
  NODE_NO_WARNINGS: "1"
})

/** All that a process says, when it has ended well. */
const said = async (child: ChildProcess, stream: ChildProcess["stdio"][number] | undefined): Promise<string> => {
  const ended = once(child, "close")
  let text = ""
  if (stream && "setEncoding" in stream) {
    stream.setEncoding("utf8").on("data", (part: string) => {
      text += part
    })
  }
  const [code, signal] = await ended
  if (code !== 0) throw new Error(`${child.spawnargs.join(" ")} failed: ${code ?? signal}`)
  return text
}

/** Reads what a process says, a line at a time. */
const linesOf = (child: ChildProcess): () => Promise<string> => {
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
  return async () => {
    const { done, value } = await lines.next()
    if (done === true) throw new Error(`${child.spawnargs.join(" ")} ended without a word`)
    return value
  }
}

export interface Sink {
  readonly url: string
  readonly counts: () => Promise<Counts>
  readonly close: () => void
}

/** What a process has used from its start to its end. */
export interface Started {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly maxRssMiB: number
}

export interface Processes {
  /** Starts a sink over a JSON file of what it will hold; it ends with this process, however that ends. */
  readonly startSink: (
    folder: string,
    expected: string,
    options: { readonly latency: number; readonly tls: boolean }
  ) => Promise<Sink>
  /** Runs a client to its end. */
  readonly runClient: (client: string, task: Task) => Promise<Measured>
  /** Runs any program of Node to its end, with variables of its own. */
  readonly runNode: (
    folder: string,
    args: ReadonlyArray<string>,
    variables: { readonly [name: string]: string }
  ) => Promise<Started>
}

/**
 * Processes that have a core each by `taskset`, or run where the system puts them. `certificate`: a file with one for
 * 127.0.0.1, and its key.
 */
export const make = (pinned: boolean, certificate: string | undefined): Processes => {
  const start = (
    role: keyof typeof cores,
    folder: string,
    args: ReadonlyArray<string>,
    variables: { readonly [name: string]: string } = {},
    stdio: StdioOptions = ["pipe", "pipe", "inherit"]
  ): ChildProcess => {
    const [command, ...before] = pinned ? ["taskset", "-c", cores[role], process.execPath] : [process.execPath]
    return spawn(command ?? "", [...before, ...args], {
      env: { ...environment(folder, certificate), ...variables },
      stdio
    })
  }
  return {
    startSink: async (folder, expected, { latency, tls }) => {
      const secured = tls && certificate !== undefined ? [certificate] : []
      const child = start("sink", folder, [compiled("sink"), expected, String(latency), ...secured])
      const line = linesOf(child)
      const { port } = JSON.parse(await line())
      const url = `${tls ? "https" : "http"}://127.0.0.1:${port}`
      return {
        url,
        counts: async () => {
          child.stdin?.write("counts\n")
          return JSON.parse(await line())
        },
        close: () => child.stdin?.end()
      }
    },
    runClient: async (client, task) => {
      const child = start("client", task.folder, [compiled(client), JSON.stringify(task)])
      return JSON.parse(await said(child, child.stdout))
    },
    runNode: async (folder, args, variables) => {
      const started = performance.now()
      const child = start("client", folder, ["--require", compiled("atExit", "cjs"), ...args], variables, [
        "ignore",
        "ignore",
        "inherit",
        "pipe"
      ])
      const ended = once(child, "exit")
      const text = said(child, child.stdio[3])
      await ended
      const seconds = (performance.now() - started) / 1000
      return { seconds, ...JSON.parse(await text) }
    }
  }
}
