import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, FastCheck, Schema } from "effect"
import * as Base64Url from "../../src/domain/Base64Url.ts"

describe("Base64Url", () => {
  it.effect.prop(
    "bytes survive, with or without padding, in either alphabet",
    [FastCheck.uint8Array()],
    ([bytes]) =>
      Effect.gen(function*() {
        const encoded = Base64Url.encode(bytes)
        assert.match(encoded, /^[\w-]*={0,2}$/)
        assert.strictEqual(encoded.length % 4, 0)
        assert.deepStrictEqual(yield* Base64Url.decode(encoded), bytes)
        assert.deepStrictEqual(yield* Base64Url.decode(encoded.replace(/=+$/, "")), bytes)
        assert.deepStrictEqual(yield* Base64Url.decode(encoded.replaceAll("-", "+").replaceAll("_", "/")), bytes)
      })
  )

  it.effect.prop(
    "text survives the schema",
    [FastCheck.string({ unit: "binary" })],
    ([text]) =>
      Effect.gen(function*() {
        const encoded = yield* Schema.encode(Base64Url.TextFromBase64Url)(text)
        assert.strictEqual(encoded, Buffer.from(text).toString("base64").replaceAll("+", "-").replaceAll("/", "_"))
        assert.strictEqual(yield* Schema.decode(Base64Url.TextFromBase64Url)(encoded), text)
      })
  )

  it("refuses what is not Base64, and bytes that are not UTF-8", () => {
    for (const text of ["a", "a b=", "YQ==junk", "Y=Q=", "YQ=\n=", "é"]) {
      assert.isTrue(Either.isLeft(Base64Url.decode(text)), text)
    }
    assert.isTrue(Either.isLeft(Base64Url.decodeText(Base64Url.encode(Uint8Array.of(0xff, 0xfe)))))
  })

  it("keeps a byte order mark", () => {
    assert.deepStrictEqual(Base64Url.decodeText(Base64Url.encode("\ufeffa")), Either.right("\ufeffa"))
  })
})
