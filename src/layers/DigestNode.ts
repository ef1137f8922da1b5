/**
 * `Digest` by Node's native functions.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import hashWasm from "hash-wasm/dist/crc64.umd.min.js"
import { createHash, createHmac } from "node:crypto"
import { crc32 } from "node:zlib"
import type { Hash } from "../domain/Etag.ts"
import { shared } from "../internal/wasmHash.ts"
import { Digest } from "../services/Digest.ts"

const native = (algorithm: string) => (): Hash => {
  const hash = createHash(algorithm)
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest() }
}

const nativeCrc32 = (): Hash => {
  let value = 0
  return {
    update: (bytes) => {
      value = crc32(bytes, value)
    },
    digest: () => {
      const digest = new Uint8Array(4)
      new DataView(digest.buffer).setUint32(0, value)
      return digest
    }
  }
}

/**
 * `Digest` by `node:crypto` and `node:zlib`; CRC-64 by WebAssembly.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Digest> = Layer.effect(
  Digest,
  Effect.map(Effect.promise(() => hashWasm.createCRC64()), (crc64) =>
    Digest.of({
      sha1: native("sha1"),
      md5: native("md5"),
      crc64: shared(crc64),
      crc32: nativeCrc32,
      hmacSha1: (key, data) => Effect.sync(() => createHmac("sha1", key).update(data).digest())
    }))
)
