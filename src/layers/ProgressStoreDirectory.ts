/**
 * `ProgressStore` in a folder. `<folder>/<uploadId>.manifest` has a line for each block, which is all that this library
 * needs. `<folder>/<uploadId>/<offset>` holds a block exactly as the official SDK keeps it, so that either can finish what
 * the other began (protocol 16.1); on a fast link these files follow later, most of them when the upload stops. Of a
 * block that is in both the manifest counts.
 *
 * The lease of an upload that somebody works on is `<folder>/<uploadId>.lease`. Files have mode 0600 and folders 0700.
 * A file is replaced by renaming a temporary one, whose name begins with a dot.
 *
 * @since 0.1.0
 */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Array from "effect/Array"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { type BlockRecord, UploadId } from "../domain/UploadRecord.ts"
import * as UploadRecordFile from "../domain/UploadRecordFile.ts"
import { WcsProgressError } from "../domain/WcsError.ts"
import * as leaseFile from "../internal/leaseFile.ts"
import { makeLocks } from "../internal/locks.ts"
import * as folders from "../internal/makeFolder.ts"
import { reasonOf } from "../internal/reasonOf.ts"
import * as recordFiles from "../internal/recordFiles.ts"
import { ifThere } from "../internal/recordFiles.ts"
import * as recordFolder from "../internal/recordFolder.ts"
import * as recordWriter from "../internal/recordWriter.ts"
import { ProgressStore } from "../services/ProgressStore.ts"
import { WcsConfig } from "../services/WcsConfig.ts"

/**
 * How the records are kept.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * Where the records are kept. Absent: the setting `recordFolder`, else `$XDG_STATE_HOME/effect-wcs/uploads`, else
   * `$HOME/.local/state/effect-wcs/uploads`, else a folder of the user below the system's temporary one.
   */
  readonly folder?: string | undefined
}

type Reason = "Unreadable" | "Unwritable"

/** Where it is, too: nobody has named that folder. */
const failed = (reason: Reason, uploadId: string) => (error: PlatformError) =>
  new WcsProgressError({
    reason,
    uploadId,
    detail: `its record cannot be ${reason === "Unreadable" ? "read" : "written"}: ${reasonOf(error)}${
      error._tag === "SystemError" ? `: ${error.pathOrDescriptor}` : ""
    }`
  })

const refuse = (reason: Reason, uploadId: UploadId, detail: string) =>
  new WcsProgressError({ reason, uploadId, detail })

/** Ids are checked again here: they become paths. */
const isUploadId = Schema.is(UploadId)
const suffix = ".manifest"
const leaseSuffix = ".lease"

