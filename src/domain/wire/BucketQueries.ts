/**
 * The requests about buckets (protocol 6.3 to 6.5).
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Base64Url from "../Base64Url.ts"
import type { Bucket, BucketVolume, BucketVolumes, DaySpan, StorageType } from "../Bucket.ts"
import type { BucketName } from "../Entry.ts"
import { Members, quantity, text } from "./Fields.ts"
import { type Answer, get, json, query, type WcsRequest } from "./WcsRequest.ts"

const readBuckets = json(Schema.Struct({
  buckets: Schema.Array(Schema.Union(Schema.String, Schema.Struct({ name: Schema.String })))
}))

/**
 * The buckets of the account (protocol 6.3).
 *
 * @since 0.1.0
 * @category requests
 */
export const list: WcsRequest<ReadonlyArray<Bucket>> = get(
  "bucket/list",
  { path: "/bucket/list" },
  (answer) =>
    Either.map(
      readBuckets(answer),
      ({ buckets }) => buckets.map((bucket) => typeof bucket === "string" ? { name: bucket } : bucket)
    )
)

/**
 * Which buckets and days a question is about, checked.
 *
 * @since 0.1.0
 * @category models
 */
export interface Span extends DaySpan {
  readonly buckets: ReadonlyArray<BucketName>
}

const names = ({ buckets }: Span): string => Base64Url.encode(buckets.join("|"))

const readMembers = json(Members)

/** The objects of a list; whatever else is in it takes none of them along. */
const objects = (value: unknown): ReadonlyArray<typeof Members.Type> =>
  Array.isArray(value) ? value.filter(Predicate.isRecord) : []

const volume = (fields: typeof Members.Type): Option.Option<BucketVolume> =>
  Option.map(text(fields["name"]), (name) => ({
    name,
    detail: objects(fields["detail"]).map(({ data_time, storage }) => ({
      day: Option.getOrElse(text(data_time), () => ""),
      megabytes: quantity(storage)
    }))
  }))

const volumes = (answer: Answer): Either.Either<BucketVolumes, string> =>
  Either.map(readMembers(answer), (members) => ({
    buckets: objects(members["buckets"]).flatMap((fields) => Option.toArray(volume(fields))),
    answer: members
  }))

/**
 * The volume that buckets hold (protocol 6.4).
 *
 * @since 0.1.0
 * @category requests
 */
export const stat = (span: Span, options: {
  readonly details: boolean
  readonly storageType: StorageType | number | undefined
}): WcsRequest<BucketVolumes> =>
  get("bucket/stat", {
    path: "/bucket/stat",
    target: span.buckets.join("|"),
    query: query([
      ["name", names(span)],
      ["startdate", span.from],
      ["enddate", span.to],
      ["isListDetails", String(options.details)],
      ["storageType", options.storageType]
    ])
  }, volumes)

/**
 * Requests and traffic of buckets; the answer is not documented (protocol 6.5).
 *
 * @since 0.1.0
 * @category requests
 */
export const statistics = (span: Span, options: {
  readonly type: string
  readonly details: boolean | undefined
}): WcsRequest<{ readonly [name: string]: unknown }> =>
  get("bucket/statistics", {
    path: "/bucket/statistics",
    target: span.buckets.join("|"),
    query: query([
      ["name", names(span)],
      ["type", options.type],
      ["startdate", span.from],
      ["enddate", span.to],
      ["isListDetails", options.details === undefined ? undefined : String(options.details)]
    ])
  }, readMembers)
