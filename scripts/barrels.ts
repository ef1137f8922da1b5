/** What others import: the entry points of the package, and the modules that they name. */
import { readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { fileURLToPath } from "node:url"

const root = resolve(fileURLToPath(import.meta.url), "../..")

/** A module that an entry point names: `effect-wcs/testing` and `Fault` for `src/testing/Fault.ts`. */
export interface Module {
  readonly name: string
  readonly path: string
  /** What stands above it, in one line. */
  readonly doc: string
}

export interface Barrel {
  readonly entry: string
  readonly path: string
  readonly modules: ReadonlyArray<Module>
}

const barrel = (entry: string, folder: string, file: string): Barrel => {
  const path = `${folder}/${file}`
  const lines = readFileSync(join(root, path), "utf8").matchAll(
    /^(?:\/\*\* (.*) \*\/\n)?export \* as (\w+) from "(.+)"$/gm
  )
  return {
    entry,
    path,
    modules: [...lines].map(([, doc = "", name, from]) => ({ name: name!, path: join(folder, from!), doc }))
  }
}

export const barrels: ReadonlyArray<Barrel> = [
  barrel("effect-wcs", "src", "index.ts"),
  barrel("effect-wcs/node", "src", "node.ts"),
  barrel("effect-wcs/testing", "src/testing", "index.ts"),
  barrel("effect-wcs/testing/node", "src/testing", "node.ts")
]
