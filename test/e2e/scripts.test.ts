/** The scripts of `package.json` as a user runs them. The programs behind them are tested by themselves. */
import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { bytes, mebibyte } from "../support/content.ts"
import { etag } from "../testing/support.ts"
import { runScript } from "./support/processes.ts"
import { folder } from "./support/service.ts"

describe("npm run", () => {
  it.scopedLive("demo -- FILE ends with what it verified", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const home = yield* folder
      const movie = bytes(9 * mebibyte)
      yield* fs.writeFile(`${home}/movie.mp4`, movie)
      const { code, stderr, stdout } = yield* runScript("demo", {
        arguments: [`${home}/movie.mp4`],
        env: { HOME: home }
      })
      assert.strictEqual(code, 0, stderr)
      assert.strictEqual(stdout.trimEnd().split("\n").at(-1), `verified ${etag(movie)} ${movie.length}`)
    }).pipe(Effect.provide(NodeContext.layer)))

  it.scopedLive("emulator passes arguments on, and the exit code back", () =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* runScript("emulator", {
        arguments: ["--port", "http"],
        env: { HOME: yield* folder }
      })
      assert.deepStrictEqual([code, stdout], [2, ""])
      assert.match(stderr, /^wcscmd: --port /)
    }).pipe(Effect.provide(NodeContext.layer)))
})
