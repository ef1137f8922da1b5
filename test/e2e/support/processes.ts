import { assert } from "@effect/vitest"
import { Data, Effect } from "effect"
import type { EmulatorAddress } from "effect-wcs/testing"
import { spawn } from "node:child_process"
import { built, root } from "../../support/programs.ts"
import { secretKey } from "./service.ts"

export { root }

/** What a process wrote, and how it ended. */
export interface Ended {
  readonly stdout: string
  readonly stderr: string
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A process ended before it was to. */
export class EndedEarly extends Data.TaggedError("EndedEarly")<{ readonly message: string }> {}

/** The base64url of 40 hexadecimal digits: a signature, alone or in a token (protocol 2.1). */
export const signature = /[\w-]{54}==/

/** Nothing of a key, of a signature or of a token is in what a process wrote. */
const quiet = ({ stderr, stdout }: Ended) => {
  for (const text of [stdout, stderr]) {
    assert.notInclude(text, secretKey)
    assert.notMatch(text, signature)
  }
}

interface Options {
  readonly arguments?: ReadonlyArray<string>
  readonly cwd?: string
  readonly env: { readonly [name: string]: string }
}

/** Runs a command; it is killed with the scope. */
const launch = (command: Effect.Effect<readonly [file: string, ...before: ReadonlyArray<string>]>, options: Options) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.map(command, ([file, ...before]) =>
        spawn(file, [...before, ...options.arguments ?? []], {
          cwd: options.cwd ?? root,
          // Nothing of the surroundings but what a program needs to start.
          env: { PATH: process.env["PATH"], TMPDIR: process.env["TMPDIR"], ...options.env },
          stdio: ["ignore", "pipe", "pipe"]
        })),
      (child) => Effect.sync(() => void child.kill("SIGKILL"))
    ),
    (child) => {
      const written = { stdout: "", stderr: "" }
      for (const name of ["stdout", "stderr"] as const) {
        child[name].setEncoding("utf8").on("data", (text: string) => {
          written[name] += text
        })
      }
      const ended = new Promise<Ended>((resolve, reject) => {
        child.on("error", reject).on("close", (code, signal) => resolve({ ...written, code, signal }))
      })
      const end = Effect.tap(Effect.promise(() => ended), (ended) => Effect.sync(() => quiet(ended)))
      return {
        /** How it ended; whatever it wrote held no secret. */
        end,
        /** What it has written so far that fits a pattern, as soon as there is something. */
        printed: (pattern: RegExp) =>
          Effect.async<RegExpExecArray, EndedEarly>((resume) => {
            const look = () => {
              const match = pattern.exec(written.stdout)
              if (match !== null) resume(Effect.succeed(match))
            }
            child.stdout.on("data", look)
            child.on("close", () => resume(new EndedEarly({ message: JSON.stringify(written) })))
            look()
          }),
        kill: (signal: NodeJS.Signals) => Effect.sync(() => void child.kill(signal)),
        /** Waits for something that happens while the process runs. */
        until: <A, E, R>(effect: Effect.Effect<A, E, R>) =>
          Effect.raceFirst(
            effect,
            Effect.flatMap(end, (ended) => new EndedEarly({ message: JSON.stringify(ended) }))
          )
      }
    }
  )

/** Runs a TypeScript program of this repository; it is killed with the scope. */
export const start = (program: string, options: Options) =>
  launch(Effect.map(built(program), (file) => [process.execPath, file]), options)

/** Runs a program to its end. */
export const run = (...arguments_: Parameters<typeof start>) =>
  Effect.scoped(Effect.flatMap(start(...arguments_), (process) => process.end))

/** Runs a script of `package.json` to its end. */
export const runScript = (script: string, options: Options) =>
  Effect.scoped(
    Effect.flatMap(
      launch(Effect.succeed(["npm", "run", "--silent", script, "--"]), options),
      (process) => process.end
    )
  )

/** The variables that lead a client to an emulator, with a home of its own. */
export const environment = (address: EmulatorAddress.EmulatorAddress["Type"], home: string) => ({
  HOME: home,
  WCS_PUT_URL: address.uploadUrl,
  WCS_MGR_URL: address.managementUrl,
  WCS_DOWNLOAD_URL: address.downloadUrl,
  WCS_ACCESS_KEY: address.accessKey,
  WCS_SECRET_KEY: address.secretKey
})
