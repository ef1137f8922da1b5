import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as LogLevel from "effect/LogLevel"
import type { UploadTarget } from "../services/Uploader.ts"
import * as metrics from "./metrics.ts"
import * as spans from "./spans.ts"

const targeted = ({ bucket, key }: UploadTarget) => Effect.annotateLogs({ bucket, ...(key !== undefined && { key }) })

/**
 * Tells of an upload, however it ends: in the metrics, its failure on its span, and its target on the lines of its log
 * where level Debug is on. A form has few others, and in a folder of small files each annotation would be felt.
 */
export const watched = (target: UploadTarget) => <A, E, R>(upload: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  FiberRef.getWith(FiberRef.currentMinimumLogLevel, (level) => {
    const counted = metrics.upload(upload)
    return LogLevel.greaterThan(level, LogLevel.Debug) ? counted : targeted(target)(counted)
  }).pipe(spans.annotated())

/** Names an upload in blocks on its span, and on every line of its log. */
export const named =
  (uploadId: string, target: UploadTarget) => <A, E, R>(upload: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.zipRight(
      Effect.annotateCurrentSpan("wcs.upload_id", uploadId),
      upload.pipe(Effect.annotateLogs({ uploadId }), targeted(target))
    )
