/** README.zh-CN.md is README.md in Chinese: section by section, with the same code, tables, links, names and numbers. */
import { assert, describe, it } from "@effect/vitest"
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { anchor } from "./anchor.ts"

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8")

interface Section {
  readonly title: string
  readonly text: string
}

/** A page's sections by their `##` headings; the first is what stands before them. Code has none. */
const sections = (page: string): ReadonlyArray<Section> => {
  const starts = [0]
  let inCode = false
  for (const { 0: line, index } of page.matchAll(/^.*$/gm)) {
    if (line.startsWith("```")) inCode = !inCode
    else if (!inCode && line.startsWith("## ")) starts.push(index)
  }
  return starts.map((start, i) => {
    const text = page.slice(start, starts[i + 1])
    return { title: /^#+ (.*)$/m.exec(text)?.[1] ?? "", text }
  })
}

/** What stands below a Chinese heading: the section that it was made from, and a hash of that. */
const stamp = (section: Section) => {
  // The widths of a table's columns are the formatter's.
  const text = section.text.replaceAll(/ +/g, " ").replaceAll(/-{3,}/g, "---").trim()
  return `<!-- README.md#${anchor(section.title)} ${createHash("sha256").update(text).digest("hex").slice(0, 8)} -->`
}

const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map((match) => match.slice(1).join("\n"))

const names = (text: string) => all(text, /(`[^`\n]*`)/g).toSorted()

/** What a section has in common in both languages. */
const facts = (text: string, page: ReadonlyArray<Section>) => {
  const fence = /^```(\w*)\n([^]*?)^```$/gm
  const prose = text.replaceAll(fence, "").replaceAll(/<!--.*-->/g, "")
  const words = prose.replaceAll(/`[^`\n]*`|\]\([^)]*\)/g, "")
  return {
    "code blocks, without comments": all(text, fence).map((code) => code.replaceAll(/(?<=^|\s)(?:\/\/|#) .*$/gm, "")),
    "table rows": all(prose, /^(\|.*\|)$/gm).map((row) => ({
      cells: row.split(/(?<!\\)\|/).length - 2,
      names: names(row)
    })),
    "list items": all(prose, /^(- )/gm).length,
    // A place on the page itself by its number, since headings differ.
    "links": all(prose, /\]\(([^)]*)\)/g).map((link) =>
      link.startsWith("#")
        ? page.findIndex((section) => `#${anchor(section.title)}` === link)
        : link.replace(".zh-CN", "")
    ).toSorted(),
    "names in code": names(prose),
    "numbers": all(words, /(\d[\d.]*\d|\d)/g).toSorted()
  }
}

describe("README.zh-CN.md", () => {
  const english = sections(read("README.md"))
  const chinese = sections(read("README.zh-CN.md"))

  it("has a section for each of README.md, in its order", () => {
    const made = chinese.map(({ text }) => /^<!-- (README\.md#\S*) \w+ -->$/m.exec(text)?.[1])
    assert.deepStrictEqual(made, english.map((section) => `README.md#${anchor(section.title)}`))
  })

  for (const section of english) {
    it(`has what “${section.title}” of README.md says`, () => {
      const made = chinese.find(({ text }) => text.includes(`<!-- README.md#${anchor(section.title)} `))
      const toDo = `Bring “${made?.title ?? "a new section"}” of README.zh-CN.md in step with “${section.title}” of ` +
        `README.md, then write below its heading: ${stamp(section)}\n`
      assert.isDefined(made, toDo)
      const wanted = Object.entries(facts(section.text, english))
      const there = new Map<string, unknown>(Object.entries(facts(made.text, chinese)))
      for (const [what, fact] of wanted) assert.deepStrictEqual(there.get(what), fact, `${toDo}These differ: ${what}`)
      assert.isTrue(made.text.includes(stamp(section)), `${toDo}The English has changed`)
    })
  }
})
