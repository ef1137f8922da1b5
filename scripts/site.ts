/**
 * `npm run site`: the pages of `docs` and the reference of every public module as one static site in `site/`. It opens
 * from a disk, and its search needs no server. Every warning of TypeDoc, a broken link, and a public export without a
 * page or a place in the search fail the build.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { basename, dirname, join, relative, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { deflateSync, inflateSync } from "node:zlib"
import {
  Application,
  Comment,
  type Context,
  Converter,
  type DeclarationReflection,
  DocumentReflection,
  IndexEvent,
  normalizePath,
  PageEvent,
  type ProjectReflection,
  type Reflection,
  ReflectionKind,
  UnknownType
} from "typedoc"
import ts from "typescript"
import { barrels } from "./barrels.ts"
import { categories } from "./categories.ts"
import { unframed } from "./jsdoc.ts"
import { type Page, router, type Site, theme } from "./siteTheme.ts"

const root = resolve(fileURLToPath(import.meta.url), "../..")
const read = (path: string) => readFileSync(join(root, path), "utf8")

// 1. What is in it.

interface Module {
  readonly name: string
  readonly entry: string
  readonly section: string
}

/** The public modules by their files, as the entry points name them. */
const modules = new Map<string, Module>([
  ["src/testing/node.ts", { name: "EmulatorNode", entry: "effect-wcs/testing/node", section: "testing" }]
])
for (const { entry, modules: named } of barrels) {
  for (const { doc, name, path } of named) {
    modules.set(path, { name, entry, section: /@category (\w+)/.exec(doc)?.[1] ?? "testing" })
  }
}

/** The pages of a folder: those that are named first, the others after them. */
const pagesOf = (folder: string, ...first: ReadonlyArray<string>) => {
  const rank = (path: string) => (first.indexOf(basename(path, ".md")) + first.length + 1) % (first.length + 1)
  return readdirSync(join(root, folder)).filter((name) => name.endsWith(".md")).map((name) => join(folder, name))
    .toSorted((a, b) => rank(a) - rank(b))
}

const examples = readdirSync(join(root, "examples")).map((name) => join("examples", name))

/** The navigation: titles, and the files of the pages under each. */
const sections: ReadonlyArray<readonly [title: string, files: ReadonlyArray<string>]> = [
  [
    "Guides",
    pagesOf(
      "docs/guides",
      "README",
      "upload",
      "resume",
      "tokens",
      "callbacks",
      "media",
      "testing",
      "observability",
      "many-machines"
    )
  ],
  [
    "Handbook",
    pagesOf("docs", "first-ten-minutes", "migration", "settings", "operations", "wcscmd", "reliability", "performance")
  ],
  ...["services", "layers", "domain", "wire", "testing"].map((section) =>
    [
      section.replace(/^./, (first) => first.toUpperCase()),
      [...modules].filter(([, module]) => module.section === section).map(([path]) => path)
    ] as const
  ),
  ["Examples", ["examples", ...examples]],
  ["Project", pagesOf(".", "ARCHITECTURE", "CONTRIBUTING", "CHANGELOG").filter((path) => !path.startsWith("README"))]
]

// 2. TypeDoc, with a theme of our own.

/** Pages by their files. */
const pages = new Map<string, Page>()
const fileOf = (page: Reflection) => [...pages].find(([, other]) => other === page)![0]
const translation = "README.zh-CN.md"
const titles = new Map([
  [translation, "简体中文"],
  ["docs/protocol.md", "The protocol"],
  ["CHANGELOG.md", "Changelog"],
  ["docs/assumptions.md", "Assumptions"]
])

const site: Site = {
  first: () => [...pages].filter(([file]) => file === translation).map(([, page]) => page),
  sections: () => sections.map(([title, files]) => [title, files.map((file) => pages.get(file)!)]),
  pathOf: (page) => {
    const file = fileOf(page)
    if (file === "examples") return "examples/index"
    return modules.has(file) ? `api/${page.name}` : file.replace(/\.[a-z]+$/, "")
  },
  entryOf: (module) => modules.get(fileOf(module))!.entry
}

const app = await Application.bootstrap({
  options: join(root, "typedoc.json"),
  entryPoints: [...modules.keys()],
  projectDocuments: [...sections.flatMap(([, files]) => files), translation].filter((file) =>
    file.endsWith(".md") && existsSync(join(root, file))
  ),
  categoryOrder: categories
})
app.renderer.defineRouter("effect-wcs", router(site))
app.renderer.defineTheme("effect-wcs", theme(site))

/** What the search shows first of what a word is found in: guides, then other pages, then modules, then the rest. */
const boosts = new Map([["Guides", 20], ["Handbook", 6], ["Project", 3], ["Examples", 1]])
const boostOf = (file: string) => boosts.get(sections.find(([, files]) => files.includes(file))?.[0] ?? "") ?? 4

