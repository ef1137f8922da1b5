/**
 * The checksums of WCS, over local content.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { WcsFileError } from "../domain/WcsError.ts"

/**
 * Computes what the service computes. Content is read as a stream: memory does not grow with it. Layer:
 * `ChecksumsDigest`.
 *
 * @example
 * import { Effect } from "effect"
 * import { Checksums } from "effect-wcs"
 * import { WcsTest } from "effect-wcs/testing"
 *
 * const program = Effect.gen(function*() {
 *   const checksums = yield* Checksums.Checksums
 *   return yield* checksums.etagOfFile("hello.txt")
 * })
 * const test = WcsTest.layer({ files: { "hello.txt": "hello world" } })
 * assert.strictEqual(await Effect.runPromise(Effect.provide(program, test)), "FiqubDXJT8-0FdvpX0CLnOke6Ebt")
 *
 * @since 0.1.0
 * @category services
 */
export class Checksums extends Context.Tag("effect-wcs/Checksums")<Checksums, {
  /** The etag that the service gives to this file (protocol 11.1). */
  readonly etagOfFile: (path: string) => Effect.Effect<string, WcsFileError>
  /** The etag of what a stream gives. */
  readonly etagOfStream: <E>(stream: Stream.Stream<Uint8Array, E>) => Effect.Effect<string, E>
  /** The CRC-64/XZ of a file, as the unsigned decimal number that the service writes (protocol 11.2). */
  readonly crc64OfFile: (path: string) => Effect.Effect<string, WcsFileError>
  /** The CRC-64/XZ of what a stream gives. */
  readonly crc64OfStream: <E>(stream: Stream.Stream<Uint8Array, E>) => Effect.Effect<string, E>
}>() {}
