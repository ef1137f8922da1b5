import { NodeContext } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { fails, home, succeeds } from "./support/wcscmd.ts"

describe("wcscmd --help", () => {
  it.scopedLive("shows a line for each command, and on a command's page each of its options", () =>
    Effect.gen(function*() {
      const here = yield* home
      const tool = yield* succeeds(here, "--help")
      assert.include(tool, "\n  deletePrefix  Have everything below folders of a bucket deleted.\n")
      assert.include(tool, "\n  -h, --help         Show help, of a command or of the tool.\n")
      assert.deepStrictEqual(tool.split("\n").filter((line) => line.length > 100), [])
      const put = yield* succeeds(here, "put", "--help")
      assert.match(put, /^wcscmd put wcs:\/\/BUCKET\[\/OBJECT\] LOCALFILE \[OPTION\.\.\.\]\n/)
      for (
        const option of [
          / {2}-r, --recursive /,
          / --overwrite 0\|1 /,
          / --block-size BYTES .* Default: 4194304\./,
          / --checks 0\|1 [^-]* Default: 1\./,
          / --multi-size MIB /,
          / --upload-id TEXT /,
          / --on-busy refuse\|wait\|join /,
          / --concurrency N /,
          / --put-url HOST /,
          / --connection-timeout SECONDS .* Default: 40\./
        ]
      ) {
        assert.match(put, option)
      }
      assert.match(yield* succeeds(here, "sync", "-h"), / {2}--overwrite 0\|1 .*Default: 1\./)
      assert.strictEqual(yield* succeeds(here, "help", "put"), put)
      assert.strictEqual(yield* succeeds(here, "help"), tool)
      assert.strictEqual(yield* fails(here, 2), tool)
      assert.strictEqual(yield* fails(here, 2, "uploads"), yield* succeeds(here, "uploads", "--help"))
    }).pipe(Effect.provide(NodeContext.layer)))

  it.scopedLive("a wrong command line is told with what is meant, and how the command is called", () =>
    Effect.gen(function*() {
      const here = yield* home
      for (const [word, meant] of [["lsit", "list"], ["ls", "list"], ["rm", "del"], ["upload", "put"]] as const) {
        assert.strictEqual(
          yield* fails(here, 2, word),
          `wcscmd: there is no command ${word}\n  did you mean ${meant}?\n`
        )
      }
      assert.match(
        yield* fails(here, 2, "put", "film.mp4", "wcs://media"),
        /not film\.mp4\n {2}wcscmd put wcs:\/\/BUCKET\[\/OBJECT\] LOCALFILE \[OPTION\.\.\.\]; --help tells more\n$/
      )
      assert.match(yield* fails(here, 2, "live", "wcs://media", "ch"), /^wcscmd: --from is missing, --to is missing\n/)
      assert.match(
        yield* fails(here, 2, "list", "wcs://media/a/"),
        /not wcs:\/\/media\/a\/; --prefix lists a part of it/
      )
    }).pipe(Effect.provide(NodeContext.layer)))

  it.scopedLive("what is wrong with a command line is JSON, too, where that is asked for", () =>
    Effect.gen(function*() {
      const here = yield* home
      for (const line of [["stat"], ["lsit"], ["stat", "--no-such"]]) {
        const { error } = JSON.parse(yield* fails(here, 2, ...line, "--json"))
        assert.deepInclude(error, { tag: "UsageError", exitCode: 2 })
        assert.isString(error.hint)
      }
    }).pipe(Effect.provide(NodeContext.layer)))
})