/** Names a page, and remembers it by its file. */
const add = (page: Page, path: string) => {
  const file = relative(root, path)
  pages.set(file, page)
  page.relevanceBoost = boostOf(file)
  const heading = file.endsWith(".md") ? /^# (.*)$/m.exec(read(file))?.[1] : undefined
  page.name = modules.get(file)?.name ?? titles.get(file) ?? heading ?? page.name
}

/** What stands at the head of a module, without the frame of stars. */
const headOf = (module: DeclarationReflection) => {
  const [, head] = /^\/\*\*([^]*?)@since/.exec(read(fileOf(module))) ?? []
  return new Comment([{ kind: "text", text: unframed(head ?? "").trim() }])
}

/** A class shows what it says of itself, and a tag its service; what they have from Effect's classes is left out. */
const prune = (declaration: DeclarationReflection) => {
  const { children = [], extendedTypes: [parent] = [], project } = declaration
  for (const child of children.filter(({ name }) => name === "constructor" || name === "[TypeId]")) {
    project.removeReflection(child)
  }
  const service = parent?.type === "reference" && parent.name === "TagClassShape"
    ? parent.typeArguments?.[1]
    : undefined
  for (const child of service?.type === "reflection" ? service.declaration.children ?? [] : []) {
    child.parent = declaration
    declaration.addChild(child)
  }
  declaration.extendedTypes = service && service.type !== "reflection" ? [service] : []
}

/** What `Data.taggedEnum` makes is known by its name; spelled out it fills a screen. */
const spare = (variable: DeclarationReflection) => {
  const { name, type } = variable
  if (type?.type === "reflection" && type.declaration.getChildByName("$match")) {
    variable.type = new UnknownType(`Data.TaggedEnum.Constructor<${name}>`)
  }
}

/** A page that no file of ours has, at a path that others link to. */
const write = (project: ProjectReflection, path: string, text: string) => {
  const page = new DocumentReflection(basename(path), project, [{ kind: "text", text }], {})
  project.addChild(page)
  project.registerReflection(page, undefined, normalizePath(join(root, path)))
}

app.converter.on(Converter.EVENT_CREATE_PROJECT, ({ project }: Context) => {
  let all = "# All examples\n"
  for (const file of examples) {
    const [, frame = "", code = ""] = /^(\/\*\*[^]*?\*\/\n)?([^]*)$/.exec(read(file)) ?? []
    const about = unframed(frame.trim()).trim()
    write(project, file, `# ${basename(file)}\n\n${about}\n\n\`\`\`ts\n${code}\`\`\`\n`)
    all += `\n- [${basename(file)}](${basename(file, ".ts")}.html)${about === "" ? "" : `: ${about.split("\n")[0]}`}`
  }
  write(project, "examples", all)
})

app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }: Context) => {
  for (const page of project.documents ?? []) add(page, project.files.getReflectionPath(page)!)
  for (const module of project.children ?? []) {
    add(module, module.sources![0]!.fullFileName)
    module.comment = headOf(module)
    for (const variable of module.children ?? []) spare(variable)
    // What a field of a schema is made with stands in its type.
    for (const { children } of module.children ?? []) for (const field of children ?? []) delete field.defaultValue
  }
  for (const declaration of project.getReflectionsByKind(ReflectionKind.Class)) {
    prune(declaration as DeclarationReflection)
  }
})

let program: ts.Program | undefined
app.converter.on(Converter.EVENT_BEGIN, ({ programs }: Context) => {
  program = programs[0]
})

/** A link to the folder of the first page is one to that page: there may be no server that knows. */
app.renderer.on(PageEvent.END, (page: PageEvent) => {
  page.contents = page.contents!.replaceAll(/ href="(\.\/|(?:\.\.\/)+)(#[^"]*)?"/g, " href=\"$1index.html$2\"")
})

// lunr cuts what is no ASCII letter off the ends of a word: all of a Chinese one.
const lunr = createRequire(import.meta.resolve("typedoc"))("lunr")
lunr.trimmer = (token: { update: (f: (text: string) => string) => unknown }) =>
  token.update((text) => text.replace(/^[^\p{L}\p{N}_]+|[^\p{L}\p{N}_]+$/gu, ""))
lunr.Pipeline.registerFunction(lunr.trimmer, "letters")

// The first page is no document of TypeDoc's: the search would not know it.
app.renderer.on(IndexEvent.PREPARE_INDEX, (event: IndexEvent) => {
  event.searchResults.push(project as never)
  event.searchFields.push({ name: "README", document: read("README.md") })
})

const project = await app.convert()
if (project === undefined) throw new Error("site: TypeDoc found nothing to convert")
app.validate(project)
await app.generateOutputs(project)

/**
 * The search of TypeDoc, mended. lunr takes nodes of digits for each other, finds terms that there are not, and throws: a
 * sign between them helps. And what is searched for are words, with none of lunr's operators: `kill -9` is `kill`.
 */
