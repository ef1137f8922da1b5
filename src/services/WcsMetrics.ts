/**
 * What this library counts and measures, as metrics of Effect. They are global: all clients of a program add to the same
 * ones, unless `Effect.tagMetrics` tells them apart. No tag is a bucket, a key, or anything else that has no bounds.
 *
 * @since 0.1.0
 */
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"

/**
 * Bytes of content in requests that were answered, whatever the answer: what is sent again counts again.
 *
 * @since 0.1.0
 * @category metrics
 */
export const sentBytes = Metric.counter("wcs_sent_bytes", {
  description: "Bytes of content in requests that were answered",
  incremental: true
})

/**
 * Bytes of objects that came in answers to downloads.
 *
 * @since 0.1.0
 * @category metrics
 */
export const receivedBytes = Metric.counter("wcs_received_bytes", {
  description: "Bytes of objects that came in answers to downloads",
  incremental: true
})

/**
 * Blocks that were sent and recorded.
 *
 * @since 0.1.0
 * @category metrics
 */
export const storedBlocks = Metric.counter("wcs_stored_blocks", {
  description: "Blocks that were sent and recorded",
  incremental: true
})

/**
 * Blocks that needed no sending: an earlier run had sent them, or another one at the same time.
 *
 * @since 0.1.0
 * @category metrics
 */
export const resumedBlocks = Metric.counter("wcs_resumed_blocks", {
  description: "Blocks that an earlier run had sent",
  incremental: true
})

/**
 * Requests that have ended, all their attempts together; of a download each attempt is one, for it goes on where the one
 * before it broke. Tags: `operation`, as in `WcsRequest.Operation`, and `outcome`: `success`, which of a download is that
 * its body began, the tag of the error, `interrupted` or `defect`.
 *
 * @example
 * import { Effect, Metric } from "effect"
 * import { WcsMetrics } from "effect-wcs"
 *
 * const refused = WcsMetrics.requests.pipe(
 *   Metric.tagged("operation", "stat"),
 *   Metric.tagged("outcome", "WcsNotFound")
 * )
 * assert.strictEqual(Effect.runSync(Metric.value(refused)).count, 0)
 *
 * @since 0.1.0
 * @category metrics
 */
export const requests = Metric.counter("wcs_requests", {
  description: "Requests that have ended",
  incremental: true
})

/**
 * Requests that have begun and not ended, those that wait to be repeated included; a download's until its body began.
 *
 * @since 0.1.0
 * @category metrics
 */
export const requestsInFlight = Metric.gauge("wcs_requests_in_flight", {
  description: "Requests that have begun and not ended"
})

/**
 * How long requests took, in seconds, with all their attempts and the waiting between them; each attempt of a download
 * until its body began. Tag: `operation`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const requestSeconds = Metric.histogram(
  "wcs_request_seconds",
  MetricBoundaries.fromIterable([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]),
  "How long requests took, with all their attempts"
)

/**
 * Attempts that were repeated by a schedule. Tags: `operation`, and `reason`, the tag of the error.
 *
 * @since 0.1.0
 * @category metrics
 */
export const retries = Metric.counter("wcs_retries", {
  description: "Attempts that were repeated by a schedule",
  incremental: true
})

/**
 * Seconds for which attempts were held back because the service had throttled this client.
 *
 * @since 0.1.0
 * @category metrics
 */
export const throttledSeconds = Metric.counter("wcs_throttled_seconds", {
  description: "Seconds for which attempts were held back after the service had throttled",
  incremental: true
})

/**
 * Uploads that have ended; of a folder, each file that was sent. Tag: `outcome`, as of `requests`, and `error` where the
 * stream that was given failed with an error of its own.
 *
 * @since 0.1.0
 * @category metrics
 */
export const uploads = Metric.counter("wcs_uploads", {
  description: "Uploads that have ended",
  incremental: true
})

/**
 * Uploads that have begun and not ended.
 *
 * @since 0.1.0
 * @category metrics
 */
export const uploadsInFlight = Metric.gauge("wcs_uploads_in_flight", {
  description: "Uploads that have begun and not ended"
})

/**
 * How long uploads took, in seconds.
 *
 * @since 0.1.0
 * @category metrics
 */
export const uploadSeconds = Metric.histogram(
  "wcs_upload_seconds",
  MetricBoundaries.fromIterable([0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600]),
  "How long uploads took"
)
