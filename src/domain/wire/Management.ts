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
import type { BucketName, Entry, ObjectKey } from "../Entry.ts"
import type { ListMode, ObjectInfo, ObjectPage, PrefetchedObject } from "../ObjectInfo.ts"
import { Count, OptionalArray, OptionalText, Text } from "./Fields.ts"
import { nextPosition } from "./Refusals.ts"
import { type Described, type Page as AnyPage, usualPage } from "./UsualPage.ts"
import { type Answer, body, get, json, post, query, type WcsRequest } from "./WcsRequest.ts"

/** Milliseconds since the epoch that are a time: no calendar has those beyond (the largest of a `Date`). */
const Time = Count.pipe(Schema.filter((millis) => millis <= 8.64e15))

/** What stat and list say alike; empty text stands for nothing. */
const described = {
  fsize: Count,
  hash: OptionalText,
  mimeType: OptionalText,
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

const info = (key: string, fields: Described, nextAppendPosition: Option.Option<number>): ObjectInfo => ({
  key,
  size: Number(fields.fsize),
  etag: fields.hash,
  mimeType: fields.mimeType,
  putTime: DateTime.unsafeMake(Number(fields.putTime)),
  expires: expiry(fields.expirationDate),
  storageClass: Option.filter(Option.fromNullable(fields.storageClass), (name) => name !== ""),
  nextAppendPosition
})

/**
 * Describes an object (protocol 6.1).
 *
 * @since 0.1.0
 * @category requests
 */
export const stat = (entry: Entry): WcsRequest<ObjectInfo> =>
  get(
    "stat",
    { path: `/stat/${entry.encoded}`, target: entry.text },
    (answer) =>
      Either.map(readStat(answer), (fields) => info(entry.key, fields, Option.fromNullable(nextPosition(answer))))
  )

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
  readonly mode: ListMode | undefined
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
export const list = (listing: Listing): WcsRequest<ObjectPage> =>
  get("list", {
    path: "/list",
    target: listing.bucket,
    query: query([
      ["bucket", listing.bucket],
      ["marker", listing.marker],
      ["limit", listing.limit],
      ["prefix", listing.prefix === undefined ? undefined : Base64Url.encode(listing.prefix)],
      ["mode", listing.mode === undefined ? undefined : modes[listing.mode]],
      ["startTime", listing.startTime === undefined ? undefined : DateTime.toEpochMillis(listing.startTime)],
      ["endTime", listing.endTime === undefined ? undefined : DateTime.toEpochMillis(listing.endTime)]
    ])
  }, readPage)

const Page = Schema.Struct({
  marker: Schema.optional(Schema.NullOr(Schema.String)),
  commonPrefixes: OptionalArray(Schema.String),
  items: OptionalArray(Schema.Struct({ key: Schema.String, ...described }))
})

const decodePage = json(Page)

const toPage = (page: AnyPage): ObjectPage => ({
  objects: page.items.map((item) => info(item.key, item, Option.none())),
  folders: page.commonPrefixes,
  marker: Option.filter(Option.fromNullable(page.marker), (marker) => marker !== "")
})

/** A schema takes ten times as long: it reads what is not as usual, and tells what is wrong with it. */
const readPage = (answer: Answer): Either.Either<ObjectPage, string> =>
  Either.map(
    Either.fromNullable(usualPage(answer.text), () => "").pipe(Either.orElse(() => decodePage(answer))),
    toPage
  )

const readOk = json(Schema.Struct({}))

/** An answer that says no more than that it went well. */
const done = (answer: Answer): Either.Either<void, string> => Either.map(readOk(answer), () => undefined)

/**
 * Deletes an object (protocol 6.6).
 *
 * @since 0.1.0
 * @category requests
 */
export const remove = (entry: Entry): WcsRequest<void> =>
  post("delete", { path: `/delete/${entry.encoded}`, target: entry.text }, done)

/**
 * Moves an object (protocol 6.7).
 *
 * @since 0.1.0
 * @category requests
 */
export const move = (from: Entry, to: Entry): WcsRequest<void> =>
  post("move", { path: `/move/${from.encoded}/${to.encoded}`, target: `${from.text} to ${to.text}` }, done)

/**
 * Copies an object (protocol 6.7).
 *
 * @since 0.1.0
 * @category requests
 */
export const copy = (from: Entry, to: Entry): WcsRequest<void> =>
  post("copy", { path: `/copy/${from.encoded}/${to.encoded}`, target: `${from.text} to ${to.text}` }, done)

/**
 * Sets how many days an object stays; `relevance` says whether an m3u8's segments share it (protocol 6.8).
 *
 * @since 0.1.0
 * @category requests
 */
export const setDeadline = (entry: Entry, days: number, relevance: 0 | 1 | undefined): WcsRequest<void> =>
  post("setdeadline", {
    path: "/setdeadline",
    target: entry.text,
    body: body([
      ["bucket", Base64Url.encode(entry.bucket)],
      ["key", Base64Url.encode(entry.key)],
      ["deadline", days],
      ["relevance", relevance]
    ])
  }, done)

const readPrefetched = json(Schema.Struct({
  items: OptionalArray(
    Schema.Struct({ key: Text, mirrorAddress: OptionalText, code: OptionalText, message: OptionalText })
  )
}))

/**
 * Refreshes objects from the bucket's mirror source (protocol 6.9).
 *
 * @since 0.1.0
 * @category requests
 */
export const prefetch = (
  bucket: BucketName,
  keys: ReadonlyArray<ObjectKey>
): WcsRequest<ReadonlyArray<PrefetchedObject>> =>
  post(
    "prefetch",
    { path: `/prefetch/${Base64Url.encode(`${bucket}:${keys.map(Base64Url.encode).join("|")}`)}`, target: bucket },
    (answer) => Either.map(readPrefetched(answer), ({ items }) => items)
  )
