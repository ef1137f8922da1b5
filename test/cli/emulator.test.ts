/** The emulator as a command. Its options are those of scripts/emulator.ts, which runs it. */
import { NodeContext } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { home, start, succeeds, wcscmd } from "./support/wcscmd.ts"

describe("wcscmd emulator", () => {
  it.scopedLive("says where it is, answers other commands, and ends well at Ctrl-C", () =>
    Effect.gen(function*() {
      const here = yield* home
      const emulator = yield* start("wcscmd", here, {
        arguments: [
          "emulator",
          "--bucket",
          "a",
          "--bucket",
          "b",
          "--access-key",
          "ak",
          "--secret-key",
          "sk",
          "--dir",
          "d"
        ]
      })
      const line = yield* Effect.promise(() =>
        new Promise<string>((resolve) => emulator.child.stdout.once("data", (text: string) => resolve(text)))
      )
      const address = JSON.parse(line)
      assert.match(address.uploadUrl, /^http:\/\/127\.0\.0\.1:\d+$/)
      const client = {
        ...here,
        env: { ...here.env, WCS_MGR_URL: address.managementUrl, WCS_ACCESS_KEY: "ak", WCS_SECRET_KEY: "sk" }
      }
      assert.strictEqual(yield* succeeds(client, "listbucket"), "a\nb\n")
      const taken = yield* wcscmd(here, "emulator", "--port", new URL(address.uploadUrl).port)
      assert.deepStrictEqual([taken.code, taken.stdout], [1, ""])
      assert.match(taken.stderr, /^wcscmd: the emulator cannot start: .*EADDRINUSE.*\n$/)
      emulator.child.kill("SIGINT")
      const ended = yield* emulator.end
      assert.deepStrictEqual([ended.code, ended.stderr, ended.stdout], [0, "", line])
    }).pipe(Effect.provide(NodeContext.layer)))
})