/**
 * A store on a folder. Nothing is made there before the first upload begins; files that it holds open are closed with
 * the scope.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  options: Options = {}
): Effect.Effect<ProgressStore["Type"], never, FileSystem.FileSystem | WcsConfig | Scope.Scope> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const settings = yield* WcsConfig
    const { folder, guard } = yield* recordFolder.make(options.folder ?? settings.recordFolder)
    const exclusively = yield* makeLocks

    const blocksOf = (id: UploadId) => `${folder}/${id}`
    const manifestOf = (id: UploadId) => `${folder}/${id}${suffix}`
    const leaseOf = (id: UploadId) => `${folder}/${id}${leaseSuffix}`
    const files = recordFiles.make(fs, folder)
    const { replace, temporaryOf, text, writeThrough } = files
    const leases = leaseFile.make(fs, files, leaseOf)

    /** Looks at an upload's id and at its folder. */
    const examine = (id: UploadId, reason: Reason) =>
      Effect.gen(function*() {
        if (!isUploadId(id) || /\.(?:manifest|lease)$/i.test(id)) {
          return yield* refuse(reason, id, "its id cannot be the name of a folder of records")
        }
        yield* guard
        // To read a link's target succeeds for links only.
        if (yield* Effect.isSuccess(fs.readLink(blocksOf(id)))) {
          return yield* refuse(reason, id, `${blocksOf(id)} is a symbolic link`)
        }
      })

    /** Runs on the files of an upload, one at a time. */
    const alone = <A>(
      id: UploadId,
      reason: Reason,
      body: Effect.Effect<A, PlatformError | WcsProgressError>
    ): Effect.Effect<A, WcsProgressError> =>
      exclusively(id)(
        Effect.mapError(body, (error) => error._tag === "WcsProgressError" ? error : failed(reason, id)(error))
      )

    const on = <A>(id: UploadId, reason: Reason, body: Effect.Effect<A, PlatformError | WcsProgressError>) =>
      Effect.annotateLogs(
        alone(id, reason, Effect.zipRight(examine(id, reason), body)),
        { package: "effect-wcs", module: "ProgressStoreDirectory", uploadId: id }
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
      return Array.separate(
        yield* Effect.forEach(
          offsets.filter((offset) => !noted.has(offset)).toSorted((a, b) => a - b),
          (offset) => readBlock(id, offset),
          { concurrency: 16 }
        )
      )
    })

    /** Whether there is a manifest. A link or the like is none of ours, and what it leads to is not to be touched. */
    const hasManifest = (id: UploadId, reason: Reason) =>
      Effect.gen(function*() {
        const linked = yield* Effect.isSuccess(fs.readLink(manifestOf(id)))
        const info = linked ? Option.none() : yield* ifThere(fs.stat(manifestOf(id)))
        if (linked || Option.exists(info, ({ type }) => type !== "File")) {
          return yield* refuse(reason, id, `${manifestOf(id)} is ${linked ? "a symbolic link" : "no file"}`)
        }
        return Option.isSome(info)
      })

    const readManifest = (id: UploadId) =>
      Effect.flatMap(
        Effect.zipRight(
          hasManifest(id, "Unreadable"),
          ifThere(text(manifestOf(id), UploadRecordFile.maxManifestBytes))
        ),
        Effect.transposeMapOption((content) =>
          content.pipe(
            Either.fromOption(() => "its manifest is too large"),
            Either.flatMap(UploadRecordFile.decodeManifest),
            Either.mapLeft((detail) => refuse("Unreadable", id, detail))
          )
        )
      )

    const makeFolder = (path: string) => folders.makeFolder(fs, path, 0o700)

    /** An append alone would leave out the manifest's head. */
    const ensureManifest = (id: UploadId) =>
      Effect.flatMap(
        hasManifest(id, "Unwritable"),
        (there) => there ? Effect.void : replace(id, manifestOf(id), UploadRecordFile.encodeHeader(), writeThrough)
      )

    const writer = recordWriter.make({
      fs,
      files,
      scope: yield* Effect.scope,
      prepare: (id) =>
        Effect.zipRight(examine(id, "Unwritable"), Effect.zipRight(makeFolder(blocksOf(id)), ensureManifest(id))),
      manifestOf,
      blocksOf
    })

    /** The blocks go first: with the manifest gone they would pass for a record of the official SDK. */
    const removeBlocks = (id: UploadId) =>
      Effect.gen(function*() {
        yield* writer.close(id)
        yield* fs.remove(blocksOf(id), { recursive: true, force: true })
        const names = Option.getOrElse(yield* ifThere(fs.readDirectory(folder)), () => [])
        const left = names.filter((name) => name.startsWith(temporaryOf(id)))
        yield* Effect.forEach(left, (name) => fs.remove(`${folder}/${name}`, { force: true }), { discard: true })
      })

    return ProgressStore.of({
      load: Effect.fn("ProgressStore.load")((id) =>
        on(
          id,
          "Unreadable",
          Effect.gen(function*() {
            const manifest = yield* readManifest(id)
            const names = yield* ifThere(fs.readDirectory(blocksOf(id)))
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
          })
        )
      ),
      begin: Effect.fn("ProgressStore.begin")((id, manifest) =>
        on(
          id,
          "Unwritable",
          removeBlocks(id).pipe(
            Effect.zipRight(makeFolder(folder)),
            Effect.zipRight(replace(id, manifestOf(id), UploadRecordFile.encodeHeader(manifest), writeThrough))
          )
        )
      ),
      accept: (id, block) => alone(id, "Unwritable", writer.accept(id, block)),
      finishing: Effect.fn("ProgressStore.finishing")((id) =>
        on(
          id,
          "Unwritable",
          Effect.zipRight(
            Effect.zipRight(makeFolder(folder), ensureManifest(id)),
            writeThrough(manifestOf(id), UploadRecordFile.finishing, "a")
          )
        )
      ),
      forget: Effect.fn("ProgressStore.forget")((id) =>
        on(
          id,
          "Unwritable",
          removeBlocks(id).pipe(
            Effect.zipRight(fs.remove(manifestOf(id), { force: true })),
            // The one of a dead owner would stay for ever; a living one makes it anew.
            Effect.zipRight(fs.remove(leaseOf(id), { force: true, recursive: true }))
          )
        )
      ),
      claim: Effect.fn("ProgressStore.claim")((id, claim) =>
        on(id, "Unwritable", Effect.zipRight(makeFolder(folder), leases.claim(id, claim)))
      ),
      release: Effect.fn("ProgressStore.release")((id, owner) =>
        on(
          id,
          "Unwritable",
          // What another has taken over is not written to.
          Effect.ensuring(leases.release(id, owner, writer.catchUp(id)), writer.close(id))
        )
      ),
      list: Effect.gen(function*() {
        yield* guard
        const names = Option.getOrElse(yield* ifThere(fs.readDirectory(folder)), () => [])
        const begun = new Set(
          names.filter((name) => name.endsWith(suffix)).map((name) => name.slice(0, -suffix.length))
        )
        const others = names.filter((name) => !name.endsWith(suffix) && !begun.has(name) && isUploadId(name))
        const folders = yield* Effect.filter(
          others,
          (name) =>
            Effect.map(ifThere(fs.stat(`${folder}/${name}`)), Option.exists(({ type }) => type === "Directory")),
          { concurrency: 16 }
        )
        return [...begun, ...folders].filter(isUploadId)
      }).pipe(
        Effect.mapError(failed("Unreadable", "*")),
        Effect.withSpan("ProgressStore.list")
      )
    })
  })

/**
 * Records of uploads in a folder, so that an upload resumes after a crash, and from either SDK.
 *
 * @example
 * import { ProgressStoreDirectory } from "effect-wcs"
 *
 * // `/tmp/multipart` is where the official SDK keeps its records.
 * export const Records = ProgressStoreDirectory.layer({ folder: "/tmp/multipart" })
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  options?: Options
): Layer.Layer<ProgressStore, never, FileSystem.FileSystem | WcsConfig> => Layer.scoped(ProgressStore, make(options))
