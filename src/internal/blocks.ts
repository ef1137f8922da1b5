import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as BlockPlan from "../domain/BlockPlan.ts"
import * as Crc32 from "../domain/Crc32.ts"
import * as Etag from "../domain/Etag.ts"
import { UploadEvent } from "../domain/UploadEvent.ts"
import type { BlockRecord, UploadId, UploadManifest } from "../domain/UploadRecord.ts"
import * as UploadRecord from "../domain/UploadRecord.ts"
import type { WcsFileError } from "../domain/WcsError.ts"
import { type WcsError, WcsIntegrityError, WcsProgressError } from "../domain/WcsError.ts"
import * as Uploads from "../domain/wire/Uploads.ts"
import type { ProgressStore } from "../services/ProgressStore.ts"
import * as WcsMetrics from "../services/WcsMetrics.ts"
import type { Engine } from "./engine.ts"
import * as metrics from "./metrics.ts"
import type { Reader, Source } from "./source.ts"
import { withSpan } from "./spans.ts"
import type { UploadProgress } from "./uploadProgress.ts"

/** What the sending of one upload's blocks stands on. */
export interface BlockUpload extends Pick<Engine, "client" | "digest" | "gate" | "owner"> {
  /** Absent for an upload that nobody can resume. */
  readonly store: ProgressStore["Type"] | undefined
  readonly context: Uploads.UploadContext
  readonly uploadId: UploadId
  readonly blockSize: number
  readonly chunkSize: number
  readonly checks: boolean
  readonly progress: UploadProgress
}

/** A block that the service holds; the digests of its pieces only where they were checked. */
export interface HeldBlock {
  readonly ctx: string
  readonly size: number
  readonly pieces: ReadonlyArray<Uint8Array> | undefined
}

/** Compares a chunk's answer with what was sent (protocol 11.3). */
const judge = (upload: BlockUpload, operation: string, bytes: Uint8Array, offset: number) => {
  const mismatch = (check: "crc32" | "md5" | "offset", expected: string | number, actual: string | number) =>
    Either.left(new WcsIntegrityError({ operation, check, expected: String(expected), actual: String(actual) }))
  const crc32 = upload.checks ? Crc32.fromBytes(bytes, upload.digest.crc32) : undefined
  const md5 = () => {
    const hash = upload.digest.md5()
    hash.update(bytes)
    return Encoding.encodeHex(hash.digest())
  }
  return (answer: Uploads.ChunkAnswer): Either.Either<void, WcsIntegrityError> => {
    if (answer.offset !== offset) return mismatch("offset", offset, answer.offset)
    if (crc32 === undefined) return Either.void
    if (answer.crc32 !== undefined) {
      return answer.crc32 === crc32 ? Either.void : mismatch("crc32", crc32, answer.crc32)
    }
    if (answer.checksum === undefined) return mismatch("crc32", crc32, "absent")
    return answer.checksum === md5() ? Either.void : mismatch("md5", md5(), answer.checksum)
  }
}

/** Reads a chunk of a block. */
type Read = (chunk: BlockPlan.Chunk) => Effect.Effect<Uint8Array, WcsFileError>

/** Sends a block once, chunk after chunk. */
const sendOnce = Effect.fnUntraced(function*(
  upload: BlockUpload,
  block: BlockPlan.Block,
  read: Read,
  onRetry: (operation: "mkblk" | "bput", error: WcsError) => Effect.Effect<void>
) {
  const { context, progress, uploadId } = upload
  const hasher = upload.checks ? Etag.pieceHasher(upload.digest.sha1) : undefined
  let last: Uploads.ChunkAnswer | undefined
  for (const chunk of BlockPlan.chunks(block.size, upload.chunkSize)) {
    const bytes = yield* read(chunk)
    hasher?.update(bytes)
    const operation = last === undefined ? "mkblk" : "bput"
    const request = last === undefined
      ? Uploads.mkblk(context, uploadId, block, bytes)
      : Uploads.bput(context, uploadId, last, bytes)
    last = yield* upload.client.execute(request, {
      verify: judge(upload, operation, bytes, chunk.offset + chunk.size),
      onRetry: (error) => onRetry(operation, error)
    })
    yield* progress.chunk(block.index, bytes.length)
  }
  return { ctx: last?.ctx ?? "", size: block.size, pieces: hasher?.digest() }
})

const record = (upload: BlockUpload, block: BlockPlan.Block, { ctx, pieces, size }: HeldBlock) =>
  upload.store?.accept(upload.uploadId, {
    offset: block.offset,
    size,
    ctx,
    ...(pieces && { pieces: pieces.map(Encoding.encodeBase64) })
  }) ?? Effect.void

