import { Effect } from "effect"
import { Uploader } from "effect-wcs"
import { bytes } from "../support/content.ts"
import { contentOf, keysOf } from "../support/emulated.ts"

export { operations } from "../support/emulated.ts"

export const target = { bucket: "media", prefix: "site/" }

export const files = {
  "/in/b.txt": "bee",
  "/in/a/2.txt": "second",
  "/in/a/1.txt": "first",
  "/in/a.txt": "",
  "/in/z/ü ø/deep.bin": bytes(9)
}

export const put = (options?: Uploader.DirectoryOptions, folder = "/in") =>
  Effect.flatMap(Uploader.Uploader, (uploader) => uploader.putDirectory(folder, target, options))

export const stored = Effect.map(keysOf("media"), (keys) => keys.toSorted())

export const content = (key: string) => Effect.map(contentOf({ bucket: "media", key }), (bytes) => bytes.toString())

/** What came of each file, short. */
export const ends = (summary: Uploader.DirectorySummary) =>
  summary.files.map((file) => [file.path, file._tag === "Failed" ? file.error._tag : file._tag])