const main = join(root, "site/assets/main.js")
let script = readFileSync(main, "utf8")
const mend = (was: string, is: string) => {
  if (script.split(was).length !== 2) throw new Error(`site: the search of TypeDoc has changed: no ${was}`)
  script = script.replace(was, () => is)
}
mend("e=e+s+o.id}return e", `e=e+s+o.id+" "}return e`)
mend(`i.split(" ").map(`, String.raw`(i.match(/[\p{L}\p{N}_.]{2,}|^[\p{L}\p{N}]$/gu)??[]).map(`)
mend("c.length?`*${c}*`:\"\"", "`+*${c}*`")
mend(`case"Enter":f?.querySelector`, `case"Enter":(f??r.firstElementChild)?.querySelector`)
writeFileSync(main, script)

const folder = join(root, "site")
const unpacked = (file: string) =>
  JSON.parse(
    inflateSync(Buffer.from(/"(.*)"/.exec(readFileSync(join(folder, "assets", file), "utf8"))![1]!, "base64"))
      .toString()
  )

const searched = unpacked("search.js")
const home = searched.rows.find(({ url }: { readonly url: string }) => url === "modules.html")
Object.assign(home, { name: "README", url: "index.html" })
const packed = deflateSync(JSON.stringify(searched)).toString("base64")
writeFileSync(join(folder, "assets/search.js"), `window.searchData = "${packed}";`)

// 3. What TypeDoc does not look at: what is public by TypeScript's word, and every link as a browser would follow it.

const problems: Array<string> = []
const html = ts.sys.readDirectory(folder, [".html"])
const ids = new Map(
  [...html, join(folder, "assets/icons.svg")].map((path) => [
    path,
    new Set([...readFileSync(path, "utf8").matchAll(/ id="([^"]*)"/g)].map(([, id]) => id))
  ])
)

/** Whether a link leads somewhere. */
const leads = (from: string, link: string) => {
  const [path = "", id] = decodeURIComponent(link).split("#")
  const target = path === "" ? from : resolve(dirname(from), path)
  return existsSync(target) && (!id || ids.get(target)?.has(id) === true)
}

let links = 0
for (const path of html) {
  for (const [, link] of readFileSync(path, "utf8").matchAll(/ (?:href|src)="(?!https?:|mailto:|data:)([^"]*)"/g)) {
    links += 1
    if (!leads(path, link!)) problems.push(`${relative(folder, path)}: ${link} leads nowhere`)
  }
}

/** The data of the search and of the navigation, as the browser unpacks them. */
const rows: ReadonlyArray<{ readonly name: string; readonly url: string }> = searched.rows
const shown = new Set<string>()
JSON.stringify(unpacked("navigation.js"), (key, value) => {
  if (key === "path") shown.add(value)
  return value
})
for (const url of [...shown, ...rows.map(({ url }) => url)]) {
  if (!leads(join(folder, "index.html"), url)) problems.push(`the navigation or the search: ${url} leads nowhere`)
}
for (const path of html.map((path) => relative(folder, path)).filter((path) => !shown.has(path))) {
  problems.push(`${path} is not in the navigation`)
}

// A guide comes first where one is about it.
const index = lunr.Index.load(searched.index)
for (
  const [word, guide] of [["kill", "resume"], ["resume", "resume"], ["token", "tokens"], ["callback", "callbacks"]]
) {
  const url = rows[Number(index.search(`*${word}*`)[0]?.ref)]?.url
  if (url !== `docs/guides/${guide}.html`) problems.push(`the search for ${word} finds ${url} first`)
}

for (const { children = [], name } of project.children ?? []) {
  const documented = children.filter((child) => [child, ...child.signatures ?? []].some((one) => one.hasComment()))
  const names = new Set(documented.map(({ name }) => name))
  for (const child of children) {
    if (!names.has(child.name)) problems.push(`${name}.${child.name} has no documentation`)
  }
}

const checker = program!.getTypeChecker()
let exported = 0
const found = new Set(rows.map(({ name, url }) => `${url.replace(/#.*/, "")} ${name}`))
const mustHave = (module: string, name: string) => {
  exported += 1
  if (!found.has(`api/${module}.html ${name}`)) problems.push(`${module}.${name} is not in the reference`)
}
for (const { entry, path } of barrels) {
  const symbol = checker.getSymbolAtLocation(program!.getSourceFile(join(root, path))!)!
  for (const member of checker.getExportsOfModule(symbol)) {
    const target = member.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(member) : member
    const inner = target.flags & ts.SymbolFlags.ValueModule ? checker.getExportsOfModule(target) : undefined
    if (inner === undefined) mustHave([...modules.values()].find((module) => module.entry === entry)!.name, member.name)
    for (const { name } of inner ?? []) mustHave(member.name, name)
  }
}

for (const problem of problems) app.logger.error(problem)
console.log(`site: ${html.length} pages, ${links} links, ${exported} exports, ${problems.length} problems`)
process.exitCode = app.logger.hasErrors() || app.logger.hasWarnings() ? 1 : 0
