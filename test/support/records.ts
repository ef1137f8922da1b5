import { FileSystem } from "@effect/platform"
import { Effect, Either } from "effect"
import * as UploadRecordFile from "../../src/domain/UploadRecordFile.ts"

/** The offsets of the blocks that are noted in a folder of records, in order; none of an absent one. */
export const recordedOffsets = (folder: string) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const names = yield* Effect.orElseSucceed(fs.readDirectory(folder), () => [])
    const texts = yield* Effect.forEach(
      names.filter((name) => name.endsWith(".manifest")),
      // It may end meanwhile.
      (name) => Effect.orElseSucceed(fs.readFileString(`${folder}/${name}`), () => "")
    )
    return texts
      .flatMap((text) => {
        const read = UploadRecordFile.decodeManifest(text)
        return Either.isRight(read) ? [...read.right.blocks.keys()] : []
      })
      .toSorted((a, b) => a - b)
  })
