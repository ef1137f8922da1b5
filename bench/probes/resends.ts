/** How soon a block is sent again after a fault, and how much is sent again. */
import { mkdtempSync, rmSync } from "node:fs"
import { connect, createServer } from "node:net"
import { join } from "node:path"
import { blockSize, writeRandom } from "../content.ts"
import { spread } from "../goals.ts"
import type { Figures, Probe } from "./probe.ts"

const faults = ["reset in the middle of a block", "reset before the answer", "an answer 503"] as const
type Fault = (typeof faults)[number]

/** All blocks but the first meet the fault, each once. */
const blocks = 8

const unavailable = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n"

/** What came of an upload. */
interface Seen {
  /** Milliseconds from each fault to the next byte that came. */
  readonly waits: ReadonlyArray<number>
  /** Bytes that came. What was on its way when a connection was reset is not among them. */
  readonly arrived: number
}

/** Stands between the sink and a client that sends one block at a time: the next byte after a fault is the resend's. */
const startProxy = async (sink: string, fault: Fault) => {
  const { hostname, port } = new URL(sink)
  const waits: Array<number> = []
  let arrived = 0
  /** Bytes since the last fault: the block that was sent again, then the next one, which meets it. */
  let since = 0
  let struck: number | undefined

  const server = createServer((near) => {
    const far = connect(Number(port), hostname)
    const strikes = (): boolean => {
      if (since < 1.5 * blockSize) return false
      since = 0
      struck = performance.now()
      if (fault === "an answer 503") near.write(unavailable)
      else near.resetAndDestroy()
      return true
    }
    near.on("data", (bytes) => {
      if (struck !== undefined) waits.push(performance.now() - struck)
      struck = undefined
      arrived += bytes.length
      since += bytes.length
      if (fault !== "reset in the middle of a block" || !strikes()) far.write(bytes)
    })
    far.on("data", (bytes) => {
      if (fault === "reset in the middle of a block" || !strikes()) near.write(bytes)
    })
    near.on("error", () => {}).on("close", () => far.destroy())
    far.on("error", () => {}).on("close", () => near.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`,
    seen: (): Seen => ({ waits, arrived }),
    close: () => server.close()
  }
}

export const resends: Probe = {
  name: "resends",
  title: "After a fault",
  prepare: async ({ folder, runClient, sinkOver }) => {
    const file = join(folder, "resends")
    const key = "resends"
    const size = blocks * blockSize
    const sink = await sinkOver({ [key]: writeRandom(file, size).block })

    const upload = async (client: string, fault: Fault): Promise<Seen> => {
      const proxy = await startProxy(sink.url, fault)
      const own = mkdtempSync(join(folder, "client-"))
      await runClient(client, {
        url: proxy.url,
        file,
        key,
        size,
        blockSize,
        chunkSize: blockSize,
        concurrency: 1,
        checks: true,
        count: 1,
        target: own,
        folder: own
      })
      proxy.close()
      rmSync(own, { recursive: true })
      const seen = proxy.seen()
      if (seen.waits.length !== blocks - 1) throw new Error(`${fault}: met by ${seen.waits.length} blocks`)
      return seen
    }

    return async () => {
      const lines: Record<string, Figures> = {}
      for (const fault of faults) {
        const { arrived, waits } = await upload("clients/ours", fault)
        const atOnce = await upload("clients/oursAtOnce", fault)
        lines[fault] = {
          "ms to the resend": spread(waits).median,
          "ms, with no delay by the schedule": spread(atOnce.waits).median,
          "MiB sent again a fault": (arrived - size) / (blocks - 1) / 1024 ** 2,
          "bytes sent ÷ useful": arrived / size
        }
      }
      return lines
    }
  },
  goals: []
}
