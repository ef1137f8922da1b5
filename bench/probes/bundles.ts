/** What a program that asks for one object carries when it is bundled. */
import { build } from "esbuild"
import { gzipSync } from "node:zlib"
import { compiled, root } from "../build.ts"
import type { Goal } from "../goals.ts"
import type { Figures, Probe } from "./probe.ts"

/** The programs by the lines of the table. */
const programs = {
  "effect-wcs/node": "bundles/node",
  "effect-wcs over `fetch`": "bundles/fetch",
  "effect and its HTTP client alone": "bundles/effect",
  "`@aws-sdk/client-s3` and lib-storage": "rivals/s3Bundle"
}

/** The bundle's bytes. `mainFields` is the order in which a package's forms are taken. */
const bundle = async (program: string, mainFields: Array<string>): Promise<Uint8Array> => {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [compiled(program)],
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    target: "node20",
    mainFields,
    legalComments: "none",
    write: false
  })
  return outputFiles[0]?.contents ?? new Uint8Array()
}

const zipped = "gzip KiB"
const kibibytes = (bytes: Uint8Array): number => bytes.length / 1024

const half = (row: keyof typeof programs): Goal<Figures> => ({
  name: `bundle, ${row} ÷ AWS, gzip`,
  measure: (figures) => figures[zipped] ?? Number.NaN,
  row,
  by: "`@aws-sdk/client-s3` and lib-storage",
  bound: { most: 0.5 }
})

export const bundles: Probe = {
  name: "bundles",
  title: "Bundles",
  withRivals: true,
  prepare: () =>
    Promise.resolve(async () => {
      const lines: Record<string, Figures> = {}
      for (const [line, program] of Object.entries(programs)) {
        // Of an ES module what is not used can be left out. By itself esbuild takes the other form for Node.
        const bytes = await bundle(program, ["module", "main"])
        const common = await bundle(program, ["main", "module"])
        lines[line] = {
          "KiB": kibibytes(bytes),
          [zipped]: kibibytes(gzipSync(bytes)),
          "gzip KiB, CommonJS first": kibibytes(gzipSync(common))
        }
      }
      return lines
    }),
  goals: [half("effect-wcs/node"), half("effect-wcs over `fetch`")]
}
