/** The setting logger_folder: a log of operations, one file a day. */
import { FileSystem } from "@effect/platform"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { signature } from "../e2e/support/processes.ts"
import { bucket, emulator, inEmulator, secretKey } from "../e2e/support/service.ts"
import { placeWith } from "./support/files.ts"
import { fails, place, start, succeeds, wcscmd } from "./support/wcscmd.ts"

layer(emulator, { excludeTestServices: true })("wcscmd with a log", (it) => {
  it.scoped("writes what it does to a private file of the day, and nothing else to the terminal", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const here = yield* place
      yield* inEmulator((emulator) => emulator.putObject({ bucket, key: "a" }, "hello"))
      yield* succeeds(here, "stat", `wcs://${bucket}/a`, "--logger-folder", "logs")
      const env = { ...here.env, WCS_LOGGER_FOLDER: `${here.cwd}/logs`, WCS_CONNECTION_RETRIES: "0" }
      const missing = yield* wcscmd({ ...here, env }, "stat", `wcs://${bucket}/missing`)
      assert.deepStrictEqual([missing.code, missing.stdout], [3, ""])
      assert.lengthOf(missing.stderr.trimEnd().split("\n"), 2)

      const names = yield* fs.readDirectory(`${here.cwd}/logs`)
      for (const name of names) assert.match(name, /^wcs-\d{4}-\d\d-\d\d\.log$/)
      const modes = yield* Effect.forEach(
        ["logs", `logs/${names[0]}`],
        (path) => Effect.map(fs.stat(`${here.cwd}/${path}`), ({ mode }) => mode & 0o777)
      )
      assert.deepStrictEqual(modes, [0o700, 0o600])

      // Midnight may have passed between the two.
      const texts = yield* Effect.forEach(names.toSorted(), (name) => fs.readFileString(`${here.cwd}/logs/${name}`))
      const lines = texts.join("").trimEnd().split("\n")
      const head = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} - (DEBUG|INFO|ERROR) - /
      for (const line of lines) assert.match(line, head)
      assert.deepStrictEqual(
        lines.map((line) => line.replace(head, "").replace(/(?:: | \[| attempt=| arguments=).*/, "")),
        ["wcscmd stat begins", "stat", "wcscmd stat is done", "wcscmd stat begins", "stat", "wcscmd stat failed"]
      )
      assert.deepStrictEqual(
        lines.map((line) => head.exec(line)?.[1]),
        ["INFO", "DEBUG", "INFO", "INFO", "DEBUG", "ERROR"]
      )
      const processes = lines.map((line) => / pid=(\d+)/.exec(line)?.[1])
      assert.isDefined(processes[0])
      assert.notStrictEqual(processes[0], processes[3])
      assert.deepStrictEqual(processes, [0, 0, 0, 3, 3, 3].map((i) => processes[i]))
      assert.match(
        lines[1] ?? "",
        /stat: done \(200\) attempt=1 bytes=0 duration=\d+ms module=WcsHttpClient operation=stat path=\S+ pid=\d+ requestId=\w+ status=200 target=\w+:a$/
      )
      assert.match(lines[5] ?? "", /failed: not found \(404\)/)
      assert.notInclude(texts.join(""), secretKey)
      assert.notMatch(texts.join(""), signature)
    }))

  it.scoped("what put asks before it sends blocks is no failure of it", () =>
    Effect.gen(function*() {
      const here = yield* placeWith({ film: "film" })
      const fs = yield* FileSystem.FileSystem
      yield* succeeds(here, "multiput", `wcs://${bucket}/film`, "film", "--logger-folder", "logs")
      const [name] = yield* fs.readDirectory(`${here.cwd}/logs`)
      const text = yield* fs.readFileString(`${here.cwd}/logs/${name}`)
      assert.include(text, "wcscmd multiput is done")
      assert.notInclude(text, "ERROR")
    }))

  it.scoped("names each file that failed, and what each command was given", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const here = yield* placeWith({ "my site/a": "a" })
      yield* fs.symlink("gone", `${here.cwd}/my site/link`)
      const log = ["--logger-folder", "logs"]
      const { code, stderr } = yield* wcscmd(here, "sync", "my site", `wcs://${bucket}/nightly`, ...log)
      assert.deepStrictEqual([code, stderr.split("\n").length], [8, 5], stderr)
      yield* fails(
        here,
        2,
        "imagedetect",
        "http://u:pass@example.com/a?sig=s3cret",
        `wcs://${bucket}`,
        "--type=x",
        ...log
      )
      // A token is nobody's to keep, and a command of this machine has no log.
      const token = yield* start("wcscmd", here, {
        arguments: ["token", "make", `wcs://${bucket}/a`],
        printsToken: true
      })
      const made = (yield* token.end).stdout.trim()
      assert.strictEqual((yield* wcscmd(here, "--debug", "token", "explain", made)).code, 0)
      const texts = yield* Effect.forEach(
        (yield* fs.readDirectory(`${here.cwd}/logs`)).toSorted(),
        (name) => fs.readFileString(`${here.cwd}/logs/${name}`)
      )
      const told = texts.join("").split("\n").filter((line) => line.includes("module=wcscmd")).map((line) =>
        line.replace(/^.*? - /, "").replace(/ pid=\d+/, "")
      )
      const words = `arguments="'my site' wcs://${bucket}/nightly"`
      const url = `arguments="http://example.com/a wcs://${bucket}"`
      const detail = "my site/link: is a symbolic link to gone, which is not there"
      assert.deepStrictEqual(told, [
        `INFO - wcscmd sync begins ${words} module=wcscmd`,
        `ERROR - failed: ${detail} error=WcsFileError module=wcscmd path=link target=${bucket}:nightly/link`,
        `ERROR - wcscmd sync failed: 1 of 2 files failed ${words} error=PartlyFailed module=wcscmd`,
        `INFO - wcscmd imagedetect begins ${url} module=wcscmd`,
        `ERROR - wcscmd imagedetect failed: --type is one of porn, terror, political, not x ${url} error=UsageError module=wcscmd`
      ])
    }))

  it.scoped("a folder that cannot be written is told of once, and the work is done", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const here = yield* place
      yield* fs.writeFileString(`${here.cwd}/.wcscfg`, `logger_folder = ${here.cwd}/.wcscfg/logs\n`)
      const ended = yield* wcscmd(here, "listbucket")
      assert.deepStrictEqual([ended.code, ended.stdout], [0, `${bucket}\n`])
      assert.match(
        ended.stderr,
        /^warn: operations are not logged: the folder \S+\/logs \(logger_folder\) cannot be written: not a directory\n$/
      )
    }))
})
