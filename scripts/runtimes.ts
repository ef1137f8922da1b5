/**
 * `npm run runtimes`: the packed package under Bun, Deno and, where it is installed, headless Chromium, against the
 * emulator under Node. docs/package.md has what it prints.
 */
import { build } from "esbuild"
import { type ChildProcess, execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { install, pack } from "./consumer.ts"

const versions = { bun: "1.4.5", deno: "2.9.6" }
/** Runtimes and what comes before the name of a program. */
const runtimes = { node: [], bun: [], deno: ["run", "--allow-all"] }

const root = fileURLToPath(new URL("..", import.meta.url))
const folder = mkdtempSync(`${tmpdir()}/effect-wcs-runtimes-`)
const tools = `${folder}/tools`
const project = `${folder}/project`
const children: Array<ChildProcess> = []

process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL")
  rmSync(folder, { recursive: true, force: true })
})

const start = (
  file: string,
  args: ReadonlyArray<string>,
  env: { readonly [name: string]: string } = {},
  stderr: "inherit" | "ignore" = "inherit"
) => {
  const child = spawn(file, args, {
    cwd: project,
    env: { PATH: process.env["PATH"], HOME: folder, ...env },
    stdio: ["ignore", "pipe", stderr]
  })
  child.stdout.setEncoding("utf8")
  children.push(child)
  return child
}

/** Runs a program to its end, or until it prints something: then it is killed. */
const run = async (
  file: string,
  args: ReadonlyArray<string>,
  env: { readonly [name: string]: string },
  stop?: RegExp
) => {
  const child = start(file, args, env)
  let stdout = ""
  child.stdout.on("data", (text: string) => {
    stdout += text
    if (stop?.test(stdout)) child.kill("SIGKILL")
  })
  const [code, signal] = await once(child, "close")
  if (stop === undefined ? code !== 0 : signal !== "SIGKILL") {
    throw new Error(`${file} ${args.join(" ")}: ${code}\n${stdout}`)
  }
  return stdout
}

const must = (holds: boolean, what: string) => {
  if (!holds) throw new Error(what)
}

mkdirSync(tools)
mkdirSync(project)
console.log("packing and installing")
const { filename } = await pack(project)
await install(project, filename)
const packages = Object.entries(versions).map(([name, version]) => `${name}@${version}`)
writeFileSync(`${tools}/package.json`, `{ "private": true }`)
await promisify(execFile)("npm", ["install", "--no-audit", "--no-fund", ...packages], {
  cwd: tools
})

await build({
  entryPoints: [
    ...["quickstart", "upload"].map((name) => ({ in: `${root}/examples/${name}.ts`, out: name })),
    ...["smoke", "failures", "browser"].map((name) => ({ in: `${root}/test/package/programs/${name}.ts`, out: name }))
  ],
  outdir: project,
  bundle: true,
  packages: "external",
  format: "esm",
  platform: "node",
  // The packages of the project, not the sources.
  tsconfigRaw: "{}"
})
writeFileSync(`${project}/movie.mp4`, "a film")
writeFileSync(`${project}/big.bin`, new Uint8Array(256 * 1024 * 1024).map((_, i) => i >> 12))

const emulator = start("node_modules/.bin/wcscmd", ["emulator", "--bucket", "media"])
const [line] = await once(emulator.stdout, "data")
const { accessKey, downloadUrl, managementUrl, secretKey, uploadUrl } = JSON.parse(line)
const env = {
  WCS_PUT_URL: uploadUrl,
  WCS_MGR_URL: managementUrl,
  WCS_DOWNLOAD_URL: downloadUrl,
  WCS_ACCESS_KEY: accessKey,
  WCS_SECRET_KEY: secretKey,
  WCS_OVERWRITE: "1"
}

for (const [name, before] of Object.entries(runtimes)) {
  const program = (path: string, ...args: ReadonlyArray<string>) => [...before, path, ...args] as const
  const file = name === "node" ? process.execPath : `${tools}/node_modules/.bin/${name}`
  const version = await run(file, ["--version"], {})
  console.log(`${name} ${/\d+\.\d+\.\d+/.exec(version)?.[0]}`)

  must((await run(file, program("quickstart.js"), env)).startsWith("stored 6 bytes"), "the quickstart")
  console.log("  ok the quickstart")

  for (const [path, steps] of [["smoke.js", 6], ["failures.js", 6]] as const) {
    const stdout = await run(file, program(path), {})
    must((stdout.match(/^ok /gm)?.length ?? 0) >= steps, stdout)
    console.log(stdout.trimEnd().replaceAll(/^/gm, "  "))
  }

  const upload = program("upload.js", "big.bin", "media", `${name}.bin`)
  const slow = { ...env, WCS_CONCURRENCY: "1" }
  await run(file, upload, slow, /^1\d %/m)
  const resumed = await run(file, upload, slow)
  must(/blocks are there already[^]*stored as .* resumed/.test(resumed), resumed)
  console.log(`  ok kill -9 in an upload, and resumed at once: ${resumed.trimEnd().split("\n").at(-1)}`)
}

/** The path of a browser. */
const chromium = await promisify(execFile)("sh", [
  "-c",
  "command -v chromium chromium-browser google-chrome | head -n 1"
])
  .then(({ stdout }) => stdout.trim(), () => "")

const browse = async () => {
  const { outputFiles } = await build({
    entryPoints: [`${project}/browser.js`],
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    minify: true,
    logLevel: "warning"
  })
  const script = outputFiles[0]!.contents
  const settings = { uploadUrl, managementUrl, downloadUrl, credentials: { accessKey, secretKey } }
  const answers: { readonly [path: string]: readonly [type: string, body: string | Uint8Array] } = {
    "/": ["text/html", `<script type="module" src="script.js"></script>`],
    "/script.js": ["text/javascript", script],
    "/settings": ["application/json", JSON.stringify(settings)]
  }
  const server = createServer((request, response) => {
    if (request.url === "/result") text(request).then((result) => server.emit("result", result))
    const [type, body] = answers[request.url ?? ""] ?? ["text/plain", ""]
    response.setHeader("content-type", type).end(body)
  }).listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  const port = typeof address === "object" ? address?.port : undefined
  const flags = ["--headless", "--no-sandbox", "--disable-gpu", `--user-data-dir=${folder}/chromium`]
  start(chromium, [...flags, "--remote-debugging-port=0", `http://127.0.0.1:${port}/`], {}, "ignore")
  const [result] = await once(server, "result", { signal: AbortSignal.timeout(60_000) })
  must(result.includes(`"resumed":1`) && result.includes(`"same":true`), result)
  const { stdout } = await promisify(execFile)(chromium, ["--version"])
  console.log(`${stdout.trim()}, a bundle of ${Math.round(script.length / 1024)} KiB\n  ok ${result}`)
}
if (chromium === "") console.log("no chromium here: the bundle for browsers was not run")
else await browse()
process.exit()
