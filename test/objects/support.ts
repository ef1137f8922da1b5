import { Effect } from "effect"
import { Objects } from "effect-wcs"
import { WcsTest } from "effect-wcs/testing"
import { location } from "../downloader/support.ts"
import { keysOf, putAll } from "../support/emulated.ts"

export { location } from "../downloader/support.ts"
export { emulator, operations } from "../support/emulated.ts"

export const service = (options: WcsTest.Options = {}) => WcsTest.layer({ buckets: ["media"], ...options })

export const objects = <A, E>(use: (objects: Objects.Objects["Type"]) => Effect.Effect<A, E>) =>
  Effect.flatMap(Objects.Objects, use)

/** Stores a small object under each key. */
export const store = (...keys: ReadonlyArray<string>) =>
  putAll(location.bucket, Object.fromEntries(keys.map((key) => [key, `the content of ${key}`])))

export const keys = (bucket = location.bucket) => keysOf(bucket)

export const media = (key: string) => ({ bucket: "media", key })

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
