/** `wcscmd` as a process that can be killed. */
import { Effect } from "effect"
import { spawn } from "node:child_process"

export interface Ended {
  readonly stdout: string
  readonly stderr: string
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** What a run does with its process: `kill` ends it at once, as a loss of power would end it alone. */
export interface Running {
  readonly kill: () => void
}

/** Runs a command to its end, or until it is killed; with the scope of the caller it is killed, too. */
export const run = (options: {
  readonly bin: string
  readonly cwd: string
  readonly env: { readonly [name: string]: string }
  readonly arguments: ReadonlyArray<string>
  /** Called when the process has begun. */
  readonly started: (running: Running) => void
}): Effect.Effect<Ended> =>
  Effect.async<Ended>((resume) => {
    const child = spawn(process.execPath, [`${options.bin}/wcscmd.js`, ...options.arguments], {
      cwd: options.cwd,
      env: { PATH: process.env["PATH"], ...options.env },
      stdio: ["ignore", "pipe", "pipe"]
    })
    const written = { stdout: "", stderr: "" }
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        written[name] += text
      })
    }
    child.on("error", (error) => resume(Effect.die(error)))
    child.on("close", (code, signal) => resume(Effect.succeed({ ...written, code, signal })))
    options.started({ kill: () => void child.kill("SIGKILL") })
    return Effect.sync(() => void child.kill("SIGKILL"))
  })
