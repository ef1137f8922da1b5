import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Option, TestClock } from "effect"
import * as etags from "../testing/support.ts"
import { emulator, location, objects, oddKeys, operations, service, store } from "./support.ts"

const stat = (to = location) => objects((objects) => objects.stat(to))

describe("stat", () => {
  it.effect("describes an object", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(etags.now)
      yield* emulator((emulator) =>
        emulator.putObject(location, "hello world", { mimeType: "video/mp4", retentionDays: 3 })
      )
      const info = yield* stat()
      assert.deepStrictEqual({ ...info, putTime: 0, expires: 0 }, {
        key: location.key,
        size: 11,
        etag: "FiqubDXJT8-0FdvpX0CLnOke6Ebt",
        mimeType: "video/mp4",
        putTime: 0,
        expires: 0,
        storageClass: Option.none(),
        nextAppendPosition: Option.none()
      })
      assert.strictEqual(DateTime.toEpochMillis(info.putTime), Math.floor(etags.now / 1000) * 1000)
      const days = DateTime.distance(info.putTime, Option.getOrThrow(info.expires)) / 86_400_000
      assert.approximately(days, 3, 0.001)
    }).pipe(Effect.provide(service())))

  it.effect("knows an empty object, and one that stays for ever", () =>
    Effect.gen(function*() {
      yield* emulator((emulator) => emulator.putObject(location, ""))
      const { etag, expires, size } = yield* stat()
      assert.deepStrictEqual({ etag, size }, { etag: "Fto5o-5ea0sNMlW_75VgGJCv2AcJ", size: 0 })
      assert.isTrue(Option.isNone(expires))
    }).pipe(Effect.provide(service())))

  it.effect("of no object fails with WcsNotFound, which tells the request", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(stat())
      assert.include(error, { _tag: "WcsNotFound", operation: "stat", status: 404, isRetryable: false })
      const [request] = yield* emulator((emulator) => emulator.requests)
      assert.include(error.message, request?.requestId ?? "a request")
      assert.lengthOf(yield* operations, 1)
    }).pipe(Effect.provide(service())))

  for (const missingBucket of [404, 631] as const) {
    it.effect(`in no bucket fails with WcsNotFound (${missingBucket})`, () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(stat({ bucket: "other", key: "a" }))
        assert.include(error, { _tag: "WcsNotFound", status: missingBucket })
      }).pipe(Effect.provide(service({ strictness: { missingBucket } }))))
  }

  it.effect("in somebody else's bucket fails with WcsUnauthorized", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* Effect.flip(stat({ bucket: "theirs", key: "a" })))._tag, "WcsUnauthorized")
    }).pipe(Effect.provide(service({ foreignBuckets: ["theirs"] }))))

  it.effect("without credentials fails with WcsMissingCredentials, and nothing is sent", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* Effect.flip(stat()))._tag, "WcsMissingCredentials")
      assert.isEmpty(yield* operations)
    }).pipe(Effect.provide(service({ settings: { credentials: undefined } }))))

  for (
    const [input, bucket, key] of [
      ["bucket", "", "a"],
      ["bucket", "a:b", "a"],
      ["bucket", "a/b", "a"],
      ["key", "media", ""],
      ["key", "media", "\ud800"]
    ] as const
  ) {
    it.effect(`of ${JSON.stringify(`${bucket}:${key}`)} is refused before anything is sent`, () =>
      Effect.gen(function*() {
        assert.include(yield* Effect.flip(stat({ bucket, key })), { _tag: "WcsInvalidInput", input })
        assert.isEmpty(yield* operations)
      }).pipe(Effect.provide(service())))
  }

  for (const key of oddKeys) {
    it.effect(`finds the key ${JSON.stringify(key)}`, () =>
      Effect.gen(function*() {
        yield* store(key, "another")
        const info = yield* stat({ ...location, key })
        assert.deepStrictEqual({ ...info, key: info.key }, { ...info, key })
        assert.strictEqual(info.etag, etags.etag(Buffer.from(`the content of ${key}`)))
      }).pipe(Effect.provide(service())))
  }
})
