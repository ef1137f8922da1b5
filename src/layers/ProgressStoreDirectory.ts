/**
 * `ProgressStore` in a folder: `<folder>/<uploadId>/<offset>` holds a block, exactly as the official SDK keeps it, so
 * that either can finish what the other began; our manifest is `<folder>/<uploadId>.manifest`, beside the folder of the
 * blocks, in which nothing else may be (protocol 16.1).
 *
 * The lease of an upload that somebody works on is `<folder>/<uploadId>.lease`. Files have mode 0600 and folders 0700. A file is replaced by renaming a temporary one, whose name begins with a dot.
 *
 * @since 0.1.0
 */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Array from "effect/Array"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Schema from "effect/Schema"
import { type BlockRecord, grant, type LeaseClaim, UploadId, UploadLease } from "../domain/UploadRecord.ts"
import * as UploadRecordFile from "../domain/UploadRecordFile.ts"
import { WcsProgressError } from "../domain/WcsError.ts"
import { makeLocks } from "../internal/locks.ts"
import { reasonOf } from "../internal/reasonOf.ts"
import * as recordFolder from "../internal/recordFolder.ts"
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

const isNotFound = (error: PlatformError | WcsProgressError) =>
  error._tag === "SystemError" && error.reason === "NotFound"

const ifThere = <A, R>(self: Effect.Effect<A, PlatformError, R>): Effect.Effect<Option.Option<A>, PlatformError, R> =>
  Effect.catchIf(Effect.asSome(self), isNotFound, () => Effect.succeedNone)

/** Ids are checked again here: they become paths. */
const isUploadId = Schema.is(UploadId)
const suffix = ".manifest"
const leaseSuffix = ".lease"

/** Leases are small. */
const maxLeaseBytes = 4096
const encodeLease = Schema.encodeSync(Schema.parseJson(UploadLease))
const decodeLease = Schema.decodeOption(Schema.parseJson(UploadLease))

