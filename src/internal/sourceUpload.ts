import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as BlockPlan from "../domain/BlockPlan.ts"
import { UploadEvent } from "../domain/UploadEvent.ts"
import type { WcsError } from "../domain/WcsError.ts"
import type { UploadReceipt } from "../services/Uploader.ts"
import type { BlockUpload, HeldBlock } from "./blocks.ts"
import * as blocks from "./blocks.ts"
import * as finishBlocks from "./finishBlocks.ts"
import { etag, type Source } from "./source.ts"
import type { UploadInput } from "./uploadInput.ts"

/** Uploads a source that can be read at any place: its blocks side by side, in any order. */
export const put = <Body>(
  upload: BlockUpload,
  input: UploadInput,
  source: Source
): Effect.Effect<UploadReceipt<Body>, WcsError> =>
  Effect.scoped(Effect.gen(function*() {
    const { progress, uploadId } = upload
    const plan = yield* BlockPlan.make({ size: source.size, ...upload })
    yield* progress.emit(
      UploadEvent.Planned({ method: "block", size: plan.size, blocks: plan.blocks.length, uploadId })
    )
    const { accepted, finishing } = yield* blocks.recorded(upload, {
      bucket: upload.context.bucket,
      key: upload.context.key ?? "",
      size: plan.size,
      blockSize: plan.blockSize,
      source: yield* source.identity
    }, { onMismatch: input.onMismatch, identified: true })

    const lend = yield* blocks.readers(source)
    const held = new Map<number, HeldBlock>()
    let sent = 0
    const pool = { concurrency: input.concurrency, discard: true } as const

    const examine = (block: BlockPlan.Block) => {
      const record = accepted.get(block.index)
      return record === undefined ? Effect.void : Effect.map(
        lend((reader) =>
          blocks.examine(upload, record, (chunk) => reader.read(block.offset + chunk.offset, chunk.size))
        ),
        Option.match({
          onNone: () => {},
          onSome: (found) => {
            held.set(block.index, found)
            progress.resumed(block.index, block.size)
          }
        })
      )
    }
    const send = (block: BlockPlan.Block) =>
      Effect.map(
        lend((reader) => blocks.send(upload, block, (chunk) => reader.read(block.offset + chunk.offset, chunk.size))),
        (found) => {
          held.set(block.index, found)
          sent += 1
        }
      )
    const inOrder = Effect.sync(() => plan.blocks.flatMap((block) => held.get(block.index) ?? []))

    yield* Effect.forEach(plan.blocks, examine, pool)
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
      resumed: resumed.length,
      sent: () => sent,
      finishing,
      // The blocks of an earlier run are the suspects; without any, all are.
      resend: () =>
        Effect.gen(function*() {
          const suspects = resumed.length > 0 ? resumed : plan.blocks
          for (const { index } of suspects) progress.restart(index)
          yield* progress.emit(UploadEvent.Restarting({ blocks: suspects.length }))
          yield* Effect.forEach(suspects, send, pool)
          yield* source.unchanged
          return yield* inOrder
        }),
      reread: etag(source.stream, upload.digest.sha1)
    })
  }))
