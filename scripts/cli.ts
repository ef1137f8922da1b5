/**
 * The commands as files that Node runs: each is bundled with all that it needs, so that it starts fast, and a global
 * install brings nothing else.
 */
import { build, type Metafile } from "esbuild"
import { chmodSync, rmSync } from "node:fs"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))

/** The commands by their names, and the modules that are their processes. */
const programs = { wcscmd: "bin", wcs_etag_cal: "etagBin", wcs_crc64_cal: "crc64Bin" }

/** Bundles the commands into a folder, and tells what went into them. */
export const bundle = async (outdir: string): Promise<Metafile> => {
  // The names of chunks change with their content.
  rmSync(`${outdir}/chunks`, { recursive: true, force: true })
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(
      Object.entries(programs).map(([name, file]) => [name, `src/cli/${file}.ts`])
    ),
    outdir,
    bundle: true,
    // What a command loads when it runs, and what the commands share, are files of their own.
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    platform: "node",
    // An ES module leaves what is not used behind; a CommonJS one, such as all of hash-wasm, does not.
    mainFields: ["module", "main"],
    target: "node20",
    format: "esm",
    minify: true,
    keepNames: true,
    legalComments: "none",
    metafile: true,
    banner: {
      // What is CommonJS among the packages asks for Node's own modules by `require`.
      js:
        "#!/usr/bin/env node\nimport{createRequire as _require}from\"node:module\";const require=_require(import.meta.url);"
    }
  })
  for (const name of Object.keys(programs)) chmodSync(`${outdir}/${name}.js`, 0o755)
  return metafile
}
