import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Crc64 from "../domain/Crc64.ts"
import * as Etag from "../domain/Etag.ts"
import type { WcsFileError } from "../domain/WcsError.ts"
import type { Source } from "./source.ts"

/** Begins a checksum: bytes go in, its text comes out. */
export type Checksum = () => {
  readonly update: (bytes: Uint8Array) => void
  readonly text: () => string
}

export const etag = (sha1: () => Etag.Hash): Checksum => () => {
  const { digest, update } = Etag.pieceHasher(sha1)
  return { update, text: () => Etag.fromPieces(digest(), sha1) }
}

export const crc64 = (start: () => Etag.Hash): Checksum => () => {
  const { digest, update } = start()
  return { update, text: () => Crc64.toDecimal(digest()) }
}

/** Of what a stream gives. */
export const ofStream = <E>(stream: Stream.Stream<Uint8Array, E>, begin: Checksum): Effect.Effect<string, E> =>
  Effect.suspend(() => {
    const { text, update } = begin()
    return Effect.map(Stream.runForEach(stream, (bytes) => Effect.sync(() => update(bytes))), text)
  })

/** Of a source from its beginning to its end: read in large pieces of the same memory, which costs far less than its stream. */
export const ofSource: (source: Source, begin: Checksum) => Effect.Effect<string, WcsFileError> = Effect.fnUntraced(
  function*(source, begin) {
    const { text, update } = begin()
    const { read } = yield* source.reader
    for (let at = 0; at < source.size; at += Etag.pieceSize) {
      update(yield* read(at, Math.min(Etag.pieceSize, source.size - at)))
    }
    return text()
  },
  Effect.scoped
)
