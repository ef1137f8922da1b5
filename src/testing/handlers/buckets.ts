import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as Bucket from "../../domain/Bucket.ts"
import * as EmulatorResponse from "../EmulatorResponse.ts"
import { Catalog } from "../internal/catalog.ts"
import * as grammar from "../internal/grammar.ts"
import { authorizeManagement, type Operation } from "../internal/operation.ts"
import * as serviceDay from "../internal/serviceDay.ts"
import { Settings } from "../internal/settings.ts"
import type { Sorted } from "../internal/shelf.ts"
import { type Count, Usage } from "../internal/usage.ts"

/**
 * Lists the account's buckets (protocol 6.3).
 *
 * @since 0.1.0
 * @category operations
 */
export const bucketList: Operation = {
  name: "bucket/list",
  methods: ["GET"],
  path: /^\/bucket\/list$/,
  handle: (exchange) =>
    Effect.gen(function*() {
      const { buckets } = yield* Settings
      yield* authorizeManagement(exchange)
      return EmulatorResponse.json({ code: "200", message: "OK", buckets: buckets.map((name) => ({ name })) })
    })
}

const question = {
  name: grammar.Name,
  startdate: Schema.String,
  enddate: Schema.String,
  isListDetails: Schema.optionalWith(Schema.Literal("true", "false"), { exact: true, default: () => "false" })
}

type Question = Schema.Struct.Type<typeof question>

/** The buckets that are meant, and the days: whole ones of the service's, up to today. */
const scope = ({ enddate, name, startdate }: Question) =>
  Effect.gen(function*() {
    const buckets = name.split("|")
    yield* grammar.checkBuckets(buckets)
    const span = yield* Either.mapLeft(
      Bucket.span(startdate, enddate),
      ({ detail, input }) => grammar.invalid(`${input === "from" ? "startdate" : "enddate"} ${detail}`)
    )
    const first = serviceDay.parse(span.from)
    const last = Math.min(serviceDay.parse(span.to), serviceDay.of(yield* Clock.currentTimeMillis))
    const days = Array.from({ length: Math.max(last - first + 1, 0) }, (_, at) => first + at)
    return { buckets, days }
  })

const answer = (buckets: ReadonlyArray<unknown>): EmulatorResponse.EmulatorResponse =>
  EmulatorResponse.json({ code: "200", message: "OK", buckets })

/** MB as text with three decimals; one is 1024 * 1024 bytes (assumed). */
const megabytes = (bytes: number): string => (bytes / (1024 * 1024)).toFixed(3)

/** For each day the bytes of what was stored by its end and is there today. */
const volumes = ({ get, keys }: Sorted, days: ReadonlyArray<number>): ReadonlyArray<number> => {
  const [first = 0] = days
  const added = days.map(() => 0)
  for (const key of keys) {
    const object = get(key)
    if (object === undefined) continue
    const at = Math.max(serviceDay.of(object.putTime) - first, 0)
    if (at < added.length) added[at] = (added[at] ?? 0) + object.content.size
  }
  let sum = 0
  return added.map((bytes) => sum += bytes)
}

const readVolumes = grammar.body(Schema.Struct({
  ...question,
  storageType: grammar.optional(Schema.Literal("Standard", "InfrequentAccess", "Archive"))
}))

/**
 * Tells the volume of buckets, day by day or for the last day alone, which is the highest: of what has gone the emulator
 * knows nothing any more. All of it is `Standard`. Days are China's; those to come are left out (protocol 6.4).
 *
 * @since 0.1.0
 * @category operations
 */
export const bucketStat: Operation = {
  name: "bucket/stat",
  methods: ["GET"],
  path: /^\/bucket\/stat$/,
  handle: (exchange) =>
    Effect.gen(function*() {
      const catalog = yield* Catalog
      yield* authorizeManagement(exchange)
      const asked = yield* readVolumes(exchange.request.query)
      const { buckets, days } = yield* scope(asked)
      return answer(
        yield* Effect.forEach(buckets, (name) =>
          Effect.map(catalog.sorted(name), (objects) => {
            const bytes = asked.storageType === undefined || asked.storageType === "Standard"
              ? volumes(objects, days)
              : days.map(() => 0)
            const detail = days.map((day, at) => ({
              data_time: serviceDay.format(day),
              storage: megabytes(bytes[at] ?? 0)
            }))
            return { name, detail: asked.isListDetails === "true" ? detail : detail.slice(-1) }
          }))
      )
    })
}

/** What can be counted; of the names `uploadRequest` alone is the vendor's (protocol 6.5). */
const measures = {
  uploadRequest: ({ requests }: Count) => requests,
  downloadRequest: (_: Count, { requests }: Count) => requests,
  uploadFlow: ({ bytes }: Count) => bytes,
  downloadFlow: (_: Count, { bytes }: Count) => bytes,
  flow: (upload: Count, download: Count) => upload.bytes + download.bytes
}

const Measure = Schema.Literal("uploadRequest", "downloadRequest", "uploadFlow", "downloadFlow", "flow")

const readStatistics = grammar.body(Schema.Struct({ ...question, type: Measure }))

/**
 * Tells how many requests an emulator has carried out since it began, or how many MB they brought or took: of a day, or of
 * all days together under the last one's date. The types are `uploadRequest`, `downloadRequest`, `uploadFlow`,
 * `downloadFlow` and `flow`; the answer has the shape of `bucket/stat`, with the type's name in place of `storage`
 * (assumed; protocol 6.5).
 *
 * @since 0.1.0
 * @category operations
 */
export const bucketStatistics: Operation = {
  name: "bucket/statistics",
  methods: ["GET"],
  path: /^\/bucket\/statistics$/,
  handle: (exchange) =>
    Effect.gen(function*() {
      const usage = yield* Usage
      yield* authorizeManagement(exchange)
      const asked = yield* readStatistics(exchange.request.query)
      const { buckets, days } = yield* scope(asked)
      const { type } = asked
      const entry = (days: ReadonlyArray<number>, bucket: string) => {
        const values = days.map((day) =>
          measures[type](usage.on(bucket, "upload", day), usage.on(bucket, "download", day))
        )
        const sum = values.reduce((sum, value) => sum + value, 0)
        return {
          data_time: serviceDay.format(days.at(-1) ?? 0),
          [type]: type.endsWith("Request") ? String(sum) : megabytes(sum)
        }
      }
      return answer(buckets.map((name) => ({
        name,
        detail: asked.isListDetails === "true"
          ? days.map((day) => entry([day], name))
          : days.length === 0
          ? []
          : [entry(days, name)]
      })))
    })
}
