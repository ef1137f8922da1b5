/** `wcscmd` as a process against an emulator on a port. */
import { FileSystem } from "@effect/platform"
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { EmulatorAddress } from "effect-wcs/testing"
import { spawn } from "node:child_process"
import { inject } from "vitest"
import { type Ended, environment, signature } from "../../e2e/support/processes.ts"
import { secretKey } from "../../e2e/support/service.ts"

/** Where a command runs. */
export interface Place {
  readonly cwd: string
  readonly env: { readonly [name: string]: string }
}

/** A folder of its own, which is the home, too; no account. */
export const home = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const cwd = yield* fs.makeTempDirectoryScoped()
  return { cwd, env: { HOME: cwd } }
})

/** A folder of its own, which is the home, too, and the variables that lead to the emulator. */
export const place = Effect.gen(function*() {
  const { cwd } = yield* home
  return { cwd, env: environment(yield* EmulatorAddress.EmulatorAddress, cwd) }
})

/** Starts a command; it is killed with the scope. What it writes holds no secret. */
export const start = (program: "wcscmd" | "wcs_etag_cal" | "wcs_crc64_cal", { cwd, env }: Place, options: {
  readonly arguments: ReadonlyArray<string>
  readonly stdin?: string
  /** What a shell does before the command takes its place. */
  readonly before?: string
  /** Its result is an upload token. */
  readonly printsToken?: boolean
}) =>
  Effect.gen(function*() {
    const shell = `${options.before ?? ":"}; exec "$@"`
    const file = `${inject("bin")}/${program}.js`
    const child = yield* Effect.acquireRelease(
      Effect.sync(() =>
        spawn("sh", ["-c", shell, "sh", process.execPath, file, ...options.arguments], {
          cwd,
          env: { PATH: process.env["PATH"], ...env },
          stdio: ["pipe", "pipe", "pipe"]
        })
      ),
      (child) => Effect.sync(() => void child.kill("SIGKILL"))
    )
    const written = { stdout: "", stderr: "" }
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        written[name] += text
      })
    }
    // A command need not read what it is given.
    child.stdin.on("error", () => undefined).end(options.stdin ?? "")
    const ended = new Promise<Ended>((resolve, reject) => {
      child.on("error", reject).on("close", (code, signal) => resolve({ ...written, code, signal }))
    })
    return {
      child,
      end: Effect.tap(Effect.promise(() => ended), ({ stderr, stdout }) =>
        Effect.sync(() => {
          for (const text of [stdout, stderr]) {
            assert.notInclude(text, secretKey)
            if (text !== stdout || options.printsToken !== true) assert.notMatch(text, signature)
          }
        }))
    }
  })

/** Runs `wcscmd` to its end. */
export const wcscmd = (place: Place, ...arguments_: ReadonlyArray<string>): Effect.Effect<Ended> =>
  Effect.scoped(Effect.flatMap(start("wcscmd", place, { arguments: arguments_ }), ({ end }) => end))

/** Runs `wcscmd`, which is to succeed without a word on stderr, and gives its stdout. */
export const succeeds = (place: Place, ...arguments_: ReadonlyArray<string>): Effect.Effect<string> =>
  Effect.map(wcscmd(place, ...arguments_), ({ code, stderr, stdout }) => {
    assert.deepStrictEqual([code, stderr], [0, ""], stdout)
    return stdout
  })

/** Runs `wcscmd`, which is to fail with an exit code and without results, and gives its stderr. */
export const fails = (place: Place, code: number, ...arguments_: ReadonlyArray<string>): Effect.Effect<string> =>
  Effect.map(wcscmd(place, ...arguments_), (ended) => {
    assert.deepStrictEqual([ended.code, ended.stdout], [code, ""], ended.stderr)
    return ended.stderr
  })