/** Sends one block and records it. */
export const send = (upload: BlockUpload, block: BlockPlan.Block, read: Read): Effect.Effect<HeldBlock, WcsError> => {
  const { progress } = upload
  /** A block begins again once, and where a bput was repeated, whose first answer may have been lost, some times more. */
  const restarts = { plain: 1, repeated: 3 }
  /** Why a bput of this round was repeated. */
  let repeated: WcsError | undefined

  const once = sendOnce(upload, block, read, (operation, error) => {
    if (operation === "bput") repeated = error
    return progress.emit(UploadEvent.Retrying({ operation, block: block.index, error }))
  })

  const restarted: Effect.Effect<HeldBlock, WcsError> = Effect.catchTag(
    once,
    "WcsStaleBlock",
    (error) =>
      Effect.suspend(() => {
        const kind = repeated === undefined ? "plain" : "repeated"
        if (restarts[kind] === 0) return Effect.fail(repeated ?? error)
        restarts[kind] -= 1
        repeated = undefined
        progress.restart(block.index)
        return Effect.zipRight(progress.emit(UploadEvent.Restarting({ blocks: 1 })), restarted)
      })
  )

  return Effect.uninterruptibleMask((restore) =>
    Effect.tap(
      restore(upload.gate(restarted)),
      (held) => Effect.zipRight(record(upload, block, held), metrics.add(WcsMetrics.storedBlocks, 1))
    )
  ).pipe(
    Effect.zipLeft(progress.emit(UploadEvent.Block({ block: block.index, bytes: block.size }))),
    withSpan("wcs.block", { attributes: { "wcs.block": block.index, "wcs.bytes": block.size } })
  )
}

/** The blocks that an earlier run sent, by index; the record is begun where there is none that fits. */
export const recorded = (
  { checks, store, uploadId }: BlockUpload,
  manifest: UploadManifest,
  options: {
    readonly onMismatch: "refuse" | "restart"
    /** Whether the manifest's source tells this content from any other. */
    readonly identified: boolean
  }
): Effect.Effect<
  { readonly accepted: ReadonlyMap<number, BlockRecord>; readonly finishing: boolean },
  WcsProgressError
> =>
  Effect.gen(function*() {
    const fresh = { accepted: new Map<number, BlockRecord>(), finishing: false }
    if (store === undefined) return fresh
    // A record that cannot be read is of another upload, as far as anybody can tell.
    const found = yield* options.onMismatch === "restart"
      ? Effect.orElseSucceed(store.load(uploadId), Option.none)
      : store.load(uploadId)
    if (Option.isNone(found)) return yield* Effect.as(store.begin(uploadId, manifest), fresh)
    const fitted = UploadRecord.fit(found.value, manifest)
    if (Either.isLeft(fitted)) {
      return options.onMismatch === "restart"
        ? yield* Effect.as(store.begin(uploadId, manifest), fresh)
        : yield* new WcsProgressError({ reason: "Mismatch", uploadId, detail: fitted.left })
    }
    // Without checks nothing would tell that the content is another one.
    if (!checks && (found.value.manifest === undefined || !options.identified)) {
      return yield* Effect.as(store.begin(uploadId, manifest), fresh)
    }
    // A record of the official SDK becomes one of ours, so that the next run can tell what it belongs to.
    if (found.value.manifest === undefined) {
      const adopt = Effect.forEach(found.value.blocks, (block) => store.accept(uploadId, block), { discard: true })
      yield* Effect.uninterruptible(Effect.zipRight(store.begin(uploadId, manifest), adopt))
    }
    return { accepted: fitted.right, finishing: found.value.finishing }
  })

/** What a resumed block holds by our reading; `None` when the content is no longer what was sent. */
export const examine = Effect.fnUntraced(function*(upload: BlockUpload, record: BlockRecord, read: Read) {
  const resumed = (pieces: HeldBlock["pieces"]) =>
    Effect.as(
      metrics.add(WcsMetrics.resumedBlocks, 1),
      Option.some<HeldBlock>({ ctx: record.ctx, size: record.size, pieces })
    )
  if (!upload.checks) return yield* resumed(undefined)
  const hasher = Etag.pieceHasher(upload.digest.sha1)
  for (const chunk of BlockPlan.chunks(record.size, upload.chunkSize)) hasher.update(yield* read(chunk))
  const pieces = hasher.digest()
  const same = record.pieces === undefined ||
    (record.pieces.length === pieces.length &&
      pieces.every((piece, i) => Encoding.encodeBase64(piece) === record.pieces?.[i]))
  return same ? yield* resumed(pieces) : Option.none()
})

/** Lends readers of a source to fibers: as many as are in use at once, each with its place and its memory. */
export const readers = (source: Source): Effect.Effect<
  <A, E>(use: (reader: Reader) => Effect.Effect<A, E>) => Effect.Effect<A, E | WcsFileError>,
  never,
  Scope.Scope
> =>
  Effect.map(Effect.scope, (scope) => {
    const idle: Array<Reader> = []
    return (use) =>
      Effect.acquireUseRelease(
        Effect.suspend(() => {
          const reader = idle.pop()
          return reader ? Effect.succeed(reader) : Effect.provideService(source.reader, Scope.Scope, scope)
        }),
        use,
        (reader, exit) =>
          Effect.sync(() => {
            // A request that was given up may still be reading its body.
            if (exit._tag === "Failure") reader.renew()
            idle.push(reader)
          })
      )
  })
