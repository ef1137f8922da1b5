/** What shells complete, asked of the shells that are here. */
import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { spawnSync } from "node:child_process"
import { fails, home, succeeds } from "./support/wcscmd.ts"

/** Runs a text in a shell that has loaded the script, and gives what it prints. */
const shell = (program: string, options: ReadonlyArray<string>, text: (script: string) => string) =>
  Effect.gen(function*() {
    const here = yield* home
    const fs = yield* FileSystem.FileSystem
    const script = `${here.cwd}/wcscmd.${program}`
    yield* fs.writeFileString(script, yield* succeeds(here, "completions", program))
    const { status, stderr, stdout } = spawnSync(program, [...options, "-c", text(script)], {
      cwd: here.cwd,
      env: { PATH: process.env["PATH"], ...here.env },
      encoding: "utf8"
    })
    assert.deepStrictEqual([status, stderr], [0, ""])
    return stdout.trimEnd().split("\n")
  }).pipe(Effect.provide(NodeContext.layer))

/** What `wcscmd uploads list --json` prints. */
const listed = ["{\"uploadId\":\"abc1\",\"target\":null}", "{\"uploadId\":\"b2\",\"problem\":\"a b\"}"]

/** A tool that has it to say, and nothing else. */
const tool = `wcscmd() { [[ "$*" == 'uploads list --json' ]] && printf '%s\\n' '${listed.join("' '")}' }`
  .replace(/ \}$/, "; }")

const has = (program: string) => spawnSync(program, ["-c", "true"]).status === 0

describe("wcscmd completions", () => {
  it.scopedLive.skipIf(!has("bash"))("bash", () =>
    Effect.gen(function*() {
      const asked = [
        ["lis"],
        ["--con"],
        ["--d"],
        ["stat", "--conf"],
        ["stat", "--logger"],
        ["list", "-c", "stat", "--mar"],
        // As bash parts words: at colons and equals signs.
        ["stat", "wcs", ":", "//media/a", "--log"],
        ["--limit", "=", "4", "sta"],
        ["emulator", "--po"],
        ["stat", "wcs"],
        ["list", "--prefix", "lis"],
        ["put", "--on-busy", ""],
        ["put", "--on-busy", "=", "w"],
        ["put", "--on-busy", "="],
        ["put", "--overwrite", ""],
        // The value of a switch may be left out.
        ["put", "--overwrite", "--on-b"],
        ["put", "--overwrite", "1", ""],
        ["list", "--mode", ""],
        ["imagedetect", "--type", ""],
        ["bucketstat", "--type", ""],
        ["completions", "z"],
        ["uploads", "resume", ""],
        ["uploads", "drop", "first", "a"],
        ["uploads", "list", "a"]
      ]
      const lines = yield* shell("bash", ["--norc"], (script) =>
        [
          `source ${script}`,
          tool,
          ...asked.map((words) =>
            `COMP_WORDS=(wcscmd ${
              words.map((word) => `'${word}'`).join(" ")
            }); COMP_CWORD=${words.length}; _wcscmd; echo ":\${COMPREPLY[*]}"`
          ),
          "complete -p wcscmd",
          "compopt() { echo \"compopt $*\"; }",
          ...["get wcs://ho", "get 'wcs:", "fops --save-as=wcs://ho", "get https://ho", "put -r wcs://media ho"].map((
            text
          ) =>
            `COMP_WORDS=(wcscmd get ho); COMP_CWORD=2; COMP_LINE="wcscmd ${text} x"; COMP_POINT=${
              `wcscmd ${text}`.length
            }; echo "$(_wcscmd)."`
          )
        ].join("\n"))
      assert.deepStrictEqual(lines, [
        ":list listall listbucket",
        ":--config --configure",
        ":--debug --dump-config",
        ":--config",
        ":--logger-folder",
        ":--marker",
        ":--logger-folder",
        ":stat",
        ":--port",
        ":",
        ":",
        ":refuse wait join",
        ":wait",
        ":refuse wait join",
        ":0 1",
        ":--on-busy",
        ":",
        ":0 1 3",
        ":porn terror political",
        ":",
        ":zsh",
        ":abc1 b2",
        ":abc1",
        ":",
        "complete -o bashdefault -o default -F _wcscmd wcscmd",
        // Files, which bash would offer by itself.
        ...Array(4).fill("compopt +o default +o bashdefault."),
        "."
      ])
    }))

  it.scopedLive.skipIf(!has("zsh"))("zsh", () =>
    Effect.gen(function*() {
      const asked = [
        ["lis"],
        ["list", "--m"],
        ["--prefix", "x", "stat", "--l"],
        ["stat", "x"],
        ["-c", "x"],
        ["put", "--on-busy", "w"],
        ["put", "--overwrite", "x"],
        ["bucketstat", "--type", "x"],
        ["completions", "z"],
        ["uploads", "drop", "a"]
      ]
      const lines = yield* shell("zsh", ["-f"], (script) =>
        [
          "compdef() { print -r -- \"compdef $*\" }",
          "_describe() { [[ $1 == -o ]] && shift; print -rl -- \"$1\" \"${(@P)2}\" }",
          "compadd() { print -r -- \"${@[2,-1]}\" }",
          tool,
          "_files() { print -r -- files }",
          `source ${script}`,
          ...asked.map((words) => `words=(wcscmd ${words.join(" ")}); CURRENT=${words.length + 1}; print --; _wcscmd`)
        ].join("\n"))
      const [loaded, commands, ofList, ofStat, ...files] = lines.join("\n").split(/\n?^$\n/m).map((text) =>
        text.split("\n")
      )
      assert.deepStrictEqual(loaded, ["compdef _wcscmd wcscmd"])
      assert.includeMembers(commands ?? [], ["command", "stat:Describe an object"])
      assert.includeMembers(ofList ?? [], ["option", "--marker:Where a listing goes on"])
      assert.include(ofStat?.join("\n"), "\n--logger-folder:")
      assert.notInclude(ofStat?.join("\n"), "--marker:")
      assert.deepStrictEqual(files, [
        ["files"],
        ["files"],
        ["refuse wait join"],
        // The value of a switch may be left out.
        ["0 1", "files"],
        ["files"],
        ["command", "bash", "zsh", "fish"],
        ["abc1 b2"]
      ])
    }))

  it.scopedLive.skipIf(!has("fish"))("fish", () =>
    Effect.gen(function*() {
      const lines = yield* shell("fish", ["-N"], (script) =>
        [
          `source ${script}`,
          "mkdir -p home wcs:/home https:/home",
          `function wcscmd; test "$argv" = 'uploads list --json'; and printf '%s\\n' '${listed.join("' '")}'; end`,
          ...[
            "lis",
            "--confi",
            "list --mar",
            "--prefix list sta",
            "stat --mar",
            "put --on-busy ",
            "put --overwrite 1",
            "completions ",
            "uploads resume ",
            "get wcs://ho",
            "get https://ho",
            "get ho"
          ].map((text) => `echo (complete -C 'wcscmd ${text}' | string replace -r '\\t.*' '')`)
        ].join("\n"))
      assert.deepStrictEqual(lines, [
        "list listall listbucket",
        "--config --configure",
        "--marker",
        "stat",
        "",
        "join refuse wait",
        "1",
        "bash fish zsh",
        "abc1 b2",
        "",
        "",
        "home/"
      ])
    }))

  it.scopedLive("no other shell", () =>
    Effect.gen(function*() {
      const here = yield* home
      assert.match(yield* fails(here, 2, "completions", "tcsh"), /bash\|zsh\|fish, not tcsh/)
    }).pipe(Effect.provide(NodeContext.layer)))
})
