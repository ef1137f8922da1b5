import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8")

const page = read("docs/migration.md")
const programs = [...page.matchAll(/^```ts\n([^]*?)^```/gm)].map(([, code]) => code).join("\n")

/** The calls of the cells in a row's last column: `objects.stat({ bucket, key })`. */
const ours = [...page.matchAll(/^\|.*\| *([^|]+?) *\|$/gm)].flatMap(([, cell = ""]) =>
  [...cell.matchAll(/`([a-z]+\.\w+\(.*?\))`/g)].map(([, call = ""]) => call)
)

/** The methods of the vendor's SDKs that were recorded. */
const methods = ["objects", "buckets", "list", "fmgr", "upload", "multipart", "smart", "node"].flatMap((name) =>
  [...read(`test/vectors/${name}.json`).matchAll(/"call":\s*\{"method":\s*"(\w+)"/g)].map(([, method = ""]) => method)
)

const squeezed = (code: string) => code.replaceAll(/\s+/g, " ")

describe("docs/migration.md", () => {
  it("has every call of ours in a program that is compiled", () => {
    assert.isAbove(ours.length, 30)
    assert.isEmpty(ours.filter((call) => !squeezed(programs).includes(call)))
  })

  it("has every recorded call of the vendor's SDKs", () => {
    assert.isAbove(new Set(methods).size, 30)
    assert.isEmpty([...new Set(methods)].filter((method) => !page.includes(`.${method}(`)))
  })
})
