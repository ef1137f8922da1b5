/** get: of objects, URLs and folders. */
import { FileSystem } from "@effect/platform"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { EmulatorAddress, Fault } from "effect-wcs/testing"
import { execFileSync } from "node:child_process"
import { lstatSync } from "node:fs"
import { bucket, emulator, inEmulator } from "../e2e/support/service.ts"
import { webServer } from "../e2e/support/webServer.ts"
import { bytes, mebibyte } from "../support/content.ts"
import { lines, namesBelow, until, write } from "./support/files.ts"
import { fails, place, start, succeeds, wcscmd } from "./support/wcscmd.ts"

const at = (key: string) => `wcs://${bucket}/${key}`

const put = (key: string, content: string | Uint8Array = "hello world") =>
  inEmulator((emulator) => emulator.putObject({ bucket, key }, content))

const read = (path: string) => Effect.flatMap(FileSystem.FileSystem, (fs) => fs.readFileString(path))

const fault = (...faults: ReadonlyArray<Fault.Fault>) =>
  inEmulator((emulator) => Effect.zipRight(emulator.clearFaults, emulator.addFault(...faults)))

layer(emulator, { excludeTestServices: true })("wcscmd get", (it) => {
  it.scoped("writes an object to a file and replaces none unless it is forced to", () =>
    Effect.gen(function*() {
      const here = yield* place
      yield* put("get/a b.txt")
      assert.strictEqual(yield* succeeds(here, "get", at("get/a b.txt")), "saved a b.txt (11 B)\n")
      yield* write(here.cwd, { "a b.txt": "mine" })
      assert.match(yield* fails(here, 5, "get", at("get/a b.txt")), /^wcscmd: a b\.txt: .*\n.*--force\n$/)
      assert.strictEqual(yield* read(`${here.cwd}/a b.txt`), "mine")
      const receipt = JSON.parse(yield* succeeds(here, "get", at("get/a b.txt"), "--force", "--json"))
      assert.deepInclude(receipt, { path: "a b.txt", size: 11, resumed: 0, verified: "etag" })
      assert.strictEqual(yield* read(`${here.cwd}/a b.txt`), "hello world")
      assert.strictEqual(yield* succeeds(here, "get", at("get/a b.txt"), "-"), "hello world")
      yield* fails(here, 3, "get", at("get/missing"))
      assert.include(yield* fails(here, 2, "get", at("get/..")), "names no file")
      yield* write(here.cwd, { "folder/x": "" })
      for (const options of [[], ["--force"]]) {
        assert.strictEqual(
          yield* fails(here, 2, "get", at("get/a b.txt"), "folder/", ...options),
          `wcscmd: folder/ is a folder\n  name a file in it: wcscmd get '${at("get/a b.txt")}' 'folder/a b.txt'\n`
        )
      }
      // What is forced takes no place but a file's: so would /dev/null have gone.
      execFileSync("mkfifo", [`${here.cwd}/pipe`])
      assert.strictEqual(
        yield* fails(here, 9, "get", at("get/a b.txt"), "pipe", "--force"),
        "wcscmd: pipe: is not a regular file\n"
      )
      assert.isTrue(lstatSync(`${here.cwd}/pipe`).isFIFO())
      yield* (yield* FileSystem.FileSystem).remove(`${here.cwd}/pipe`)
      for (
        const [file, folder, hint] of [
          ["new/", "new/", "new, and name a file in it"],
          ["no dir/a/b.txt", "no dir/a", "'no dir/a'"]
        ] as const
      ) {
        assert.strictEqual(
          yield* fails(here, 9, "get", at("get/a b.txt"), file),
          `wcscmd: ${folder}: there is no such folder\n  mkdir -p ${hint}\n`
        )
      }
      assert.deepStrictEqual((yield* namesBelow(here.cwd)).toSorted(), ["a b.txt", "folder", "folder/x"])
    }))

  it.scoped("tells at the end that what it wrote to stdout is not the object", () =>
    Effect.gen(function*() {
      const here = yield* place
      yield* put("get/torn")
      yield* fault(Fault.on("download", Fault.corrupt(3)))
      const { code, stderr } = yield* wcscmd(here, "get", at("get/torn"), "-")
      yield* fault()
      assert.deepStrictEqual([code, stderr.split("\n").length], [7, 3], stderr)
    }))

  it.scoped("gets what stands at a URL", () =>
    Effect.gen(function*() {
      const here = yield* place
      yield* put("url/ä.txt")
      const { downloadUrl } = yield* EmulatorAddress.EmulatorAddress
      const ours = `${downloadUrl.replace("{bucket}", bucket)}/url/%C3%A4.txt`
      assert.deepInclude(JSON.parse(yield* succeeds(here, "get", ours, "--json")), {
        path: "%C3%A4.txt",
        verified: "etag"
      })
      // A domain that is bound to one bucket does not tell its name.
      const bound = { ...here, env: { ...here.env, WCS_DOWNLOAD_URL: downloadUrl.replace("{bucket}", bucket) } }
      assert.deepInclude(JSON.parse(yield* succeeds(bound, "get", ours, "bound", "--json")), { verified: "etag" })
      const origin = yield* webServer(({ url }, answer) => {
        answer.writeHead(url?.startsWith("/gone") ? 404 : 200).end(`at ${url}`)
      })
      yield* succeeds(here, "get", `${origin}/deep/page?x=1`)
      assert.strictEqual(yield* read(`${here.cwd}/deep/page`), "at /deep/page?x=1")
      yield* fails(here, 1, "get", `${origin}/gone`)
      assert.include(yield* fails(here, 2, "get", `${origin}/`), "names no file")
      assert.deepStrictEqual((yield* namesBelow(here.cwd)).toSorted(), ["%C3%A4.txt", "bound", "deep", "deep/page"])
    }))

  it.scoped("goes on where it was stopped", () =>
    Effect.gen(function*() {
      const here = yield* place
      const film = bytes(3 * mebibyte)
      yield* put("film.bin", film)
      yield* fault(Fault.on("download", Fault.truncate(mebibyte)))
      const get = ["get", at("film.bin"), "--connection-retries", "0"]
      assert.match(yield* fails(here, 6, ...get), /^wcscmd: get: .* \[download.*\]\n {2}.*\n$/)
      yield* inEmulator((emulator) => emulator.clearRequests)
      yield* fault(Fault.on("download", Fault.stall))
      const { child, end } = yield* start("wcscmd", here, { arguments: get })
      yield* until(
        inEmulator((emulator) => emulator.requests),
        (requests) => requests.some(({ operation }) => operation === "download")
      )
      child.kill("SIGINT")
      const { code, stderr, stdout } = yield* end
      assert.deepStrictEqual([code, stdout], [130, ""])
      assert.match(stderr, /^interrupted; the same command goes on/)
      yield* fault()
      const [, resumed = "0"] =
        /^saved film\.bin \(3\.0 MiB, (.*) MiB resumed\)\n$/.exec(yield* succeeds(here, ...get)) ??
          []
      assert.isAbove(Number(resumed), 0)
      const fs = yield* FileSystem.FileSystem
      assert.isTrue(Buffer.from(film).equals(yield* fs.readFile(`${here.cwd}/film.bin`)))
      assert.deepStrictEqual(yield* namesBelow(here.cwd), ["film.bin"])
    }))

  it.scoped("-r of a prefix that no object begins with finds nothing", () =>
    Effect.gen(function*() {
      const here = yield* place
      yield* put("logs/only.log")
      yield* put("single.txt", "x")
      for (const key of ["misspelt", "single.txt"]) {
        assert.include(
          yield* fails(here, 3, "get", "-r", at(key), "to"),
          `wcscmd: no object begins with ${at(`${key}/`)}\n`
        )
      }
      const { error } = JSON.parse(yield* fails(here, 3, "get", "-r", at("misspelt"), "to", "--json"))
      assert.deepInclude(error, { tag: "NotFound", exitCode: 3 })
      assert.deepStrictEqual(yield* wcscmd(here, "get", "-r", at("logs"), "to", "--exclude", "*.log"), {
        code: 0,
        signal: null,
        stdout: "",
        stderr: `nothing to do: no files are in ${at("logs")}, or --include and --exclude leave none of them\n`
      })
    }))

  it.scoped("-r gets a folder, and nothing outside of it", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const here = yield* place
      const names = ["a.txt", "deep/1", "deep/2", "deep/3", "deep/4", "link/x", "skipped/y"]
      for (const name of names) yield* put(`all/${name}`, name)
      yield* put("allother", "is in no folder")
      yield* write(here.cwd, { "outside/keep": "", "to/deep/1": "mine" })
      yield* fs.symlink("../outside", `${here.cwd}/to/link`)
      const get = ["get", "-r", at("all"), "to", "--exclude", "skipped/"]
      const first = yield* wcscmd(here, ...get, "--json")
      assert.strictEqual(first.code, 8, first.stderr)
      assert.include(first.stderr, "\"hint\":\"what failed is told on stdout; the same command tries it again\"")
      assert.deepStrictEqual(lines(first.stdout).map(({ outcome, path }) => `${path} ${outcome}`).toSorted(), [
        "a.txt saved",
        "deep/1 failed",
        "deep/2 saved",
        "deep/3 saved",
        "deep/4 saved",
        "link/x failed"
      ])
      assert.strictEqual(yield* read(`${here.cwd}/to/deep/1`), "mine")
      const second = yield* wcscmd(here, ...get, "--force")
      assert.deepStrictEqual([second.code, second.stdout], [8, "1 saved (6 B), 4 unchanged, 1 failed\n"])
      assert.match(second.stderr, /^failed: link\/x: .*leads out of to/)
      assert.deepStrictEqual(yield* namesBelow(`${here.cwd}/outside`), ["keep"])
      assert.deepStrictEqual((yield* namesBelow(`${here.cwd}/to/deep`)).toSorted(), ["1", "2", "3", "4"])
    }))
})
