/** The package as `npm pack` makes it, installed with its peers in an empty project outside this repository. */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { build } from "esbuild"
import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { setImmediate } from "node:timers/promises"
import { promisify } from "node:util"
import ts from "typescript"
import { barrels } from "../../scripts/barrels.ts"
import { install, pack, type Packed } from "../../scripts/consumer.ts"
import { root } from "../support/programs.ts"

const project = mkdtempSync(`${tmpdir()}/effect-wcs-package-`)
const installed = `${project}/node_modules/effect-wcs`
let packed: Packed

beforeAll(async () => {
  packed = await pack(project)
  await install(project, packed.filename)
}, 300_000)
afterAll(() => rmSync(project, { recursive: true, force: true }), 300_000)

const here = (path: string) => readFileSync(`${root}/${path}`, "utf8")
const there = (path: string) => readFileSync(`${installed}/${path}`, "utf8")
const names = () => packed.files.map(({ path }) => path)

/** Runs a program of the project, with nothing of the surroundings, and gives what it wrote. */
const run = async (file: string, args: ReadonlyArray<string>, env: { readonly [name: string]: string } = {}) => {
  const { stdout } = await promisify(execFile)(file, args, {
    cwd: project,
    env: { PATH: process.env["PATH"], HOME: project, ...env }
  })
  return stdout
}

const pages = [
  "CHANGELOG.md",
  "LICENSE",
  "README.md",
  "README.zh-CN.md",
  "SECURITY.md",
  "THIRD-PARTY-LICENSES.md",
  "package.json"
]

describe("what is in it", () => {
  it("is every module built, its source for the maps, the commands, and the pages", () => {
    const sources = readdirSync(`${root}/src`, { encoding: "utf8", recursive: true }).filter((path) =>
      path.endsWith(".ts") && !path.startsWith("cli/")
    )
    const modules = sources.filter((path) => !path.endsWith(".d.ts")).map((path) => `dist/${path.slice(0, -3)}`)
    const [commands, rest] = [
      names().filter((name) => name.startsWith("dist/bin/")),
      names().filter((name) => !name.startsWith("dist/bin/"))
    ]
    assert.sameMembers(rest, [
      ...sources.map((path) => `src/${path}`),
      ...modules.flatMap((path) => [`${path}.js`, `${path}.js.map`, `${path}.d.ts`, `${path}.d.ts.map`]),
      ...pages.filter((name) => existsSync(`${root}/${name}`))
    ])
    assert.isEmpty(
      commands.filter((name) => !/^dist\/bin\/(?:wcscmd|wcs_etag_cal|wcs_crc64_cal|chunks\/[\w-]+)\.js$/.test(name))
    )
  })

  it("leads every map to a source that is there", () => {
    for (const name of names().filter((name) => name.endsWith(".map"))) {
      const { sourceRoot, sources } = JSON.parse(there(name))
      for (const source of sources) {
        const { pathname } = new URL(source, new URL(sourceRoot, `file:///${name}`))
        assert.include(names(), pathname.slice(1))
      }
    }
  })

  it("tells nothing of the machine it was made on", () => {
    assert.isEmpty(names().filter((name) => there(name).includes(root.replace(/\/$/, ""))))
  })

  it("passes publint and arethetypeswrong", async () => {
    const tarball = `${project}/${packed.filename}`
    const tool = (name: string, ...args: ReadonlyArray<string>) => run(`${root}/node_modules/.bin/${name}`, args)
    assert.include(await tool("publint", "run", tarball, "--strict"), "All good!")
    // It ends with another code than 0 where an entry does not resolve as it says.
    const attw = await tool("attw", tarball, "--profile", "esm-only", "--format", "ascii")
    assert.lengthOf(attw.match(/^bundler: 🟢/gm) ?? [], Object.keys(JSON.parse(there("package.json")).exports).length)
  })
})

