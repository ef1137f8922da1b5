/** put, multiput, append. */
import { FileSystem } from "@effect/platform"
import { assert, layer } from "@effect/vitest"
import { Effect, Option } from "effect"
import { Fault } from "effect-wcs/testing"
import { bucket, content, emulator, inEmulator } from "../e2e/support/service.ts"
import { bytes, mebibyte } from "../support/content.ts"
import { recordedOffsets } from "../support/records.ts"
import { lines, namesBelow, placeWith, until, write } from "./support/files.ts"
import { fails, start, succeeds, wcscmd } from "./support/wcscmd.ts"

const at = (key: string) => `wcs://${bucket}/${key}`

const object = (key: string) =>
  Effect.map(inEmulator((emulator) => emulator.object({ bucket, key })), Option.getOrThrow)

layer(emulator, { excludeTestServices: true })("wcscmd put", (it) => {
  it.scoped("names an object after the file, unless it is told another name", () =>
    Effect.gen(function*() {
      const here = yield* placeWith({ "dir/named.txt": "hello world" })
      assert.strictEqual(
        yield* succeeds(here, "put", `wcs://${bucket}`, "dir/named.txt"),
        `stored ${at("named.txt")} (11 B)\n`
      )
      const receipt = JSON.parse(yield* succeeds(here, "put", at("names/"), "dir/named.txt", "--json"))
      assert.deepInclude(receipt, {
        bucket,
        key: "names/named.txt",
        size: 11,
        etag: "FiqubDXJT8-0FdvpX0CLnOke6Ebt",
        verified: "etag",
        method: "form"
      })
      assert.strictEqual((yield* content("named.txt")).toString(), "hello world")
      assert.match(
        yield* fails(here, 5, "put", at("names/named.txt"), "dir/named.txt"),
        /^wcscmd: put: the object .*406.* \[upload, request \w+\]\n {2}.*\n$/
      )
      // As the vendor's guide has it.
      yield* succeeds(here, "put", at("names/named.txt"), "dir/named.txt", "--overwrite", "1")
    }))

  it.scoped("multiput sends blocks, with all that an object may have", () =>
    Effect.gen(function*() {
      const here = yield* placeWith({ small: "small" })
      const options = ["--json", "--mime-type", "text/x-small", "--retention", "2"]
      const custom = ["--custom", "who=ann=1", "--custom", "x:what=b", "--returnbody", "who=$(x:who)&what=$(x:what)"]
      const receipt = JSON.parse(yield* succeeds(here, "multiput", at("multi"), "small", ...options, ...custom))
      assert.deepInclude(receipt, {
        method: "block",
        blocks: { total: 1, sent: 1, resumed: 0 }
      })
      assert.deepInclude(receipt.body, { who: "ann=1", what: "b" })
      const stored = yield* object("multi")
      assert.strictEqual(stored.mimeType, "text/x-small")
      assert.isDefined(stored.expiresAt)
    }))

  it.scoped("leaves an upload alone on which another machine works, until that counts as dead", () =>
    Effect.gen(function*() {
      const lease = (until: number) => JSON.stringify({ owner: "elsewhere:1:run:2", until, shared: false })
      const here = yield* placeWith({ small: "small", "records/busy.lease": lease(4_102_444_800_000) })
      const command = ["multiput", at("leased"), "small", "--upload-id", "busy", "--tmp-record-folder", "records"]
      const told = yield* fails(here, 11, ...command)
      assert.match(
        told,
        /^wcscmd: upload busy: process 1 on elsewhere works on it;.*\n {2}wait for its end, or stop it; uploads take --on-busy wait.*\n$/
      )
      assert.match(yield* fails(here, 2, ...command, "--on-busy", "hurry"), /--on-busy.*refuse, wait or join/)
      yield* write(here.cwd, { "records/busy.lease": lease(1) })
      yield* succeeds(here, ...command)
      assert.isEmpty(yield* namesBelow(`${here.cwd}/records`))
    }))

  it.scoped("says in a line or two what cannot be sent", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const here = yield* placeWith({ "dir/a": "a" })
      yield* fs.symlink("loop", `${here.cwd}/loop`)
      assert.match(
        yield* fails(here, 9, "put", at("no"), "missing"),
        /^wcscmd: missing: there is no such file: \/.*\/missing\n$/
      )
      assert.strictEqual(
        yield* fails(here, 2, "put", at("no"), "dir"),
        `wcscmd: dir is a folder\n  -r uploads all that is in it: wcscmd put -r ${at("no")} dir\n`
      )
      assert.match(yield* fails(here, 9, "put", at("no"), "loop"), /^wcscmd: loop: cannot be read.*\n$/)
      assert.include(yield* fails(here, 9, "put", "-r", at("no"), "dir/a"), "is not a folder")
      assert.include(yield* fails(here, 2, "put", at("no"), "dir/a", "--custom", "who"), "NAME=VALUE")
      assert.isTrue(Option.isNone(yield* inEmulator((emulator) => emulator.object({ bucket, key: "no" }))))
    }))

  it.scoped("-r sends a folder, and says what became of each file", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const here = yield* placeWith({
        "photos/a.jpg": "a",
        "photos/deep/b.jpg": "bb",
        "photos/deep/notes.txt": "notes",
        "photos/tmp/c.jpg": "ccc"
      })
      const put = ["put", "-r", at("photos"), "photos", "--include", "*.jpg", "--exclude", "tmp", "--json"]
      const first = lines(yield* succeeds(here, ...put))
      assert.deepStrictEqual(
        first.map(({ key, outcome, path, size }) => [outcome, path, key, size]).toSorted(),
        [
          ["stored", "a.jpg", "photos/a.jpg", 1],
          ["stored", "deep/b.jpg", "photos/deep/b.jpg", 2]
        ]
      )
      yield* fs.symlink("loop.jpg", `${here.cwd}/photos/loop.jpg`)
      const second = yield* wcscmd(here, ...put)
      assert.strictEqual(second.code, 8)
      const outcomes = lines(second.stdout)
      assert.deepStrictEqual(outcomes.map(({ outcome, path }) => [path, outcome]).toSorted(), [
        ["a.jpg", "unchanged"],
        ["deep/b.jpg", "unchanged"],
        ["loop.jpg", "failed"]
      ])
      const failed = outcomes.find(({ outcome }) => outcome === "failed")
      assert.deepInclude(failed.error, { tag: "WcsFileError", exitCode: 9 })
      assert.deepInclude(JSON.parse(second.stderr).error, { tag: "PartlyFailed", exitCode: 8 })
      const human = yield* wcscmd(here, "put", "-r", at("photos"), "photos")
      assert.deepStrictEqual([human.code, human.stdout], [8, "2 stored (8 B), 2 unchanged, 1 failed\n"])
      assert.match(
        human.stderr,
        /^failed: loop\.jpg: .*\n {2}--exclude '\/loop\.jpg' leaves it out\nwcscmd: 1 of 5 files failed\n {2}.*\n$/
      )
    }))

  it.scoped("sends no block to an object that is there and is not to be replaced", () =>
    Effect.gen(function*() {
      const here = yield* placeWith({ film: bytes(2 * mebibyte) })
      const inBlocks = { ...here, env: { ...here.env, WCS_MULTI_SIZE: "1" } }
      yield* inEmulator((emulator) =>
        Effect.zipRight(emulator.putObject({ bucket, key: "taken" }, "other"), emulator.clearRequests)
      )
      const operations = Effect.map(
        inEmulator((emulator) => Effect.zipLeft(emulator.requests, emulator.clearRequests)),
        (requests) => requests.map(({ operation }) => operation)
      )
      const refused =
        "the object exists already (406): nothing was sent [stat]\n  choose another name, or --overwrite 1\n"
      for (const line of [["multiput", at("taken"), "film"], ["put", at("taken"), "film"]]) {
        assert.include(yield* fails(inBlocks, 5, ...line), refused)
        assert.deepStrictEqual(yield* operations, ["stat"])
      }
      // A form is refused by its own answer; a host that cannot be asked leaves it to mkfile.
      yield* fails(here, 5, "put", at("taken"), "film")
      assert.deepStrictEqual(yield* operations, ["form"])
      yield* fails({ ...inBlocks, env: { ...inBlocks.env, WCS_MGR_URL: "" } }, 5, "put", at("taken"), "film")
      assert.deepStrictEqual(yield* operations, ["mkblk", "mkfile"])
      yield* inEmulator((emulator) => emulator.addFault(Fault.on("stat", Fault.status(403))))
      yield* fails(inBlocks, 5, "put", at("taken"), "film")
      yield* inEmulator((emulator) => emulator.clearFaults)
      assert.include(yield* operations, "mkfile")
      yield* succeeds(inBlocks, "put", at("taken"), "film", "--overwrite", "1")
      // What is refused for its name asks for nothing.
      yield* inEmulator((emulator) => emulator.clearRequests)
      yield* fails(inBlocks, 2, "put", at("tab\t"), "film")
      assert.isEmpty(yield* operations)
    }))

  it.scoped("leaves it to the upload whether an earlier run has stored the object", () =>
    Effect.gen(function*() {
      const here = yield* placeWith({ film: bytes(mebibyte) })
      const put = ["multiput", at("lost"), "film", "--mkfile-retries", "0"]
      // The object is stored, and nobody hears of it.
      yield* inEmulator((emulator) => emulator.addFault(Fault.on("mkfile", Fault.lostAnswer)))
      yield* fails(here, 6, ...put)
      yield* inEmulator((emulator) => emulator.clearFaults)
      assert.isTrue(Option.isSome(yield* inEmulator((emulator) => emulator.object({ bucket, key: "lost" }))))
      assert.include(yield* succeeds(here, ...put), `stored ${at("lost")} (1.0 MiB`)
    }))

  it.scoped("stops at Ctrl-C, and the same command goes on", () =>
    Effect.gen(function*() {
      const film = bytes(9 * mebibyte)
      const here = yield* placeWith({ "film.bin": film })
      const put = ["put", at("film.bin"), "film.bin"]
      const inBlocks = { ...here, env: { ...here.env, WCS_MULTI_SIZE: "1" } }
      yield* inEmulator((emulator) => emulator.addFault(Fault.on("mkblk", Fault.stall, { block: 2 })))
      const { child, end } = yield* start("wcscmd", inBlocks, { arguments: put })
      // Two blocks are recorded and the third one waits for ever.
      yield* until(recordedOffsets(`${here.cwd}/.local/state/effect-wcs/uploads`), (blocks) => blocks.length === 2)
      child.kill("SIGINT")
      const { code, stderr, stdout } = yield* end
      assert.deepStrictEqual([code, stdout], [130, ""])
      assert.match(
        stderr,
        /^interrupted with 2 of 3 blocks stored; the same command goes on from there\n.*uploads list/
      )
      yield* inEmulator((emulator) => Effect.zipRight(emulator.clearFaults, emulator.clearRequests))
      assert.strictEqual(
        yield* succeeds(inBlocks, ...put),
        `stored ${at("film.bin")} (9.0 MiB, 2 of 3 blocks resumed)\n`
      )
      const requests = yield* inEmulator((emulator) => emulator.requests)
      assert.deepStrictEqual(
        requests.flatMap(({ block, operation }) => operation === "mkblk" ? [block] : []),
        [2]
      )
      assert.isTrue((yield* content("film.bin")).equals(film))
    }))

  it.scoped("does not speak of blocks at Ctrl-C where none is stored", () =>
    Effect.gen(function*() {
      const here = yield* placeWith({ film: bytes(mebibyte) })
      for (const operation of ["stat", "mkblk"] as const) {
        yield* inEmulator((emulator) =>
          Effect.zipRight(emulator.clearRequests, emulator.addFault(Fault.on(operation, Fault.stall)))
        )
        const { child, end } = yield* start("wcscmd", here, { arguments: ["multiput", at("none"), "film"] })
        yield* until(inEmulator((emulator) => emulator.requests), (requests) =>
          requests.some((request) => request.operation === operation))
        child.kill("SIGINT")
        const { code, stderr, stdout } = yield* end
        assert.deepStrictEqual([code, stdout, stderr], [130, "", "interrupted; run the same command again\n"])
        yield* inEmulator((emulator) =>
          emulator.clearFaults
        )
      }
      assert.include((yield* wcscmd(here, "uploads", "list")).stderr, "no upload is unfinished")
    }))

  it.scoped("says that its records cannot be written", () =>
    Effect.gen(function*() {
      const here = yield* placeWith({ "film.bin": bytes(1), records: "in the way" })
      const put = ["multiput", at("unrecorded"), "film.bin", "--tmp-record-folder"]
      assert.match(yield* fails(here, 9, ...put, "records/folder"), /^wcscmd: upload \w+: its record .*\n {2}.*\n$/)
      // A disk on which no byte has room.
      const { end } = yield* start("wcscmd", here, { arguments: [...put, "full"], before: "trap '' XFSZ; ulimit -f 0" })
      const full = yield* end
      assert.strictEqual(full.code, 9, full.stderr)
      assert.match(full.stderr, /^wcscmd: upload \w+: its record cannot be written.*\n {2}.*\n$/)
      assert.isTrue(Option.isNone(yield* inEmulator((emulator) => emulator.object({ bucket, key: "unrecorded" }))))
    }))

  it.scoped("append adds to an object", () =>
    Effect.gen(function*() {
      const here = yield* placeWith({ log: "line\n" })
      yield* succeeds(here, "append", at("log"), "log", "--position", "0")
      assert.deepInclude(JSON.parse(yield* succeeds(here, "append", at("log"), "log", "--json")), {
        position: 5,
        size: 5,
        nextPosition: 10
      })
      assert.include(yield* fails(here, 1, "append", at("log"), "log", "--position", "3"), "begins at 10")
      assert.strictEqual((yield* content("log")).toString(), "line\nline\n")
    }))

  it.scoped("does not say of an append that is interrupted that the same command goes on", () =>
    Effect.gen(function*() {
      const here = yield* placeWith({ log: "line\n" })
      yield* inEmulator((emulator) =>
        Effect.zipRight(emulator.clearRequests, emulator.addFault(Fault.on("append", Fault.stall)))
      )
      const { child, end } = yield* start("wcscmd", here, { arguments: ["append", at("stalled"), "log"] })
      yield* until(
        inEmulator((emulator) => emulator.requests),
        (requests) => requests.some(({ operation }) => operation === "append")
      )
      child.kill("SIGINT")
      const { code, stderr } = yield* end
      yield* inEmulator((emulator) => emulator.clearFaults)
      assert.deepStrictEqual([code, stderr], [
        130,
        `interrupted; it may have been added already: wcscmd stat ${at("stalled")} tells where it ends\n`
      ])
    }))
})
