import { assert, describe, it } from "@effect/vitest"
import { Settings } from "effect-wcs"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { root } from "./support/processes.ts"

const text = (path: string) => readFileSync(`${root}${path}`, "utf8")

/** The anchors that GitHub gives to the headings of a page. */
const places = (page: string) =>
  [...text(page).replaceAll(/^```[^]*?^```/gm, "").matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title!.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(/\s/g, "-")
  )

describe("what is written for users", () => {
  it("README.md has examples/quickstart.ts word for word", () => {
    assert.include(text("README.md"), `\`\`\`ts\n${text("examples/quickstart.ts")}\`\`\`\n`)
  })

  it("docs/settings.md has the table of the settings as the sources have it", () => {
    assert.include(text("docs/settings.md"), `\n\n${Settings.toMarkdown().trim()}\n`)
  })

  it("README.md tells of every error that there is", () => {
    const tags = [...text("src/domain/WcsError.ts").matchAll(/^export class (Wcs\w+)/gm)].map(([, tag]) => `\`${tag}\``)
    assert.isAbove(tags.length, 10)
    assert.isEmpty(tags.filter((tag) => !text("README.md").includes(tag)))
  })

  const pages = readdirSync(`${root}docs`, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".md"))
  for (const page of ["README.md", "README.zh-CN.md", "ARCHITECTURE.md", ...pages.map((path) => `docs/${path}`)]) {
    it(`${page} links to nothing that is missing`, () => {
      const links = [...text(page).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)].map(([, path, place]) => ({
        path: path === "" ? page : join(dirname(page), path!),
        place
      }))
      assert.isEmpty(links.filter(({ path }) => !existsSync(`${root}${path}`)))
      assert.isEmpty(links.filter(({ path, place }) => place !== undefined && !places(path).includes(place)))
    })
  }
})
