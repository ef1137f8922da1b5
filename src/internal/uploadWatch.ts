import * as Effect from "effect/Effect"
import type { UploadTarget } from "../services/Uploader.ts"
import * as metrics from "./metrics.ts"
import * as spans from "./spans.ts"

/** Tells of an upload, however it ends: its target on the lines of its log, the metrics, and its failure on its span. */
export const watched =
  ({ bucket, key }: UploadTarget) => <A, E, R>(upload: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    metrics.upload(upload).pipe(
      Effect.annotateLogs({ bucket, ...(key !== undefined && { key }) }),
      spans.told()
    )

/** Names an upload in blocks by its id, on its span and on the lines of its log. */
export const named = (uploadId: string) => <A, E, R>(upload: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.zipRight(Effect.annotateCurrentSpan("wcs.upload_id", uploadId), Effect.annotateLogs(upload, { uploadId }))
