import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as BlockPlan from "../domain/BlockPlan.ts"
import { UploadEvent } from "../domain/UploadEvent.ts"
import type { BlockRecord, UploadManifest } from "../domain/UploadRecord.ts"
import * as UploadRecord from "../domain/UploadRecord.ts"
import type { WcsError } from "../domain/WcsError.ts"
import type { UploadReceipt } from "../services/Uploader.ts"
import type { BlockUpload, HeldBlock } from "./blocks.ts"
import * as blocks from "./blocks.ts"
import * as checksum from "./checksum.ts"
import * as finishBlocks from "./finishBlocks.ts"
import type { Reader, Source } from "./source.ts"
import type { UploadInput } from "./uploadInput.ts"
import * as uploadLease from "./uploadLease.ts"

/** How long a helper goes by what it has seen of the record, before it looks again. */
const lookEvery = Duration.seconds(5)

/** Uploads a source that can be read at any place: its blocks side by side, in any order. */
export const put = <Body>(
  upload: BlockUpload,
  input: UploadInput,
  source: Source
): Effect.Effect<UploadReceipt<Body>, WcsError> =>
  Effect.scoped(Effect.gen(function*() {
    const { progress, store, uploadId } = upload
    const plan = yield* BlockPlan.make({ size: source.size, ...upload })
    yield* progress.emit(
      UploadEvent.Planned({ method: "block", size: plan.size, blocks: plan.blocks.length, uploadId })
    )
    const manifest: UploadManifest = {
      bucket: upload.context.bucket,
      key: upload.context.key ?? "",
      size: plan.size,
      blockSize: plan.blockSize,
      source: yield* source.identity
    }
    const lend = yield* blocks.readers(source)
    const held = new Map<number, HeldBlock>()
    /** Blocks that somebody else has sent meanwhile, as of the last look at the record. */
    let others: ReadonlyMap<number, BlockRecord> = new Map()
    let sent = 0
    const pool = { concurrency: input.concurrency, discard: true } as const

    const look = store === undefined ? Effect.void : store.load(uploadId).pipe(
      Effect.map((found) => {
        const fitted = Option.flatMap(found, (record) => Either.getRight(UploadRecord.fit(record, manifest)))
        others = Option.getOrElse(fitted, () => others)
      }),
      Effect.ignore
    )
    const reader = (block: BlockPlan.Block) => (reader: Reader) => (chunk: BlockPlan.Chunk) =>
      reader.read(block.offset + chunk.offset, chunk.size)
    const examine = (block: BlockPlan.Block, record: BlockRecord | undefined) =>
      record === undefined || held.has(block.index) ? Effect.void : Effect.map(
        lend((lent) => blocks.examine(upload, record, reader(block)(lent))),
        Option.match({
          onNone: () => {},
          onSome: (found) => {
            held.set(block.index, found)
            progress.resumed(block.index, block.size)
          }
        })
      )
    const resend = (block: BlockPlan.Block) =>
      Effect.map(lend((lent) => blocks.send(upload, block, reader(block)(lent))), (found) => {
        held.set(block.index, found)
        sent += 1
      })
    /** Sends a block, unless somebody else has meanwhile. */
    const send = (block: BlockPlan.Block): Effect.Effect<void, WcsError> =>
      Effect.zipRight(
        Effect.suspend(() => examine(block, others.get(block.index))),
        Effect.suspend(() => held.has(block.index) ? Effect.void : resend(block))
      )
    const inOrder = Effect.sync(() => plan.blocks.flatMap((block) => held.get(block.index) ?? []))

    /** Sends what the owner has not, from the end, where the owner comes last. */
    const help = Effect.gen(function*() {
      const fresh = yield* Effect.cachedWithTTL(look, lookEvery)
      const beside = (block: BlockPlan.Block) =>
        Effect.zipRight(fresh, Effect.suspend(() => others.has(block.index) ? Effect.void : send(block)))
      yield* Effect.forEach(plan.blocks.toReversed(), beside, pool)
    })

    /** The upload as the one that it belongs to. */
    const own = Effect.gen(function*() {
      const { accepted, finishing } = yield* blocks.recorded(upload, manifest, {
        onMismatch: input.onMismatch,
        identified: true
      })
      yield* Effect.forEach(plan.blocks, (block) => examine(block, accepted.get(block.index)), pool)
      const resumed = plan.blocks.filter((block) => held.has(block.index))
      if (resumed.length > 0) {
        yield* progress.emit(UploadEvent.Resumed({
          blocks: resumed.length,
          bytes: resumed.reduce((total, block) => total + block.size, 0)
        }))
      }
      yield* Effect.forEach(plan.blocks.filter((block) => !held.has(block.index)), send, pool)
      yield* source.unchanged

      return yield* finishBlocks.run<Body>({
        upload,
        input,
        blocks: yield* inOrder,
        resumed: plan.blocks.length - sent,
        sent: () => sent,
        finishing,
        // The blocks of an earlier run are the suspects; without any, all are.
        resend: () =>
          Effect.gen(function*() {
            const suspects = resumed.length > 0 ? resumed : plan.blocks
            for (const { index } of suspects) progress.restart(index)
            yield* progress.emit(UploadEvent.Restarting({ blocks: suspects.length }))
            yield* Effect.forEach(suspects, resend, pool)
            yield* source.unchanged
            return yield* inOrder
          }),
        reread: checksum.ofSource(source, checksum.etag(upload.digest.sha1))
      })
    })

    return yield* uploadLease.hold({
      store,
      uploadId,
      me: upload.owner,
      onBusy: input.onBusy,
      help,
      onHelped: look,
      run: (since) =>
        since === undefined ? own : finishBlocks.finished<Body>({
          upload,
          input,
          since,
          size: plan.size,
          blocks: { total: plan.blocks.length, sent, resumed: plan.blocks.length - sent },
          etag: checksum.ofSource(source, checksum.etag(upload.digest.sha1))
        }).pipe(Effect.flatMap(Option.match({ onNone: () => own, onSome: Effect.succeed })))
    }).pipe(
      // Of blocks that fail together one is told of, and not how the others ended.
      Effect.catchAll(Effect.fail)
    )
  }))
