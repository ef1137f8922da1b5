/**
 * `npm run check`: everything but the tests, one step after another. All steps run, and the last line names those that
 * failed.
 */
import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"

interface Plugin {
  readonly diagnosticSeverity: { readonly [rule: string]: string }
}

const base: { readonly compilerOptions: { readonly plugins: readonly [Plugin] } } = JSON.parse(
  readFileSync("tsconfig.base.json", "utf8")
)
const [plugin] = base.compilerOptions.plugins

/** The language service's rules for `src`, beside those for everything: tests and scripts may be laxer. */
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
  ["effect", "effect-language-service", "diagnostics", "--project", "tsconfig.json", "--format", "text", "--strict"],
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
  ["docs", "tsx", "scripts/check-docs.ts"]
]

const failed = steps.filter(([name, command, ...args]) => {
  const start = performance.now()
  const { error, status } = spawnSync(`node_modules/.bin/${command}`, args, { stdio: "inherit" })
  if (error) console.error(error.message)
  console.log(`${status === 0 ? "ok    " : "FAILED"} ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`)
  return status !== 0
})

console.log(failed.length === 0 ? "check: ok" : `check: failed: ${failed.map(([name]) => name).join(", ")}`)
process.exitCode = failed.length === 0 ? 0 : 1
