/** Settings: config, dump-config. */
import { FileSystem } from "@effect/platform"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { Settings } from "effect-wcs"
import { userInfo } from "node:os"
import { emulator } from "../e2e/support/service.ts"
import { lines } from "./support/files.ts"
import { fails, type Place, place, succeeds, wcscmd } from "./support/wcscmd.ts"

/** A place without an account, with a file of settings. */
const withFile = (text: string) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const { cwd } = yield* place
    yield* fs.writeFileString(`${cwd}/.wcscfg`, text, { mode: 0o600 })
    return { cwd, env: { HOME: cwd } } satisfies Place
  })

interface Shown {
  readonly name: string
  readonly value: string | null
  readonly origin: { readonly kind: string; readonly name?: string; readonly line?: number }
  readonly expected?: string
}

const shown = (stdout: string): ReadonlyMap<string, Shown> =>
  new Map((JSON.parse(stdout) as ReadonlyArray<Shown>).map((setting) => [setting.name, setting]))

layer(emulator, { excludeTestServices: true })("wcscmd on settings", (it) => {
  it.scoped("config shows each value and where it comes from, without the account's secret", () =>
    Effect.gen(function*() {
      const here = yield* place
      const fs = yield* FileSystem.FileSystem
      yield* fs.writeFileString(`${here.cwd}/other.cfg`, "[default]\nlimit = 5\nmode=0\naccess_key = FILE\n")
      const options = ["-c", "other.cfg", "--block_size", "8388608", "--checks", "--prefix=目录/"]
      const settings = shown(yield* succeeds(here, "config", "--json", ...options))
      assert.deepStrictEqual([...settings.keys()], [...Settings.names])
      assert.deepStrictEqual(
        ["block_size", "checks", "prefix", "limit", "access_key", "secret_key", "concurrency", "marker"].map((name) =>
          settings.get(name)
        ),
        [
          { name: "block_size", value: "8388608", origin: { kind: "option", name: "--block-size" } },
          { name: "checks", value: "True", origin: { kind: "option", name: "--checks" } },
          { name: "prefix", value: "目录/", origin: { kind: "option", name: "--prefix" } },
          { name: "limit", value: "5", origin: { kind: "file", name: "other.cfg", line: 2 } },
          // A variable goes before the file.
          {
            name: "access_key",
            value: here.env["WCS_ACCESS_KEY"]!,
            origin: { kind: "variable", name: "WCS_ACCESS_KEY" }
          },
          { name: "secret_key", value: "<redacted>", origin: { kind: "variable", name: "WCS_SECRET_KEY" } },
          { name: "concurrency", value: "4", origin: { kind: "default" } },
          { name: "marker", value: null, origin: { kind: "default" } }
        ]
      )
      const human = yield* succeeds(here, "--prefix", "x", "config", "-c", "other.cfg")
      assert.match(human, /^prefix +x +--prefix$/m)
      assert.match(human, /^limit +5 +other\.cfg:2$/m)
      assert.match(human, /^secret_key +<redacted> +WCS_SECRET_KEY$/m)
      assert.match(human, /^marker +- +default$/m)
    }))

  it.scoped("config names the file, and the folder of records that nobody named", () =>
    Effect.gen(function*() {
      const { cwd, env } = yield* withFile("limit = 5\n")
      const fs = yield* FileSystem.FileSystem
      const first = (...words: ReadonlyArray<string>) =>
        Effect.map(succeeds({ cwd, env }, "config", ...words), (text) => text.split("\n")[0])
      assert.strictEqual(yield* first(), `The file of settings is ${cwd}/.wcscfg.`)
      assert.strictEqual(yield* first("-c", ".wcscfg"), "The file of settings is .wcscfg.")
      yield* fs.remove(`${cwd}/.wcscfg`)
      assert.strictEqual(yield* first(), `The file of settings would be ${cwd}/.wcscfg, which is not there.`)
      const folder = (...words: ReadonlyArray<string>) =>
        Effect.map(
          succeeds({ cwd, env }, "config", "--json", ...words),
          (text) => shown(text).get("tmp_record_folder")?.value
        )
      assert.strictEqual(yield* folder(), `${cwd}/.local/state/effect-wcs/uploads`)
      assert.strictEqual(yield* folder("--tmp-record-folder", "mine"), "mine")

      const homeless = yield* wcscmd({ cwd, env: {} }, "config")
      assert.include(homeless.stdout, ` ${userInfo().homedir}/.wcscfg`)
      assert.include(homeless.stdout, ` ${userInfo().homedir}/.local/state/effect-wcs/uploads `)
      assert.match(
        yield* succeeds({ cwd, env: { HOME: "" } }, "config"),
        /^There is no file of settings, and no home for a ~\/\.wcscfg\.\n\n/
      )
    }))

  it.scoped("a bad value is told with what is expected, and hides nothing else", () =>
    Effect.gen(function*() {
      const here = yield* withFile(
        "limit = many\nput_url = http://ann:hush-hush@p.example.com\ncolour = blue\nwhat is this\n"
      )
      const ended = yield* wcscmd(
        { ...here, env: { ...here.env, WCS_MODE: "7" } },
        "config",
        "--json",
        "--deadline",
        "0"
      )
      assert.strictEqual(ended.code, 2)
      const settings = shown(ended.stdout)
      assert.lengthOf([...settings], Settings.names.length)
      for (const name of ["limit", "put_url", "mode", "deadline"] as const) {
        assert.deepInclude(settings.get(name), { value: null, expected: Settings.expected(name) })
      }
      assert.deepInclude(settings.get("concurrency"), { value: "4" })
      for (const place of [".wcscfg:1", ".wcscfg:2", "WCS_MODE", "--deadline"]) assert.include(ended.stderr, place)
      assert.match(ended.stderr, /\.wcscfg:3 sets colour, which is no setting"\}$/m)
      assert.lengthOf(ended.stderr.match(/line 4 is ignored/g) ?? [], 1)
      assert.notInclude(ended.stdout + ended.stderr, "hush-hush")

      const human = yield* wcscmd(here, "config")
      assert.match(human.stdout, /^limit +bad: expected a whole number from 1 to 1000 +\/.*\.wcscfg:1$/m)
      assert.strictEqual(human.code, 2)
    }))

  it.scoped("what is right by itself may not go together, and a file that is named must be there", () =>
    Effect.gen(function*() {
      const here = yield* withFile("access_key = AK\n")
      const half = yield* wcscmd(here, "config")
      assert.deepStrictEqual([half.code, half.stdout.split("\n").length], [4, Settings.names.length + 3])
      assert.match(half.stderr, /secret_key is not set, but access_key is/)
      assert.match(yield* fails(here, 2, "config", "-c", "missing.cfg"), /missing\.cfg: the settings cannot be read/)
    }))

  it.scoped("dump-config prints the vendor's format without secrets", () =>
    Effect.gen(function*() {
      const here = yield* withFile("ishttps = no\nsecret_key = hush-hush\naccess_key = AK\nprefix = \" x\"\n")
      const text = yield* succeeds(here, "--dump-config", "--limit", "7")
      const lines = text.split("\n")
      assert.deepStrictEqual([lines[0], lines.at(-1)], ["[default]", ""])
      assert.deepStrictEqual(lines.slice(1, -1).map((line) => line.split(" = ")[0]), Settings.names.toSorted())
      assert.includeMembers(lines, [
        "access_key = AK",
        "secret_key = <redacted>",
        "ishttps = False",
        "limit = 7",
        "prefix = \" x\"",
        "overwrite = "
      ])
      const json = JSON.parse(yield* succeeds(here, "dump-config", "--json"))
      assert.deepInclude(json, { access_key: "AK", secret_key: "<redacted>", ishttps: "False" })
    }))

  it.scoped("a file that others can read is warned of, once, where the secret key is in it", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const here = yield* withFile("access_key = AK\nsecret_key = hush-hush\nlimit = 5\nwhat is this\n")
      const file = `${here.cwd}/.wcscfg`
      const warned = (...words: ReadonlyArray<string>) =>
        Effect.map(wcscmd(here, ...words), ({ code, stderr }) => {
          assert.strictEqual(code, 0, stderr)
          return stderr.split("\n").filter((line) => line !== "" && !line.includes("line 4 is ignored"))
        })
      assert.deepStrictEqual(yield* warned("config"), [])
      yield* fs.chmod(file, 0o640)
      const line = `warn: others can read ${file}, which holds the secret key: chmod 600 ${file}`
      assert.deepStrictEqual(yield* warned("config"), [line])
      assert.deepStrictEqual(yield* warned("dump-config"), [line])
      // With --json each line of stderr is JSON.
      const asJson = lines((yield* wcscmd(here, "uploads", "drop", "none", "--json")).stderr)
      assert.deepStrictEqual(asJson.flatMap(Object.keys), ["warning", "warning", "error"])
      assert.include(asJson.map(({ warning }) => warning), line.replace("warn: ", ""))
      // A command that reads no settings, and a file without the key.
      assert.deepStrictEqual(yield* warned("crc64", ".wcscfg"), [])
      yield* fs.writeFileString(file, "access_key = \nsecret_key =\n")
      assert.deepStrictEqual(yield* warned("uploads", "list"), ["no upload is unfinished"])
    }))

  it.scoped("unchecked certificates are warned of once, on stderr", () =>
    Effect.gen(function*() {
      const { cwd, env } = yield* place
      const ended = yield* wcscmd({ cwd, env }, "listbucket", "--isverify", "0")
      assert.deepStrictEqual([ended.code, ended.stdout], [0, "media\n"])
      assert.match(ended.stderr, /^warn: TLS certificates are not checked[^\n]*\n$/)
    }))
})
