import * as Effect from "effect/Effect"
import type { UploadEvent } from "../domain/UploadEvent.ts"
import * as checksum from "./checksum.ts"
import { bounded, type Engine } from "./engine.ts"
import * as formUpload from "./formUpload.ts"
import type { Source } from "./source.ts"
import * as sourceUpload from "./sourceUpload.ts"
import * as uploadId from "./uploadId.ts"
import * as uploadInput from "./uploadInput.ts"
import * as uploadMemory from "./uploadMemory.ts"
import * as uploadProgress from "./uploadProgress.ts"
import * as uploadWatch from "./uploadWatch.ts"

/** Uploads what can be read at any place: as a form or in blocks. */
export const run = Effect.fnUntraced(
  function*<Body>(
    engine: Engine,
    input: uploadInput.UploadInput,
    content: Source,
    onProgress: ((event: UploadEvent) => Effect.Effect<void>) | undefined
  ) {
    const { config, digest } = engine
    yield* uploadInput.checkSize(input, content.size)
    const progress = yield* uploadProgress.make(onProgress)
    if (!uploadInput.isForm(input, content.size)) {
      const id = input.uploadId ?? (yield* uploadId.derive(digest, config, input, content))
      const context = { ...input.context, size: content.size }
      const store = uploadMemory.make(engine, input.onRecordFailure)
      const upload = { ...input, ...engine, store, context, progress, uploadId: id }
      return yield* sourceUpload.put<Body>(upload, input, content).pipe(
        bounded(config, id),
        uploadWatch.named(id, context)
      )
    }
    return yield* formUpload.put<Body>(engine, input, {
      name: content.name,
      size: content.size,
      content: yield* formUpload.contentOf(content, input.chunkSize),
      repeatable: true,
      etag: checksum.ofSource(content, checksum.etag(digest.sha1)),
      unchanged: content.unchanged
    }, progress).pipe(bounded(config))
  }
)
