/**
 * The transcripts of a Markdown page: what stands in a block ```` ```console ```` behind `$ ` is run by a shell, and the
 * lines below it are what it printed, stdout and stderr together, and `[exit N]` when it failed.
 */
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { mkdirSync, symlinkSync } from "node:fs"

/** What differs from one run to the next, as the page has it. */
const steady: ReadonlyArray<readonly [pattern: RegExp, instead: string]> = [
  [/(?<=[[ ]request )\w+(?=\])/g, "mwvf6t88fa96e42f"],
  [/"requestId":"\w+"/g, "\"requestId\":\"mwvf6t88fa96e42f\""],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, "2026-01-31T09:05:00.000Z"],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, "2026-01-31T09:05:00Z"],
  [/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, "2026-01-31 09:05:00"],
  [/\d{4}-\d\d-\d\d(?= +\d)/g, "2026-01-31"],
  [/, in \d+ days\b/g, ", in 1000 days"],
  [/127\.0\.0\.1:\d{4,}/g, "127.0.0.1:8080"],
  [/\b[0-9a-f]{38}\b/g, "49fe2d8d04161100bbc6bb18a707ba8a248eea"]
]

/** How a page's transcripts are run. */
export interface Stage {
  /** The folder of the built commands. */
  readonly bin: string
  /** An empty folder: the home, and where the commands run. */
  readonly home: string
  readonly env: { readonly [name: string]: string }
}

const run = (command: string, { env, home }: Stage) =>
  Effect.promise(() =>
    new Promise<string>((resolve, reject) => {
      const child = spawn("bash", ["-c", command], {
        cwd: `${home}/work`,
        env: { ...env, PATH: `${home}/.bin:${process.env["PATH"]}` },
        stdio: ["ignore", "pipe", "pipe"]
      })
      let printed = ""
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => {
          printed += text
        })
      }
      child.on("error", reject).on("close", (code) => {
        const end = printed === "" || printed.endsWith("\n") ? "" : "\n"
        resolve(`${printed}${end}${code === 0 ? "" : `[exit ${code}]\n`}`)
      })
    })
  )

/** A page with its transcripts as they come out now. */
export const transcribe = (page: string, stage: Stage): Effect.Effect<string> =>
  Effect.gen(function*() {
    mkdirSync(`${stage.home}/work`, { recursive: true })
    mkdirSync(`${stage.home}/.bin`, { recursive: true })
    for (const name of ["wcscmd", "wcs_etag_cal", "wcs_crc64_cal"]) {
      symlinkSync(`${stage.bin}/${name}.js`, `${stage.home}/.bin/${name}`)
    }
    const parts = page.split(/^(```console\n[^]*?^```$)/m)
    const steadied = (printed: string) =>
      steady.reduce((text, [pattern, instead]) => text.replaceAll(pattern, instead), printed)
        .replaceAll(stage.home, "/home/ann")
    const done = yield* Effect.forEach(parts, (part) => {
      if (!part.startsWith("```console\n")) return Effect.succeed(part)
      const commands = part.split("\n").filter((line) => line.startsWith("$ "))
      return Effect.map(
        Effect.forEach(commands, (line) =>
          Effect.map(run(line.slice(2), stage), (printed) => `${line}\n${steadied(printed)}`)),
        (transcripts) =>
          `\`\`\`console\n${transcripts.join("")}\`\`\``
      )
    })
    return done.join("")
  })
