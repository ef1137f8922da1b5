/**
 * Checks what is written for users: every export of `src` is documented, every TypeScript block of the Markdown pages
 * and every `@example` type-checks against the package's own names, and every `@example` runs.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, relative, resolve } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import ts from "typescript"
import { categories } from "./categories.ts"
import { unframed } from "./jsdoc.ts"

const root = resolve(fileURLToPath(import.meta.url), "../..")
const here = (path: string) => relative(root, path)
const problems: Array<string> = []

const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile)
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
const sources = ts.sys.readDirectory(join(root, "src"), [".ts"])
const program = ts.createProgram(sources, options)
const checker = program.getTypeChecker()

const at = (file: ts.SourceFile, position: number) =>
  `${here(file.fileName)}:${file.getLineAndCharacterOfPosition(position).line + 1}`

// 1. Exports. One documented declaration is enough for overloads, and for a schema with a type of its name.

const headerOf = (file: ts.SourceFile | undefined) => /^\/\*\*[^]*?\*\//.exec(file?.text ?? "")?.[0] ?? ""

/** What is said of an export; of a whole module, also what stands at its head. */
const docsOf = (declaration: ts.Declaration): ReadonlyArray<string> => {
  const module = ts.isNamespaceExport(declaration) ? declaration.parent : undefined
  const target = module?.moduleSpecifier && checker.getSymbolAtLocation(module.moduleSpecifier)?.valueDeclaration
  return [
    ...ts.getJSDocCommentsAndTags(module ?? declaration).filter(ts.isJSDoc).map((doc) => doc.getText()),
    ...(module ? [headerOf(target?.getSourceFile())] : [])
  ].map(unframed)
}

const missing = (doc: string, needed: ReadonlyArray<string>): ReadonlyArray<string> => [
  ...(/^\s*[^\s@]/.test(doc) ? [] : ["a sentence"]),
  ...needed.filter((tag) => !new RegExp(`${tag} \\S`).test(doc))
]

const sections = ["domain", "wire", "services", "layers", "testing"]

/** Categories that nobody would look for: an export's are those of the reference, a module's its sections. */
const strange = (doc: string, module: boolean): ReadonlyArray<string> =>
  [...doc.matchAll(/@category ([^@\n]*\S)/g)].map(([, category]) => category!)
    .filter((category) => !(module ? sections : categories).includes(category))

/** Modules that no entry point of the package gives out. */
const inner = /\/(?:cli|internal|handlers)\//

for (const path of sources.filter((path) => !inner.test(path))) {
  const file = program.getSourceFile(path)!
  const module = checker.getSymbolAtLocation(file)
  for (const symbol of module ? checker.getExportsOfModule(module) : []) {
    const declarations = symbol.declarations?.filter((d) => d.getSourceFile() === file && !ts.isExportSpecifier(d)) ??
      []
    const [first] = declarations
    if (first === undefined) continue
    const needed = ts.isNamespaceExport(first) ? ["@since"] : ["@since", "@category"]
    const docs = declarations.flatMap(docsOf)
    if (docs.some((doc) => doc.includes("@internal"))) continue
    const lacks = docs.map((doc) => missing(doc, needed)).toSorted((a, b) => a.length - b.length)[0] ?? ["a JSDoc"]
    const unknown = docs.flatMap((doc) => strange(doc, ts.isNamespaceExport(first)))
    if (unknown.length > 0) problems.push(`${at(file, first.getStart())}: ${symbol.name} is of category ${unknown[0]}`)
    if (lacks.length > 0) problems.push(`${at(file, first.getStart())}: ${symbol.name} lacks ${lacks.join(", ")}`)
  }
}

// 2. Examples, with the line of their source that their code begins on.

interface Example {
  readonly source: string
  readonly line: number
  readonly code: string
  readonly runs: boolean
}

const lineOf = (text: string, index: number) => text.slice(0, index).split("\n").length

const blocks = (source: string, text: string, firstLine: number, runs: boolean): ReadonlyArray<Example> =>
  [...text.matchAll(/^```(?:ts|typescript)\b.*\n([^]*?)^```/gm)].map((match) => ({
    source,
    line: firstLine + lineOf(text, match.index),
    code: match[1]!,
    runs
  }))

const inDocs = (path: string): ReadonlyArray<Example> => {
  const text = readFileSync(path, "utf8")
  return [...text.matchAll(/\/\*\*[^]*?\*\//g)].flatMap((doc) => {
    const body = unframed(doc[0])
    return [...body.matchAll(/^@example(.*\n[^]*?)(?=^@\w|(?![^]))/gm)].flatMap((match) => {
      const line = lineOf(text, doc.index) + lineOf(body, match.index) - 1
      return match[1]!.includes("```")
        ? blocks(here(path), match[1]!, line, true)
        : [{ source: here(path), line, code: match[1]!, runs: true }]
    })
  })
}

const pages = [
  ...["README.md", "ARCHITECTURE.md"].map((name) => join(root, name)).filter((path) => existsSync(path)),
  ...(existsSync(join(root, "docs")) ? ts.sys.readDirectory(join(root, "docs"), [".md"]) : [])
]
const examples = [
  ...pages.flatMap((path) => blocks(here(path), readFileSync(path, "utf8"), 1, false)),
  ...sources.flatMap(inDocs)
]

// 3. Each example becomes a module of its own, in a folder that sees the same packages.

const folder = mkdtempSync(join(tmpdir(), "effect-wcs-docs-"))
process.on("exit", () => rmSync(folder, { recursive: true, force: true }))
symlinkSync(join(root, "node_modules"), join(folder, "node_modules"))
writeFileSync(join(folder, "package.json"), `{ "type": "module" }`)

const modules = new Map(examples.map((example, i) => {
  const assert = example.runs && !/\bassert\b.*from/.test(example.code) ? `import assert from "node:assert";` : ""
  const path = join(folder, `example-${i}.ts`)
  writeFileSync(path, `${assert}${example.code}\nexport {}\n`)
  return [path, example]
}))

/** What the sources import and no package declares. */
const declarations = sources.filter((path) => path.endsWith(".d.ts"))
const checked = ts.createProgram([...modules.keys(), ...declarations], {
  ...options,
  noUnusedLocals: false,
  noUnusedParameters: false
})
const before = problems.length
for (const { file, messageText, start } of ts.getPreEmitDiagnostics(checked)) {
  const example = file && modules.get(file.fileName)
  const text = ts.flattenDiagnosticMessageText(messageText, "\n")
  const line = file?.getLineAndCharacterOfPosition(start ?? 0).line ?? 0
  problems.push(example ? `${example.source}:${example.line + line}: ${text}` : `${file?.fileName}: ${text}`)
}

// 4. Examples that type-check run, one after another.

let running: Example | undefined
const failed = (error: unknown) =>
  problems.push(`${running?.source}:${running?.line}: it fails: ${String(error).replaceAll(/\s+/g, " ")}`)
process.on("unhandledRejection", failed)
process.on("uncaughtException", failed)
for (const [path, example] of problems.length > before ? [] : modules) {
  if (!example.runs) continue
  running = example
  await import(pathToFileURL(path).href).catch(failed)
}

process.on("beforeExit", () => {
  console.log([...problems, `docs: ${modules.size} examples, ${problems.length} problems`].join("\n"))
  process.exitCode = problems.length === 0 ? 0 : 1
})
