/**
 * `Objects` over `WcsHttpClient`.
 *
 * @since 0.1.0
 */
import * as Chunk from "effect/Chunk"
import type * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Entry from "../domain/Entry.ts"
import * as Retention from "../domain/Retention.ts"
import { type WcsError, WcsInvalidInput, WcsUndecodableAnswer } from "../domain/WcsError.ts"
import * as Management from "../domain/wire/Management.ts"
import type { WcsRequest } from "../domain/wire/WcsRequest.ts"
import * as instants from "../internal/instants.ts"
import { type Destination, type ListOptions, Objects } from "../services/Objects.ts"
import { WcsConfig, type WcsOptions } from "../services/WcsConfig.ts"
import { WcsHttpClient } from "../services/WcsHttpClient.ts"

const instant = (input: "startTime" | "endTime", value: DateTime.DateTime.Input | undefined) =>
  value === undefined ? Either.right(undefined) : instants.instant([input, value])

/** Empty text stands for nothing. */
const text = (input: "prefix" | "marker", value: string | undefined) =>
  value === undefined || value.isWellFormed()
    ? Either.right(value || undefined)
    : Either.left(new WcsInvalidInput({ input, detail: "is well-formed Unicode" }))

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
    const startTime = yield* instant("startTime", options.startTime)
    const endTime = yield* instant("endTime", options.endTime)
    if (startTime && endTime) yield* instants.span(["startTime", startTime], ["endTime", endTime])
    return {
      bucket: yield* Entry.bucketName(options.bucket),
      prefix: yield* text("prefix", options.prefix ?? defaults.prefix),
      marker: yield* text("marker", options.marker ?? defaults.marker),
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

  /** Carries out what a second attempt would answer with `WcsNotFound`, unless `isDone` then tells that it was done. */
  const once = (request: WcsRequest<void>, isDone: Effect.Effect<boolean>): Effect.Effect<void, WcsError> =>
    Effect.suspend(() => {
      let repeated = false
      // What was throttled was not carried out.
      const onRetry = ({ _tag }: WcsError) =>
        Effect.sync(() => {
          repeated ||= _tag !== "WcsThrottled"
        })
      return client.execute(request, { onRetry }).pipe(
        // The answer to the first attempt was lost, and the object with it.
        Effect.catchTag(
          "WcsNotFound",
          (error) => Effect.flatMap(repeated ? isDone : Effect.succeed(false), (done) => done ? Effect.void : error)
        )
      )
    })

  const destination = (from: Entry.Entry, to: Destination) =>
    Entry.toStore({ bucket: to.bucket, key: to.key ?? from.key })

  const spanned = (name: string, { bucket, key }: Entry.ObjectLocation) =>
    Effect.withSpan(`Objects.${name}`, { attributes: { "wcs.bucket": bucket, "wcs.key": key } })

  return Objects.of({
    stat: (location) =>
      Effect.flatMap(Entry.existing(location), (entry) => client.execute(Management.stat(entry))).pipe(
        spanned("stat", location)
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
      Effect.flatMap(Entry.existing(location), (entry) => once(Management.remove(entry), Effect.succeed(true))).pipe(
        spanned("delete", location)
      ),
    move: (location, to) =>
      Effect.gen(function*() {
        const from = yield* Entry.existing(location)
        const target = yield* destination(from, to)
        yield* once(Management.move(from, target), Effect.isSuccess(client.execute(Management.stat(target))))
      }).pipe(spanned("move", location)),
    copy: (location, to) =>
      Effect.gen(function*() {
        const from = yield* Entry.existing(location)
        yield* client.execute(Management.copy(from, yield* destination(from, to)))
      }).pipe(spanned("copy", location)),
    setDeadline: (location, retention, { segments } = {}) =>
      Effect.gen(function*() {
        const entry = yield* Entry.existing(location)
        const days = yield* Retention.toDays(retention)
        const request = Management.setDeadline(entry, days, segments === undefined ? undefined : segments ? 1 : 0)
        // What ends at once may be gone when it is asked for again.
        yield* once(request, Effect.succeed(days === 0))
      }).pipe(spanned("setDeadline", location)),
    prefetch: (bucket, keys) =>
      Effect.gen(function*() {
        if (keys.length === 0) return []
        const entries = yield* Either.all(keys.map((key) => Entry.existing({ bucket, key })))
        return yield* client.execute(
          Management.prefetch(yield* Entry.bucketName(bucket), entries.map(({ key }) => key))
        )
      }).pipe(Effect.withSpan("Objects.prefetch", { attributes: { "wcs.bucket": bucket } }))
  })
})

/**
 * `Objects` over `WcsHttpClient`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Objects, never, WcsConfig | WcsHttpClient> = Layer.effect(Objects, make)
