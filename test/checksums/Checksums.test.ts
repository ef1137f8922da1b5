import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FastCheck as fc, Layer, Stream } from "effect"
import { Checksums, ChecksumsDigest, DigestWasm } from "effect-wcs"
import { DigestNode } from "effect-wcs/node"
import { bytes, mebibyte } from "../support/content.ts"
import * as etags from "../testing/support.ts"

/** CRC-64/XZ bit by bit, by the book (protocol 11.2), and nothing of ours. */
const crc64 = (content: Uint8Array): string => {
  let crc = ~0n & 0xffff_ffff_ffff_ffffn
  for (const byte of content) {
    crc ^= BigInt(byte)
    for (let bit = 0; bit < 8; bit++) crc = (crc >> 1n) ^ (crc & 1n ? 0xc96c_5795_d787_0f42n : 0n)
  }
  return String(crc ^ 0xffff_ffff_ffff_ffffn)
}

const letters = (...runs: ReadonlyArray<string>) =>
  Buffer.concat(runs.map((letter) => Buffer.alloc(2 * mebibyte, letter)))

/** Published and computed values (protocol 23.6, 23.7). */
const known: ReadonlyArray<readonly [content: string, bytes: Uint8Array, etag: string, crc64?: string]> = [
  ["nothing", Buffer.alloc(0), "Fto5o-5ea0sNMlW_75VgGJCv2AcJ", "0"],
  ["hello world", Buffer.from("hello world"), "FiqubDXJT8-0FdvpX0CLnOke6Ebt", "5981764153023615706"],
  ["123456789", Buffer.from("123456789"), etags.etag(Buffer.from("123456789")), "11051210869376104954"],
  ["UMUTech@qq.com", Buffer.from("UMUTech@qq.com"), "FpAEzHGOWdh-QAYhattxl1vqHLMw"],
  ["U, M and 0", Buffer.concat([letters("U", "M"), Buffer.from("0")]), "ljQoZqmvLKtOnK_5OHnMRw1djggC"],
  ["U, M and U", letters("U", "M", "U"), "lrF9_0PPkhwAX_ghfNQVIQm5IJxK"],
  ["a whole piece of zeros", Buffer.alloc(4 * mebibyte), "FivMvS848VwT631aif2dhfWV4jvD"],
  ["a zero more than a piece", Buffer.alloc(4 * mebibyte + 1), "lhCFgki5yzon0rjN9uJusf6qtsF6"]
]

const sizes = [0, 1, 4 * mebibyte - 1, 4 * mebibyte, 4 * mebibyte + 1]

/** A temporary folder's file with this content. */
const file = (content: Uint8Array) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const path = `${yield* fs.makeTempDirectoryScoped()}/content.bin`
    yield* fs.writeFile(path, content)
    return path
  })

/** A stream of content that is cut at these places. */
const cut = (content: Uint8Array, places: ReadonlyArray<number>) => {
  const cuts = [0, ...places.filter((place) => place < content.length).toSorted((a, b) => a - b), content.length]
  return Stream.fromIterable(cuts.slice(1).map((end, i) => content.subarray(cuts[i], end)))
}

for (const [name, digest] of Object.entries({ DigestNode: DigestNode.layer, DigestWasm: DigestWasm.layer })) {
  const layer = Layer.provideMerge(ChecksumsDigest.layer, Layer.merge(digest, NodeContext.layer))

  describe(`checksums by ${name}`, () => {
    it.layer(layer)((it) => {
      for (const [what, content, etag, crc64] of known) {
        it.scoped(`of a file of ${what} are those that were published`, () =>
          Effect.gen(function*() {
            const checksums = yield* Checksums.Checksums
            const path = yield* file(content)
            assert.strictEqual(yield* checksums.etagOfFile(path), etag)
            if (crc64 !== undefined) assert.strictEqual(yield* checksums.crc64OfFile(path), crc64)
          }))
      }

      for (const size of sizes) {
        it.scoped(`of a file of ${size} bytes are those of its bytes`, () =>
          Effect.gen(function*() {
            const checksums = yield* Checksums.Checksums
            const path = yield* file(bytes(size))
            assert.strictEqual(yield* checksums.etagOfFile(path), etags.etag(bytes(size)))
            assert.strictEqual(
              yield* checksums.crc64OfFile(path),
              yield* checksums.crc64OfStream(Stream.make(bytes(size)))
            )
          }))
      }

      it.effect.prop(
        "are the same however a stream is cut",
        [fc.constantFrom(...sizes), fc.array(fc.nat(5 * mebibyte), { maxLength: 9 })],
        ([size, places]) =>
          Effect.gen(function*() {
            const checksums = yield* Checksums.Checksums
            const content = bytes(size)
            assert.strictEqual(yield* checksums.etagOfStream(cut(content, places)), etags.etag(content))
            assert.strictEqual(
              yield* checksums.crc64OfStream(cut(content, places)),
              yield* checksums.crc64OfStream(Stream.make(content))
            )
          }),
        { fastCheck: { numRuns: 12 } }
      )

      it.effect.prop("are by the book", [fc.uint8Array({ maxLength: 300 })], ([content]) =>
        Effect.gen(function*() {
          const checksums = yield* Checksums.Checksums
          assert.strictEqual(yield* checksums.crc64OfStream(Stream.make(content)), crc64(content))
          assert.strictEqual(yield* checksums.etagOfStream(Stream.make(content)), etags.etag(content))
        }))

      it.effect("of a stream that fails are its error", () =>
        Effect.gen(function*() {
          const checksums = yield* Checksums.Checksums
          const broken = Stream.concat(Stream.make(bytes(9)), Stream.fail("broken pipe" as const))
          assert.strictEqual(yield* Effect.flip(checksums.etagOfStream(broken)), "broken pipe")
          assert.strictEqual(yield* Effect.flip(checksums.crc64OfStream(broken)), "broken pipe")
        }))

      it.effect("of several streams at once do not mix", () =>
        Effect.gen(function*() {
          const { crc64OfStream, etagOfStream } = yield* Checksums.Checksums
          const contents = [1, 2, 3].map((seed) => bytes(100_000, seed))
          const slow = (content: Uint8Array) => Stream.tap(cut(content, [1, 5000, 70_000]), () => Effect.yieldNow())
          const all = Effect.forEach(
            contents,
            (content) => Effect.all([etagOfStream(slow(content)), crc64OfStream(slow(content))], { concurrency: 2 }),
            { concurrency: 3 }
          )
          const one = Effect.forEach(contents, (content) =>
            Effect.all([etagOfStream(Stream.make(content)), crc64OfStream(Stream.make(content))]))
          assert.deepStrictEqual(yield* all, yield* one)
          assert.strictEqual(new Set((yield* one).flat()).size, 6)
        }))
    })
  })
}

describe("what is no file", () => {
  const layer = ChecksumsDigest.layer.pipe(Layer.provide(DigestNode.layer), Layer.provideMerge(NodeContext.layer))

  it.scopedLive("is a typed error", () =>
    Effect.gen(function*() {
      const checksums = yield* Checksums.Checksums
      const folder = yield* Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())
      for (
        const [path, reason] of [
          [`${folder}/missing`, "NotFound"],
          [`${folder}/missing/file`, "NotFound"],
          [folder, "NotAFile"],
          ["/dev/null", "NotAFile"]
        ] as const
      ) {
        for (const checksum of [checksums.etagOfFile, checksums.crc64OfFile]) {
          assert.include(yield* Effect.flip(checksum(path)), { _tag: "WcsFileError", reason, path })
        }
      }
    }).pipe(Effect.provide(layer)))
})
