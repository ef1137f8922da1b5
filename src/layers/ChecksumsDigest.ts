/**
 * `Checksums` over `Digest`.
 *
 * @since 0.1.0
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as checksum from "../internal/checksum.ts"
import * as source from "../internal/source.ts"
import { Checksums } from "../services/Checksums.ts"
import { Digest } from "../services/Digest.ts"

/**
 * Computes checksums with the hash functions of `Digest`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<
  Checksums["Type"],
  never,
  Digest | FileSystem.FileSystem | Path.Path
> = Effect.gen(function*() {
  const digest = yield* Digest
  const files: source.Files = { fs: yield* FileSystem.FileSystem, paths: yield* Path.Path }
  const etag = checksum.etag(digest.sha1)
  const crc64 = checksum.crc64(digest.crc64)
  const ofFile = (path: string, begin: checksum.Checksum) =>
    Effect.flatMap(source.fromFile(files, path), (file) => checksum.ofSource(file, begin))

  return Checksums.of({
    etagOfStream: (stream) => checksum.ofStream(stream, etag),
    crc64OfStream: (stream) => checksum.ofStream(stream, crc64),
    etagOfFile: (path) => ofFile(path, etag),
    crc64OfFile: (path) => ofFile(path, crc64)
  })
})

/**
 * `Checksums` over `Digest`, `FileSystem` and `Path`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<
  Checksums,
  never,
  Digest | FileSystem.FileSystem | Path.Path
> = Layer.effect(Checksums, make)
