/**
 * The request vectors: each recorded call is made by our API against the recorded answers, and must send the same
 * requests with the same outcome, or differ in the ways that `support/expectations.ts` writes down for it, for reasons
 * that `support/deviations.ts` gives.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { behaviours, forms } from "./support/deviations.ts"
import { expectations } from "./support/expectations.ts"
import { load, type RequestCase } from "./support/files.ts"
import { judge } from "./support/judge.ts"
import { run } from "./support/run.ts"
import { setting } from "./support/setting.ts"
import { tally } from "./support/tally.ts"

const files: { readonly [file: string]: ReadonlyArray<string> | undefined } = {
  "upload.json": undefined,
  "multipart.json": undefined,
  "smart.json": undefined,
  "retry.json": undefined,
  "resume.json": undefined,
  "objects.json": ["stat", "delete"],
  "list.json": ["list", "list_all"]
}

const seen = new Set<string>()

for (const [name, suites] of Object.entries(files)) {
  const file = load<RequestCase>(name)
  const cases = file.cases.filter(({ suite }) => suites?.includes(suite) ?? true)
  const exact = cases.filter(({ parity }) => parity === "exact")
  describe(`${name}`, () => {
    const { begin, held } = tally(name, cases.length - exact.length)
    for (const vector of exact) {
      seen.add(vector.id.split(".").slice(0, 2).join("."))
      it.effect(vector.id, () =>
        Effect.gen(function*() {
          begin()
          const about = setting(file, vector)
          held(judge(about, vector, yield* run(about, vector)))
        }))
    }
  })
}

it("every deviation is written down for users", () => {
  const page = readFileSync(new URL("../../docs/assumptions.md", import.meta.url), "utf8")
  assert.isEmpty(
    [...Object.keys(forms), ...Object.keys(behaviours)].filter((reason) => !page.includes(`\`${reason}\``))
  )
})

it("every expectation is of a case", () => {
  assert.isEmpty(Object.keys(expectations).filter((id) => !seen.has(id)))
})
