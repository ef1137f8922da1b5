/**
 * The request vectors: each recorded call is made by our API against the recorded answers, and must send the same
 * requests with the same outcome, or differ in the ways that `support/expectations.ts` writes down for it, for reasons
 * that `support/deviations.ts` gives.
 *
 * The transport stands in memory. How connections are used again (`keepalive`) is tested in `test/e2e`; of TLS it is
 * compared which host is reached by it, and that a certificate nobody vouches for ends the attempt unless `isverify` is off.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { behaviours, forms } from "./support/deviations.ts"
import { expectations } from "./support/expectations.ts"
import { load, type RequestCase } from "./support/files.ts"
import { instead } from "./support/instead.ts"
import { judge } from "./support/judge.ts"
import { loadNode } from "./support/node.ts"
import { run } from "./support/run.ts"
import { setting } from "./support/setting.ts"
import { tally } from "./support/tally.ts"

const files = [
  "upload",
  "multipart",
  "smart",
  "retry",
  "resume",
  "objects",
  "buckets",
  "list",
  "fmgr",
  "answers",
  "node"
]

const seen = new Set<string>()

for (const name of files.map((file) => `${file}.json`)) {
  const file = name === "node.json" ? loadNode(name) : load<RequestCase>(name)
  const exact = file.cases.filter(({ parity }) => parity === "exact")
  describe(`${name}`, () => {
    const { begin, held } = tally(name, file.cases.length - exact.length)
    for (const recorded of exact) {
      seen.add(recorded.id.split(".").slice(0, 2).join("."))
      it.effect(recorded.id, () =>
        Effect.gen(function*() {
          begin()
          const vector = instead(recorded)
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
