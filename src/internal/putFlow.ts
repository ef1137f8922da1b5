import * as Effect from "effect/Effect"
import type { Stream } from "effect/Stream"
import type { UploadEvent } from "../domain/UploadEvent.ts"
import { type WcsError, WcsInvalidInput } from "../domain/WcsError.ts"
import type { UploadReceipt } from "../services/Uploader.ts"
import { bounded, type Engine } from "./engine.ts"
import * as formUpload from "./formUpload.ts"
import * as source from "./source.ts"
import * as streamUpload from "./streamUpload.ts"
import * as uploadId from "./uploadId.ts"
import * as uploadInput from "./uploadInput.ts"
import * as uploadMemory from "./uploadMemory.ts"
import * as uploadProgress from "./uploadProgress.ts"
import * as uploadWatch from "./uploadWatch.ts"

/** Content that is read once, from the beginning to the end. */
export interface Flow {
  /** The local name, for the form's file part. */
  readonly name: string
  readonly size: number | undefined
  /** What kind of content it is, for the record. */
  readonly identity: string
  readonly stream: Stream<Uint8Array, WcsError>
}

const put = Effect.fnUntraced(function*<Body>(
  engine: Engine,
  input: uploadInput.UploadInput,
  { identity, name, size, stream }: Flow,
  onProgress: ((event: UploadEvent) => Effect.Effect<void>) | undefined
) {
  const { config } = engine
  const progress = yield* uploadProgress.make(onProgress)
  if (size !== undefined) yield* uploadInput.checkSize(input, size)
  const checked = size === undefined ? stream : source.exactly(
    stream,
    size,
    (actual) => new WcsInvalidInput({ input: "size", detail: `is ${size}, but the stream gave ${actual} bytes` })
  )
  const once = { name, repeatable: false, etag: Effect.dieMessage("read once"), unchanged: Effect.void }
  if (size !== undefined && size > input.blockSize && input.method === "form") {
    const whole = { ...once, size, content: { size, stream: checked } }
    return yield* formUpload.put<Body>(engine, input, whole, progress).pipe(bounded(config))
  }
  const rest = yield* streamUpload.cutter(checked)
  // One byte of room too many tells whether the stream ends where it said.
  const room = size !== undefined && size <= input.blockSize && uploadInput.isForm(input, size)
    ? size + 1
    : Math.min(input.blockSize, (size ?? input.blockSize) + 1)
  const first = yield* rest.fill(new Uint8Array(room))
  if (first.length < room) {
    yield* uploadInput.checkSize(input, first.length)
    if (uploadInput.isForm(input, first.length)) {
      const whole = { ...once, repeatable: true, size: first.length, content: first }
      return yield* formUpload.put<Body>(engine, input, whole, progress).pipe(bounded(config))
    }
  } else if (input.method === "form") {
    return yield* new WcsInvalidInput({
      input: "size",
      detail: `is needed for a form of more than ${input.blockSize} bytes from a stream`
    })
  }
  const upload = {
    ...input,
    ...engine,
    context: { ...input.context, size },
    progress,
    // Nobody can name an upload again that was given no id, so there is no point in recording it.
    ...(input.uploadId === undefined
      ? { uploadId: yield* uploadId.random, store: undefined }
      : {
        uploadId: input.uploadId,
        store: uploadMemory.make(engine, input.onRecordFailure)
      })
  }
  return yield* streamUpload.put<Body>(upload, input, { size, identity, first, rest }).pipe(
    bounded(config, input.uploadId),
    uploadWatch.named(upload.uploadId, upload.context)
  )
})

/** Uploads what is read once: as a form or in blocks. */
export const run = <Body>(...args: Parameters<typeof put>): Effect.Effect<UploadReceipt<Body>, WcsError> =>
  Effect.scoped(put<Body>(...args))
