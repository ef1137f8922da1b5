import { assert, it } from "@effect/vitest"
import { Context, Effect, FastCheck as fc, Layer } from "effect"
import { Digest, DigestWasm, type Etag } from "effect-wcs"
import { DigestNode } from "effect-wcs/node"

class Both extends Context.Tag("test/checksums/Both")<Both, ReadonlyArray<Digest.Digest["Type"]>>() {
  static readonly layer = Layer.effect(
    Both,
    Effect.all([DigestNode.layer, DigestWasm.layer].map((layer) => Effect.provide(Digest.Digest, layer)))
  )
}

/** What both say of the same is the same. */
const agree = <A>(use: (digest: Digest.Digest["Type"]) => Effect.Effect<A>) =>
  Effect.gen(function*() {
    const [node, wasm] = yield* Effect.flatMap(Both, Effect.forEach(use))
    assert.isDefined(node)
    assert.deepStrictEqual(wasm, node)
  })

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex")

const hashed = (hash: Etag.Hash, pieces: ReadonlyArray<Uint8Array>) => {
  for (const piece of pieces) hash.update(piece)
  return hex(hash.digest())
}

const pieces = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 6 })

it.layer(Both.layer)("DigestNode and DigestWasm agree", (it) => {
  for (const name of ["sha1", "md5", "crc64"] as const) {
    it.effect.prop(
      `on ${name}, whatever the pieces`,
      [pieces],
      ([pieces]) => agree((digest) => Effect.sync(() => hashed(digest[name](), pieces)))
    )

    it.effect.prop(
      `on ${name}, with several open at once`,
      [pieces, pieces],
      ([first, second]) =>
        agree((digest) =>
          Effect.sync(() => {
            const [a, b] = [digest[name](), digest[name]()]
            for (let i = 0; i < Math.max(first.length, second.length); i++) {
              a.update(first[i] ?? new Uint8Array())
              b.update(second[i] ?? new Uint8Array())
            }
            const alone = hashed(digest[name](), first)
            assert.strictEqual(hex(a.digest()), alone)
            return alone
          })
        )
    )
  }

  it.effect.prop(
    "on crc32",
    [fc.uint8Array({ maxLength: 500 })],
    ([bytes]) => agree(({ crc32 }) => Effect.sync(() => hashed(crc32(), [bytes])))
  )

  it.effect.prop(
    "on HMAC-SHA1, whatever the key and the text",
    [fc.string({ minLength: 1, unit: "grapheme", maxLength: 100 }), fc.string({ unit: "grapheme" })],
    ([key, text]) => agree(({ hmacSha1 }) => Effect.map(hmacSha1(key, text), hex))
  )

  it.effect("on bytes that are a part of a larger buffer", () =>
    agree((digest) =>
      Effect.sync(() => {
        const part = Uint8Array.from({ length: 64 }, (_, i) => i).subarray(7, 50)
        return [hashed(digest.crc32(), [part]), hashed(digest.sha1(), [part]), hashed(digest.md5(), [part])]
      })
    ))
})
