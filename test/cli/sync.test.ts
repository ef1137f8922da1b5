/** sync, both ways. */
import { FileSystem } from "@effect/platform"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { Fault } from "effect-wcs/testing"
import { writeFileSync } from "node:fs"
import { bucket, content, emulator, inEmulator } from "../e2e/support/service.ts"
import { bytes, mebibyte } from "../support/content.ts"
import { lines, namesBelow, placeWith, write } from "./support/files.ts"
import { fails, place, succeeds, wcscmd } from "./support/wcscmd.ts"

const at = (key: string) => `wcs://${bucket}/${key}`

const keys = (prefix: string) =>
  Effect.map(
    inEmulator((emulator) => emulator.objects(bucket)),
    (objects) => objects.flatMap(({ key }) => key.startsWith(prefix) ? [key.slice(prefix.length)] : [])
  )

const put = (key: string, content: string) => inEmulator((emulator) => emulator.putObject({ bucket, key }, content))

layer(emulator, { excludeTestServices: true })("wcscmd sync", (it) => {
  it.scoped("makes a bucket's folder like a local one", () =>
    Effect.gen(function*() {
      const here = yield* placeWith({ "site/a": "a", "site/css/b": "bb", "site/.a.wcs.part": "half" })
      yield* put("up/old/c", "old")
      yield* put("up/kept.log", "log")
      yield* put("up/a", "b")
      // A listing's settings must not hide anything.
      const hidden = { ...here, env: { ...here.env, WCS_MODE: "0", WCS_MARKER: "eg==", WCS_PREFIX: "other" } }
      const sync = ["sync", "site", at("up"), "--delete", "--exclude", "*.log"]
      assert.deepStrictEqual(lines(yield* succeeds(hidden, ...sync, "--dry-run", "--json")), [
        { outcome: "would-upload", path: "a", key: "up/a", size: 1 },
        { outcome: "would-upload", path: "css/b", key: "up/css/b", size: 2 },
        { outcome: "would-delete", path: "old/c", key: "up/old/c", size: 3 }
      ])
      assert.deepStrictEqual(yield* keys("up/"), ["a", "kept.log", "old/c"])
      assert.strictEqual((yield* content("up/a")).toString(), "b")
      assert.strictEqual(yield* succeeds(hidden, ...sync), "2 stored (3 B), 1 deleted (3 B)\n")
      assert.deepStrictEqual(yield* keys("up/"), ["a", "css/b", "kept.log"])
      assert.strictEqual((yield* content("up/a")).toString(), "a")
      yield* inEmulator((emulator) => emulator.clearRequests)
      assert.strictEqual(yield* succeeds(hidden, ...sync), "2 unchanged\n")
      const asked = yield* inEmulator((emulator) => emulator.requests)
      assert.deepStrictEqual([...new Set(asked.map(({ operation }) => operation))], ["list"])
    }))

  it.scoped("deletes nothing when something failed, such as a file that changed", () =>
    Effect.gen(function*() {
      const here = yield* placeWith({ "site/good": "good", "site/busy": bytes(2 * mebibyte) })
      yield* put("busy/extra", "extra")
      const change = () => {
        writeFileSync(`${here.cwd}/site/busy`, "changed since")
        return true
      }
      yield* inEmulator((emulator) => emulator.addFault(Fault.on("mkblk", Fault.delay(0), { when: change })))
      const inBlocks = { ...here, env: { ...here.env, WCS_MULTI_SIZE: "1" } }
      const { code, stderr, stdout } = yield* wcscmd(inBlocks, "sync", "site", at("busy"), "--delete")
      yield* inEmulator((emulator) => emulator.clearFaults)
      assert.deepStrictEqual([code, stdout], [8, "1 stored (4 B), 1 failed\n"], stderr)
      assert.match(stderr, /^failed: busy: .*\nnothing is deleted: .*\nwcscmd: 1 of 2 files failed\n/)
      assert.include(yield* keys("busy/"), "extra")
    }))

  it.scoped("ends with 11 when another process works on all that failed, and with 8 when more did", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const here = yield* placeWith({ "site/good": "good", "site/film": bytes(5 * mebibyte) })
      const sync = ["sync", "site", at("leased"), "--tmp-record-folder", "records"]
      const inBlocks = { ...here, env: { ...here.env, WCS_MULTI_SIZE: "1" } }
      yield* inEmulator((emulator) => emulator.addFault(Fault.on("mkblk", Fault.status(400), { block: 1 })))
      assert.strictEqual((yield* wcscmd(inBlocks, ...sync, "--concurrency", "1")).code, 8)
      yield* inEmulator((emulator) => emulator.clearFaults)
      const [record] = yield* fs.readDirectory(`${here.cwd}/records`)
      const lease = { owner: "elsewhere:1:run:2", until: 4_102_444_800_000, shared: false }
      yield* write(here.cwd, { [`records/${record?.replace(/\..*/, "")}.lease`]: JSON.stringify(lease) })
      const busy = yield* wcscmd(inBlocks, ...sync)
      assert.deepStrictEqual([busy.code, busy.stdout], [11, "1 unchanged, 1 failed\n"], busy.stderr)
      assert.match(
        busy.stderr,
        /^failed: film: .*process 1 on elsewhere works on it.*\nwcscmd: 1 of 2 files failed: another process works on it\n.*--on-busy wait/
      )
      yield* fs.symlink("gone", `${here.cwd}/site/link`)
      assert.strictEqual((yield* wcscmd(inBlocks, ...sync)).code, 8)
    }))

  it.scoped("makes a local folder like a bucket's", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const here = yield* place
      for (const name of ["a", "deep/b", "deep/c"]) yield* put(`down/${name}`, name)
      const sync = ["sync", at("down/"), "to"]
      assert.strictEqual(
        yield* succeeds(here, ...sync, "--dry-run"),
        "would download a (1 B)\nwould download deep/b (6 B)\nwould download deep/c (6 B)\n3 to download (13 B)\n"
      )
      assert.deepStrictEqual(yield* namesBelow(here.cwd), [])
      assert.strictEqual(yield* succeeds(here, ...sync), "3 saved (13 B)\n")
      assert.strictEqual(yield* succeeds(here, ...sync, "--delete"), "3 unchanged\n")
      yield* write(here.cwd, { "to/deep/b": "edited", "to/mine": "mine", "outside/keep": "keep" })
      yield* fs.symlink("../outside", `${here.cwd}/to/link`)
      assert.strictEqual(yield* succeeds(here, ...sync), "1 saved (6 B), 2 unchanged\n")
      assert.strictEqual(yield* fs.readFileString(`${here.cwd}/to/deep/b`), "deep/b")
      const deleting = yield* wcscmd(here, ...sync, "--delete")
      assert.deepStrictEqual([deleting.code, deleting.stdout], [8, "1 deleted (4 B), 3 unchanged, 1 failed\n"])
      assert.match(deleting.stderr, /^failed: link\/keep: .*outside of the folder\n/)
      assert.deepStrictEqual(yield* namesBelow(`${here.cwd}/outside`), ["keep"])
      assert.deepStrictEqual((yield* namesBelow(`${here.cwd}/to`)).toSorted(), [
        "a",
        "deep",
        "deep/b",
        "deep/c",
        "link",
        "link/keep"
      ])
    }))

  it.scoped("a source without files deletes nothing", () =>
    Effect.gen(function*() {
      const here = yield* placeWith({ "local/a": "a", "empty/sub/only.log": "log" })
      yield* put("filled/a", "a")
      const up = ["sync", "empty", at("filled"), "--delete", "--exclude", "*.log"]
      const refused = `wcscmd: no files are in empty: --delete would delete all 1 of ${
        at("filled")
      }\n  if they are to go: `
      assert.strictEqual(yield* fails(here, 9, ...up), `${refused}wcscmd del\n`)
      yield* (yield* FileSystem.FileSystem).makeDirectory(`${here.cwd}/empty2`)
      assert.include(
        yield* fails(here, 9, "sync", "empty2", at("filled"), "--delete"),
        `\n  if they are to go: wcscmd deletePrefix wcs://${bucket} filled\n`
      )
      yield* put("logs/only.log", "log")
      const down = ["sync", at("logs"), "local", "--delete", "--exclude", "*.log"]
      assert.include(yield* fails(here, 2, ...down), "--delete would delete all 1 of local")
      assert.include(
        yield* fails(here, 3, "sync", at("misspelt"), "local", "--delete"),
        `wcscmd: no object begins with ${at("misspelt/")}\n  check the name: wcscmd list wcs://${bucket};`
      )
      assert.deepStrictEqual(yield* keys("filled/"), ["a"])
      assert.deepStrictEqual(yield* namesBelow(`${here.cwd}/local`), ["a"])
      // Where nothing is to be deleted, either, that is told, and no failure.
      const nothing = { code: 0, signal: null, stdout: "", stderr: "nothing to do: no files are in empty/sub" }
      const [none, left] = ["\n", ", or --include and --exclude leave none of them\n"]
      for (const line of [["sync", "empty/sub", at("filled")], ["put", "-r", at("filled"), "empty/sub"]]) {
        assert.deepStrictEqual(yield* wcscmd(here, ...line, "--exclude", "*.log"), {
          ...nothing,
          stderr: nothing.stderr + left
        })
      }
      yield* (yield* FileSystem.FileSystem).remove(`${here.cwd}/empty/sub/only.log`)
      for (
        const [option, stderr] of [[[], nothing.stderr], [
          ["--json"],
          JSON.stringify({ note: nothing.stderr })
        ]] as const
      ) {
        assert.deepStrictEqual(yield* wcscmd(here, "put", "-r", at("filled"), "empty/sub", ...option), {
          ...nothing,
          stderr: stderr + none
        })
      }
    }))

  it.scoped("--overwrite 0 keeps what is in the target, whatever the settings say of it", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { cwd, env } = yield* placeWith({ "site/a": "new", "site/b": "b", "site/c": "c" })
      const here = { cwd, env: { ...env, WCS_OVERWRITE: "1" } }
      yield* put("keep/a", "old")
      yield* put("keep/b", "b")
      const up = ["sync", "site", at("keep"), "--overwrite", "0"]
      assert.deepStrictEqual(
        lines(yield* succeeds(here, ...up, "--dry-run", "--json")).map(({ outcome, path }) => `${path} ${outcome}`)
          .toSorted(),
        ["a kept", "b unchanged", "c would-upload"]
      )
      assert.strictEqual(yield* succeeds(here, ...up), "1 stored (1 B), 1 unchanged, 1 kept\n")
      assert.strictEqual((yield* content("keep/a")).toString(), "old")
      yield* fs.remove(`${cwd}/site/c`)
      assert.strictEqual(
        yield* succeeds(here, "sync", at("keep"), "site", "--overwrite=0"),
        "1 saved (1 B), 1 unchanged, 1 kept\n"
      )
      assert.strictEqual(yield* fs.readFileString(`${cwd}/site/a`), "new")
      const without = { cwd, env: { ...env, WCS_OVERWRITE: "0" } }
      assert.strictEqual(yield* succeeds(without, "sync", "site", at("keep")), "1 stored (3 B), 2 unchanged\n")
    }))

  it.scoped("a link to nothing keeps no other file from being sent, and is told with how to leave it out", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const here = yield* placeWith({ "site/.hidden": "h", "site/a": "a", "other/b": "b", "other/it's [1]": "c" })
      yield* fs.makeDirectory(`${here.cwd}/site/empty`)
      yield* fs.symlink("gone", `${here.cwd}/site/it's [1]`)
      yield* fs.symlink("../other", `${here.cwd}/site/linked`)
      for (const line of [["put", "-r", at("links"), "site"], ["sync", "site", at("links")]]) {
        const { code, stderr } = yield* wcscmd(here, ...line)
        assert.strictEqual(code, 8)
        const hint = String.raw`--exclude '/it'\''s \[1\]'`
        assert.include(
          stderr,
          `failed: it's [1]: site/it's [1]: is a symbolic link to gone, which is not there\n  ${hint} leaves it out\n`
        )
        assert.match(stderr, /^wcscmd: 1 of 5 files failed$/m)
      }
      assert.deepStrictEqual(yield* keys("links/"), [".hidden", "a", "linked/b", "linked/it's [1]"])
      // What has the same name elsewhere is not left out with it.
      const without = ["sync", "site", at("links"), "--exclude", String.raw`/it's \[1\]`]
      assert.strictEqual(yield* succeeds(here, ...without), "4 unchanged\n")
    }))

  it.scoped("refuses what makes no sense", () =>
    Effect.gen(function*() {
      const here = yield* place
      assert.include(yield* fails(here, 2, "sync", "a", "b"), "both SOURCE and TARGET are local")
      assert.include(yield* fails(here, 2, "sync", at("a"), at("b")), "both SOURCE and TARGET are in the service")
      assert.match(
        yield* fails(here, 9, "sync", "a", at("b")),
        /^wcscmd: a: there is no such folder: \/.*\/a\n$/
      )
      // No word of how to make it: of an empty one there is nothing to send.
      assert.strictEqual(
        yield* fails(here, 9, "sync", `${here.cwd}/a`, at("b")),
        `wcscmd: ${here.cwd}/a: there is no such folder\n`
      )
    }))
})
