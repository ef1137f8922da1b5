import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, FastCheck, Schema } from "effect"
import * as Entry from "../../src/domain/Entry.ts"

const key = FastCheck.string({ unit: "binary", minLength: 1 })

describe("Entry", () => {
  it.effect.prop("an entry survives the wire", [Entry.BucketName, key], ([bucket, key]) =>
    Effect.gen(function*() {
      const entry = yield* Entry.existing({ bucket, key })
      assert.strictEqual(entry.text, `${bucket}:${key}`)
      const encoded = yield* Schema.encode(Entry.EntryFromEncoded)(entry)
      assert.strictEqual(encoded, entry.encoded)
      assert.deepStrictEqual(yield* Schema.decode(Entry.EntryFromEncoded)(encoded), entry)
    }))

  it.effect.prop(
    "a key that may be stored may also be read",
    [Entry.BucketName, key],
    ([bucket, key]) =>
      Effect.sync(() => {
        const stored = Entry.toStore({ bucket, key })
        if (Either.isRight(stored)) assert.deepStrictEqual(Entry.existing({ bucket, key }), stored)
      })
  )

  const stored = ["a", "a:b", "目录/文件 1.txt", "a/.b", "a/b..", "...", "a//b", "x".repeat(1000), "é".repeat(500)]
  for (const key of stored) {
    it(`stores the key ${JSON.stringify(key.slice(0, 20))}`, () => {
      assert.isTrue(Either.isRight(Entry.toStore({ bucket: "b", key })))
    })
  }

  const refused = [
    "",
    "/a",
    "a/",
    "/",
    ".",
    "..",
    "./a",
    "a/..",
    "a/./b",
    "a/../b",
    "a\nb",
    "a\u0000",
    "\u007f",
    "\ud800",
    "x".repeat(1001),
    "é".repeat(501)
  ]
  for (const key of refused) {
    it(`does not store the key ${JSON.stringify(key.slice(0, 20))}`, () => {
      const error = Either.getOrThrow(Either.flip(Entry.toStore({ bucket: "b", key })))
      assert.strictEqual(error._tag, "WcsInvalidInput")
      assert.strictEqual(error.input, "key")
    })
  }

  for (const bucket of ["", "a:b", "a/b", "a\tb", "\udfff"]) {
    it(`refuses the bucket ${JSON.stringify(bucket)}`, () => {
      const error = Either.getOrThrow(Either.flip(Entry.existing({ bucket, key: "k" })))
      assert.strictEqual(error.input, "bucket")
    })
  }

  it("refuses an encoded entry without a key", () => {
    assert.isTrue(Either.isLeft(Schema.decodeEither(Entry.EntryFromEncoded)("YnVja2V0LWE=")))
    assert.isTrue(Either.isLeft(Schema.decodeEither(Entry.EntryFromEncoded)("YnVja2V0LWE6")))
  })
})
