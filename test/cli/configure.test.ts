/** The questions of configure, by pipe and by terminal. */
import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import { spawn, spawnSync } from "node:child_process"
import { inject } from "vitest"
import { home, type Place, start } from "./support/wcscmd.ts"

/** Protocol 14.2, in its order. */
const prompts = [
  "access_key secret_key put_url mgr_url block_size bput_size connection_retries connection_timeout mkblk_retries",
  "bput_retries mkfile_retries tmp_record_folder concurrency ishttps isverify mode keepalive deadline traffic_limit"
].join(" ").split(" ")

const secret = "hush-hush-1"

/** The answers to all questions, in the order of the vendor's tool. */
const answers = (given: { readonly [question: number]: string } = {}) => prompts.map((_, i) => given[i] ?? "")

const configure = (here: Place, lines: ReadonlyArray<string>, ...options: ReadonlyArray<string>) =>
  Effect.scoped(Effect.flatMap(
    start("wcscmd", here, { arguments: ["--configure", ...options], stdin: lines.map((line) => `${line}\n`).join("") }),
    ({ end }) => end
  )).pipe(Effect.tap(({ stderr, stdout }) => {
    assert.notInclude(stdout + stderr, secret)
  }))

const read = (path: string) => Effect.flatMap(FileSystem.FileSystem, (fs) => fs.readFileString(path))

const scoped = (
  name: string,
  body: Effect.Effect<void, unknown, FileSystem.FileSystem | Scope.Scope>
) => it.scopedLive(name, () => Effect.provide(body, NodeContext.layer))

