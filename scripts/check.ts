/**
 * `npm run check`: everything but the tests, as many steps at once as there are processors. All steps run, and the
 * last line names those that failed.
 */
import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { availableParallelism } from "node:os"

interface Plugin {
  readonly diagnosticSeverity: { readonly [rule: string]: string }
}

const base: { readonly compilerOptions: { readonly plugins: readonly [Plugin] } } = JSON.parse(
  readFileSync("tsconfig.base.json", "utf8")
)
const [plugin] = base.compilerOptions.plugins

/** The language service's rules for `src`, beside those for everything else: tests and scripts may be laxer. */
const srcRules = {
  ...plugin,
  diagnosticSeverity: {
    ...plugin.diagnosticSeverity,
    deterministicKeys: "error",
    anyUnknownInErrorContext: "warning",
    globalDate: "warning",
    globalDateInEffect: "warning",
    globalConsole: "warning",
    globalConsoleInEffect: "warning",
    cryptoRandomUUID: "warning",
    cryptoRandomUUIDInEffect: "warning",
    strictEffectProvide: "warning"
  }
}

const steps: ReadonlyArray<readonly [name: string, command: string, ...args: ReadonlyArray<string>]> = [
  ["types", "tsc", "-p", "tsconfig.json"],
  [
    "effect elsewhere",
    "effect-language-service",
    "diagnostics",
    "--project",
    "tsconfig.rest.json",
    "--format",
    "text",
    "--strict"
  ],
  [
    "effect in src",
    "effect-language-service",
    "diagnostics",
    "--project",
    "tsconfig.build.json",
    "--format",
    "text",
    "--strict",
    "--lspconfig",
    JSON.stringify(srcRules)
  ],
  ["lint", "oxlint"],
  ["format", "dprint", "check"],
  ["docs", "tsx", "scripts/check-docs.ts"],
  ["site", "tsx", "scripts/site.ts"]
]

/** Runs a step and tells whether it held; what it printed comes out in one piece. */
const run = async ([name, command, ...args]: (typeof steps)[number]): Promise<boolean> => {
  const start = performance.now()
  const child = spawn(`node_modules/.bin/${command}`, args, { stdio: ["ignore", "pipe", "pipe"] })
  let output = ""
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text
    })
  }
  const code = await new Promise<number | null>((resolve) => {
    child.on("error", ({ message }) => {
      output += message
      resolve(null)
    })
    child.on("close", resolve)
  })
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  console.log(`${output.trimEnd()}\n${code === 0 ? "ok    " : "FAILED"} ${name} (${seconds} s)`)
  return code === 0
}

/** As many at once as there are processors. */
const waiting = [...steps]
const failed: Array<string> = []
await Promise.all(Array.from({ length: availableParallelism() }, async () => {
  for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
    if (!(await run(step))) failed.push(step[0])
  }
}))

console.log(failed.length === 0 ? "check: ok" : `check: failed: ${failed.join(", ")}`)
process.exitCode = failed.length === 0 ? 0 : 1
