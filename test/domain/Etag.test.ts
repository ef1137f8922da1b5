import { assert, describe, it } from "@effect/vitest"
import { Effect, FastCheck } from "effect"
import { createHash } from "node:crypto"
import * as Base64Url from "../../src/domain/Base64Url.ts"
import * as Etag from "../../src/domain/Etag.ts"
import * as DigestNode from "../../src/layers/DigestNode.ts"
import * as DigestWasm from "../../src/layers/DigestWasm.ts"
import { Digest } from "../../src/services/Digest.ts"

const bytes = Uint8Array.from(
  { length: 2 * Etag.pieceSize + 1 },
  (_, i) => (i * 31 + (i >> 8) * 17 + (i >> 16) * 13) & 0xff
)

/** By the book (protocol 11.1), and nothing of ours. */
const byTheBook = (content: Uint8Array): string => {
  const sha1 = (input: Uint8Array) => createHash("sha1").update(input).digest()
  const pieces: Array<Uint8Array> = []
  for (let at = 0; at < content.length; at += Etag.pieceSize) {
    pieces.push(sha1(content.subarray(at, at + Etag.pieceSize)))
  }
  const parts = pieces.length > 1
    ? [Buffer.of(0x96), sha1(Buffer.concat(pieces))]
    : [Buffer.of(0x16), pieces[0] ?? sha1(new Uint8Array())]
  return Base64Url.encode(Buffer.concat(parts))
}

const etag = (content: Uint8Array, cuts: ReadonlyArray<number>) =>
  Effect.map(Digest, ({ sha1 }) => {
    const hasher = Etag.pieceHasher(sha1)
    let at = 0
    for (const cut of [...cuts.toSorted((a, b) => a - b), content.length]) {
      hasher.update(content.subarray(at, Math.min(cut, content.length)))
      at = Math.min(cut, content.length)
    }
    return Etag.fromPieces(hasher.digest(), sha1)
  })

for (const [name, digest] of Object.entries({ DigestNode: DigestNode.layer, DigestWasm: DigestWasm.layer })) {
  describe(`Etag with ${name}`, () => {
    it.layer(digest)((it) => {
      for (const size of [0, 1, Etag.pieceSize - 1, Etag.pieceSize, Etag.pieceSize + 1, 2 * Etag.pieceSize]) {
        it.effect.prop(
          `however ${size} bytes are cut, the etag is the same`,
          [FastCheck.array(FastCheck.nat(2 * Etag.pieceSize), { maxLength: 8 })],
          ([cuts]) =>
            Effect.gen(function*() {
              const content = bytes.subarray(0, size)
              assert.strictEqual(yield* etag(content, cuts), byTheBook(content))
            }),
          { fastCheck: { numRuns: 8 } }
        )
      }

      it.effect("several hashes may be open at once", () =>
        Effect.gen(function*() {
          const { sha1 } = yield* Digest
          const hashers = [Etag.pieceHasher(sha1), Etag.pieceHasher(sha1)]
          for (let at = 0; at < bytes.length; at += 1_000_003) {
            for (const hasher of hashers) hasher.update(bytes.subarray(at, at + 1_000_003))
          }
          for (const hasher of hashers) {
            assert.strictEqual(Etag.fromPieces(hasher.digest(), sha1), byTheBook(bytes))
          }
        }))
    })
  })
}
