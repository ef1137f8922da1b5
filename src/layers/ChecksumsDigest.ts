/**
 * `Checksums` over `Digest`.
 *
 * @since 0.1.0
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as Crc64 from "../domain/Crc64.ts"
import type { WcsFileError } from "../domain/WcsError.ts"
import * as source from "../internal/source.ts"
import { Checksums } from "../services/Checksums.ts"
import { Digest } from "../services/Digest.ts"

/**
 * Computes checksums with the hash functions of `Digest`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Checksums["Type"], never, Digest | FileSystem.FileSystem> = Effect.gen(function*() {
  const digest = yield* Digest
  const fs = yield* FileSystem.FileSystem

  const etagOfStream = <E>(stream: Stream.Stream<Uint8Array, E>) => source.etag(stream, digest.sha1)
  const crc64OfStream = <E>(stream: Stream.Stream<Uint8Array, E>) =>
    Effect.suspend(() => {
      const hash = digest.crc64()
      return Effect.map(Stream.runForEach(stream, (bytes) => Effect.sync(() => hash.update(bytes))), () =>
        Crc64.toDecimal(hash.digest()))
    })
  const ofFile =
    (of: (stream: Stream.Stream<Uint8Array, WcsFileError>) => Effect.Effect<string, WcsFileError>) => (path: string) =>
      Effect.flatMap(source.fromFile(fs, path), (file) => of(file.stream))

  return Checksums.of({
    etagOfStream,
    crc64OfStream,
    etagOfFile: ofFile(etagOfStream),
    crc64OfFile: ofFile(crc64OfStream)
  })
})

/**
 * `Checksums` over `Digest` and `FileSystem`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Checksums, never, Digest | FileSystem.FileSystem> = Layer.effect(Checksums, make)
