import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Entry from "../../domain/Entry.ts"
import * as Etag from "../../domain/Etag.ts"
import * as ReturnBody from "../../domain/ReturnBody.ts"
import { Digest } from "../../services/Digest.ts"
import type { EmulatorRequest } from "../EmulatorRequest.ts"
import type { Content, EmulatorStorageError, StoredObject } from "../EmulatorStorage.ts"
import { Catalog } from "./catalog.ts"
import type { Grant } from "./credentials.ts"
import { hexId } from "./ids.ts"
import type { Exchange } from "./operation.ts"
import { type Refusal, refuse } from "./refusal.ts"
import { Settings } from "./settings.ts"
import * as template from "./template.ts"
import * as wholeTime from "./wholeTime.ts"

const dayMillis = 86_400_000

/** Bytes that were taken in, with their etag (protocol 11.1, 19.15). */
export interface Staged {
  readonly content: Content
  readonly etag: string
}

/** Takes an object's bytes in as they flow. */
export const stage = <E, R>(
  bytes: Stream.Stream<Uint8Array, E, R>
): Effect.Effect<Staged, E | EmulatorStorageError, R | Catalog | Digest | Scope.Scope> =>
  Effect.gen(function*() {
    const catalog = yield* Catalog
    const digest = yield* Digest
    const hasher = Etag.pieceHasher(digest.sha1)
    const content = yield* catalog.stage(Stream.tap(bytes, (piece) => Effect.sync(() => hasher.update(piece))))
    return { content, etag: Etag.fromPieces(hasher.digest(), digest.sha1) }
  })

/** An upload that has arrived and been allowed. */
export interface Arrived extends Staged {
  readonly grant: Grant
  /** Custom variables, by `x:<name>`. */
  readonly custom: ReadonlyMap<string, string>
  readonly fileName: string | undefined
}

/** An upload of which all is known that an object needs. */
export interface Upload extends Arrived {
  readonly key: string
  readonly mimeType: string
  /** Days, as text (protocol 5.1, 5.3). */
  readonly retention: string | undefined
  readonly listedSize?: number
}

/** The value of a template's variable. */
export type Lookup = (name: string) => string | undefined

/** Scope, request, whatever else may name the object; and the rules of keys (protocol 1.2, 19.5). */
export const chooseKey = (
  grant: Grant,
  requested: string | undefined,
  fallback: Effect.Effect<string | undefined>
): Effect.Effect<string, Refusal, Settings> =>
  Effect.gen(function*() {
    const { strictness } = yield* Settings
    if (grant.key && requested && grant.key !== requested && strictness.conflictingKey === "refuse") {
      return yield* refuse(401, "Token Invalid", "the policy's scope names another key")
    }
    const key = grant.key ?? (requested || (yield* fallback))
    if (!key) return yield* refuse(400, "Key Required")
    return yield* Either.mapBoth(Entry.toStore({ bucket: grant.bucket, key }), {
      onLeft: ({ detail }) => refuse(400, "Invalid Key", detail),
      onRight: (entry) => entry.key
    })
  })

/** 406 for a key that is taken, before anything is copied (protocol 19.6). */
export const checkFree = (grant: Grant, key: string): Effect.Effect<void, Refusal | EmulatorStorageError, Catalog> =>
  Effect.gen(function*() {
    const catalog = yield* Catalog
    const found = yield* catalog.object(grant.bucket, key)
    if (Option.isSome(found) && !overwrites(grant)) return yield* refuse(406, "File Already Exist")
  })

const overwrites = ({ policy }: Grant): boolean => policy.overwrite === 1

/** The policy's limit; 0 is none (protocol 19.7). */
export const checkSize = ({ policy }: Grant, size: number): Effect.Effect<void, Refusal, Settings> =>
  Effect.flatMap(Settings, ({ strictness }) =>
    policy.fsizeLimit && size > policy.fsizeLimit
      ? Effect.fail(refuse(strictness.fsizeLimit, "File Size Exceeds fsizeLimit"))
      : Effect.void)

/** A custom variable holds no `&` (protocol 4.1). */
export const checkCustom = (custom: ReadonlyMap<string, string>): Effect.Effect<void, Refusal> =>
  Array.from(custom.values()).some((value) => value.includes("&"))
    ? Effect.fail(refuse(400, "Invalid Custom Variable"))
    : Effect.void

