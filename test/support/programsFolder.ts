import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { TestProject } from "vitest/node"

declare module "vitest" {
  interface ProvidedContext {
    /** The folder for programs that tests start; it is gone with the run. */
    readonly programs: string
  }
}

/** Makes the folder for the programs that tests start, and removes it after the run. */
export const setup = ({ provide }: TestProject) => {
  const folder = mkdtempSync(join(tmpdir(), "effect-wcs-programs-"))
  provide("programs", folder)
  return () => rmSync(folder, { recursive: true, force: true })
}
