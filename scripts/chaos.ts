/**
 * Uploads with `wcscmd` that are killed, disturbed and begun again, for as long as is wanted; prints what happened as
 * JSON, and fails when the invariant did not hold.
 *
 *     npm run chaos -- [--minutes N] [--seed S] [--lanes N] [--story N]
 *
 * The same seed makes the same decisions. A violation names its story, which `--story` repeats alone.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Effect } from "effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { parseArgs } from "node:util"
import * as chaos from "../test/chaos/support/chaos.ts"
import { total } from "../test/chaos/support/figures.ts"
import { bundle } from "./cli.ts"

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "1" },
    seed: { type: "string", default: String(Date.now()) },
    lanes: { type: "string", default: "4" },
    story: { type: "string" }
  }
})

/** The commands, built, in a folder that is gone with the scope. */
const bin = Effect.acquireRelease(
  Effect.promise(async () => {
    const folder = mkdtempSync(`${tmpdir()}/effect-wcs-chaos-bin-`)
    writeFileSync(`${folder}/package.json`, JSON.stringify({ type: "module" }))
    await bundle(folder)
    return folder
  }),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

Effect.scoped(Effect.gen(function*() {
  const began = Date.now()
  const ends = began + Number(values.minutes) * 60_000
  const { seed, story } = values
  const alone = story === undefined ? {} : { first: Number(story), lanes: 1 }
  const figures = yield* chaos.run({
    seed,
    bin: yield* bin,
    lanes: Number(values.lanes),
    ...alone,
    goesOn: ({ violations }) => story === undefined && violations.length === 0 && Date.now() < ends
  })
  const seconds = Math.round((Date.now() - began) / 1000)
  console.log(JSON.stringify({ seed, seconds, killed: total(figures.kills), ...figures }, undefined, 2))
  if (figures.violations.length > 0) process.exitCode = 1
})).pipe(NodeRuntime.runMain)
