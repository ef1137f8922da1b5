/**
 * What `src` uses of Effect's packages and effect 4 has under another name, or not at all: the counts of ARCHITECTURE.md.
 * `npx tsx scripts/effect4.ts FOLDER`, where `npm install effect@4.1.0 @effect/platform-node@4.1.0` was run in FOLDER.
 */
import { readdirSync, readFileSync } from "node:fs"
import { basename, join } from "node:path"
import ts from "typescript"

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error("usage: tsx scripts/effect4.ts FOLDER")

const filesOf = (folder: string, ending: string) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(ending))
    .map((path) => join(folder, path))

/** The names that modules of effect 4 export, by the name of the module. */
const there = new Map<string, Set<string>>()
const declarations = ["effect", "@effect/platform-node", "@effect/platform-node-shared"].flatMap((name) =>
  filesOf(join(folder, "node_modules", name, "dist"), ".d.ts")
)
const program = ts.createProgram(declarations, { skipLibCheck: true, module: ts.ModuleKind.NodeNext, types: [] })
const checker = program.getTypeChecker()
for (const path of declarations) {
  const symbol = checker.getSymbolAtLocation(program.getSourceFile(path)!)
  const name = basename(path, ".d.ts")
  const names = (symbol ? checker.getExportsOfModule(symbol) : []).map((member) => member.name)
  there.set(name, new Set([...there.get(name) ?? [], ...names]))
}

interface Use {
  readonly file: string
  /** `effect/Schema`, `@effect/platform/HttpClient`. */
  readonly module: string
  readonly name: string
}
const uses: Array<Use> = []
const imports: Array<Omit<Use, "name">> = []
const sources = filesOf("src", ".ts")
for (const file of sources) {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true)
  /** What a name of the file stands for: a module, or what was imported of one. */
  const spaces = new Map<string, string>()
  const singles = new Map<string, Omit<Use, "file">>()
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      const module = (node.moduleSpecifier as ts.StringLiteral).text
      if (!/^@?effect\//.test(module)) return
      imports.push({ file, module })
      const bindings = node.importClause?.namedBindings
      if (bindings && ts.isNamespaceImport(bindings)) spaces.set(bindings.name.text, module)
      for (const { name, propertyName } of bindings && ts.isNamedImports(bindings) ? bindings.elements : []) {
        singles.set(name.text, { module, name: (propertyName ?? name).text })
      }
      return
    }
    const [left, right] = ts.isPropertyAccessExpression(node)
      ? [node.expression, node.name]
      : ts.isQualifiedName(node)
      ? [node.left, node.right]
      : []
    const module = left && ts.isIdentifier(left) ? spaces.get(left.text) : undefined
    if (module !== undefined) uses.push({ file, module, name: right!.text })
    const isName = ts.isIdentifier(node) &&
      !(ts.isPropertyAccessExpression(node.parent) && node.parent.name === node) &&
      !(ts.isQualifiedName(node.parent) && node.parent.right === node) &&
      !(ts.isPropertyAssignment(node.parent) && node.parent.name === node)
    const single = isName ? singles.get(node.text) : undefined
    if (single !== undefined) uses.push({ file, ...single })
    ts.forEachChild(node, visit)
  }
  visit(source)
}

const count = (some: ReadonlyArray<{ readonly file: string }>) =>
  `${some.length} in ${new Set(some.map(({ file }) => file)).size} files`
const names = (some: ReadonlyArray<Use>) => new Set(some.map(({ module, name }) => `${module}.${name}`))

const gone = uses.filter(({ module, name }) => !there.get(basename(module))?.has(name))
console.log(`src: ${sources.length} files, ${uses.length} uses of ${names(uses).size} names`)
console.log(`elsewhere in 4: ${gone.length} uses of ${names(gone).size} names`)
const other = new Set([
  ...gone.map(({ file }) => file),
  ...imports.filter(({ module }) => !module.startsWith("effect/")).map(({ file }) => file)
])
console.log(`files that change: ${other.size}`)

for (
  const [what, pattern] of [
    ["@effect/platform", /^@effect\/platform\//],
    ["@effect/platform/Http…", /^@effect\/platform\/Http/],
    ["@effect/platform/FileSystem, Path, Error", /^@effect\/platform\/(?:FileSystem|Path|Error)$/],
    ["@effect/platform/KeyValueStore", /KeyValueStore$/],
    ["NodeContext", /NodeContext$/],
    ["@effect/cli", /^@effect\/cli\//]
  ] as const
) console.log(`imports of ${what}: ${count(imports.filter(({ module }) => pattern.test(module)))}`)

for (const name of ["Tag", "Reference"]) {
  console.log(`Context.${name}: ${count(uses.filter((use) => use.module === "effect/Context" && use.name === name))}`)
}

for (const module of new Set(gone.map(({ module }) => module))) {
  const here = gone.filter((use) => use.module === module)
  const each = [...names(here)].map((name) => name.slice(module.length + 1))
    .map((name) => [name, here.filter((use) => use.name === name).length] as const)
    .toSorted(([, a], [, b]) => b - a)
  console.log(`${module}: ${each.length} names, ${count(here)}: ${each.map((one) => one.join(" ")).join(", ")}`)
}