/**
 * A store on a folder. Nothing is made there before the first upload begins.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  options: Options = {}
): Effect.Effect<ProgressStore["Type"], never, FileSystem.FileSystem | WcsConfig> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const settings = yield* WcsConfig
    const { folder, guard } = yield* recordFolder.make(options.folder ?? settings.recordFolder)
    const exclusively = yield* makeLocks

    const blocksOf = (id: UploadId) => `${folder}/${id}`
    const manifestOf = (id: UploadId) => `${folder}/${id}${suffix}`
    const leaseOf = (id: UploadId) => `${folder}/${id}${leaseSuffix}`
    // A comma is in no id, so that these are the files of this upload and of no other.
    const temporaryOf = (id: UploadId) => `.${id},`

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
      body.pipe(
        Effect.mapError((error) => error._tag === "WcsProgressError" ? error : failed(reason, id)(error)),
        exclusively(id),
        Effect.annotateLogs({ package: "effect-wcs", module: "ProgressStoreDirectory", uploadId: id })
      )

    const on = <A>(id: UploadId, reason: Reason, body: Effect.Effect<A, PlatformError | WcsProgressError>) =>
      alone(id, reason, Effect.zipRight(examine(id, reason), body))

    /** The text of a file; `None` for what is no plain file or too large. */
    const text = (path: string, most: number) =>
      Effect.flatMap(fs.stat(path), ({ size, type }) =>
        type === "File" && size <= most ? Effect.asSome(fs.readFileString(path)) : Effect.succeedNone)

    const readBlock = Effect.fnUntraced(function*(id: UploadId, offset: number) {
      const content = yield* Effect.either(text(`${blocksOf(id)}/${offset}`, UploadRecordFile.maxBlockBytes))
      const block = content.pipe(
        Either.mapLeft(({ message }) =>
          message
        ),
        Either.flatMap(Either.fromOption(() => "it is too large, or no file")),
        Either.flatMap((content) => UploadRecordFile.decodeBlock(offset, content)),
        Either.mapLeft((reason) => ({ offset, reason }))
      )
      if (Either.isLeft(block)) {
        yield* Effect.logDebug(`the block at ${offset} is sent again, its record is unusable: ${block.left.reason}`)
      }
      return block
    })

    const readBlocks = Effect.fnUntraced(function*(id: UploadId, names: ReadonlyArray<string>) {
      const visible = names.filter((name) => !name.startsWith("."))
      const [foreign, offsets] = Array.separate(
        visible.map((name) => Either.fromOption(UploadRecordFile.offsetOf(name), () => name))
      )
      if (foreign.length > 0) {
        yield* Effect.logDebug(`${foreign.length} files in ${blocksOf(id)} are named like no block and passed over`)
      }
      return Array.separate(
        yield* Effect.forEach(offsets.toSorted((a, b) => a - b), (offset) => readBlock(id, offset), {
          concurrency: 16
        })
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

    const makeFolder = (path: string) => fs.makeDirectory(path, { recursive: true, mode: 0o700 })

    const write = (path: string, content: string, flag: "wx" | "a") =>
      fs.writeFileString(path, content, { flag, mode: 0o600 })

    /** Returns when the content is on the disk. Not for blocks: one that is lost is sent again. */
    const writeThrough: typeof write = (path, content, flag) =>
      Effect.scoped(Effect.flatMap(fs.open(path, { flag, mode: 0o600 }), (file) =>
        Effect.zipRight(file.writeAll(new TextEncoder().encode(content)), file.sync)))

    /** Replaces a file in one step. */
    const replace = (id: UploadId, path: string, content: string, save = write) =>
      Effect.flatMap(Random.nextIntBetween(0, Number.MAX_SAFE_INTEGER), (random) => {
        const temporary = `${folder}/${temporaryOf(id)}${random}`
        return Effect.onError(
          Effect.zipRight(save(temporary, content, "wx"), fs.rename(temporary, path)),
          () =>
            Effect.ignore(fs.remove(temporary, { force: true }))
        )
      })

    /** Adds a line to the manifest, which is begun where there is none: an append alone would leave out its head. */
    const note = (id: UploadId, line: string, save = write) =>
      Effect.zipRight(
        Effect.flatMap(hasManifest(id, "Unwritable"), (there) =>
          there ? Effect.void : replace(id, manifestOf(id), UploadRecordFile.encodeHeader(), writeThrough)),
        save(manifestOf(id), line, "a")
      )

    /** Uploads that were looked at, and whose folder is there: a block is written without asking again. */
    const ready = new Set<UploadId>()

    const prepare = (id: UploadId) =>
      examine(id, "Unwritable").pipe(
        Effect.zipRight(makeFolder(blocksOf(id))),
        Effect.zipRight(Effect.sync(() => ready.add(id)))
      )

    const writeBlock = (id: UploadId, block: BlockRecord) =>
      Effect.zipRight(
        Effect.transposeMapOption(UploadRecordFile.encodePieces(block), (line) => note(id, line)),
        replace(id, `${blocksOf(id)}/${block.offset}`, UploadRecordFile.encodeBlock(block))
      )

    /** The blocks go first: with the manifest gone they would pass for a record of the official SDK. */
    const removeBlocks = (id: UploadId) =>
      Effect.gen(function*() {
        ready.delete(id)
        yield* fs.remove(blocksOf(id), { recursive: true, force: true })
        const names = Option.getOrElse(yield* ifThere(fs.readDirectory(folder)), () => [])
        const left = names.filter((name) => name.startsWith(temporaryOf(id)))
        yield* Effect.forEach(left, (name) => fs.remove(`${folder}/${name}`, { force: true }), { discard: true })
      })

    /** The lease that is there, with its text. One that cannot be read is nobody's, and so is a link, also to nothing. */
    const readLease = (path: string) =>
      Effect.gen(function*() {
        const linked = yield* Effect.isSuccess(fs.readLink(path))
        const found = linked ? Option.none() : yield* ifThere(text(path, maxLeaseBytes))
        const content = Option.getOrElse(Option.flatten(found), () => "")
        return { there: linked || Option.isSome(found), content, lease: Option.getOrUndefined(decodeLease(content)) }
      })

    /**
     * A lease whose time is over is moved away, and only if it is still the one that was seen: of several that want it
     * one makes the new file.
     */
    const takeLease = (id: UploadId, seen: { readonly there: boolean; readonly content: string }, lease: UploadLease) =>
      Effect.gen(function*() {
        if (seen.there) {
          const away = `${folder}/${temporaryOf(id)}${yield* Random.nextIntBetween(0, Number.MAX_SAFE_INTEGER)}`
          yield* ifThere(fs.rename(leaseOf(id), away))
          const moved = yield* readLease(away)
          if (moved.there && moved.content !== seen.content) {
            yield* fs.rename(away, leaseOf(id))
            return false
          }
          yield* fs.remove(away, { force: true, recursive: true })
        }
        return yield* write(leaseOf(id), encodeLease(lease), "wx").pipe(
          Effect.as(true),
          Effect.catchIf(
            (error) => error._tag === "SystemError" && error.reason === "AlreadyExists",
            () => Effect.succeed(false)
          )
        )
      })

    const claimLease = (id: UploadId, claim: LeaseClaim): Effect.Effect<UploadLease, PlatformError> =>
      Effect.gen(function*() {
        const seen = yield* readLease(leaseOf(id))
        const lease = grant(seen.lease, claim, yield* Clock.currentTimeMillis)
        const { owner } = seen.lease ?? {}
        if (lease.owner === owner) {
          if (owner === claim.owner || lease.shared !== seen.lease?.shared) {
            yield* replace(id, leaseOf(id), encodeLease(lease))
          }
          return lease
        }
        return (yield* takeLease(id, seen, lease)) ? lease : yield* claimLease(id, claim)
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
            const [unusable, blocks] = yield* readBlocks(id, Option.getOrElse(names, () => []))
            const file = Option.getOrUndefined(manifest)
            return Option.some({
              manifest: file?.manifest,
              blocks: blocks.map((block): BlockRecord => {
                const known = file?.pieces.get(block.offset)
                return known?.ctx === block.ctx ? { ...block, pieces: known.pieces } : block
              }),
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
      accept: (id, block) =>
        alone(
          id,
          "Unwritable",
          Effect.suspend(() => {
            const prepared = Effect.zipRight(prepare(id), writeBlock(id, block))
            // Somebody may have removed what was there.
            return ready.has(id) ? Effect.catchIf(writeBlock(id, block), isNotFound, () => prepared) : prepared
          })
        ),
      finishing: Effect.fn("ProgressStore.finishing")((id) =>
        on(id, "Unwritable", Effect.zipRight(makeFolder(folder), note(id, UploadRecordFile.finishing, writeThrough)))
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
        on(id, "Unwritable", Effect.zipRight(makeFolder(folder), claimLease(id, claim)))
      ),
      release: Effect.fn("ProgressStore.release")((id, owner) =>
        on(
          id,
          "Unwritable",
          Effect.flatMap(readLease(leaseOf(id)), ({ lease }) =>
            lease?.owner === owner ? fs.remove(leaseOf(id), { force: true }) : Effect.void)
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
): Layer.Layer<ProgressStore, never, FileSystem.FileSystem | WcsConfig> => Layer.effect(ProgressStore, make(options))
