/**
 * `Buckets` over `WcsHttpClient`.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Bucket from "../domain/Bucket.ts"
import * as Entry from "../domain/Entry.ts"
import { invalid } from "../domain/Input.ts"
import { WcsInvalidInput } from "../domain/WcsError.ts"
import * as BucketQueries from "../domain/wire/BucketQueries.ts"
import { Buckets, type BucketSpan } from "../services/Buckets.ts"
import { WcsHttpClient } from "../services/WcsHttpClient.ts"

const span = ({ buckets, from, to }: BucketSpan): Either.Either<BucketQueries.Span, WcsInvalidInput> =>
  Either.gen(function*() {
    if (buckets.length === 0) return yield* invalid("buckets", "is empty")
    const names = yield* Either.all(buckets.map(Entry.bucketName))
    if (names.some((name) => name.includes("|"))) {
      return yield* invalid("buckets", "a name with `|` cannot stand in a list")
    }
    return { buckets: names, ...(yield* Bucket.span(from, to)) }
  })

/**
 * Bucket operations over `WcsHttpClient`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Buckets["Type"], never, WcsHttpClient> = Effect.map(
  WcsHttpClient,
  (client) =>
    Buckets.of({
      list: Effect.withSpan(client.execute(BucketQueries.list), "Buckets.list"),
      stat: ({ details = false, storageType, ...options }) =>
        Effect.gen(function*() {
          const checked = yield* span(options)
          if (typeof storageType === "number" && !(Number.isSafeInteger(storageType) && storageType >= 0)) {
            return yield* new WcsInvalidInput({
              input: "storageType",
              detail: "is one of the names, or a whole number"
            })
          }
          return yield* client.execute(BucketQueries.stat(checked, { details, storageType }))
        }).pipe(Effect.withSpan("Buckets.stat")),
      statistics: ({ details, type, ...options }) =>
        Effect.gen(function*() {
          const checked = yield* span(options)
          if (type === "" || !type.isWellFormed()) {
            return yield* new WcsInvalidInput({ input: "type", detail: "is not empty, and well-formed Unicode" })
          }
          return yield* client.execute(BucketQueries.statistics(checked, { type, details }))
        }).pipe(Effect.withSpan("Buckets.statistics"))
    })
)

/**
 * `Buckets` over `WcsHttpClient`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Buckets, never, WcsHttpClient> = Layer.effect(Buckets, make)
