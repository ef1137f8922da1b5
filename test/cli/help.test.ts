import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Either } from "effect"
import { WcsError } from "effect-wcs"
import * as CommandLine from "../../src/cli/CommandLine.ts"
import { commands } from "../../src/cli/commands/index.ts"
import * as Failure from "../../src/cli/Failure.ts"
import * as Help from "../../src/cli/Help.ts"
import type { WcsCommand } from "../../src/cli/WcsCommand.ts"
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
      const usage = "wcscmd put wcs://BUCKET[/OBJECT] LOCALFILE [OPTION...]; --help tells more"
      for (
        const [line, problem, hint] of [
          [["put", "film.mp4"], "wcs://BUCKET/OBJECT is expected, not film.mp4", usage],
          [["put", "wcs://media"], "LOCALFILE is missing", usage],
          [["put", "wcs://media", "film.mp4", "more"], "too many arguments: 'more'", usage],
          [
            ["put", "my film.mp4", "wcs://media"],
            "the arguments of put stand the other way round: wcs://BUCKET[/OBJECT] LOCALFILE",
            "wcscmd put wcs://media 'my film.mp4'"
          ],
          [
            ["fetch", "wcs://media", "http://a.b/c", "--wait"],
            "the arguments of fetch stand the other way round: URL wcs://BUCKET[/OBJECT]",
            "wcscmd fetch http://a.b/c wcs://media"
          ],
          [
            ["list", "media"],
            "wcs://BUCKET is expected, not media; did you mean wcs://media?",
            "wcscmd list wcs://BUCKET [RESFILE] [OPTION...]; --help tells more"
          ],
          [
            ["stat", "media/a.txt"],
            "wcs://BUCKET/OBJECT is expected, not media/a.txt; did you mean wcs://media/a.txt?",
            "wcscmd stat wcs://BUCKET/OBJECT [OPTION...]; --help tells more"
          ],
          [["sync", "site", "wcs://media", "--detele"], "there is no option --detele", "did you mean --delete?"],
          [["--log-dir", "x", "stat"], "there is no option --log-dir", "wcscmd --help lists what there is"],
          [["stat", "--nothing"], "there is no option --nothing", "wcscmd stat --help lists what there is"],
          [
            ["del", "-r", "wcs://media/my films/"],
            "--recursive is no option of del",
            "wcscmd deletePrefix wcs://media 'my films'"
          ],
          [["sync", "--exclude"], "--exclude wants a value", "wcscmd sync --help lists what there is"],
          [
            ["uploads", "list", "--json=yes"],
            "--json takes no value",
            "wcscmd uploads list --help lists what there is"
          ]
        ] as const
      ) {
        assert.strictEqual(yield* fails(here, 2, ...line), `wcscmd: ${problem}\n  ${hint}\n`)
      }
      assert.match(yield* fails(here, 2, "live", "wcs://media", "ch"), /^wcscmd: --from is missing, --to is missing\n/)
      assert.match(
        yield* fails(here, 2, "list", "wcs://media/a/"),
        /not wcs:\/\/media\/a\/; --prefix lists a part of it/
      )
    }).pipe(Effect.provide(NodeContext.layer)))

  it.scopedLive("what is not set is told by the names that a user knows, and by the command that needs it", () =>
    Effect.gen(function*() {
      const here = yield* home
      const keys = { ...here.env, WCS_ACCESS_KEY: "ak", WCS_SECRET_KEY: "sk" }
      const nowhere = { ...keys, WCS_MGR_URL: "http://127.0.0.1:1", WCS_CONNECTION_RETRIES: "0" }
      for (
        const [line, env, code, told] of [
          [
            ["listall", "wcs://media"],
            keys,
            2,
            "mgr_url is not set: listall needs it\n  set it with --mgr-url, WCS_MGR_URL or mgr_url in ~/.wcscfg"
          ],
          [
            ["listall", "wcs://media"],
            { ...here.env, WCS_MGR_URL: "http://127.0.0.1:1" },
            4,
            "listall: an access key and a secret key are needed (WCS_ACCESS_KEY and WCS_SECRET_KEY)\n  set WCS_ACCESS_KEY and WCS_SECRET_KEY, or access_key and secret_key in ~/.wcscfg: wcscmd --configure asks for them"
          ],
          [
            ["listall", "wcs://media"],
            { ...here.env, WCS_ACCESS_KEY: "ak" },
            4,
            "WCS_SECRET_KEY: secret_key is not set, but access_key is: requests are signed with both\n  set WCS_ACCESS_KEY and WCS_SECRET_KEY, or access_key and secret_key in ~/.wcscfg: wcscmd --configure asks for them"
          ],
          [
            ["listall", "wcs://media"],
            nowhere,
            6,
            "listall: no answer: connect ECONNREFUSED 127.0.0.1:1 [list]\n  check the hosts and the network: wcscmd config"
          ],
          [
            ["stat", "wcs://media/a"],
            nowhere,
            6,
            "stat: no answer: connect ECONNREFUSED 127.0.0.1:1\n  check the hosts and the network: wcscmd config"
          ],
          [
            ["token", "make", "wcs://media/a", "--mime-type", "x"],
            keys,
            2,
            "--mime-type is no option of token make\n  wcscmd token make --help lists what there is"
          ]
        ] as const
      ) {
        assert.strictEqual(yield* fails({ ...here, env }, code, ...line), `wcscmd: ${told}\n`)
      }
      yield* Effect.flatMap(FileSystem.FileSystem, (fs) => fs.writeFileString(`${here.cwd}/no keys.cfg`, ""))
      const without = { ...here, env: { ...here.env, WCS_MGR_URL: "http://127.0.0.1:1" } }
      assert.include(
        yield* fails(without, 4, "listall", "wcs://media", "-c", "no keys.cfg"),
        "access_key and secret_key in 'no keys.cfg': wcscmd --configure -c 'no keys.cfg' asks for them\n"
      )
      const file = `${here.cwd}/film`
      yield* Effect.flatMap(FileSystem.FileSystem, (fs) => fs.writeFileString(file, "film"))
      const line = ["multiput", "wcs://media", file, "--put-url", "http://127.0.0.1:1"]
      for (
        const [options, env, told] of [
          [["--mime-type", "x"], keys, "--mime-type: is a media type such as video/mp4"],
          [
            ["--custom", "a b=1"],
            keys,
            "--custom a b: a variable's name, without `x:`, has no blank and none of &=()/"
          ],
          [
            ["--returnurl", "http://a.b/"],
            keys,
            "--returnurl: an upload in blocks answers with no redirect (protocol 4.3)"
          ],
          [
            [],
            { ...keys, WCS_RETURN_URL: "http://a.b/" },
            "returnUrl: an upload in blocks answers with no redirect (protocol 4.3)"
          ]
        ] as const
      ) {
        assert.strictEqual(yield* fails({ ...here, env }, 2, ...line, ...options), `wcscmd: ${told}\n`)
      }
      assert.strictEqual(
        yield* fails({ ...here, env: keys }, 2, "append", "wcs://media/a", ...line.slice(2)),
        "wcscmd: --position: is needed, for this program cannot ask stat: mgr_url is not set\n  set it with --mgr-url, WCS_MGR_URL or mgr_url in ~/.wcscfg\n"
      )
    }).pipe(Effect.provide(NodeContext.layer)))

  it("the words of a program become those of a command line", () => {
    const error = new WcsError.WcsTimeout({
      operation: "upload",
      reason: "Upload",
      after: Duration.seconds(3),
      uploadId: "late"
    })
    assert.strictEqual(
      Failure.text(error, { ...Failure.nobody, command: "put" }),
      "wcscmd: put: not done within 3000 ms; the same command resumes upload late [upload]\n  raise --upload-timeout, or run the same command again"
    )
  })

  it("every example is a command line of its command, and stands in its help", () => {
    const check = (command: WcsCommand, path: string) => {
      for (const example of command.examples) {
        assert.isTrue(`${example} `.startsWith(`${path} `), example)
        const words = [...example.matchAll(/'([^']*)'|"([^"]*)"|\S+/g)].map(([all, one, two]) => one ?? two ?? all)
        const read = CommandLine.read(words, commands)
        assert.isTrue(Either.isRight(read) && read.right._tag === "Run", example)
        assert.include(Help.render(path.split(" "), command), `\n  wcscmd ${example}\n`)
      }
      for (const child of command.children) check(child, `${path} ${child.name}`)
    }
    for (const command of commands) check(command, command.name)
    for (const name of ["put", "get", "sync", "listall", "uploads", "token", "fetch", "emulator"]) {
      assert.isAtLeast(commands.find((command) => command.name === name)?.examples.length ?? 0, 2, name)
    }
    for (const name of ["put", "multiput", "sync"]) {
      assert.match(commands.find((command) => command.name === name)?.description ?? "", /the same command .*again/i)
    }
  })

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
