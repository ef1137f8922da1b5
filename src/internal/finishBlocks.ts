import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as Etag from "../domain/Etag.ts"
import { UploadEvent } from "../domain/UploadEvent.ts"
import { type WcsError, type WcsFileError, type WcsStaleBlock, WcsUnauthorized } from "../domain/WcsError.ts"
import * as Uploads from "../domain/wire/Uploads.ts"
import type { UploadReceipt } from "../services/Uploader.ts"
import type { BlockUpload, HeldBlock } from "./blocks.ts"
import * as receipt from "./receipt.ts"
import type { UploadInput } from "./uploadInput.ts"

/** The etag of blocks in order; `undefined` when one of them was not checked. */
const etagOf = (upload: BlockUpload, blocks: ReadonlyArray<HeldBlock>): string | undefined => {
  const pieces = blocks.map((block) => block.pieces)
  return pieces.every((of) => of !== undefined) ? Etag.fromPieces(pieces.flat(), upload.digest.sha1) : undefined
}

/** The receipt of the same content that somebody else has stored meanwhile, if stat finds it; the record goes then. */
export const finished = <Body>({ blocks, etag, input, since, size, upload }: {
  readonly upload: BlockUpload
  readonly input: UploadInput
  /** Since when, in milliseconds. */
  readonly since: number
  readonly size: number
  readonly blocks: UploadReceipt["blocks"]
  readonly etag: Effect.Effect<string, WcsFileError>
}): Effect.Effect<Option.Option<UploadReceipt<Body>>, WcsError> =>
  Effect.flatMap(
    receipt.settle(upload.client, input, { size, etag, since }),
    Effect.transposeMapOption((answer) =>
      Effect.zipRight(
        upload.store?.forget(upload.uploadId) ?? Effect.void,
        receipt.make<Body>({
          input,
          operation: "mkfile",
          answer,
          verdict: { etag: answer.hash, verified: "etag" },
          size,
          blocks,
          uploadId: upload.uploadId,
          progress: upload.progress
        })
      )
    )
  )

/**
 * Joins blocks into the object, compares it with what was read, and forgets the record.
 *
 * Before mkfile is repeated, and when it is refused because the key is taken although an earlier one may have reached
 * the service, stat tells whether the object is there. When it is refused for a stale block, `resend` gives the blocks
 * anew, once.
 */
export const run = <Body>(options: {
  readonly upload: BlockUpload
  readonly input: UploadInput
  /** All blocks, in order. */
  readonly blocks: ReadonlyArray<HeldBlock>
  readonly resumed: number
  readonly sent: () => number
  /** A mkfile of an earlier run may have reached the service. */
  readonly finishing: boolean
  readonly resend: (error: WcsStaleBlock) => Effect.Effect<ReadonlyArray<HeldBlock>, WcsError>
  /** The etag by reading the content again; absent where that is impossible. */
  readonly reread?: Effect.Effect<string, WcsFileError>
}): Effect.Effect<UploadReceipt<Body>, WcsError> =>
  Effect.gen(function*() {
    const { input, upload } = options
    const { client, context, progress, store, uploadId } = upload
    const forget = store?.forget(uploadId) ?? Effect.void
    let repeated = options.finishing
    const began = yield* Clock.currentTimeMillis

    const mkfile = (blocks: ReadonlyArray<HeldBlock>) =>
      Effect.gen(function*() {
        const size = blocks.reduce((total, block) => total + block.size, 0)
        const etag = etagOf(upload, blocks)
        const known = etag === undefined ? options.reread : Effect.succeed(etag)
        const settle = known === undefined
          ? Effect.succeedNone
          : receipt.settle(client, input, { size, etag: known, since: began })
        if (store) yield* store.finishing(uploadId)
        const ctxs = blocks.map((block) => block.ctx)
        const answer = yield* upload.gate(
          client.execute(Uploads.mkfile(context, uploadId, size, ctxs), {
            settle,
            onRetry: (error) => {
              repeated = true
              return progress.emit(UploadEvent.Retrying({ operation: "mkfile", error }))
            }
          }).pipe(
            Effect.catchTag("WcsAlreadyExists", (error) =>
              repeated
                ? receipt.settleOr(settle, error)
                // It was the only mkfile: what is there is not this upload's.
                : Effect.zipRight(store?.refused(uploadId) ?? Effect.void, error))
          )
        )
        return { answer, etag, size }
      })

    const { answer, etag, size } = yield* mkfile(options.blocks).pipe(
      Effect.catchTag("WcsStaleBlock", (error) =>
        Effect.flatMap(options.resend(error), (blocks) =>
          // The suspects are new, so it is not a block: the token covers no such object.
          Effect.catchTag(
            mkfile(blocks),
            "WcsStaleBlock",
            (again): Effect.Effect<never, WcsStaleBlock | WcsUnauthorized> =>
              again.status === 401 ? new WcsUnauthorized(again) : again
          ))),
      // Stored: there is nothing to resume, and nothing to repeat.
      Effect.tapErrorTag("WcsCallbackFailed", () => forget)
    )
    // An object that differs is not mended by sending the same record again.
    const verdict = yield* Effect.tapErrorTag(
      receipt.verify(upload, input, "mkfile", answer, etag),
      "WcsIntegrityError",
      () => forget
    )
    yield* forget
    return yield* receipt.make<Body>({
      input,
      operation: "mkfile",
      answer,
      verdict,
      size,
      blocks: { total: options.blocks.length, sent: options.sent(), resumed: options.resumed },
      uploadId,
      progress
    })
  })
