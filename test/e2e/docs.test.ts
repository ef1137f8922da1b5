import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { page } from "../../scripts/settingsPage.ts"
import { root } from "./support/processes.ts"

const text = (path: string) => readFileSync(`${root}${path}`, "utf8")

describe("what is written for users", () => {
  it("README.md has examples/quickstart.ts word for word", () => {
    assert.include(text("README.md"), `\`\`\`ts\n${text("examples/quickstart.ts")}\`\`\`\n`)
  })

  it("docs/settings.md has the table of the settings as the sources have it", () => {
    assert.strictEqual(text("docs/settings.md"), page)
    assert.match(
      page,
      /^\| `deadline` \| `WCS_DEADLINE` \| `--deadline` \| `tokenLifetime` \| a number, 1 or more; seconds \| `7200` \|/m
    )
    assert.match(page, /^\| `secret_key` .* Secret\. \|$/m)
  })

  it("README.md tells of every error that there is", () => {
    const tags = [...text("src/domain/WcsError.ts").matchAll(/^export class (Wcs\w+)/gm)].map(([, tag]) => `\`${tag}\``)
    assert.isAbove(tags.length, 10)
    assert.isEmpty(tags.filter((tag) => !text("README.md").includes(tag)))
  })
})