/** The variables of `saveKey` beyond those of all templates; their names are inferred (protocol 3). */
export const timeVariables: Effect.Effect<Lookup> = Effect.zipWith(hexId, Clock.currentTimeMillis, (id, now) => {
  const parts = DateTime.toPartsUtc(DateTime.unsafeMake(now))
  const two = (part: number) => String(part).padStart(2, "0")
  const uuid = id.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-")
  const values = new Map([
    ["year", String(parts.year)],
    ["mon", two(parts.month)],
    ["day", two(parts.day)],
    ["hour", two(parts.hours)],
    ["min", two(parts.minutes)],
    ["sec", two(parts.seconds)],
    ["uuid", uuid]
  ])
  return (name: string) => values.get(name)
})

/** Where an object can be downloaded by whoever sends this request. */
export const downloadUrl = ({ headers }: EmulatorRequest, { bucket, key }: Entry.ObjectLocation): string => {
  const path = [bucket, ...key.split("/")].map(encodeURIComponent).join("/")
  return `http://${headers["host"] ?? "localhost"}/download/${path}`
}

/** The variables of templates (protocol 4.1). */
export const variables = (
  { request }: Exchange,
  upload: Arrived & Partial<Upload>,
  costTime: number
): Lookup =>
(name) => {
  if (name.startsWith("x:")) return upload.custom.get(name)
  const { bucket } = upload.grant
  switch (name) {
    case "bucket":
      return bucket
    case "key":
      return upload.key
    case "fname":
      return upload.fileName
    case "hash":
      return upload.etag
    case "fsize":
      return String(upload.content.size)
    case "mimeType":
      return upload.mimeType
    case "url":
      return downloadUrl(request, { bucket, key: upload.key ?? "" })
    case "ip":
      return request.remoteAddress ?? "127.0.0.1"
    case "costTime":
      return String(costTime)
    default:
      return undefined
  }
}

/** When an object with a retention of so many days goes; 0: at once, -1: never (protocol 5.1, 6.8). */
export const expiry = (days: string | undefined, now: number): Either.Either<number | undefined, Refusal> =>
  days === undefined || days === "" || days === "-1"
    ? Either.right(undefined)
    : /^\d{1,7}$/.test(days)
    ? Either.right(now + Number(days) * dayMillis)
    : Either.left(refuse(400, "Invalid Deadline"))

/** A type has to fit into a header. */
export const checkMimeType = (mimeType: string): Effect.Effect<void, Refusal> =>
  /^[ -~]+$/.test(mimeType) ? Effect.void : Effect.fail(refuse(400, "Invalid MimeType"))

/** Stores the object, and gives what its templates may ask for. */
export const commit = (
  exchange: Exchange,
  upload: Upload
): Effect.Effect<Lookup, Refusal | EmulatorStorageError, Catalog> =>
  Effect.gen(function*() {
    const catalog = yield* Catalog
    const putTime = yield* wholeTime.now
    const expiresAt = yield* expiry(upload.retention, putTime)
    yield* checkMimeType(upload.mimeType)
    const object: StoredObject = {
      bucket: upload.grant.bucket,
      key: upload.key,
      content: upload.content,
      etag: upload.etag,
      mimeType: upload.mimeType,
      putTime,
      ...(expiresAt === undefined ? {} : { expiresAt }),
      ...(upload.listedSize === undefined ? {} : { listedSize: upload.listedSize })
    }
    yield* catalog.putObject(object, overwrites(upload.grant))
    return variables(exchange, upload, putTime - exchange.startedAt)
  })

/** An expanded `returnBody`, with the hash that is always told, but never twice (protocol 4.2, 17.6). */
export const returned = (
  policy: Grant["policy"],
  lookup: Lookup,
  always: ReadonlyArray<string>
): ReadonlyArray<readonly [name: string, value: string]> => {
  const asked = template.members(ReturnBody.expand(policy.returnBody ?? "", lookup))
  const missing = always.filter((name) => asked.every(([member]) => member !== name))
  return [...asked, ...missing.map((name) => [name, lookup(name) ?? ""] as const)]
}
