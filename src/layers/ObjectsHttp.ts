/**
 * `Objects` over `WcsHttpClient`.
 *
 * @since 0.1.0
 */
import * as Chunk from "effect/Chunk"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Entry from "../domain/Entry.ts"
import { WcsInvalidInput, WcsUndecodableAnswer } from "../domain/WcsError.ts"
import * as Management from "../domain/wire/Management.ts"
import { type ListOptions, Objects } from "../services/Objects.ts"
import { WcsConfig, type WcsOptions } from "../services/WcsConfig.ts"
import { WcsHttpClient } from "../services/WcsHttpClient.ts"

const time = (input: "startTime" | "endTime", value: DateTime.DateTime.Input | undefined) =>
  value === undefined ? Either.right(undefined) : Option.match(DateTime.make(value), {
    onNone: () => Either.left(new WcsInvalidInput({ input, detail: "is not a time" })),
    onSome: (time) => Either.right(DateTime.toUtc(time))
  })

/** A listing, checked, with the settings in the gaps. */
const listing = (
  defaults: WcsOptions["list"],
  options: ListOptions
): Either.Either<Management.Listing, WcsInvalidInput> =>
  Either.gen(function*() {
    const limit = options.limit ?? defaults.limit
    if (!Number.isInteger(limit) || limit < 1 || limit > 1000) {
      return yield* Either.left(new WcsInvalidInput({ input: "limit", detail: `is 1 to 1000, not ${limit}` }))
    }
    const startTime = yield* time("startTime", options.startTime)
    const endTime = yield* time("endTime", options.endTime)
    if (startTime && endTime && DateTime.lessThan(endTime, startTime)) {
      return yield* Either.left(new WcsInvalidInput({ input: "endTime", detail: "is not before startTime" }))
    }
    return {
      bucket: yield* Entry.bucketName(options.bucket),
      prefix: (options.prefix ?? defaults.prefix) || undefined,
      marker: (options.marker ?? defaults.marker) || undefined,
      limit,
      mode: options.mode ?? defaults.mode,
      startTime,
      endTime
    }
  })

/** A listing that would never end. */
const stuck = Effect.suspend(() =>
  new WcsUndecodableAnswer({
    operation: "list",
    status: 200,
    code: "200",
    detail: "the next page begins where this one began"
  })
)

/**
 * Object management over `WcsHttpClient`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Objects["Type"], never, WcsConfig | WcsHttpClient> = Effect.gen(function*() {
  const config = yield* WcsConfig
  const client = yield* WcsHttpClient

  const list = (options: ListOptions) =>
    Effect.flatMap(listing(config.list, options), (checked) => client.execute(Management.list(checked))).pipe(
      Effect.withSpan("Objects.list", { attributes: { "wcs.bucket": options.bucket } })
    )

  return Objects.of({
    stat: (location) =>
      Effect.flatMap(Entry.existing(location), (entry) => client.execute(Management.stat(entry))).pipe(
        Effect.withSpan("Objects.stat", { attributes: { "wcs.bucket": location.bucket, "wcs.key": location.key } })
      ),
    list,
    listAll: (options) =>
      Stream.paginateChunkEffect(
        options.marker,
        (marker) =>
          Effect.flatMap(list({ ...options, marker }), (page) =>
            marker !== undefined && Option.contains(page.marker, marker)
              ? stuck
              : Effect.succeed([Chunk.unsafeFromArray(page.objects), page.marker]))
      ),
    delete: (location) =>
      Effect.flatMap(Entry.existing(location), (entry) => {
        let repeated = false
        const onRetry = () =>
          Effect.sync(() => {
            repeated = true
          })
        return client.execute(Management.remove(entry), { onRetry }).pipe(
          // The answer to the first attempt was lost, and the object with it.
          Effect.catchTag("WcsNotFound", (error) => repeated ? Effect.void : error)
        )
      }).pipe(
        Effect.withSpan("Objects.delete", { attributes: { "wcs.bucket": location.bucket, "wcs.key": location.key } })
      )
  })
})

/**
 * `Objects` over `WcsHttpClient`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Objects, never, WcsConfig | WcsHttpClient> = Layer.effect(Objects, make)
