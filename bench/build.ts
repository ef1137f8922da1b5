/** Compiles the package, the clients and the sink, so that what is measured is the JavaScript that users run. */
import { execFileSync } from "node:child_process"
import { mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { fileURLToPath } from "node:url"

export const root: string = resolve(fileURLToPath(import.meta.url), "../..")

/** Below `node_modules`, so that the compiled files find their dependencies. */
const folder = join(root, "node_modules/.cache/effect-wcs-bench")

/** A package may import itself by its name: to the clients `effect-wcs` is the build beside them. */
const packageJson = {
  name: "effect-wcs",
  type: "module",
  // Bundlers leave out what is not used, as they do with the package's own.
  sideEffects: [],
  exports: { ".": "./dist/index.js", "./node": "./dist/node.js" }
}

/** The path of a compiled file of this folder, by its name without extension. */
export const compiled = (name: string, extension = "js"): string => join(folder, "bench", `${name}.${extension}`)

/** Where the commands are bundled. */
export const binaries: string = join(folder, "bin")

export const build = (): void => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, "package.json"), JSON.stringify(packageJson))
  const tsc = (...args: ReadonlyArray<string>) =>
    execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), ...args], { stdio: "inherit" })
  // `npm run check` is where types are checked.
  tsc("-p", join(root, "tsconfig.build.json"), "--noCheck", "--outDir", join(folder, "dist"))
  tsc("-p", join(root, "bench/tsconfig.build.json"))
}

const changed = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0

/**
 * Installs the packages of the rivals, unless they are there, and lets the compiled clients find them. They have a
 * folder of their own: who does not measure does not need them.
 */
export const installRivals = (): void => {
  const rivals = join(root, "bench/rivals")
  const modules = join(rivals, "node_modules")
  // npm writes this file last.
  if (changed(join(modules, ".package-lock.json")) < changed(join(rivals, "package-lock.json"))) {
    execFileSync("npm", ["ci", "--prefix", rivals, "--ignore-scripts", "--no-audit", "--no-fund"], {
      // What is printed is the report.
      stdio: ["ignore", process.stderr, "inherit"],
      shell: process.platform === "win32"
    })
  }
  symlinkSync(modules, join(folder, "bench/rivals/node_modules"), "junction")
}
