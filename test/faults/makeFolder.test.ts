/** A place where the system makes no folders, as `/proc` is: Node's own recursive mkdir never comes back from there. */
import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync, statSync } from "node:fs"
import { makeFolder } from "../../src/internal/makeFolder.ts"

const live = it.scopedLive

describe("makeFolder", () => {
  live("makes what is missing, with the mode, and takes what is there", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const root = yield* fs.makeTempDirectoryScoped()
      yield* makeFolder(fs, `${root}/a/b\\c//d/`, 0o700)
      yield* makeFolder(fs, `${root}/a/b\\c/d`, 0o700)
      assert.deepStrictEqual((yield* fs.readDirectory(root, { recursive: true })).toSorted(), [
        "a",
        "a/b\\c",
        "a/b\\c/d"
      ])
      assert.strictEqual(statSync(`${root}/a`).mode & 0o777, 0o700)
      yield* fs.writeFileString(`${root}/file`, "")
      const taken = yield* Effect.flip(makeFolder(fs, `${root}/file`))
      assert.deepInclude(taken, { _tag: "SystemError", reason: "AlreadyExists" })
      const below = yield* Effect.flip(makeFolder(fs, `${root}/file/a`))
      assert.strictEqual(below._tag, "SystemError")
    }).pipe(Effect.provide(NodeContext.layer)))

  live.skipIf(!existsSync("/proc/self"))("fails where the system makes none", () =>
    Effect.gen(function*() {
      const failed = yield* Effect.flip(makeFolder(yield* FileSystem.FileSystem, "/proc/none/below"))
      assert.deepInclude(failed, { _tag: "SystemError", reason: "NotFound" })
    }).pipe(Effect.provide(NodeContext.layer)))
})
