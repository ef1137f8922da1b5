import { FileSystem } from "@effect/platform"
import { assert, layer } from "@effect/vitest"
import { Effect, Either, Fiber, Schedule } from "effect"
import { Uploader } from "effect-wcs"
import { Fault } from "effect-wcs/testing"
import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { bytes } from "../support/content.ts"
import { bucket, client, emulator, folder, inEmulator } from "./support/service.ts"

const put = (recordFolder: string) =>
  Effect.flatMap(Uploader.Uploader, (uploader) =>
    uploader.putBytes(bytes(1000), { bucket, key: "film.bin" }, {
      method: "block",
      uploadId: "shared",
      policy: { overwrite: true }
    })).pipe(Effect.provide(client({ recordFolder })))

/** The owner of an upload that goes on, in a client of this process. */
const owning = (recordFolder: string) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    yield* inEmulator((emulator) => emulator.addFault(Fault.on("mkblk", Fault.delay("1 minute"))))
    const fiber = yield* Effect.fork(put(recordFolder))
    const lease = yield* Effect.retry(
      Effect.flatMap(
        fs.readFileString(`${recordFolder}/shared.lease`),
        (text) => Effect.try((): { readonly owner: string } => JSON.parse(text))
      ),
      Schedule.spaced("20 millis")
    )
    return { fiber, owner: lease.owner }
  })

/** A process that has ended, and whose end its parent has not asked for. */
const zombie = Effect.acquireRelease(
  Effect.sync(() => spawn("sh", ["-c", "sleep 0.1 & echo $!; exec sleep 60"], { stdio: ["ignore", "pipe", "ignore"] })),
  (parent) => Effect.sync(() => void parent.kill("SIGKILL"))
).pipe(
  Effect.flatMap(({ stdout }) =>
    Effect.async<number>((resume) => {
      stdout.once("data", (text) => resume(Effect.succeed(Number(text))))
    })
  ),
  Effect.tap((pid) =>
    Effect.repeat(Effect.sync(() => readFileSync(`/proc/${pid}/stat`, "latin1")), {
      until: (stat) => stat.includes(") Z "),
      schedule: Schedule.spaced("20 millis")
    })
  )
)

layer(emulator, { excludeTestServices: true })("the lease of an upload", (it) => {
  it.scoped("is kept from another client of the same process", () =>
    Effect.gen(function*() {
      const records = yield* folder
      const { fiber, owner } = yield* owning(records)
      const error = yield* Effect.flip(put(records))
      assert.deepInclude(error, { _tag: "WcsProgressError", reason: "Busy", owner })
      yield* Fiber.interrupt(fiber)
      yield* inEmulator((emulator) => emulator.clearFaults)
      assert.strictEqual((yield* put(records)).verified, "etag")
    }))

  it.scoped("is taken at once from a process that has ended, and not from one that may live elsewhere", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const records = yield* folder
      const { fiber, owner } = yield* owning(records)
      yield* Fiber.interrupt(fiber)
      yield* inEmulator((emulator) => emulator.clearFaults)
      const [place = "", pid = "", ...rest] = owner.split(":")
      const isBusy = (...parts: ReadonlyArray<unknown>) =>
        Effect.gen(function*() {
          const lease = { owner: parts.join(":"), until: Date.now() + 30_000, shared: false }
          yield* fs.writeFileString(`${records}/shared.lease`, JSON.stringify(lease))
          const error = Either.flip(yield* Effect.either(put(records)))
          if (Either.isRight(error)) assert.include(error.right, { _tag: "WcsProgressError", reason: "Busy" })
          return Either.isRight(error)
        })
      assert.isTrue(yield* isBusy(place, pid, ...rest))
      assert.isFalse(yield* isBusy(place, yield* zombie, ...rest))
      assert.isFalse(yield* isBusy(place, "999999999", ...rest))
      // A number that was given again.
      assert.isFalse(yield* isBusy(place, pid, "1", "2"))
      assert.isTrue(yield* isBusy(place.replace(/\/\w+/, "/rebooted"), "999999999", "1", "2"))
      assert.isTrue(yield* isBusy(`another-${place}`, "999999999", "1", "2"))
    }))
})
