/**
 * What the pages name is there: links with their anchors, files of this repository, npm scripts, and what the sources
 * name, too: sections of the protocol.
 */
import { assert, describe, it } from "@effect/vitest"
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { anchor } from "./anchor.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))

const filesIn = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((name) => join(folder, name))

const pages = [
  ...readdirSync(root),
  ...["docs", "test", ".changeset", ".github"].flatMap(filesIn)
].filter((path) => path.endsWith(".md"))

const { scripts }: { readonly scripts: { readonly [name: string]: string } } = JSON.parse(
  readFileSync(join(root, "package.json"), "utf8")
)

const sources = ["src", "test", "scripts"].flatMap(filesIn).filter((path) => path.endsWith(".ts"))

const anchors = (text: string) => [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) => anchor(title))

const isThere = (page: string, link: string): boolean => {
  const [path = "", anchor] = link.split("#")
  const target = path === "" ? join(root, page) : join(root, dirname(page), decodeURIComponent(path))
  if (!existsSync(target)) return false
  return anchor === undefined || statSync(target).isFile() && anchors(readFileSync(target, "utf8")).includes(anchor)
}

/** A file or folder from the root, or how the paths of some begin, as `vitest run` takes it. */
const isPath = (path: string): boolean =>
  existsSync(join(root, path)) ||
  !basename(path).includes(".") && existsSync(join(root, dirname(path))) &&
    readdirSync(join(root, dirname(path))).some((name) => name.startsWith(basename(path)))

/** What is written as code, in a line or in a block. */
const code = (text: string) =>
  [...text.matchAll(/```\w*\n([^]*?)```|`([^`\n]+)`/g)].map(([, block, span]) => block ?? span)

const matches = (texts: ReadonlyArray<string | undefined>, pattern: RegExp) =>
  texts.flatMap((text = "") => [...text.matchAll(pattern)].map(([, found = ""]) => found))

for (const page of pages) {
  const text = readFileSync(join(root, page), "utf8")
  const codes = code(text)
  describe(page, () => {
    it("links to what is there", () => {
      const links = [...text.matchAll(/\]\((?!\w+:)([^)\s]+)\)/g)].map(([, link = ""]) => link)
      assert.deepStrictEqual(links.filter((link) => !isThere(page, link)), [])
    })

    // The protocol's page names files of the vendor's SDKs, the first sessions those that people made in them.
    it.skipIf(["docs/protocol.md", "docs/first-ten-minutes.md"].includes(page))("names files that are there", () => {
      const full = matches(
        codes,
        /(?<![\w./:@-])((?:src|test|docs|examples|scripts|bench|\.ci|\.github|\.changeset)\/[\w./-]+)/g
      )
      const inSrc = matches(codes, /^((?:domain|services|layers|internal|testing|cli)\/[\w./]+)$/g)
      const bare = matches(codes, /^(\w+\.ts)$/g)
      assert.deepStrictEqual([
        ...full.filter((path) => !isPath(path)),
        ...inSrc.filter((path) => !isPath(`src/${path}`)),
        ...bare.filter((name) => !sources.some((path) => basename(path) === name))
      ], [])
    })

    it("names npm scripts that there are", () => {
      const named = matches(codes, /\bnpm run (?:--silent )?([\w:-]+)/g)
      assert.deepStrictEqual(named.filter((name) => scripts[name] === undefined), [])
    })
  })
}

it("names sections of docs/protocol.md that are there", () => {
  const protocol = readFileSync(join(root, "docs/protocol.md"), "utf8").split(/^(?=## )/m).flatMap((part) => {
    const numbers = [...part.matchAll(/^#+ (.*)$/gm)].flatMap(([, title = ""]) =>
      title.match(/^\d+(?:\.\d+)*|\b\d+(?:\.\d+)+/g) ?? []
    )
    // An item of a numbered list is called by its section's number and its own.
    const items = [...part.matchAll(/^(\d+)\. /gm)].map(([, item]) => `${numbers[0]}.${item}`)
    return [...numbers, ...items]
  })
  const named = [...pages, ...sources].flatMap((path) =>
    [...readFileSync(join(root, path), "utf8").matchAll(/\bprotocol (\d+(?:\.\d+)*(?:(?:, | and )\d+(?:\.\d+)*)*)/g)]
      .flatMap(([, sections = ""]) => sections.split(/, | and /)).map((section) => ({ path, section }))
  )
  assert.isAbove(named.length, 400)
  assert.deepStrictEqual(named.filter(({ section }) => !protocol.includes(section)), [])
})
