import { FileSystem } from "@effect/platform"
import { assert, layer } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { Downloader } from "effect-wcs"
import { Fault } from "effect-wcs/testing"
import { bytes, mebibyte, sha1 } from "../support/content.ts"
import { bucket, folder, inEmulator, service } from "./support/service.ts"

const target = { bucket, key: "film.bin" }
const content = bytes(9 * mebibyte + 1)

layer(service(), { excludeTestServices: true })("a download over sockets", (it) => {
  for (
    const [how, ...actions] of [
      ["is cut off", Fault.truncate(3_000_000)],
      ["is cut off at its first byte", Fault.truncate(1)],
      [
        "is cut off again and again",
        Fault.truncate(3_000_000),
        Fault.reset(),
        Fault.truncate(3_000_000),
        Fault.status(503)
      ]
    ] as const
  ) {
    it.scoped(`that ${how} goes on by Range`, () =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const downloader = yield* Downloader.Downloader
        const path = `${yield* folder}/film.bin`
        const emulator = yield* inEmulator(Effect.succeed)
        yield* emulator.putObject(target, content)
        yield* emulator.clearFaults
        yield* emulator.clearRequests
        yield* emulator.addFault(...actions.map((action, i) => Fault.on("download", action, { nth: i + 1 })))
        assert.include(yield* downloader.toFile(target, path), { size: content.length, verified: "etag" })
        assert.strictEqual(sha1(yield* fs.readFile(path)), sha1(content))
        const requests = (yield* emulator.requests).filter(({ operation }) => operation === "download")
        assert.lengthOf(requests, actions.length + 1)
      }))
  }

  it.scoped("that nobody reads to the end does no harm to the next one", () =>
    Effect.gen(function*() {
      const downloader = yield* Downloader.Downloader
      yield* inEmulator((emulator) => Effect.zipRight(emulator.clearFaults, emulator.putObject(target, content)))
      for (let i = 0; i < 3; i++) {
        const [head] = yield* Stream.runCollect(Stream.take(downloader.stream(target), 1))
        assert.strictEqual(head?.[0], content[0])
      }
      const whole = yield* Stream.runCollect(downloader.stream(target))
      assert.strictEqual(sha1(Buffer.concat([...whole])), sha1(content))
    }))
})
