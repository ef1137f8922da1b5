/** The tests of docs/guides/testing.md, run as they stand there; `npm run check` checks their types. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Emulator, Fault } from "effect-wcs/testing"
import { mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { inject } from "vitest"

const root = fileURLToPath(new URL("../..", import.meta.url))
const guide = readFileSync(join(root, "docs/guides/testing.md"), "utf8")
const blocks = guide.split(/^(?=## )/m).flatMap((section) =>
  Array.from(section.matchAll(/^```ts\n([^]*?)^```/gm), ([, code]) => ({
    title: /^## (.*)/.exec(section)?.[1] ?? "The whole service",
    code: code!
  }))
)

const folder = mkdtempSync(join(inject("programs"), "guide-"))
symlinkSync(join(root, "node_modules"), join(folder, "node_modules"))

for (const [index, { code, title }] of blocks.entries()) {
  const file = join(folder, `block-${index}.ts`)
  writeFileSync(file, code)
  describe(title, async () => {
    await import(file)
  })
}

it("every block of code in the guide is a test", () => {
  assert.isAbove(blocks.length, 4)
  assert.isEmpty(blocks.filter(({ code }) => !/^it\./m.test(code)))
})

it.effect("every fault of the table can be added", () =>
  Effect.gen(function*() {
    const { addFault } = yield* Emulator.Emulator
    const rows = Array.from(guide.matchAll(/^\|.*\| `(Fault\.on\(.*\))` *\|$/gm), ([, rule]) => rule!)
    assert.isAbove(rows.length, 8)
    for (const rule of rows) yield* addFault(new Function("Fault", `return ${rule}`)(Fault))
  }).pipe(Effect.provide(Emulator.layerMemory())))
