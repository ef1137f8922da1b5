/** The emulator as a command, which `npm run emulator` runs from the sources. */
import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync } from "node:fs"
import { root } from "../support/programs.ts"
import { fails, home, start, succeeds } from "./support/wcscmd.ts"

/** An emulator that runs, and the line that says where it is. */
const running = (here: Effect.Effect.Success<typeof home>, ...options: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const emulator = yield* start("wcscmd", here, { arguments: ["emulator", ...options] })
    const line = yield* Effect.async<string>((resume) => {
      emulator.child.stdout.once("data", (text: string) => resume(Effect.succeed(text)))
    })
    return { ...emulator, line, address: JSON.parse(line) }
  })

describe("wcscmd emulator", () => {
  it.scopedLive("says where it is, answers other commands, keeps its folder, and ends well at Ctrl-C", () =>
    Effect.gen(function*() {
      const here = yield* home
      const fs = yield* FileSystem.FileSystem
      const options = "--bucket a --bucket b --access-key ak --secret-key sk --dir d"
      const { address, child, end, line } = yield* running(here, ...options.split(" "))
      const origin = address.uploadUrl
      assert.match(origin, /^http:\/\/127\.0\.0\.1:\d+$/)
      assert.deepStrictEqual(address, {
        uploadUrl: origin,
        managementUrl: origin,
        downloadUrl: `${origin}/download/{bucket}`,
        accessKey: "ak",
        secretKey: "sk",
        buckets: ["a", "b"]
      })
      const client = {
        ...here,
        env: { ...here.env, WCS_MGR_URL: address.managementUrl, WCS_ACCESS_KEY: "ak", WCS_SECRET_KEY: "sk" }
      }
      assert.strictEqual(yield* succeeds(client, "listbucket"), "a\nb\n")
      const taken = yield* fails(here, 1, "emulator", "--port", new URL(origin).port)
      assert.match(
        taken,
        /^wcscmd: the emulator cannot start: port \d+ is in use\n {2}give another --port; --port 0, .*\n$/
      )
      child.kill("SIGINT")
      const ended = yield* end
      assert.deepStrictEqual([ended.code, ended.stderr, ended.stdout], [0, "", line])
      assert.isTrue(yield* fs.exists(`${here.cwd}/d/emulator.json`))
    }).pipe(Effect.provide(NodeContext.layer)))

  it.scopedLive("keeps the bytes of an object that was replaced no longer", () =>
    Effect.gen(function*() {
      const here = yield* home
      const fs = yield* FileSystem.FileSystem
      const { address } = yield* running(here, "--dir", "d")
      const client = {
        ...here,
        env: {
          ...here.env,
          WCS_PUT_URL: address.uploadUrl,
          WCS_ACCESS_KEY: "test-access-key",
          WCS_SECRET_KEY: address.secretKey
        }
      }
      for (const letter of ["a", "b", "c"]) {
        yield* fs.writeFileString(`${here.cwd}/film`, letter.repeat(1_000_000))
        yield* succeeds(client, "multiput", "wcs://demo/film", "film", "--overwrite", "1")
      }
      const files = yield* fs.readDirectory(`${here.cwd}/d`, { recursive: true })
      const infos = yield* Effect.forEach(files, (file) => fs.stat(`${here.cwd}/d/${file}`))
      const large = infos.filter(({ size, type }) => type === "File" && size >= 1_000_000)
      assert.lengthOf(large, 1)
    }).pipe(Effect.provide(NodeContext.layer)))

  it.scopedLive("has defaults, and ends well when it is told to", () =>
    Effect.gen(function*() {
      const { address, child, end } = yield* running(yield* home)
      assert.deepStrictEqual([address.buckets, address.accessKey], [["demo"], "test-access-key"])
      child.kill("SIGTERM")
      assert.strictEqual((yield* end).code, 0)
    }).pipe(Effect.provide(NodeContext.layer)))

  it.scopedLive("says what is wrong with its options, and why it cannot start", () =>
    Effect.gen(function*() {
      const here = yield* home
      for (
        const [option, value] of [
          ["--port", "http"],
          ["--bucket", "a:b"],
          ["--fetch-host", "http://a"],
          ["--access-key", "a:b"],
          ["--secret-key", ""],
          ["--dir", ""]
        ] as const
      ) {
        assert.include(yield* fails(here, 2, "emulator", option, value), `wcscmd: ${option}`)
      }
      assert.match(
        yield* fails(here, 1, "emulator", "--dir", root),
        /^wcscmd: the emulator cannot start: .* is not empty and not an emulator's directory\n$/
      )
      if (!existsSync("/proc/self")) return
      assert.strictEqual(
        yield* fails(here, 1, "emulator", "--dir", "/proc/none/below"),
        "wcscmd: the emulator cannot start: no such file or directory: /proc/none\n"
      )
    }).pipe(Effect.provide(NodeContext.layer)))
})
