/** Checksums of local files: etag, crc64, and the vendor's wcs_etag_cal and wcs_crc64_cal. */
import { FileSystem } from "@effect/platform"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { emulator } from "../e2e/support/service.ts"
import { fails, place, start, succeeds, wcscmd } from "./support/wcscmd.ts"

/** Of "hello world" and of "123456789". */
const etags = ["FiqubDXJT8-0FdvpX0CLnOke6Ebt", "FvfDvB2AjgRzKt9nmWXMw0ynrjRB"]
const crc64OfDigits = "11051210869376104954"

/** A folder with those two as `a` and `it's b`. */
const files = Effect.gen(function*() {
  const here = yield* place
  const fs = yield* FileSystem.FileSystem
  yield* fs.writeFileString(`${here.cwd}/a`, "hello world")
  yield* fs.writeFileString(`${here.cwd}/it's b`, "123456789")
  return here
})

layer(emulator, { excludeTestServices: true })("wcscmd on local files", (it) => {
  it.scoped("etag and crc64 print a line for each file, and for stdin", () =>
    Effect.gen(function*() {
      const here = yield* files
      const several = yield* wcscmd(here, "etag", "a", "none", "it's b")
      assert.deepStrictEqual([several.code, several.stdout], [8, `${etags[0]}  a\n${etags[1]}  it's b\n`])
      const missing = `none: there is no such file: ${here.cwd}/none`
      assert.strictEqual(several.stderr, `wcscmd: ${missing}\nwcscmd: 1 of 3 files failed\n`)
      assert.deepStrictEqual(JSON.parse(yield* succeeds(here, "crc64", "it's b", "--json")), {
        file: "it's b",
        crc64: crc64OfDigits
      })
      const { end } = yield* start("wcscmd", here, { arguments: ["etag", "-"], stdin: "hello world" })
      assert.include(yield* end, { code: 0, stdout: `${etags[0]}  -\n` })
      assert.strictEqual(yield* fails(here, 9, "crc64", "none"), `wcscmd: ${missing}\n`)
    }))

  it.scoped("wcs_etag_cal and wcs_crc64_cal print what the vendor's tools do", () =>
    Effect.gen(function*() {
      const here = yield* files
      const run = (program: "wcs_etag_cal" | "wcs_crc64_cal", ...words: ReadonlyArray<string>) =>
        Effect.scoped(Effect.flatMap(start(program, here, { arguments: words }), ({ end }) => end))
      assert.include(yield* run("wcs_etag_cal", "etag", "a", "it's b"), {
        code: 0,
        stdout: `['a', "it's b"]\n${etags.join(" ")}\n`,
        stderr: ""
      })
      assert.include(yield* run("wcs_crc64_cal", "crc64", "--", "it's b"), {
        code: 0,
        stdout: `["it's b"]\n${crc64OfDigits}\n`,
        stderr: ""
      })
      assert.include(yield* run("wcs_etag_cal", "etag", "a", "none"), {
        code: 9,
        stdout: "",
        stderr: `wcs_etag_cal: none: there is no such file: ${here.cwd}/none\n`
      })
      assert.include(yield* run("wcs_crc64_cal", "etag", "a"), {
        code: 2,
        stdout: "",
        stderr: "usage: wcs_crc64_cal crc64 FILE...\n"
      })
    }))

  it.scoped("says that nothing can be written to stdout, and ends so", () =>
    Effect.gen(function*() {
      const here = yield* files
      for (const program of ["wcscmd", "wcs_etag_cal"] as const) {
        const { end } = yield* start(program, here, { arguments: ["etag", "a"], before: "exec > /dev/full" })
        const { code, stderr } = yield* end
        assert.strictEqual(code, 1)
        assert.match(stderr, new RegExp(`^${program}: stdout cannot be written: ENOSPC.*\n$`))
      }
    }))
})
