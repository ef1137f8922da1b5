import type { IHasher } from "hash-wasm"
import type { Hash } from "../domain/Etag.ts"

/** Several hashes share one instance: its small state is put in before use and taken out after it. */
export const shared = (hasher: IHasher) => {
  const initial = hasher.init().save()
  return (): Hash => {
    let state = initial
    return {
      update: (bytes) => {
        state = hasher.load(state).update(bytes).save()
      },
      digest: () => hasher.load(state).digest("binary")
    }
  }
}
