import { Effect, Stream } from "effect"
import { Uploader } from "effect-wcs"
import { Emulator } from "effect-wcs/testing"
import { bytes } from "../support/content.ts"

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

export const inEmulator = <A>(use: (emulator: Emulator.Emulator["Type"]) => Effect.Effect<A>) =>
  Effect.flatMap(Emulator.Emulator, use)

export const stored = inEmulator((emulator) =>
  Effect.map(emulator.objects("media"), (objects) => objects.map(({ key }) => key).toSorted())
)

export const content = (key: string) =>
  inEmulator((emulator) =>
    Effect.map(
      Stream.runCollect(emulator.content({ bucket: "media", key })),
      (chunks) => Buffer.concat([...chunks]).toString()
    )
  )

export const operations = inEmulator((emulator) =>
  Effect.map(emulator.requests, (requests) => requests.map(({ operation }) => operation))
)

/** What came of each file, short. */
export const ends = (summary: Uploader.DirectorySummary) =>
  summary.files.map((file) => [file.path, file._tag === "Failed" ? file.error._tag : file._tag])
