import { Effect } from "effect"
import { Objects } from "effect-wcs"
import { WcsTest } from "effect-wcs/testing"
import { emulator, location } from "../downloader/support.ts"

export { emulator, location, operations } from "../downloader/support.ts"

export const service = (options: WcsTest.Options = {}) => WcsTest.layer({ buckets: ["media"], ...options })

export const objects = <A, E>(use: (objects: Objects.Objects["Type"]) => Effect.Effect<A, E>) =>
  Effect.flatMap(Objects.Objects, use)

/** Stores a small object under each key. */
export const store = (...keys: ReadonlyArray<string>) =>
  emulator((emulator) =>
    Effect.forEach(keys, (key) => emulator.putObject({ ...location, key }, `the content of ${key}`), { discard: true })
  )

/** Keys that are hard on Base64, on URLs, or on a separator; in the order of their UTF-8. */
export const oddKeys = [
  " ",
  "%2F%00",
  "+&?#=;,",
  "a b/c  d",
  "a//b",
  "a:b:c",
  "a\\b",
  "e\u0301",
  "key=value&x",
  "ÿ",
  "日本語/ファイル.txt",
  "\ufb01",
  "🎬.mp4"
]
