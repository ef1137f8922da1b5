/**
 * The requests of object management (protocol 6).
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Base64Url from "../Base64Url.ts"
import type { BucketName, Entry } from "../Entry.ts"
import type { ObjectInfo, ObjectPage } from "../ObjectInfo.ts"
import { type Answer, empty, json, management, query, type WcsRequest } from "./WcsRequest.ts"

/** A whole number that comes as a number or as text. */
const Count = Schema.Union(
  Schema.NonNegativeInt,
  Schema.NumberFromString.pipe(Schema.int(), Schema.nonNegative())
)

/** Milliseconds since the epoch that are a time: no calendar has those beyond (the largest of a `Date`). */
const Time = Count.pipe(Schema.filter((millis) => millis <= 8.64e15))

/** What stat and list say alike; empty text stands for nothing. */
const described = {
  fsize: Count,
  hash: Schema.optionalWith(Schema.String, { default: () => "", nullable: true }),
  mimeType: Schema.optionalWith(Schema.String, { default: () => "", nullable: true }),
  putTime: Time,
  expirationDate: Schema.optional(Schema.Union(Schema.String, Schema.Number, Schema.Null)),
  storageClass: Schema.optional(Schema.NullOr(Schema.String))
}

/** Milliseconds, or a date that reads as one; the format is not documented, since every sample is empty. */
const expiry = (value: string | number | null | undefined): Option.Option<DateTime.Utc> => {
  if (value === undefined || value === null || value === "") return Option.none()
  const millis = Number(value)
  return DateTime.make(Number.isNaN(millis) ? String(value) : millis).pipe(Option.map(DateTime.toUtc))
}

const info = (key: string, fields: Schema.Struct.Type<typeof described>): ObjectInfo => ({
  key,
  size: fields.fsize,
  etag: fields.hash,
  mimeType: fields.mimeType,
  putTime: DateTime.unsafeMake(fields.putTime),
  expires: expiry(fields.expirationDate),
  storageClass: Option.filter(Option.fromNullable(fields.storageClass), (name) => name !== "")
})

/**
 * Describes an object (protocol 6.1).
 *
 * @since 0.1.0
 * @category requests
 */
export const stat = (entry: Entry): WcsRequest<ObjectInfo> => ({
  operation: "stat",
  method: "GET",
  host: "management",
  path: `/stat/${entry.encoded}`,
  query: "",
  headers: {},
  authorization: management,
  body: empty,
  decode: (answer) => Either.map(readStat(answer), (fields) => info(entry.key, fields))
})

const readStat = json(Schema.Struct(described))

/**
 * What a listing asks for, checked.
 *
 * @since 0.1.0
 * @category models
 */
export interface Listing {
  readonly bucket: BucketName
  readonly prefix: string | undefined
  readonly marker: string | undefined
  /** 1 to 1000. */
  readonly limit: number
  readonly mode: "files-first" | "folders-first" | undefined
  readonly startTime: DateTime.Utc | undefined
  readonly endTime: DateTime.Utc | undefined
}

const modes = { "files-first": 0, "folders-first": 1 } as const

/**
 * One page of a listing (protocol 6.2).
 *
 * @since 0.1.0
 * @category requests
 */
export const list = (listing: Listing): WcsRequest<ObjectPage> => ({
  operation: "list",
  method: "GET",
  host: "management",
  path: "/list",
  query: query([
    ["bucket", listing.bucket],
    ["marker", listing.marker],
    ["limit", listing.limit],
    ["prefix", listing.prefix === undefined ? undefined : Base64Url.encode(listing.prefix)],
    ["mode", listing.mode === undefined ? undefined : modes[listing.mode]],
    ["startTime", listing.startTime === undefined ? undefined : DateTime.toEpochMillis(listing.startTime)],
    ["endTime", listing.endTime === undefined ? undefined : DateTime.toEpochMillis(listing.endTime)]
  ]),
  headers: {},
  authorization: management,
  body: empty,
  decode: readPage
})

const Page = Schema.Struct({
  marker: Schema.optional(Schema.NullOr(Schema.String)),
  commonPrefixes: Schema.optionalWith(Schema.Array(Schema.String), { default: () => [], nullable: true }),
  items: Schema.optionalWith(Schema.Array(Schema.Struct({ key: Schema.String, ...described })), {
    default: () => [],
    nullable: true
  })
})

const decodePage = json(Page)

const readPage = (answer: Answer): Either.Either<ObjectPage, string> =>
  Either.map(decodePage(answer), (page) => ({
    objects: page.items.map((item) => info(item.key, item)),
    folders: page.commonPrefixes,
    marker: Option.filter(Option.fromNullable(page.marker), (marker) => marker !== "")
  }))

/**
 * Deletes an object (protocol 6.6).
 *
 * @since 0.1.0
 * @category requests
 */
export const remove = (entry: Entry): WcsRequest<void> => ({
  operation: "delete",
  method: "POST",
  host: "management",
  path: `/delete/${entry.encoded}`,
  query: "",
  headers: {},
  authorization: management,
  body: empty,
  decode: (answer) => Either.map(readOk(answer), () => undefined)
})

const readOk = json(Schema.Struct({}))
