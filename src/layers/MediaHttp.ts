/**
 * `Media` over `WcsHttpClient`.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Entry from "../domain/Entry.ts"
import * as MediaPipeline from "../domain/MediaPipeline.ts"
import { type WcsError, WcsInvalidInput } from "../domain/WcsError.ts"
import * as WebUrl from "../domain/WebUrl.ts"
import * as MediaQueries from "../domain/wire/MediaQueries.ts"
import * as Tasks from "../domain/wire/Tasks.ts"
import type { WcsRequest } from "../domain/wire/WcsRequest.ts"
import * as tasks from "../internal/tasks.ts"
import { Media } from "../services/Media.ts"
import { WcsConfig } from "../services/WcsConfig.ts"
import { WcsHttpClient } from "../services/WcsHttpClient.ts"

/**
 * Media operations over `WcsHttpClient`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Media["Type"], never, WcsConfig | WcsHttpClient> = Effect.gen(function*() {
  const config = yield* WcsConfig
  const client = yield* WcsHttpClient

  const ask = <A>(name: string, request: (entry: Entry.Entry) => WcsRequest<A>) =>
  (
    location: Entry.ObjectLocation
  ): Effect.Effect<A, WcsError> =>
    Effect.flatMap(Entry.addressable(location), (entry) => client.execute(request(entry))).pipe(
      Effect.withSpan(`Media.${name}`, { attributes: { "wcs.bucket": location.bucket, "wcs.key": location.key } })
    )

  return Media.of({
    process: (location, pipeline, options = {}) =>
      Effect.gen(function*() {
        const entry = yield* Entry.existing(location)
        const commands = yield* MediaPipeline.encode(pipeline)
        const envelope = yield* tasks.envelope(config.tasks, options)
        return yield* client.execute(Tasks.fops(entry, commands, envelope), { repeat: "refused" })
      }).pipe(
        Effect.withSpan("Media.process", { attributes: { "wcs.bucket": location.bucket, "wcs.key": location.key } })
      ),
    ...tasks.queries(client, "Media", "fops/status", Tasks.fopsStatus),
    detect: ({ bucket, image, type }) =>
      Effect.gen(function*() {
        const url = yield* WebUrl.check("image", image)
        const name = yield* Entry.bucketName(bucket)
        // It stands plain in a form-like body.
        if (name.includes("&")) return yield* new WcsInvalidInput({ input: "bucket", detail: "has no `&`" })
        if (!/^[a-z]+$/i.test(type)) return yield* new WcsInvalidInput({ input: "type", detail: "is a word" })
        return yield* client.execute(MediaQueries.imageDetect(url, type, name))
      }).pipe(Effect.withSpan("Media.detect", { attributes: { "wcs.bucket": bucket } })),
    imageInfo: ask("imageInfo", MediaQueries.imageInfo),
    exif: ask("exif", MediaQueries.exif),
    avinfo: ask("avinfo", MediaQueries.avinfo),
    avinfo2: ask("avinfo2", MediaQueries.avinfo2)
  })
})

/**
 * `Media` over `WcsHttpClient`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Media, never, WcsConfig | WcsHttpClient> = Layer.effect(Media, make)
