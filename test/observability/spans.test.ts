import { assert, describe, it } from "@effect/vitest"
import { Effect, Logger, LogLevel } from "effect"
import { Uploader } from "effect-wcs"
import { Emulator, Fault, WcsTest } from "effect-wcs/testing"
import { inTime } from "../support/clock.ts"
import { bytes, mebibyte } from "../support/content.ts"
import * as tracing from "../support/tracing.ts"

const target = { bucket: "media", key: "film.bin" }

interface Kept {
  readonly name: string
  readonly parent: string | undefined
  readonly attributes: Map<string, unknown>
  readonly events: Array<unknown>
}

/** A tracer that keeps its spans. */
const keeping = () => {
  const spans: Array<Kept> = []
  return {
    spans,
    tracer: tracing.tracer(({ attributes, name, parent }) => {
      const events: Array<unknown> = []
      spans.push({ name, parent: parent?._tag === "Span" ? parent.name : undefined, attributes, events })
      return { event: (name, attributes) => void events.push([name, attributes]) }
    })
  }
}

describe("the spans of an upload", () => {
  it.effect("are upload, block, request and attempt, with what support asks for", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* emulator.addFault(Fault.on("mkblk", Fault.status(503), { nth: 2 }))
      const { spans, tracer } = keeping()
      const receipt = yield* Effect.flatMap(Uploader.Uploader, (uploader) =>
        inTime(uploader.putFile("film.bin", target, { method: "block", concurrency: 1 }))).pipe(
          Effect.withTracer(tracer)
        )
      const ours = spans.filter(({ name }) =>
        name.startsWith("wcs.")
      )
      assert.deepStrictEqual(ours.map(({ name, parent }) => [name, parent]), [
        ["wcs.block", "Uploader.putFile"],
        ["wcs.mkblk", "wcs.block"],
        ["wcs.attempt", "wcs.mkblk"],
        ["wcs.block", "Uploader.putFile"],
        ["wcs.mkblk", "wcs.block"],
        ["wcs.attempt", "wcs.mkblk"],
        ["wcs.attempt", "wcs.mkblk"],
        ["wcs.mkfile", "Uploader.putFile"],
        ["wcs.attempt", "wcs.mkfile"]
      ])
      const [upload] = spans
      assert.deepStrictEqual(Object.fromEntries(upload?.attributes ?? []), {
        "wcs.bucket": "media",
        "wcs.key": "film.bin",
        "wcs.upload_id": receipt.uploadId,
        "wcs.bytes": 6 * mebibyte,
        "wcs.blocks": 2,
        "wcs.blocks.resumed": 0,
        "wcs.request_id": receipt.requestId
      })
      assert.deepStrictEqual(Object.fromEntries(ours[3]?.attributes ?? []), {
        "wcs.block": 1,
        "wcs.bytes": 2 * mebibyte
      })
      assert.deepStrictEqual(Object.fromEntries(ours[4]?.attributes ?? []), { "wcs.attempts": 2 })
      assert.deepStrictEqual(ours[4]?.events, [["retry", { "error.type": "WcsThrottled" }]])
      const { "wcs.request_id": requestId, ...refused } = Object.fromEntries(ours[5]?.attributes ?? [])
      assert.isString(requestId)
      assert.deepStrictEqual(refused, {
        "http.request.method": "POST",
        "http.response.status_code": 503,
        "wcs.operation": "mkblk",
        "wcs.attempt": 1,
        "wcs.bytes": 2 * mebibyte,
        "error.type": "WcsThrottled"
      })
    }).pipe(Effect.provide(WcsTest.layer({ buckets: ["media"], files: { "film.bin": bytes(6 * mebibyte) } }))))
})

describe("the log of an upload", () => {
  const lines: Array<{ readonly [name: string]: unknown }> = []
  const logger = Logger.make(({ annotations }) => void lines.push(Object.fromEntries(annotations)))
  /** Uploads with a callback that logs, and gives the annotations of all lines. */
  const logged = (method: "form" | "block", level: LogLevel.LogLevel) =>
    Effect.gen(function*() {
      lines.length = 0
      const uploader = yield* Uploader.Uploader
      const receipt = yield* uploader.putFile("film.bin", target, {
        method,
        onProgress: (event) => event._tag === "Planned" ? Effect.logInfo("planned") : Effect.void
      })
      return [receipt.uploadId, [...lines]] as const
    }).pipe(
      Effect.provide(WcsTest.layer({ buckets: ["media"], files: { "film.bin": bytes(100) } })),
      Logger.withMinimumLogLevel(level),
      Effect.provide(Logger.replace(Logger.defaultLogger, logger))
    )

  it.effect("has the bucket, the key and the id of an upload in blocks on each line, at every level", () =>
    Effect.gen(function*() {
      for (const [level, count] of [[LogLevel.Debug, 3], [LogLevel.Info, 1]] as const) {
        const [uploadId, lines] = yield* logged("block", level)
        assert.lengthOf(lines, count)
        for (const line of lines) assert.include(line, { ...target, uploadId })
      }
    }))

  it.effect("has the bucket and the key of a form on each line where level Debug is on", () =>
    Effect.gen(function*() {
      const [, lines] = yield* logged("form", LogLevel.Debug)
      assert.lengthOf(lines, 2)
      for (const line of lines) assert.include(line, target)
    }))
})
