import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Etag from "../domain/Etag.ts"
import { UploadEvent } from "../domain/UploadEvent.ts"
import type { WcsFileError } from "../domain/WcsError.ts"
import * as Uploads from "../domain/wire/Uploads.ts"
import type { FormContent } from "../domain/wire/WcsRequest.ts"
import type { Engine } from "./engine.ts"
import * as receipt from "./receipt.ts"
import type { Source } from "./source.ts"
import type { UploadInput } from "./uploadInput.ts"
import type { UploadProgress } from "./uploadProgress.ts"

/** Content for one form. */
export interface FormSource {
  readonly size: number
  readonly name: string
  readonly content: Uint8Array | FormContent
  /** Whether the content can be read again. */
  readonly repeatable: boolean
  /** Reads the content for its etag, when an attempt did not read it to the end; for a repeatable source. */
  readonly etag: Effect.Effect<string, WcsFileError>
  readonly unchanged: Effect.Effect<void, WcsFileError>
}

/** What a form carries: bytes where they fit into the memory of a chunk, else what is read as it is sent. */
export const contentOf = (
  source: Source,
  chunkSize: number
): Effect.Effect<Uint8Array | FormContent, WcsFileError> =>
  source.size <= chunkSize
    ? Effect.scoped(Effect.flatMap(source.reader, (reader) => reader.read(0, source.size)))
    : Effect.succeed(source)

/** Tells how much of the content an attempt has read. */
export const counted = (content: FormContent, progress: UploadProgress): FormContent => {
  let sent = 0
  return {
    size: content.size,
    stream: Stream.suspend(() => {
      let read = 0
      return Stream.tap(content.stream, (bytes) => {
        read += bytes.length
        sent = Math.max(sent, read)
        return progress.emit(UploadEvent.Chunk({ block: 0, bytes: bytes.length, sent }))
      })
    })
  }
}

/** Sends the whole content in one form, and settles a lost answer by stat before it is sent again. */
export const put = Effect.fnUntraced(
  function*<Body>(
    engine: Pick<Engine, "client" | "digest" | "gate">,
    input: UploadInput,
    source: FormSource,
    progress: UploadProgress
  ) {
    const { client, digest } = engine
    yield* progress.emit(UploadEvent.Planned({ method: "form", size: source.size }))

    /** The etag of the attempt that was read to its end. */
    let etag: string | undefined
    const hashed = ({ size, stream }: FormContent): FormContent => ({
      size,
      stream: Stream.suspend(() => {
        const hasher = Etag.pieceHasher(digest.sha1)
        return stream.pipe(
          Stream.tap((bytes) => Effect.sync(() => hasher.update(bytes))),
          Stream.onEnd(Effect.sync(() => {
            etag = Etag.fromPieces(hasher.digest(), digest.sha1)
          }))
        )
      })
    })
    if (source.content instanceof Uint8Array && input.checks) etag = Etag.fromBytes(source.content, digest.sha1)
    const content = source.content instanceof Uint8Array
      ? source.content
      : counted(input.checks ? hashed(source.content) : source.content, progress)

    const began = yield* Clock.currentTimeMillis
    const settle = receipt.settle(client, input, {
      size: source.size,
      fname: source.name,
      since: began,
      etag: Effect.suspend(() => etag === undefined ? source.etag : Effect.succeed(etag)).pipe(
        Effect.tap((value) =>
          Effect.sync(() => {
            etag = value
          })
        )
      )
    })
    let repeated = false
    const answer = yield* engine.gate(
      client.execute(Uploads.form(input.context, { name: source.name, content }), {
        // A key that the service makes is another one each time.
        repeat: source.repeatable && input.entry !== undefined ? "always" : "never",
        settle,
        onRetry: (error) => {
          repeated = true
          return progress.emit(UploadEvent.Retrying({ operation: "upload", error }))
        }
      }).pipe(Effect.catchTag("WcsAlreadyExists", (error) => repeated ? receipt.settleOr(settle, error) : error))
    )
    if (content instanceof Uint8Array) {
      yield* progress.emit(UploadEvent.Chunk({ block: 0, bytes: content.length, sent: content.length }))
    }
    yield* source.unchanged
    const verdict = yield* receipt.verify(engine, input, "upload", answer, input.checks ? etag : undefined)
    return yield* receipt.make<Body>({
      input,
      operation: "upload",
      answer,
      verdict,
      size: source.size,
      blocks: { total: 0, sent: 0, resumed: 0 },
      progress
    })
  }
)