describe("wcscmd --configure", () => {
  scoped(
    "asks as the vendor's tool does, and writes a private file that it reads",
    Effect.gen(function*() {
      const here = yield* home
      const fs = yield* FileSystem.FileSystem
      const lines = [...answers({ 0: "AK", 1: secret, 2: "p.example.com", 13: "yeah", 14: "No" }), "y"]
      const ended = yield* configure(here, lines)
      assert.deepStrictEqual([ended.code, ended.stdout], [0, `saved to ${here.cwd}/.wcscfg\n`])
      const questions = ended.stderr.split("\n").slice(1)
      assert.deepStrictEqual(questions.map((line) => line.replace(/(?: \[.*)?: ?$/, "")).slice(0, 19), prompts)
      assert.include(questions, "block_size [4194304]: ")
      assert.include(questions, "Save settings? [y/N] ")
      const text = yield* read(`${here.cwd}/.wcscfg`)
      assert.strictEqual(text.split("\n")[0], "[default]")
      for (const line of ["access_key = AK", `secret_key = ${secret}`, "ishttps = True", "isverify = False"]) {
        assert.include(text.split("\n"), line)
      }
      assert.strictEqual((yield* fs.stat(`${here.cwd}/.wcscfg`)).mode & 0o777, 0o600)
      assert.deepStrictEqual(yield* fs.readDirectory(here.cwd), [".wcscfg"])
    })
  )

  scoped(
    "keeps what it does not know, and follows a link",
    Effect.gen(function*() {
      const here = yield* home
      const fs = yield* FileSystem.FileSystem
      yield* fs.makeDirectory(`${here.cwd}/dotfiles`)
      const file = `${here.cwd}/dotfiles/wcs`
      const before = `# mine\n[s3]\ncolour = blue\nishttps = yes\nsecret_key=${secret}\nmode = 0\n[end]\nlimit = 3`
      yield* fs.writeFileString(file, before, { mode: 0o644 })
      yield* fs.symlink("dotfiles/wcs", `${here.cwd}/.wcscfg`)
      const retried = [...answers({ 0: "WRONG", 12: "8" }), "", "", ...answers({ 0: "AK", 15: "1" }), "Yes"]
      const ended = yield* configure(here, retried, "--json")
      assert.deepStrictEqual(JSON.parse(ended.stdout), { file: `${here.cwd}/.wcscfg`, saved: true })
      // The answers of the first round are in the brackets of the second.
      assert.match(ended.stderr, /^concurrency \[8\]: $/m)
      assert.match(ended.stderr, /^secret_key \[hidden\]: $/m)
      const after = yield* read(file)
      assert.isTrue(after.startsWith(before.replace("mode = 0", "mode = 1")))
      const added = after.slice(before.length).split("\n").filter((line) => line !== "")
      assert.includeMembers(added, ["access_key = AK", "concurrency = 8"])
      assert.notMatch(added.join("\n"), /ishttps|secret_key|^limit|put_url/m)
      assert.strictEqual(yield* fs.readLink(`${here.cwd}/.wcscfg`), "dotfiles/wcs")
      assert.strictEqual((yield* fs.stat(file)).mode & 0o777, 0o600)
    })
  )

  scoped(
    "names the variables that say something else than what it saved",
    Effect.gen(function*() {
      const { cwd, env } = yield* home
      const variables = { WCS_PUT_URL: "other.example.com", WCS_CONCURRENCY: "04", WCS_MODE: "fast", WCS_MGR_URL: "" }
      const ended = yield* configure({ cwd, env: { ...env, ...variables } }, [...answers({ 2: "p.example.com" }), "y"])
      assert.strictEqual(ended.code, 0)
      assert.deepStrictEqual(ended.stderr.match(/^.* goes before .*$/gm), [
        "WCS_PUT_URL is set and goes before this file",
        "WCS_MODE is set and goes before this file"
      ])
    })
  )

  scoped(
    "writes nothing where it is told so, or cannot go on",
    Effect.gen(function*() {
      const here = yield* home
      const fs = yield* FileSystem.FileSystem
      const untouched = [
        yield* configure(here, [...answers({ 0: "AK" }), "n", "n"], "-c", "new.cfg"),
        yield* configure(here, [...answers(), "y"], "-c", "no/such/folder.cfg"),
        yield* configure(here, ["AK", secret, "two words"]),
        yield* configure(here, answers({ 11: "~/records" })),
        yield* configure(here, ["AK", secret])
      ]
      assert.deepStrictEqual(untouched.map(({ code }) => code), [0, 9, 2, 2, 2])
      assert.strictEqual(untouched[0]?.stdout, "nothing was saved\n")
      assert.match(untouched[1]?.stderr ?? "", /^wcscmd: .*no\/such\/folder\.cfg/m)
      assert.match(untouched[2]?.stderr ?? "", /^wcscmd: put_url: expected a host, .*; nothing was saved$/m)
      assert.match(
        untouched[3]?.stderr ?? "",
        /^wcscmd: tmp_record_folder: expected a path that does not begin with ~, .*; nothing was saved$/m
      )
      assert.match(untouched[4]?.stderr ?? "", /^wcscmd: the input ended before all was answered; nothing was saved$/m)
      assert.deepStrictEqual(yield* fs.readDirectory(here.cwd), [])
      yield* fs.writeFile(`${here.cwd}/.wcscfg`, new Uint8Array([0x23, 0xc4, 0xe3, 0x0a]))
      const foreign = yield* configure(here, [...answers(), "y"])
      assert.deepStrictEqual([foreign.code, foreign.stdout], [9, ""])
      assert.match(foreign.stderr, /is not UTF-8/)
    })
  )

  const hasTerminal = spawnSync("script", ["-qec", "true", "/dev/null"]).status === 0

  it.scopedLive.skipIf(!hasTerminal)(
    "at a terminal it shows no secret, asks again, and Ctrl-C writes nothing",
    () =>
      Effect.gen(function*() {
        const here = yield* home
        const fs = yield* FileSystem.FileSystem
        const session = yield* Effect.acquireRelease(
          Effect.sync(() =>
            spawn("script", ["-qec", `"${process.execPath}" "${inject("bin")}/wcscmd.js" --configure`, "/dev/null"], {
              cwd: here.cwd,
              env: { PATH: process.env["PATH"], ...here.env },
              stdio: ["pipe", "pipe", "pipe"]
            })
          ),
          (session) => Effect.sync(() => void session.kill("SIGKILL"))
        )
        let all = ""
        let screen = ""
        session.stdout.setEncoding("utf8").on("data", (text: string) => {
          all += text
          screen += text
        })
        const ended = new Promise<number | null>((resolve) => session.on("close", resolve))
        const type = (after: string, keys: string) =>
          Effect.async<void>((resume) => {
            const look = () => {
              if (!screen.includes(after)) return
              session.stdout.off("data", look)
              screen = screen.slice(screen.indexOf(after) + after.length)
              session.stdin.write(keys)
              resume(Effect.void)
            }
            session.stdout.on("data", look)
            look()
          })
        // Pasted in one go: the second line comes before its question.
        yield* type("access_key: ", `AK\r${secret}\r`)
        yield* type("put_url: ", "two words\r")
        yield* type("expected a host", "")
        // The secret does not come back with the arrow keys.
        yield* type("put_url: ", "\u001b[A\u001b[Ap.example.com\r")
        yield* type("mgr_url: ", "\u0003")
        const code = yield* Effect.promise(() => ended)
        assert.strictEqual(code, 130)
        assert.notInclude(all, secret)
        assert.match(all, /\nnothing was saved\r?\n$/)
        assert.deepStrictEqual(yield* fs.readDirectory(here.cwd), [])
      }).pipe(Effect.provide(NodeContext.layer))
  )
})
