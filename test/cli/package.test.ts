/** The package as `npm pack` makes it: the commands work where nothing else is installed. */
import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFile } from "node:child_process"
import { symlinkSync } from "node:fs"
import { promisify } from "node:util"
import { root } from "../e2e/support/processes.ts"
import { home } from "./support/wcscmd.ts"

const run = (program: string, arguments_: ReadonlyArray<string>, options: {
  readonly cwd: string
  readonly env: { readonly [name: string]: string | undefined }
}) => Effect.map(Effect.promise(() => promisify(execFile)(program, arguments_, options)), ({ stdout }) => stdout)

describe("npm pack", () => {
  it.scopedLive("holds a fresh build, and its commands need nothing beside it", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { cwd } = yield* home
      const packed = yield* run("npm", ["pack", "--json", "--silent", "--pack-destination", cwd], {
        cwd: root,
        env: { ...process.env, npm_config_update_notifier: "false" }
      })
      const [{ filename, files }] = JSON.parse(packed)
      const names: ReadonlyArray<string> = files.map(({ path }: { readonly path: string }) => path)
      assert.includeMembers([...names], [
        "README.md",
        "LICENSE",
        "dist/index.js",
        "dist/index.d.ts",
        "dist/bin/LICENSES.txt",
        "src/index.ts"
      ])
      assert.deepStrictEqual(
        names.filter((name) => !/^(?:dist|src)\/|^(?:README\.md|SECURITY\.md|LICENSE|package\.json)$/.test(name)),
        []
      )
      assert.deepStrictEqual(names.filter((name) => name.startsWith("src/cli/")), [])

      // What a global install does with it; nothing but the package is there.
      const installed = `${cwd}/lib/node_modules/effect-wcs`
      yield* fs.makeDirectory(installed, { recursive: true })
      yield* fs.makeDirectory(`${cwd}/bin`)
      yield* run("tar", ["xzf", filename, "--strip-components", "1", "-C", installed], { cwd, env: process.env })
      const manifest = JSON.parse(yield* fs.readFileString(`${installed}/package.json`))
      for (
        const target of Object.values<{ readonly default: string; readonly types: string } | string>(manifest.exports)
      ) {
        for (const path of typeof target === "string" ? [target] : [target.default, target.types]) {
          assert.include(names, path.slice(2))
        }
      }
      for (const [name, path] of Object.entries<string>(manifest.bin)) {
        symlinkSync(`${installed}/${path}`, `${cwd}/bin/${name}`)
      }
      yield* fs.writeFileString(`${cwd}/hello`, "hello world")
      const command = (name: string, ...arguments_: ReadonlyArray<string>) =>
        run(`${cwd}/bin/${name}`, arguments_, { cwd, env: { PATH: process.env["PATH"], HOME: cwd } })
      assert.strictEqual(yield* command("wcscmd", "--version"), `${manifest.version}\n`)
      assert.strictEqual(yield* command("wcs_etag_cal", "etag", "hello"), "['hello']\nFiqubDXJT8-0FdvpX0CLnOke6Ebt\n")
      assert.strictEqual(yield* command("wcs_crc64_cal", "crc64", "hello"), "['hello']\n5981764153023615706\n")
    }).pipe(Effect.provide(NodeContext.layer)))
})
