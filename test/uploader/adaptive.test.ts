import { HttpClient } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { Uploader, type WcsError } from "effect-wcs"
import { Emulator, Fault } from "effect-wcs/testing"
import { inTime } from "../support/clock.ts"
import { mebibyte } from "../support/content.ts"
import { services } from "./support.ts"

const target = { bucket: "media", key: "film.bin" }
const content = new Uint8Array(32 * mebibyte)
const options = { method: "block", concurrency: 4, checks: false } as const

const ways = {
  bytes: Effect.flatMap(Uploader.Uploader, (uploader) => uploader.putBytes(content, target, options)),
  stream: Effect.flatMap(
    Uploader.Uploader,
    (uploader) => uploader.putStream(Stream.make(content), target, { ...options, size: content.length })
  ),
  folder: Effect.flatMap(
    Uploader.Uploader,
    (uploader) => uploader.putDirectory("/in", { bucket: "media" }, { ...options, existing: "send" })
  )
}

/** Uploads eight blocks, each of which takes its time; tells the most that were on the way once the first had stalled. */
const most = (upload: (typeof ways)[keyof typeof ways], adaptiveConcurrency?: boolean) => {
  let running = 0
  let sent = 0
  let largest = 0
  const begin = Effect.sync(() => {
    running += 1
    sent += 1
    // Four that stall, and the same four again.
    if (sent > 8) largest = Math.max(largest, running)
  })
  const end = Effect.sync(() => {
    running -= 1
  })
  return Effect.gen(function*() {
    const { addFault } = yield* Emulator.Emulator
    yield* addFault(Fault.on("mkblk", Fault.stall, { block: 0, nth: 1 }))
    for (const block of [1, 2, 3]) yield* addFault(Fault.on("mkblk", Fault.stall, { block, nth: 1 }))
    yield* inTime<unknown, WcsError.WcsError, Uploader.Uploader>(upload)
    return largest
  }).pipe(Effect.provide(services({
    files: { "/in/film.bin": content },
    settings: { ...(adaptiveConcurrency !== undefined && { adaptiveConcurrency }) },
    http: HttpClient.transform((answer, { url }) =>
      url.includes("/mkblk/")
        ? Effect.acquireUseRelease(begin, () => Effect.delay(answer, "1 second"), () => end)
        : answer
    )
  })))
}

describe("blocks in flight when the service was silent", () => {
  for (const [way, upload] of Object.entries(ways)) {
    it.effect(`are as many as before, where nothing is said (${way})`, () =>
      Effect.gen(function*() {
        assert.strictEqual(yield* most(upload), 4)
      }))

    it.effect(`are fewer where that is wanted (${way})`, () =>
      Effect.gen(function*() {
        assert.isBelow(yield* most(upload, true), 4)
      }))
  }
})