describe("its exports", () => {
  it("are the barrels, and each module of a barrel under its name", () => {
    const built = (path: string) => path.replace(/^src\/(.*)\.ts$/, "./dist/$1.js")
    const expected = barrels.flatMap(({ entry, modules, path }) => {
      const key = entry.replace("effect-wcs", ".")
      return [[key, built(path)], ...modules.map(({ name, path }) => [`${key}/${name}`, built(path)])]
    })
    assert.deepStrictEqual(
      JSON.parse(there("package.json")).exports,
      Object.fromEntries([...expected, ["./package.json", "./package.json"]])
    )
  })

  it("are all that can be imported, and each of them can", async () => {
    const program = `
      const { exports } = JSON.parse(process.argv[1])
      for (const name of Object.keys(exports)) {
        if (name !== "./package.json") await import("effect-wcs" + name.slice(1))
      }
      for (const name of ["internal/engine", "dist/index.js", "src/index.ts", "domain/Etag", "JsonText"]) {
        await import("effect-wcs/" + name).then(() => console.log(name), (error) => {
          if (error.code !== "ERR_PACKAGE_PATH_NOT_EXPORTED") throw error
        })
      }`
    assert.strictEqual(await run(process.execPath, ["--input-type=module", "-e", program, there("package.json")]), "")
  })
})

/** The programs of README.md that need no more than it says to install. */
const programs = () => {
  const known = /^(?:effect|@effect\/platform|@effect\/platform-node|effect-wcs)(?:\/|$)|^node:/
  return [...here("README.md").matchAll(/^```ts\n([^]*?)^```/gm)].map(([, code]) => code!).filter((code) =>
    [...code.matchAll(/from "(.*)"/g)].every(([, name]) => known.test(name!))
  )
}

/** What the compiler finds wrong in the project's programs and in the declarations of the package. */
const diagnose = async (paths: ReadonlyArray<string>, options: ts.CompilerOptions): Promise<ReadonlyArray<string>> => {
  const program = ts.createProgram(paths, {
    target: ts.ScriptTarget.ES2022,
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    skipLibCheck: false,
    types: ["node"],
    typeRoots: [`${root}/node_modules/@types`],
    ...options
  })
  const found = [...program.getOptionsDiagnostics()]
  for (const file of program.getSourceFiles()) {
    if (!file.fileName.startsWith(installed) && !paths.includes(file.fileName)) continue
    found.push(...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file))
    // The worker of a test answers from time to time.
    await setImmediate()
  }
  return found.map(({ file, messageText }) =>
    `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`
  )
}

describe("a program of somebody else's", () => {
  it("type-checks, be it README's or one that imports everything", async () => {
    const everything = Object.keys(JSON.parse(there("package.json")).exports)
      .filter((name) => name !== "./package.json")
      .map((name, i) => `export * as m${i} from "effect-wcs${name.slice(1)}"\n`)
    const paths = [...programs(), everything.join("")].map((code, i) => {
      const path = `${project}/program-${i}.ts`
      writeFileSync(path, `${code}\nexport {}\n`)
      return path
    })
    assert.isAbove(paths.length, 3)
    assert.isEmpty(await diagnose(paths, { module: ts.ModuleKind.NodeNext }))
  })

  it("that is bundled for browsers type-checks without Node's types", async () => {
    const path = `${project}/browser.ts`
    writeFileSync(path, `export * from "effect-wcs"\nexport * from "effect-wcs/testing"\n`)
    assert.isEmpty(
      await diagnose([path], {
        module: ts.ModuleKind.ESNext,
        moduleResolution: ts.ModuleResolutionKind.Bundler,
        types: [],
        lib: ["lib.es2022.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"]
      })
    )
  })

  const compile = (path: string, code: string) =>
    writeFileSync(
      `${project}/${path}`,
      ts.transpileModule(code, { compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 } })
        .outputText
    )

  it("runs as README has it, against the emulator of the package", async () => {
    const emulator = spawn("node_modules/.bin/wcscmd", ["emulator", "--bucket", "media"], {
      cwd: project,
      env: { PATH: process.env["PATH"], HOME: project },
      stdio: ["ignore", "pipe", "inherit"]
    })
    try {
      const [line] = await once(emulator.stdout, "data")
      const address = JSON.parse(String(line))
      writeFileSync(`${project}/movie.mp4`, "a film")
      const [quickstart] = programs().filter((code) => code.includes("runMain"))
      compile("quickstart.js", quickstart!)
      const stdout = await run(process.execPath, ["quickstart.js"], {
        WCS_PUT_URL: address.uploadUrl,
        WCS_MGR_URL: address.managementUrl,
        WCS_ACCESS_KEY: address.accessKey,
        WCS_SECRET_KEY: address.secretKey
      })
      assert.match(stdout, /^stored 6 bytes, etag \S+, 0 of 0 blocks from before\n2026\/movie\.mp4 6\n$/)
    } finally {
      emulator.kill("SIGKILL")
    }
  })

  it("goes through the main jobs", async () => {
    compile("smoke.js", here("test/package/programs/smoke.ts"))
    const stdout = await run(process.execPath, ["smoke.js"])
    assert.deepStrictEqual(stdout.split("\n").map((line) => line.slice(0, 3)), [...Array(6).fill("ok "), ""])
  })
})

