import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Uploader } from "effect-wcs"
import { bytes, mebibyte } from "../support/content.ts"
import * as recording from "../support/recording.ts"

describe("a chunk's answer", () => {
  for (const checks of [true, false]) {
    it.effect(`that tells another offset than that of what was sent fails the upload (checks: ${checks})`, () =>
      Effect.gen(function*() {
        const { layer, sent } = recording.client(() => Response.json({ ctx: "ctx", offset: 4 * mebibyte - 1 }))
        const error = yield* Effect.flatMap(
          Uploader.Uploader,
          (uploader) =>
            uploader.putBytes(bytes(4 * mebibyte), { bucket: "media", key: "a.bin" }, { method: "block", checks })
        ).pipe(
          Effect.flip,
          Effect.provide(recording.services(layer, { retries: { mkblk: 0, connect: 0 } }))
        )
        assert(error._tag === "WcsIntegrityError")
        assert.strictEqual(error.check, "offset")
        assert.strictEqual(error.actual, String(4 * mebibyte - 1))
        assert.deepStrictEqual(sent.map(recording.operation), ["mkblk"])
      }))
  }
})
