/** What a person at a terminal sees: the bar, Ctrl-C, a secret that is typed. `script` makes the terminal. */
import { FileSystem } from "@effect/platform"
import { assert, layer } from "@effect/vitest"
import { Deferred, Effect } from "effect"
import { Fault } from "effect-wcs/testing"
import { spawn, spawnSync } from "node:child_process"
import { inject } from "vitest"
import { bucket, content, emulator, inEmulator, secretKey } from "../e2e/support/service.ts"
import { bytes, mebibyte } from "../support/content.ts"
import { fails, type Place, place, succeeds } from "./support/wcscmd.ts"

/** Only the script of util-linux runs a command and passes on its exit code. */
const hasTerminal = spawnSync("script", ["--version"]).stdout?.includes("util-linux") ?? false

/** Runs `wcscmd` in a terminal; it is killed with the scope. */
const terminal = ({ cwd, env }: Place, command: string) =>
  Effect.gen(function*() {
    const child = yield* Effect.acquireRelease(
      Effect.sync(() =>
        spawn("script", ["-qefc", `exec ${process.execPath} ${inject("bin")}/wcscmd.js ${command}`, "/dev/null"], {
          cwd,
          env: { PATH: process.env["PATH"], TERM: "xterm", ...env },
          stdio: ["pipe", "pipe", "pipe"]
        })
      ),
      (child) => Effect.sync(() => void child.kill("SIGKILL"))
    )
    let screen = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      screen += text
    })
    const code = yield* Deferred.make<number | null>()
    child.on("close", (status) => Deferred.unsafeDone(code, Effect.succeed(status)))
    return {
      type: (text: string) => Effect.sync(() => void child.stdin.write(text)),
      /** Waits until the screen has had something. */
      shows: (pattern: RegExp) =>
        Effect.async<void>((resume) => {
          const look = () => {
            if (pattern.test(screen)) resume(Effect.void)
          }
          child.stdout.on("data", look)
          look()
        }).pipe(
          Effect.raceFirst(
            Effect.flatMap(
              Deferred.await(code),
              (code) => Effect.die(new Error(`ended with ${code} before ${pattern}: ${screen}`))
            )
          )
        ),
      end: Effect.map(Deferred.await(code), (code) => ({ code, screen }))
    }
  })

layer(emulator, { excludeTestServices: true })("wcscmd in a terminal", (it) => {
  it.scoped.skipIf(!hasTerminal)("shows a bar, stops at Ctrl-C, and goes on", () =>
    Effect.gen(function*() {
      const here = yield* place
      const fs = yield* FileSystem.FileSystem
      const movie = bytes(24 * mebibyte)
      yield* fs.writeFile(`${here.cwd}/movie.mp4`, movie)
      // The fourth block is not answered: the upload stands still in the middle.
      yield* inEmulator((emulator) => emulator.addFault(Fault.on("mkblk", Fault.delay("1 hour"), { block: 3 })))
      const command = `put wcs://${bucket}/movie.mp4 movie.mp4 --concurrency 1`
      const first = yield* terminal(here, command)
      yield* first.shows(/50 ?%/)
      yield* first.type("\u0003")
      const stopped = yield* first.end
      assert.strictEqual(stopped.code, 130)
      assert.match(stopped.screen, /same command/)
      yield* inEmulator((emulator) => emulator.clearFaults)
      const second = yield* terminal(here, command)
      const ended = yield* second.end
      assert.strictEqual(ended.code, 0, ended.screen)
      assert.match(ended.screen, /stored wcs:\/\/media\/movie\.mp4 \(24\.0 MiB, 3 of 6 blocks resumed\)/)
      assert.isTrue((yield* content("movie.mp4")).equals(movie))
    }))

  it.scoped.skipIf(!hasTerminal)(
    "asks for the account, and does not show the secret key",
    () =>
      Effect.gen(function*() {
        const here = yield* place
        const fs = yield* FileSystem.FileSystem
        const configure = yield* terminal({ cwd: here.cwd, env: { HOME: here.cwd } }, "--configure")
        yield* configure.shows(/access_key/)
        yield* configure.type("my-key\r")
        yield* configure.shows(/secret_key/)
        yield* configure.type(`${secretKey}\r`)
        for (const name of ["put_url", "mgr_url", "download_url"]) {
          yield* configure.shows(new RegExp(`${name}: `))
          yield* configure.type("\r")
        }
        yield* configure.shows(/The other 15 settings keep their values\.[^]*Ask for them, too\? \[y\/N\] /)
        yield* configure.type("y\r")
        yield* configure.shows(/The size of a block\. In bytes\. Default: 4194304\.[^]*block_size \[4194304\]: /)
        yield* configure.type("\u0003")
        const { code, screen } = yield* configure.end
        assert.strictEqual(code, 130, screen)
        assert.notInclude(screen, secretKey)
        assert.isFalse(yield* fs.exists(`${here.cwd}/.wcscfg`))
      })
  )

  it.scoped.skipIf(!hasTerminal)(
    "what most people need is enough, and makes get work",
    () =>
      Effect.gen(function*() {
        const { cwd, env } = yield* place
        const fs = yield* FileSystem.FileSystem
        yield* inEmulator((emulator) => emulator.putObject({ bucket, key: "a.txt" }, "hello"))
        const here = { cwd, env: { HOME: cwd } }
        const configure = yield* terminal(here, "--configure")
        const answers = [
          ["access_key: ", env["WCS_ACCESS_KEY"]],
          ["secret_key: ", secretKey],
          ["put_url: ", env["WCS_PUT_URL"]],
          ["Left empty, only uploads, and get of single objects, work\\.[^]*mgr_url: ", ""],
          ["Left empty, get, imageinfo, exif and avinfo do not work\\.[^]*download_url: ", env["WCS_DOWNLOAD_URL"]],
          ["Ask for them, too\\? \\[y/N\\] ", ""],
          ["Save settings\\? \\[y/N\\] ", "y"]
        ] as const
        for (const [question, answer] of answers) {
          yield* configure.shows(new RegExp(question))
          yield* configure.type(`${answer}\r`)
        }
        const { code, screen } = yield* configure.end
        assert.strictEqual(code, 0, screen)
        assert.include(screen, `saved to ${cwd}/.wcscfg`)
        assert.notInclude(screen, "block_size")
        assert.notInclude(yield* fs.readFileString(`${cwd}/.wcscfg`), "mgr_url")
        assert.strictEqual(yield* succeeds(here, "get", `wcs://${bucket}/a.txt`, "-"), "hello")
        yield* fails(here, 2, "list", `wcs://${bucket}`)
      })
  )

  it.scoped.skipIf(!hasTerminal)("the emulator tells how other commands reach it", () =>
    Effect.gen(function*() {
      const emulator = yield* terminal(yield* place, `emulator --bucket a --access-key "it's"`)
      yield* emulator.shows(/^ {2}export WCS_PUT_URL='http:\/\/127\.0\.0\.1:\d+'\r$/m)
      yield* emulator.shows(/^ {2}export WCS_ACCESS_KEY='it'\\''s'\r$/m)
      yield* emulator.type("\u0003")
      assert.strictEqual((yield* emulator.end).code, 0)
    }))
})