describe("its commands", () => {
  it("run by npx", async () => {
    writeFileSync(`${project}/hello`, "hello world")
    const { version } = JSON.parse(there("package.json"))
    assert.strictEqual(await run("npx", ["--no-install", "wcscmd", "--version"]), `${version}\n`)
  })

  it("need nothing beside the package", async () => {
    const bin = `${project}/alone`
    mkdirSync(bin)
    await run("tar", ["xzf", packed.filename, "--strip-components", "1", "-C", bin])
    const command = (name: string, ...args: ReadonlyArray<string>) => run(`${bin}/dist/bin/${name}.js`, args)
    assert.match(await command("wcscmd", "--version"), /^\d/)
    assert.strictEqual(await command("wcs_etag_cal", "etag", "hello"), "['hello']\nFiqubDXJT8-0FdvpX0CLnOke6Ebt\n")
    assert.strictEqual(await command("wcs_crc64_cal", "crc64", "hello"), "['hello']\n5981764153023615706\n")
  })
})

const bundle = (contents: string) =>
  build({
    stdin: { contents, resolveDir: project },
    absWorkingDir: project,
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "node",
    logLevel: "error"
  })

/** The name of the package that a file is in. */
const packageOf = (path: string) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]

describe("what an import costs", () => {
  /** All that is loaded, directly or not: packages, and built-in modules with the chain of imports that leads there. */
  const loaded = async (entry: string) => {
    const { metafile } = await bundle(`export * from "${entry}"`)
    const chains = new Map([["<stdin>", entry]])
    const builtins: Array<string> = []
    for (const [path, chain] of chains) {
      for (const { external, path: imported } of metafile.inputs[path]!.imports) {
        const longer = `${chain} → ${imported}`
        if (external) builtins.push(longer)
        else if (!chains.has(imported)) chains.set(imported, longer)
      }
    }
    chains.delete("<stdin>")
    const modules = [...chains.keys()]
    return { builtins, modules, packages: [...new Set(modules.map(packageOf))].toSorted() }
  }

  it("is effect, modules of its platform and CRC-64 for the root, and nothing of Node", async () => {
    const { builtins, packages } = await loaded("effect-wcs")
    assert.deepStrictEqual(packages, [
      "@effect/platform",
      "effect",
      "effect-wcs",
      "fast-check",
      "hash-wasm",
      "pure-rand"
    ])
    assert.strictEqual(builtins.join("\n"), "", "built-in modules of Node are loaded, by these imports")
  })

  it("is less for one module", async () => {
    const { modules } = await loaded("effect-wcs/Uploader")
    assert.deepStrictEqual(modules.filter((path) => packageOf(path) !== "effect"), [
      "node_modules/effect-wcs/dist/services/Uploader.js"
    ])
  })

  it("is Node's client without cluster, sql, rpc and cli for `effect-wcs/node`", async () => {
    const { packages } = await loaded("effect-wcs/node")
    assert.isEmpty(packages.filter((name) => /cluster|sql|rpc|workflow|cli/.test(name ?? "")))
  })
})

describe("what a bundler keeps", () => {
  it("is nothing of what is imported and not used", async () => {
    const imports = barrels.map(({ entry }, i) => `import * as m${i} from "${entry}"`)
    const { outputFiles } = await bundle([...imports, `import { Uploader } from "effect-wcs"`].join("\n"))
    assert.deepStrictEqual(outputFiles.map(({ text }) => text), [""])
  })

  it("is one module and what it needs where a program uses one of the root's", async () => {
    const { metafile } = await bundle(`import { Crc32 } from "effect-wcs"\nconsole.log(Crc32)`)
    const kept = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs))
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([path]) => path)
    assert.deepStrictEqual(kept.filter((path) => packageOf(path) === "effect-wcs"), [
      "node_modules/effect-wcs/dist/domain/Crc32.js"
    ])
  })
})
