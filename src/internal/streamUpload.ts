import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { UploadEvent } from "../domain/UploadEvent.ts"
import type { WcsError } from "../domain/WcsError.ts"
import type { UploadReceipt } from "../services/Uploader.ts"
import type { BlockUpload, HeldBlock } from "./blocks.ts"
import * as blocks from "./blocks.ts"
import * as finishBlocks from "./finishBlocks.ts"
import type { UploadInput } from "./uploadInput.ts"
import * as uploadInput from "./uploadInput.ts"
import * as uploadLease from "./uploadLease.ts"

/** Fills blocks from a stream, one after another. */
export interface Cutter {
  /** The next block, in the memory that is given; shorter than it only at the end, empty after the end. */
  readonly fill: (into: Uint8Array) => Effect.Effect<Uint8Array, WcsError>
}

/** Cuts a stream as it flows: each byte is copied once, into its block. */
export const cutter = (stream: Stream.Stream<Uint8Array, WcsError>): Effect.Effect<Cutter, never, Scope.Scope> =>
  Effect.map(Stream.toPull(stream), (pull) => {
    let pending: Chunk.Chunk<Uint8Array> = Chunk.empty()
    let rest: Uint8Array = new Uint8Array(0)
    let ended = false
    const next = Effect.matchEffect(pull, {
      onFailure: Option.match({
        onNone: () =>
          Effect.sync(() => {
            ended = true
          }),
        onSome: Effect.fail
      }),
      onSuccess: (chunk) =>
        Effect.sync(() => {
          pending = chunk
        })
    })
    return {
      fill: Effect.fnUntraced(function*(into) {
        let filled = 0
        while (filled < into.length) {
          if (rest.length > 0) {
            const take = Math.min(rest.length, into.length - filled)
            into.set(rest.subarray(0, take), filled)
            rest = rest.subarray(take)
            filled += take
          } else if (Chunk.isNonEmpty(pending)) {
            rest = Chunk.headNonEmpty(pending)
            pending = Chunk.tailNonEmpty(pending)
          } else if (ended) break
          else yield* next
        }
        return into.subarray(0, filled)
      })
    }
  })

/**
 * Uploads what a stream gives, `first` being its first block. A block's memory is filled, sent, and filled again, so
 * that as many blocks are in memory as may be in flight.
 */
export const put = <Body>(
  upload: BlockUpload,
  input: UploadInput,
  source: {
    readonly size: number | undefined
    readonly identity: string
    readonly first: Uint8Array
    readonly rest: Cutter
  }
): Effect.Effect<UploadReceipt<Body>, WcsError> => {
  const { blockSize, progress, store, uploadId } = upload
  const own = (since: number | undefined) =>
    Effect.gen(function*() {
      const { first, size } = source
      yield* progress.emit(UploadEvent.Planned({
        method: "block",
        size,
        blocks: size === undefined ? undefined : Math.ceil(size / blockSize),
        uploadId
      }))
      const { accepted, finishing } = yield* blocks.recorded(upload, {
        bucket: upload.context.bucket,
        key: upload.context.key ?? "",
        ...(size !== undefined && { size }),
        blockSize,
        source: source.identity
      }, { onMismatch: input.onMismatch, identified: false })

      const held: Array<HeldBlock> = []
      const counts = { sent: 0, resumed: 0 }
      const memory = yield* Effect.makeSemaphore(input.concurrency)
      const idle: Array<Uint8Array> = []

      /** The next block in memory of its own, which `process` gives back. */
      const next = Effect.fnUntraced(function*({ ended, index }: { readonly index: number; readonly ended: boolean }) {
        if (ended) return Option.none()
        yield* memory.take(1)
        const bytes = index === 0 ? first : yield* source.rest.fill(idle.pop() ?? new Uint8Array(blockSize))
        return bytes.length === 0
          ? Option.none()
          : Option.some([{ index, bytes }, { index: index + 1, ended: bytes.length < blockSize }] as const)
      })

      const process = Effect.fnUntraced(function*({ bytes, index }: {
        readonly index: number
        readonly bytes: Uint8Array
      }) {
        const block = { index, offset: index * blockSize, size: bytes.length }
        yield* uploadInput.checkSize(input, block.offset + block.size)
        const read = (chunk: { readonly offset: number; readonly size: number }) =>
          Effect.succeed(bytes.subarray(chunk.offset, chunk.offset + chunk.size))
        const record = accepted.get(index)
        const found = record?.size === block.size ? yield* blocks.examine(upload, record, read) : Option.none()
        if (Option.isSome(found)) {
          held[index] = found.value
          counts.resumed += 1
          progress.resumed(index, block.size)
          yield* progress.emit(UploadEvent.Resumed({ blocks: 1, bytes: block.size }))
        } else {
          held[index] = yield* blocks.send(upload, block, read)
          counts.sent += 1
        }
        idle.push(new Uint8Array(bytes.buffer))
        yield* memory.release(1)
      })

      yield* Stream.unfoldEffect({ index: 0, ended: false }, next).pipe(
        Stream.mapEffect(process, { concurrency: input.concurrency, unordered: true }),
        Stream.runDrain
      )
      return yield* finishBlocks.run<Body>({
        upload,
        input,
        blocks: held,
        resumed: counts.resumed,
        sent: () => counts.sent,
        // The owner that was waited for may have stored the object.
        finishing: finishing || since !== undefined,
        // The blocks are gone: a later call with the same content begins anew.
        resend: (error) => Effect.zipRight(store?.forget(uploadId) ?? Effect.void, error)
      })
    })
  return uploadLease.hold({
    store,
    uploadId,
    me: upload.owner,
    onBusy: input.onBusy,
    help: Effect.void,
    onHelped: Effect.void,
    run: own
  })
}
