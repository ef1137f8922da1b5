import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Random from "effect/Random"
import { UploadId } from "../domain/UploadRecord.ts"
import type { WcsFileError } from "../domain/WcsError.ts"
import type { Digest } from "../services/Digest.ts"
import type { WcsOptions } from "../services/WcsConfig.ts"
import type { Source } from "./source.ts"
import type { UploadInput } from "./uploadInput.ts"

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/** 32 letters and digits, as the official SDK makes them (protocol 16.1). */
export const random: Effect.Effect<UploadId> = Effect.map(
  Effect.replicateEffect(Random.nextIntBetween(0, alphabet.length), 32),
  (indices) => UploadId.make(indices.map((index) => alphabet[index]).join(""))
)

/** The same 32 characters for the same upload: target, source and block size. */
export const derive = (
  digest: Digest["Type"],
  config: WcsOptions,
  input: UploadInput,
  source: Source
): Effect.Effect<UploadId, WcsFileError> =>
  Effect.map(source.identity, (identity) => {
    const hash = digest.md5()
    const facts = [config.uploadUrl, input.context.bucket, input.context.key, identity, source.size, input.blockSize]
    hash.update(new TextEncoder().encode(JSON.stringify(facts)))
    return UploadId.make(Encoding.encodeHex(hash.digest()))
  })
