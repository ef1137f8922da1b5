/** The package as others get it: packed, and installed with its peers in an empty project outside this repository. */
import { execFile } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

const root = fileURLToPath(new URL("..", import.meta.url))

const npm = async (cwd: string, ...args: ReadonlyArray<string>): Promise<string> => {
  const { stdout } = await promisify(execFile)("npm", args, {
    cwd,
    env: { ...process.env, npm_config_update_notifier: "false" }
  })
  return stdout
}

/** What `npm pack` tells of a tarball. */
export interface Packed {
  readonly filename: string
  readonly files: ReadonlyArray<{ readonly path: string; readonly size: number }>
}

/** Builds the package, and packs it into a folder. */
export const pack = async (folder: string): Promise<Packed> =>
  JSON.parse(await npm(root, "pack", "--json", "--silent", "--pack-destination", folder))[0]

const peers = ["effect", "@effect/platform", "@effect/platform-node"]

/**
 * Installs a tarball of its folder and the peers. The versions are those of this repository's lock file: what `npm ci`
 * has fetched for it comes from npm's cache, and nothing is asked of the registry.
 */
export const install = async (folder: string, tarball: string): Promise<void> => {
  const lock = JSON.parse(readFileSync(`${root}/package-lock.json`, "utf8"))
  const dependencies = {
    "effect-wcs": `file:${tarball}`,
    ...Object.fromEntries(peers.map((name) => [name, lock.packages[`node_modules/${name}`].version]))
  }
  lock.packages[""] = { dependencies }
  writeFileSync(`${folder}/package.json`, JSON.stringify({ private: true, type: "module", dependencies }))
  writeFileSync(`${folder}/package-lock.json`, JSON.stringify(lock))
  await npm(folder, "install", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund")
}
