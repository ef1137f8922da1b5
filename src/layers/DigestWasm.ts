/**
 * `Digest` by WebAssembly, for any runtime.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { createCRC32, createCRC64, createHMAC, createMD5, createSHA1 } from "hash-wasm"
import { shared } from "../internal/wasmHash.ts"
import { Digest } from "../services/Digest.ts"

/**
 * Loads the WebAssembly modules.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Digest["Type"]> = Effect.gen(function*() {
  // A module is made once: to make one takes real time, during which the clock of a test would run on.
  const [sha1, md5, crc64, crc32, mac] = yield* Effect.promise(() =>
    Promise.all([createSHA1(), createMD5(), createCRC64(), createCRC32(), createSHA1()])
  )
  return Digest.of({
    sha1: shared(sha1),
    md5: shared(md5),
    crc64: shared(crc64),
    crc32: shared(crc32),
    hmacSha1: (key, data) =>
      Effect.map(
        Effect.promise(() => createHMAC(Promise.resolve(mac), new TextEncoder().encode(key))),
        (hmac) => hmac.init().update(data).digest("binary")
      )
  })
})

/**
 * `Digest` for any runtime.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Digest> = Layer.effect(Digest, make)
