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
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { isEmpty, type UploadId } from "../domain/UploadRecord.ts"
import * as UploadRecordFile from "../domain/UploadRecordFile.ts"
import { WcsProgressError } from "../domain/WcsError.ts"
import * as leaseFile from "../internal/leaseFile.ts"
import * as locks from "../internal/locks.ts"
import * as folders from "../internal/makeFolder.ts"
import { reasonOf } from "../internal/reasonOf.ts"
import * as recordFiles from "../internal/recordFiles.ts"
import * as recordFolder from "../internal/recordFolder.ts"
import * as recordReader from "../internal/recordReader.ts"
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
    const inTurn = locks.make()
    const files = recordFiles.make(fs, folder)
    const { blocksOf, leaseOf, manifestOf, replace, writeThrough } = files
    const leases = leaseFile.make(fs, files)
    const reader = recordReader.make(fs, files)

    /** Looks at an upload's id, which becomes a path, and at its folder. */
    const examine = (id: UploadId, reason: Reason) =>
      Effect.gen(function*() {
        const refuse = (detail: string) => new WcsProgressError({ reason, uploadId: id, detail })
        if (!recordFiles.isUploadId(id)) return yield* refuse("its id cannot be the name of a folder of records")
        yield* guard
        if (yield* recordFiles.isLink(fs, blocksOf(id))) return yield* refuse(`${blocksOf(id)} is a symbolic link`)
      })

    /** Runs on the files of an upload, one at a time; what has begun is not interrupted. */
    const alone = <A>(
      id: UploadId,
      reason: Reason,
      body: Effect.Effect<A, PlatformError | WcsProgressError>
    ): Effect.Effect<A, WcsProgressError> =>
      inTurn(id)(Effect.uninterruptible(
        Effect.mapError(body, (error) => error._tag === "WcsProgressError" ? error : failed(reason, id)(error))
      ))

    const on = <A>(id: UploadId, reason: Reason, body: Effect.Effect<A, PlatformError | WcsProgressError>) =>
      Effect.annotateLogs(
        alone(id, reason, Effect.zipRight(examine(id, reason), body)),
        { package: "effect-wcs", module: "ProgressStoreDirectory", uploadId: id }
      )

    const makeFolder = (path: string) => folders.makeFolder(fs, path, 0o700)

    /** An append alone would leave out the manifest's head. */
    const ensureManifest = (id: UploadId) =>
      Effect.flatMap(
        reader.hasManifest(id, "Unwritable"),
        (there) => there ? Effect.void : replace(id, manifestOf(id), UploadRecordFile.encodeHeader(), writeThrough)
      )

    const writer = recordWriter.make({
      fs,
      files,
      scope: yield* Effect.scope,
      prepare: (id) =>
        Effect.zipRight(examine(id, "Unwritable"), Effect.zipRight(makeFolder(blocksOf(id)), ensureManifest(id)))
    })

    const removeBlocks = (id: UploadId) =>
      Effect.gen(function*() {
        yield* writer.close(id)
        yield* fs.remove(blocksOf(id), { recursive: true, force: true })
        const left = (yield* files.names).filter((name) => name.startsWith(files.temporaryOf(id)))
        yield* Effect.forEach(left, (name) => fs.remove(`${folder}/${name}`, { force: true }), { discard: true })
      })

    /** The blocks go first: with the manifest gone they would pass for a record of the official SDK. */
    const removeRecord = (id: UploadId) => Effect.zipRight(removeBlocks(id), fs.remove(manifestOf(id), { force: true }))

    /** What cannot be read is not to be thrown away. */
    const removeEmpty = (id: UploadId) =>
      Effect.flatMap(
        Effect.option(reader.load(id)),
        (found) => Option.exists(Option.flatten(found), isEmpty) ? removeRecord(id) : Effect.void
      )

    return ProgressStore.of({
      load: Effect.fn("ProgressStore.load")((id) => on(id, "Unreadable", reader.load(id))),
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
      refused: Effect.fn("ProgressStore.refused")((id) =>
        on(
          id,
          "Unwritable",
          Effect.whenEffect(
            writeThrough(manifestOf(id), UploadRecordFile.refused, "a"),
            reader.hasManifest(id, "Unwritable")
          )
        )
      ),
      forget: Effect.fn("ProgressStore.forget")((id) =>
        on(
          id,
          "Unwritable",
          // The lease of a dead owner would stay for ever; a living one makes it anew.
          Effect.zipRight(removeRecord(id), fs.remove(leaseOf(id), { force: true, recursive: true }))
        )
      ),
      claim: Effect.fn("ProgressStore.claim")((id, claim) =>
        on(
          id,
          "Unwritable",
          makeFolder(folder).pipe(
            Effect.zipRight(writer.enter(id, claim.owner)),
            Effect.zipRight(leases.claim(id, claim)),
            Effect.tap(({ owner }) => Effect.when(writer.refresh(id), () => owner === claim.owner))
          )
        )
      ),
      release: Effect.fn("ProgressStore.release")((id, owner) =>
        // What another has taken over is not written to.
        on(id, "Unwritable", leases.release(id, owner, Effect.zipRight(writer.catchUp(id), removeEmpty(id)))).pipe(
          // Also where the folder is not what it was, or its file would stay open.
          Effect.ensuring(inTurn(id)(writer.leave(id, owner)))
        )
      ),
      list: Effect.zipRight(guard, reader.list).pipe(
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
