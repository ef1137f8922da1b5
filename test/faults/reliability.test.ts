import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"

const root = new URL("../../", import.meta.url)
const text = (path: string) => readFileSync(new URL(path, root), "utf8")

/** The numbers of the rows, and the tests that each names. */
const rows = text("docs/reliability.md").split("\n").flatMap((line) => {
  const cells = /^\| (\d+) +\|.*\|(.*)\|$/.exec(line)
  return cells === null ? [] : [{
    number: Number(cells[1]),
    tests: [...(cells[2] ?? "").matchAll(/`(test\/[^`]+)`: “([^”]+)”/g)].map(([, path = "", name = ""]) => ({
      path,
      name
    }))
  }]
})

describe("docs/reliability.md", () => {
  it("has a row for each of the 34 faults", () => {
    assert.deepStrictEqual(rows.map(({ number }) => number), Array.from({ length: 34 }, (_, i) => i + 1))
  })

  for (const { number, tests } of rows) {
    it(`names tests of fault ${number} that are there`, () => {
      assert.isNotEmpty(tests)
      for (const { name, path } of tests) {
        assert.match(name, new RegExp(`^fault ${number}: `))
        assert.include(text(path), name)
      }
    })
  }
})
