import { HttpClient, HttpClientError, type HttpClientRequest, HttpClientResponse } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Duration, Effect, Exit, Fiber, Layer, Option, Stream, TestClock } from "effect"
import { ProgressStore, Uploader, UploadRecord, type WcsError, WcsHttpClient } from "effect-wcs"
import { Emulator, Fault, WcsTest } from "effect-wcs/testing"
import * as Uploads from "../../src/domain/wire/Uploads.ts"
import type { WcsRequest } from "../../src/domain/wire/WcsRequest.ts"
import * as transport from "../../src/internal/transport.ts"
import { bytes, mebibyte } from "../support/content.ts"
import * as recording from "../support/recording.ts"

const target = { bucket: "media", key: "a.bin" }
const content = bytes(4 * mebibyte)
const context = {
  ...target,
  policy: {},
  custom: {},
  mimeType: undefined,
  retentionDays: undefined,
  trafficLimit: 0
}

type Carry = (body: HttpClientRequest.HttpClientRequest["body"]) => Effect.Effect<void, Error>

/** Sends a request over a transport that carries its body as `carry` says, and then has an answer. */
const send = (request: WcsRequest<unknown>, carry: Carry, settings: Parameters<typeof recording.services>[1] = {}) => {
  const http = HttpClient.make((request) =>
    carry(request.body).pipe(
      Effect.mapError((cause) => new HttpClientError.RequestError({ request, reason: "Transport", cause })),
      Effect.map(() => HttpClientResponse.fromWeb(request, Response.json({ ctx: "ctx", offset: content.length })))
    )
  )
  return Effect.flatMap(WcsHttpClient.WcsHttpClient, (client) => client.execute(request)).pipe(
    Effect.exit,
    Effect.provide(recording.services(Layer.succeed(HttpClient.HttpClient, http), {
      retries: { mkblk: 0, connect: 0 },
      ...settings
    }))
  )
}

const mkblk = Uploads.mkblk(
  context,
  UploadRecord.UploadId.make("one"),
  { index: 0, offset: 0, size: content.length },
  content
)

const failureOf = <A, E>(exit: Exit.Exit<A, E>): E =>
  Exit.isFailure(exit) ? Option.getOrThrow(Cause.failureOption(exit.cause)) : assert.fail("it succeeded")

/** Runs an effect that has so much of the test's time. */
const within = <A, E, R>(time: Duration.DurationInput, effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(effect)
    const turn = Effect.zipRight(
      TestClock.adjust(Duration.times(time, 0.05)),
      Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
    )
    yield* Effect.replicateEffect(turn, 20)
    return yield* Option.getOrThrow(yield* Fiber.poll(fiber))
  })

describe("a body on its way", () => {
  it.effect("ends with its answer where nothing can be interrupted, as in a finalizer", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(Effect.uninterruptible(send(mkblk, () => Effect.void)))
      // No time passes: a race that waited for its loser would wait for ever.
      assert.isTrue(Exit.isSuccess(yield* Fiber.join(fiber)))
    }))

  it.effect("that stands still is a typed failure, and is sent again", () =>
    Effect.gen(function*() {
      let sent = 0
      const carry = () =>
        Effect.suspend(() => {
          sent += 1
          return Effect.fail(new transport.GivenUp({ reason: "Stall", after: Duration.seconds(7) }))
        })
      const error = failureOf(yield* within("3 minutes", send(mkblk, carry, { retries: { mkblk: 2 } })))
      assert.deepInclude(error, { _tag: "WcsTimeout", reason: "Stall" })
      assert.strictEqual(error.message, "mkblk: no byte moved within 7000 ms")
      assert.strictEqual(sent, 3)
    }))

  it.effect("is bounded by its size where nobody tells how it moves", () =>
    Effect.gen(function*() {
      assert.isTrue(Exit.isSuccess(yield* within("2 minutes", send(mkblk, () => Effect.sleep("103 seconds")))))
      const late = yield* within("2 minutes", send(mkblk, () => Effect.sleep("105 seconds")))
      assert.deepInclude(failureOf(late), { _tag: "WcsTimeout", reason: "Answer" })
    }))

  it.effect("of a streamed form stands still when no piece of it is taken", () =>
    Effect.gen(function*() {
      const form = Uploads.form(context, {
        name: "a.bin",
        content: { size: content.length, stream: Stream.make(content) }
      })
      const everyPiece = (time: Duration.DurationInput): Carry => (body) =>
        body._tag === "Stream" ? Stream.runForEach(Stream.orDie(body.stream), () => Effect.sleep(time)) : Effect.void
      const settings = { stallTimeout: "20 seconds" } as const
      const slow = yield* within("10 minutes", send(form, everyPiece("19 seconds"), settings))
      assert.isTrue(Exit.isSuccess(slow), String(slow))
      const still = yield* within("10 minutes", send(form, everyPiece("21 seconds"), settings))
      assert.deepInclude(failureOf(still), { _tag: "WcsTimeout", reason: "Stall" })
    }))
})

describe("a whole upload", () => {
  it.effect("that takes too long ends as if interrupted: its record stays, and the same call goes on", () =>
    Effect.gen(function*() {
      const uploader = yield* Uploader.Uploader
      const store = yield* ProgressStore.ProgressStore
      const emulator = yield* Emulator.Emulator
      yield* emulator.addFault(Fault.on("mkblk", Fault.stall, { block: 1, nth: 1 }))
      const put = uploader.putBytes(bytes(8 * mebibyte), target, { method: "block", concurrency: 1, uploadId: "late" })
      const error = failureOf(yield* Effect.exit(within("20 minutes", put)))
      assert.deepInclude(error, { _tag: "WcsTimeout", reason: "Upload", uploadId: "late", isRetryable: false })
      assert.strictEqual(error.message, "upload: not done within 600000 ms; the same call resumes upload late")
      const record = Option.getOrThrow(yield* store.load(UploadRecord.UploadId.make("late")))
      assert.lengthOf(record.blocks, 1)
      assert.isEmpty(yield* emulator.objects("media"))
      const receipt = yield* within("1 minute", put)
      assert.deepStrictEqual(receipt.blocks, { total: 2, sent: 1, resumed: 1 })
    }).pipe(Effect.provide(WcsTest.layer({
      buckets: ["media"],
      settings: { uploadTimeout: "10 minutes", requestTimeout: "1 hour" }
    }))))

  it.effect("of which there is no record says so", () =>
    Effect.gen(function*() {
      const uploader = yield* Uploader.Uploader
      const emulator = yield* Emulator.Emulator
      for (
        const [operation, put] of [
          ["form", uploader.putBytes(bytes(8), target, { method: "form" })],
          ["form", uploader.putStream(Stream.make(bytes(8)), target, { method: "form", size: 8 })],
          [
            "form",
            uploader.putStream(Stream.make(bytes(5 * mebibyte)), target, { method: "form", size: 5 * mebibyte })
          ],
          ["mkblk", uploader.putStream(Stream.make(bytes(8)), target, { method: "block" })],
          ["append", uploader.append(bytes(8), target, { position: 0 })]
        ] as const
      ) {
        yield* emulator.addFault(Fault.on(operation, Fault.stall))
        const error = failureOf(yield* Effect.exit(within<unknown, WcsError.WcsError, never>("20 minutes", put)))
        assert.deepInclude(error, { _tag: "WcsTimeout", reason: "Upload", uploadId: undefined })
      }
    }).pipe(Effect.provide(WcsTest.layer({
      buckets: ["media"],
      settings: { uploadTimeout: "10 minutes", requestTimeout: "1 hour" }
    }))))
})
