import { FileSystem } from "@effect/platform"
import { assert, layer } from "@effect/vitest"
import { Effect, Fiber, Schedule } from "effect"
import { Uploader } from "effect-wcs"
import { Fault } from "effect-wcs/testing"
import { bytes, mebibyte } from "../support/content.ts"
import { bucket, client, emulator, folder, inEmulator } from "./support/service.ts"

const put = Effect.flatMap(
  Uploader.Uploader,
  (uploader) =>
    uploader.putBytes(bytes(4 * mebibyte), { bucket, key: "film.bin" }, { method: "block", uploadId: "shared" })
)

/** The record's lease, once there is one. */
const lease = (records: string) =>
  Effect.flatMap(
    FileSystem.FileSystem,
    (fs) => Effect.retry(fs.readFileString(`${records}/shared.lease`), Schedule.spaced("10 millis"))
  )

layer(emulator, { excludeTestServices: true })("Node's clients", (it) => {
  it.scoped("of one process are alive to each other", () =>
    Effect.gen(function*() {
      const recordFolder = yield* folder
      yield* inEmulator((emulator) => emulator.addFault(Fault.on("mkblk", Fault.stall, { nth: 1 })))
      const first = yield* Effect.fork(Effect.provide(put, client({ recordFolder })))
      yield* lease(recordFolder)
      const error = yield* Effect.flip(Effect.provide(put, client({ recordFolder })))
      assert.deepInclude(error, { _tag: "WcsProgressError", reason: "Busy" })
      yield* Fiber.interrupt(first)
    }))
})
