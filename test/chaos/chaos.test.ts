/** A short run of what `npm run chaos` does for as long as is wanted. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { inject } from "vitest"
import * as chaos from "./support/chaos.ts"
import { total } from "./support/figures.ts"

const kills = 200

describe("an upload that is killed at any moment, while the service misbehaves and the file is edited", () => {
  it.live("leaves no object or one version of the file, and success is told only of the version that is there", () =>
    Effect.gen(function*() {
      const figures = yield* chaos.run({
        seed: "short",
        bin: inject("bin"),
        lanes: 4,
        goesOn: ({ kills: killed, violations }) => violations.length === 0 && total(killed) < kills
      })
      const { violations, ...facts } = figures
      assert.deepStrictEqual(violations, [])
      // It was a run in which things happened.
      assert.isAtLeast(total(facts.kills), kills)
      assert.includeMembers(Object.keys(facts.kills), ["start", "head", "body", "answer", "after"])
      assert.isAtLeast(Object.keys(facts.faults).length, 5)
      for (const happened of [facts.exits["0"] ?? 0, facts.blocks.resumed, total(facts.edits)]) {
        assert.isAbove(happened, 0, JSON.stringify(facts))
      }
    }))
})
