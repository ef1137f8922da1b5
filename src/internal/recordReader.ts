import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Array from "effect/Array"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { BlockRecord, UploadId, UploadRecord } from "../domain/UploadRecord.ts"
import * as UploadRecordFile from "../domain/UploadRecordFile.ts"
import { WcsProgressError } from "../domain/WcsError.ts"
import * as recordFiles from "./recordFiles.ts"

/** Files that are looked at side by side. */
const looks = { concurrency: 16 }

/** Reads records as they lie in a folder. */
export interface RecordReader {
  /** Whether there is a manifest. A link or the like is none of ours, and what it leads to is not to be touched. */
  readonly hasManifest: (
    id: UploadId,
    reason: "Unreadable" | "Unwritable"
  ) => Effect.Effect<boolean, PlatformError | WcsProgressError>
  readonly load: (id: UploadId) => Effect.Effect<Option.Option<UploadRecord>, PlatformError | WcsProgressError>
  /** The uploads that there are records of. */
  readonly list: Effect.Effect<ReadonlyArray<UploadId>, PlatformError>
}

export const make = (fs: FileSystem.FileSystem, files: recordFiles.RecordFiles): RecordReader => {
  const { blocksOf, manifestOf, text } = files

  const hasManifest: RecordReader["hasManifest"] = (id, reason) =>
    Effect.gen(function*() {
      const linked = yield* recordFiles.isLink(fs, manifestOf(id))
      const info = linked ? Option.none() : yield* recordFiles.ifThere(fs.stat(manifestOf(id)))
      if (linked || Option.exists(info, ({ type }) => type !== "File")) {
        return yield* new WcsProgressError({
          reason,
          uploadId: id,
          detail: `${manifestOf(id)} is ${linked ? "a symbolic link" : "no file"}`
        })
      }
      return Option.isSome(info)
    })

  const readManifest = (id: UploadId) =>
    Effect.flatMap(
      Effect.zipRight(
        hasManifest(id, "Unreadable"),
        recordFiles.ifThere(text(manifestOf(id), UploadRecordFile.maxManifestBytes))
      ),
      Effect.transposeMapOption((content) =>
        content.pipe(
          Either.fromOption(() => "its manifest is too large"),
          Either.flatMap(UploadRecordFile.decodeManifest),
          Either.mapLeft((detail) => new WcsProgressError({ reason: "Unreadable", uploadId: id, detail }))
        )
      )
    )

  const readBlock = Effect.fnUntraced(function*(id: UploadId, offset: number) {
    const content = yield* Effect.either(text(`${blocksOf(id)}/${offset}`, UploadRecordFile.maxBlockBytes))
    const block = content.pipe(
      Either.mapLeft(({ message }) => message),
      Either.flatMap(Either.fromOption(() => "it is too large, or no file")),
      Either.flatMap((content) => UploadRecordFile.decodeBlock(offset, content)),
      Either.mapLeft((reason) => ({ offset, reason }))
    )
    if (Either.isLeft(block)) {
      yield* Effect.logDebug(`the block at ${offset} is sent again, its record is unusable: ${block.left.reason}`)
    }
    return block
  })

  /** The files of blocks that are not noted in the manifest. */
  const readBlocks = Effect.fnUntraced(function*(
    id: UploadId,
    names: ReadonlyArray<string>,
    noted: ReadonlyMap<number, BlockRecord>
  ) {
    const visible = names.filter((name) => !name.startsWith("."))
    const [foreign, offsets] = Array.separate(
      visible.map((name) => Either.fromOption(UploadRecordFile.offsetOf(name), () => name))
    )
    if (foreign.length > 0) {
      yield* Effect.logDebug(`${foreign.length} files in ${blocksOf(id)} are named like no block and passed over`)
    }
    const others = offsets.filter((offset) => !noted.has(offset)).toSorted((a, b) => a - b)
    return Array.separate(yield* Effect.forEach(others, (offset) => readBlock(id, offset), looks))
  })

  return {
    hasManifest,
    load: Effect.fnUntraced(function*(id) {
      const manifest = yield* readManifest(id)
      const names = yield* recordFiles.ifThere(fs.readDirectory(blocksOf(id)))
      if (Option.isNone(manifest) && Option.isNone(names)) return Option.none()
      const file = Option.getOrUndefined(manifest)
      const noted = file?.blocks ?? new Map<number, BlockRecord>()
      const [unusable, others] = yield* readBlocks(id, Option.getOrElse(names, () => []), noted)
      return Option.some({
        manifest: file?.manifest,
        blocks: [...noted.values(), ...others].toSorted((a, b) => a.offset - b.offset),
        unusable: unusable.map(({ offset }) => offset),
        finishing: file?.finishing ?? false
      })
    }),
    list: Effect.gen(function*() {
      const names = yield* files.names
      const begun = new Set(names.flatMap((name) => Option.toArray(recordFiles.uploadOf(name))))
      const folders = yield* Effect.filter(
        names.filter((name) => recordFiles.isUploadId(name) && !begun.has(name)),
        (name) =>
          Effect.map(
            recordFiles.ifThere(fs.stat(`${files.folder}/${name}`)),
            Option.exists(({ type }) => type === "Directory")
          ),
        looks
      )
      return [...begun, ...folders].filter(recordFiles.isUploadId)
    })
  }
}
