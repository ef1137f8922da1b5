/** uploads: list, resume, drop. */
import { FileSystem } from "@effect/platform"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { Fault } from "effect-wcs/testing"
import { bucket, content, emulator, inEmulator } from "../e2e/support/service.ts"
import { bytes, mebibyte } from "../support/content.ts"
import { lines, placeWith } from "./support/files.ts"
import { fails, succeeds, wcscmd } from "./support/wcscmd.ts"

const at = (key: string) => `wcs://${bucket}/${key}`

layer(emulator, { excludeTestServices: true })("wcscmd uploads", (it) => {
  it.scoped("lists, resumes and drops what is unfinished", () =>
    Effect.gen(function*() {
      const film = bytes(9 * mebibyte)
      const here = yield* placeWith({ "my film.bin": film })
      const fs = yield* FileSystem.FileSystem
      const nothing = yield* wcscmd(here, "uploads", "list")
      assert.deepStrictEqual(nothing, { code: 0, signal: null, stdout: "", stderr: "no upload is unfinished\n" })
      assert.deepStrictEqual(yield* wcscmd(here, "uploads", "drop", "--all"), nothing)
      assert.deepStrictEqual(yield* wcscmd(here, "uploads", "list", "--tmp-record-folder", "reords"), {
        ...nothing,
        stderr: "no upload is unfinished: there is no folder reords\n"
      })

      yield* inEmulator((emulator) => emulator.addFault(Fault.on("mkblk", Fault.status(400), { block: 2 })))
      yield* fails(here, 1, "multiput", at("film"), "my film.bin", "--block-size", "4194304", "--concurrency", "1")
      yield* fails(here, 1, "multiput", at("other"), "my film.bin", "--upload-id", "mine", "--concurrency", "1")
      yield* inEmulator((emulator) => Effect.zipRight(emulator.clearFaults, emulator.clearRequests))

      const listed = lines(yield* succeeds(here, "uploads", "list", "--json"))
      const derived = listed.find(({ uploadId }) => uploadId !== "mine")
      const source = yield* fs.realPath(`${here.cwd}/my film.bin`)
      assert.deepInclude(derived, {
        target: { bucket, key: "film" },
        source,
        blocks: 2,
        totalBlocks: 3,
        bytes: 8 * mebibyte,
        totalBytes: 9 * mebibyte
      })
      const table = yield* succeeds(here, "uploads", "list")
      assert.include(table, `mine`)
      assert.include(table, `2 of 3 blocks  8.0 MiB  just now  ${source} to ${at("other")}`)

      assert.strictEqual(
        yield* succeeds(here, "uploads", "resume", derived.uploadId),
        `stored ${at("film")} (9.0 MiB, 2 of 3 blocks resumed)\n`
      )
      assert.isTrue((yield* content("film")).equals(film))
      yield* fs.writeFile(`${here.cwd}/my film.bin`, bytes(mebibyte))
      assert.match(
        yield* fails(here, 9, "uploads", "resume", "mine"),
        /^wcscmd: upload mine: it was begun with another size: .*\n {2}the file is not what it was: put it again, and wcscmd uploads drop mine\n$/
      )
      // A record that cannot be read is dropped like any other.
      const names = yield* fs.readDirectory(here.cwd, { recursive: true })
      yield* fs.writeFileString(`${here.cwd}/${names.find((name) => name.endsWith("/mine.manifest"))}`, "{")
      assert.strictEqual(yield* succeeds(here, "uploads", "drop", "mine"), "dropped mine\n")
      assert.deepStrictEqual(yield* succeeds(here, "uploads", "list", "--json"), "")
      assert.match(
        yield* fails(here, 9, "uploads", "drop", "mine"),
        /^wcscmd: upload mine: there is no such record\n.*--tmp-record-folder names another folder\n$/
      )
      yield* fails(here, 9, "uploads", "resume", "mine")
      yield* fails(here, 2, "uploads", "drop")
    }))

  it.scoped("takes the first letters of an id that fit one upload", () =>
    Effect.gen(function*() {
      const here = yield* placeWith({ "r/abc1/0": "", "r/abc2/0": "", "r/abc/0": "", "r/b/0": "" })
      const fs = yield* FileSystem.FileSystem
      const uploads = (
        verb: string,
        ...ids: ReadonlyArray<string>
      ) => ["uploads", verb, ...ids, "--tmp-record-folder", "r"]
      for (const verb of ["drop", "resume"]) {
        assert.strictEqual(
          yield* fails(here, 2, ...uploads(verb, "a")),
          "wcscmd: more than one upload begins with a: abc, abc1, abc2\n  give more of the id\n"
        )
      }
      assert.include(yield* fails(here, 2, ...uploads("resume", "abc2")), "the record of abc2 does not tell its file")
      assert.include(yield* fails(here, 9, ...uploads("drop", "abcd")), "upload abcd: there is no such record")
      // A whole id is meant, whatever else begins with it, and one upload is dropped once.
      assert.strictEqual(yield* succeeds(here, ...uploads("drop", "abc")), "dropped abc\n")
      assert.strictEqual(yield* succeeds(here, ...uploads("drop", "abc1", "abc1", "b")), "dropped abc1\ndropped b\n")
      assert.deepStrictEqual(yield* fs.readDirectory(`${here.cwd}/r`), ["abc2"])
    }))

  it.scoped("drops nothing that somebody works on, and with it all the others", () =>
    Effect.gen(function*() {
      const lease = JSON.stringify({ owner: "elsewhere:1:run:2", until: 4_102_444_800_000, shared: false })
      const here = yield* placeWith({
        "records/busy.lease": lease,
        "records/busy/0": "",
        "records/left/0": "",
        "records/left.lease": JSON.stringify({ owner: "elsewhere:1:run:2", until: 1, shared: false })
      })
      const fs = yield* FileSystem.FileSystem
      const records = ["--tmp-record-folder", "records"]
      assert.match(
        yield* fails(here, 11, "uploads", "drop", "busy", ...records),
        /^wcscmd: upload busy: process 1 on elsewhere works on it;.*\n {2}wait for its end, or stop it;.*\n$/
      )
      const { code, stderr, stdout } = yield* wcscmd(here, "uploads", "drop", "--all", ...records)
      assert.deepStrictEqual([code, stdout], [11, "dropped left\n"])
      assert.match(
        stderr,
        /^wcscmd: upload busy: .*\n.*\nwcscmd: 1 of 2 uploads failed: another process works on it\n$/
      )
      assert.deepStrictEqual((yield* fs.readDirectory(`${here.cwd}/records`)).toSorted(), ["busy", "busy.lease"])
      assert.strictEqual(yield* fs.readFileString(`${here.cwd}/records/busy.lease`), lease)
    }))

  it.scoped("goes on with what the vendor's SDK has begun", () =>
    Effect.gen(function*() {
      const film = bytes(5 * mebibyte)
      const here = yield* placeWith({ "film.bin": film })
      const fs = yield* FileSystem.FileSystem
      const records = ["--tmp-record-folder", "records"]
      yield* inEmulator((emulator) => emulator.addFault(Fault.on("mkblk", Fault.status(400), { block: 1 })))
      const begin = ["multiput", at("theirs"), "film.bin", "--upload-id", "theirs", "--concurrency", "1"]
      yield* fails(here, 1, ...begin, ...records)
      yield* inEmulator((emulator) => emulator.clearFaults)
      // Theirs tell of blocks, and of nothing else.
      yield* fs.remove(`${here.cwd}/records/theirs.manifest`)
      const [listed] = lines(yield* succeeds(here, "uploads", "list", "--json", ...records))
      assert.deepInclude(listed, { uploadId: "theirs", target: null, source: null, blocks: 1 })
      assert.match(
        yield* fails(here, 2, "uploads", "resume", "theirs", "film.bin", ...records),
        /does not tell its object\n {2}wcscmd uploads resume theirs LOCALFILE wcs:/
      )
      const receipt = JSON.parse(
        yield* succeeds(here, "uploads", "resume", "theirs", "film.bin", at("theirs"), "--json", ...records)
      )
      assert.deepInclude(receipt, { blocks: { total: 2, sent: 1, resumed: 1 }, uploadId: "theirs" })
      assert.isTrue((yield* content("theirs")).equals(film))
    }))
})
