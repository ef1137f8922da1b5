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
import * as Base64Url from "../domain/Base64Url.ts"
import * as Entry from "../domain/Entry.ts"
import { invalid } from "../domain/Input.ts"
import * as Retention from "../domain/Retention.ts"
import {
  type WcsError,
  type WcsInvalidInput,
  type WcsNotFound,
  type WcsRefused,
  WcsUndecodableAnswer
} from "../domain/WcsError.ts"
import * as Management from "../domain/wire/Management.ts"
import type { WcsRequest } from "../domain/wire/WcsRequest.ts"
import * as instants from "../internal/instants.ts"
import { type Destination, type ListOptions, Objects } from "../services/Objects.ts"
import { type ListDefaults, WcsConfig } from "../services/WcsConfig.ts"
import { WcsHttpClient } from "../services/WcsHttpClient.ts"

const instant = (input: "startTime" | "endTime", value: DateTime.DateTime.Input | undefined) =>
  value === undefined ? Either.right(undefined) : instants.instant([input, value])

/** Empty text stands for nothing. */
const text = (input: "prefix" | "marker", value: string | undefined) =>
  value === undefined || value.isWellFormed()
    ? Either.right(value || undefined)
    : invalid(input, "is well-formed Unicode")

/** A listing, checked, with the settings in the gaps. */
const listing = (
  defaults: ListDefaults,
  options: ListOptions
): Either.Either<Management.Listing, WcsInvalidInput> =>
  Either.gen(function*() {
    const limit = options.limit ?? defaults.limit
    if (!Number.isInteger(limit) || limit < 1 || limit > 1000) {
      return yield* invalid("limit", `is 1 to 1000, not ${limit}`)
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

/** Characters of keys that one path takes: Base64 twice makes them almost twice as many. */
const longestPath = 4000

/** Keys in parts that fit into a path. */
const inParts = (keys: ReadonlyArray<Entry.ObjectKey>): ReadonlyArray<ReadonlyArray<Entry.ObjectKey>> => {
  const parts: Array<Array<Entry.ObjectKey>> = []
  let room = 0
  for (const key of keys) {
    const length = Base64Url.encode(key).length + 1
    if (length > room) {
      parts.push([])
      room = longestPath
    }
    parts.at(-1)?.push(key)
    room -= length
  }
  return parts
}

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

  /**
   * Sends what can be carried out only once, such as a deletion. Where an answer was lost and the request is sent again,
   * a refusal may mean that it had been carried out: `settle` says what becomes of it.
   */
  const settling = (
    request: WcsRequest<void>,
    settle: (lost: WcsError, refusal: WcsNotFound | WcsRefused) => Effect.Effect<void, WcsError>
  ): Effect.Effect<void, WcsError> =>
    Effect.suspend(() => {
      let lost: WcsError | undefined
      // What was throttled was not carried out.
      const onRetry = (error: WcsError) =>
        Effect.sync(() => {
          if (error._tag !== "WcsThrottled") lost ??= error
        })
      const refused = (refusal: WcsNotFound | WcsRefused) => lost === undefined ? refusal : settle(lost, refusal)
      return Effect.catchTags(client.execute(request, { onRetry }), {
        WcsNotFound: refused,
        WcsRefused: (refusal) => refusal.status === 406 ? refused(refusal) : refusal
      })
    })

  /** Nobody can tell whether it was done. */
  const untold = (lost: WcsError): Effect.Effect<never, WcsError> => Effect.fail(lost)

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
      Effect.flatMap(
        Entry.existing(location),
        (entry) =>
          settling(Management.remove(entry), (_, refusal) => refusal._tag === "WcsNotFound" ? Effect.void : refusal)
      ).pipe(
        spanned("delete", location)
      ),
    move: (location, to) =>
      Effect.gen(function*() {
        const from = yield* Entry.existing(location)
        const target = yield* destination(from, to)
        yield* settling(Management.move(from, target), untold)
      }).pipe(spanned("move", location)),
    copy: (location, to) =>
      Effect.gen(function*() {
        const from = yield* Entry.existing(location)
        yield* settling(Management.copy(from, yield* destination(from, to)), untold)
      }).pipe(spanned("copy", location)),
    setDeadline: (location, retention, { segments } = {}) =>
      Effect.gen(function*() {
        const entry = yield* Entry.existing(location)
        const days = yield* Retention.toDays(retention)
        const request = Management.setDeadline(entry, days, segments === undefined ? undefined : segments ? 1 : 0)
        // What ends at once may be gone when it is asked for again.
        yield* settling(
          request,
          (_, refusal) => days === 0 && refusal._tag === "WcsNotFound" ? Effect.void : refusal
        )
      }).pipe(spanned("setDeadline", location)),
    prefetch: (bucket, keys) =>
      Effect.gen(function*() {
        if (keys.length === 0) return []
        const entries = yield* Either.all(keys.map((key) => Entry.existing({ bucket, key })))
        const name = yield* Entry.bucketName(bucket)
        const parts = yield* Effect.forEach(
          inParts(entries.map(({ key }) => key)),
          (keys) => client.execute(Management.prefetch(name, keys))
        )
        return parts.flat()
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
