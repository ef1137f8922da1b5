import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import type { TestProject } from "vitest/node"
import { bundle } from "../../../scripts/cli.ts"

declare module "vitest" {
  interface ProvidedContext {
    /** The folder of the built commands. */
    readonly bin: string
  }
}

/** Builds the commands once for all tests, as a package of ES modules. */
export const setup = async ({ provide }: TestProject) => {
  const folder = mkdtempSync(`${tmpdir()}/effect-wcs-bin-`)
  writeFileSync(`${folder}/package.json`, JSON.stringify({ type: "module" }))
  await bundle(folder)
  provide("bin", folder)
  return () => rmSync(folder, { recursive: true, force: true })
}
