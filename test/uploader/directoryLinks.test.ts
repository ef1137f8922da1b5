/** Files, links and stranger things of a real disk. */
import { FileSystem } from "@effect/platform"
import { NodeFileSystem } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { Uploader } from "effect-wcs"
import { Emulator } from "effect-wcs/testing"
import { execFileSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { bytes, mebibyte, sha1 } from "../support/content.ts"
import { services } from "./support.ts"

/** Uploads `in` of a temporary folder that a function fills; tells what is stored and what failed. */
const upload = (fill: (fs: FileSystem.FileSystem, base: string) => Effect.Effect<unknown, unknown>) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const uploader = yield* Uploader.Uploader
    const emulator = yield* Emulator.Emulator
    const base = yield* fs.makeTempDirectoryScoped()
    yield* fs.makeDirectory(`${base}/in`)
    yield* fill(fs, base)
    const summary = yield* uploader.putDirectory(`${base}/in`, { bucket: "media" })
    const objects = yield* emulator.objects("media")
    return {
      summary,
      keys: objects.map(({ key }) => key).toSorted(),
      failed: summary.files.flatMap((file) =>
        file._tag === "Failed" ? [[file.path, file.error.message.slice(base.length)]] : []
      )
    }
  })

const scenario = (
  name: string,
  test: Effect.Effect<void, unknown, Effect.Effect.Context<ReturnType<typeof upload>>>
) => it.scoped(name, () => Effect.provide(test, services({ fs: NodeFileSystem.layer })))

describe("on a disk", () => {
  scenario(
    "folders in folders, and a file in blocks",
    Effect.gen(function*() {
      const large = bytes(9 * mebibyte)
      const { keys, summary } = yield* upload((fs, base) =>
        Effect.gen(function*() {
          yield* fs.makeDirectory(`${base}/in/a/b/c`, { recursive: true })
          yield* fs.makeDirectory(`${base}/in/empty`)
          yield* fs.writeFile(`${base}/in/a/b/c/large`, large)
          yield* fs.writeFileString(`${base}/in/a/x y`, "x")
        })
      )
      assert.deepStrictEqual(keys, ["a/b/c/large", "a/x y"])
      assert.strictEqual(summary.bytes.stored, large.length + 1)
      const chunks = yield* Effect.flatMap(
        Emulator.Emulator,
        (emulator) => Stream.runCollect(emulator.content({ bucket: "media", key: "a/b/c/large" }))
      )
      assert.strictEqual(sha1(Buffer.concat([...chunks])), sha1(large))
    })
  )

  scenario(
    "links to files and to folders are followed, also out of the folder",
    Effect.gen(function*() {
      const { failed, keys } = yield* upload((fs, base) =>
        Effect.gen(function*() {
          yield* fs.makeDirectory(`${base}/outside/deep`, { recursive: true })
          yield* fs.writeFileString(`${base}/outside/deep/o`, "o")
          yield* fs.writeFileString(`${base}/in/file`, "f")
          yield* fs.symlink("file", `${base}/in/again`)
          yield* fs.symlink("../outside", `${base}/in/link`)
        })
      )
      assert.deepStrictEqual(keys, ["again", "file", "link/deep/o"])
      assert.isEmpty(failed)
    })
  )

  scenario(
    "links that lead round in circles come to an end",
    Effect.gen(function*() {
      const { failed, keys } = yield* upload((fs, base) =>
        Effect.gen(function*() {
          yield* fs.makeDirectory(`${base}/in/a/b`, { recursive: true })
          yield* fs.makeDirectory(`${base}/outside`)
          yield* fs.writeFileString(`${base}/in/a/b/file`, "f")
          yield* fs.writeFileString(`${base}/outside/o`, "o")
          yield* fs.symlink(".", `${base}/in/self`)
          yield* fs.symlink("..", `${base}/in/a/b/up`)
          yield* fs.symlink("../in", `${base}/outside/back`)
          yield* fs.symlink("../outside", `${base}/in/outside`)
        })
      )
      assert.deepStrictEqual(keys, ["a/b/file", "outside/o"])
      assert.isEmpty(failed)
    })
  )

  scenario(
    "a folder is walked once: under its own name, else under the first link",
    Effect.gen(function*() {
      const { keys } = yield* upload((fs, base) =>
        Effect.gen(function*() {
          yield* fs.makeDirectory(`${base}/in/own`)
          yield* fs.makeDirectory(`${base}/outside`)
          yield* fs.writeFileString(`${base}/in/own/file`, "f")
          yield* fs.writeFileString(`${base}/outside/o`, "o")
          yield* fs.symlink("own", `${base}/in/before`)
          yield* fs.symlink("../outside", `${base}/in/y`)
          yield* fs.symlink("../../outside", `${base}/in/own/x`)
        })
      )
      assert.deepStrictEqual(keys, ["own/file", "own/x/o"])
    })
  )

  scenario(
    "what is no file fails alone: a broken link, a link to itself, a pipe, a name that is no text",
    Effect.gen(function*() {
      const { failed, keys } = yield* upload((fs, base) =>
        Effect.gen(function*() {
          yield* fs.writeFileString(`${base}/in/file`, "f")
          yield* fs.symlink("nowhere", `${base}/in/broken`)
          yield* fs.symlink("circle", `${base}/in/circle`)
          yield* Effect.sync(() => {
            execFileSync("mkfifo", [`${base}/in/pipe`])
            writeFileSync(Buffer.concat([Buffer.from(`${base}/in/`), Buffer.from([0x66, 0xff])]), "")
          })
        })
      )
      assert.deepStrictEqual(keys, ["file"])
      assert.deepStrictEqual(failed, [
        ["broken", "/in/broken: is a symbolic link to nowhere, which is not there"],
        ["circle", "/in/circle: cannot be read: too many symbolic links encountered"],
        ["f\ufffd", "/in/f\ufffd: there is no such file"],
        ["pipe", "/in/pipe: is not a regular file"]
      ])
    })
  )
})
