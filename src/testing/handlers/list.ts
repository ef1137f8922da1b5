import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Base64Url from "../../domain/Base64Url.ts"
import * as EmulatorResponse from "../EmulatorResponse.ts"
import { Catalog } from "../internal/catalog.ts"
import { Credentials } from "../internal/credentials.ts"
import * as entries from "../internal/entries.ts"
import * as objectListing from "../internal/objectListing.ts"
import { authorizeManagement, count, type Operation } from "../internal/operation.ts"
import * as parameters from "../internal/parameters.ts"
import * as percent from "../internal/percent.ts"
import { type Refusal, refuse } from "../internal/refusal.ts"

const invalid = (name: string): Refusal => refuse(400, `Invalid ${name}`)

/** Whatever the query asks for (protocol 6.2, 19.20). Base64 comes as it is, not percent-encoded (protocol 17.6). */
const readListing = (given: ReadonlyMap<string, string>) =>
  Effect.gen(function*() {
    const number = (name: string, least: number) => {
      const text = given.get(name)
      return text === undefined ? Effect.succeed(undefined) : count(name, text, least)
    }
    const limit = (yield* number("limit", 1)) ?? 1000
    if (limit > 1000) return yield* invalid("limit")
    const mode = given.get("mode")
    if (mode !== undefined && mode !== "0" && mode !== "1") return yield* invalid("mode")
    const marker = yield* Either.fromOption(percent.decode(given.get("marker") ?? ""), () => invalid("marker"))
    return {
      prefix: yield* Either.mapLeft(Base64Url.decodeText(given.get("prefix") ?? ""), () => invalid("prefix")),
      after: marker === ""
        ? undefined
        : yield* Either.mapLeft(objectListing.decodeMarker(marker), () => invalid("marker")),
      limit,
      mode: mode === undefined ? undefined : mode === "0" ? 0 : 1,
      startTime: yield* number("startTime", 0),
      endTime: yield* number("endTime", 0)
    } satisfies objectListing.Listing
  })

/**
 * Lists a bucket (protocol 6.2).
 *
 * @since 0.1.0
 * @category operations
 */
export const list: Operation = {
  name: "list",
  methods: ["GET"],
  path: /^\/list$/,
  handle: (exchange) =>
    Effect.gen(function*() {
      const catalog = yield* Catalog
      const credentials = yield* Credentials
      yield* authorizeManagement(exchange)
      const given = parameters.read(exchange.request.query)
      const bucket = Option.getOrElse(percent.decode(given.get("bucket") ?? ""), () => "")
      if (bucket === "") return yield* invalid("bucket")
      const listing = yield* readListing(given)
      yield* credentials.bucket(bucket)
      const page = objectListing.page(yield* catalog.sorted(bucket), listing)
      return EmulatorResponse.json({
        marker: page.marker,
        commonPrefixes: page.folders,
        items: page.objects.map((object) => ({
          key: object.key,
          putTime: object.putTime,
          hash: object.etag,
          fsize: String(object.listedSize ?? object.content.size),
          mimeType: object.mimeType,
          expirationDate: entries.expirationDate(object.expiresAt)
        }))
      })
    })
}
