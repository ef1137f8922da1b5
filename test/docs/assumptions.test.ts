import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { behaviours, forms } from "../vectors/support/deviations.ts"

const page = readFileSync(new URL("../../docs/assumptions.md", import.meta.url), "utf8")

describe("docs/assumptions.md", () => {
  for (const [reason, text] of Object.entries({ ...forms, ...behaviours })) {
    it(`gives the reason ${reason} as the runner knows it`, () => {
      assert.include(page.replaceAll(/\s+/g, " "), `| \`${reason}\` | ${text} |`)
    })
  }
})
