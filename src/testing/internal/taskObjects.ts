import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { ObjectLocation } from "../../domain/Entry.ts"
import type { Digest } from "../../services/Digest.ts"
import type { EmulatorRequest } from "../EmulatorRequest.ts"
import { EmulatorStorage, type EmulatorStorageError, type StoredObject } from "../EmulatorStorage.ts"
import { Catalog } from "./catalog.ts"
import * as mimeTypes from "./mimeTypes.ts"
import { type Refusal, refuse } from "./refusal.ts"
import { Settings } from "./settings.ts"
import { lowerBound } from "./shelf.ts"
import type { Outcome } from "./tasks.ts"
import * as uploads from "./upload.ts"
import * as wholeTime from "./wholeTime.ts"

/** What all commands of a task have in common. */
export interface Errand {
  /** Whether what exists is replaced. */
  readonly force: boolean
  /** Where an object can be downloaded. */
  readonly urlOf: (location: ObjectLocation) => string
  /** Counts bytes that a command makes, and fails when they are too many in all. */
  readonly make: (length: number) => Effect.Effect<void, Refusal>
}

/** The errand of a request. */
export const errand = (request: EmulatorRequest, force: boolean): Effect.Effect<Errand, never, Settings> =>
  Effect.map(Settings, ({ maxTaskSize }) => {
    let made = 0
    return {
      force,
      urlOf: (location) => uploads.downloadUrl(request, location),
      make: (length) =>
        Effect.suspend(() => {
          made += length
          return made > maxTaskSize
            ? refuse(413, "The Task Makes Too Much", `more than ${maxTaskSize} bytes in all`)
            : Effect.void
        })
    }
  })

/** What is told of an object that a command made (protocol 7.9). */
export const outcome = (errand: Errand, object: StoredObject): Outcome => ({
  hash: object.etag,
  fsize: object.content.size,
  key: object.key,
  url: errand.urlOf(object)
})

/** An object that has to be there. */
export const find = (
  { bucket, key }: ObjectLocation
): Effect.Effect<StoredObject, Refusal | EmulatorStorageError, Catalog> =>
  Effect.gen(function*() {
    const catalog = yield* Catalog
    return Option.getOrUndefined(yield* catalog.object(bucket, key)) ?? (yield* refuse(404, "File Not Found"))
  })

/** How the keys in a folder begin: `test` and `test/` are `test/…`, and not `test123` (protocol 7.6). */
export const folder = (name: string): string => name === "" ? "" : `${name.replace(/\/+$/, "")}/`

/** The objects in a folder and in the folders of it, or the whole bucket's. */
export const below = (
  bucket: string,
  name: string
): Effect.Effect<ReadonlyArray<StoredObject>, EmulatorStorageError, Catalog> =>
  Effect.gen(function*() {
    const catalog = yield* Catalog
    const { get, keys } = yield* catalog.sorted(bucket)
    const start = folder(name)
    // `0` follows the slash.
    const end = start === "" ? keys.length : lowerBound(keys, `${start.slice(0, -1)}0`)
    return keys.slice(lowerBound(keys, start), end).flatMap((key) => get(key) ?? [])
  })

/** Fails when a target is taken, before any work is done for it. */
export const checkFree = (
  errand: Errand,
  target: ObjectLocation
): Effect.Effect<void, Refusal | EmulatorStorageError, Catalog> =>
  Effect.gen(function*() {
    const catalog = yield* Catalog
    if (!errand.force && Option.isSome(yield* catalog.object(target.bucket, target.key))) {
      return yield* refuse(406, "File Already Exist")
    }
  })

/** Takes in what a command makes, as it flows. */
export const stage = <E, R>(
  errand: Errand,
  bytes: Stream.Stream<Uint8Array, E, R>
): Effect.Effect<
  uploads.Staged,
  E | Refusal | EmulatorStorageError,
  R | Catalog | Digest | Scope.Scope
> => uploads.stage(Stream.tap(bytes, ({ length }) => errand.make(length)))

/** Stores what was taken in. A content type has to fit into a header. */
export const put = (
  errand: Errand,
  { bucket, key }: ObjectLocation,
  staged: uploads.Staged & { readonly mimeType: string }
): Effect.Effect<StoredObject, Refusal | EmulatorStorageError, Catalog> =>
  Effect.gen(function*() {
    const catalog = yield* Catalog
    const { content, etag } = staged
    const mimeType = /^[ -~]+$/.test(staged.mimeType) ? staged.mimeType : mimeTypes.fromName(key)
    const object: StoredObject = { bucket, key, content, etag, mimeType, putTime: yield* wholeTime.now }
    yield* catalog.putObject(object, errand.force)
    return object
  })

/** Stores a list of keys, one on each line. */
export const putList = (
  errand: Errand,
  target: ObjectLocation,
  keys: ReadonlyArray<string>
): Effect.Effect<StoredObject, Refusal | EmulatorStorageError, Catalog | Digest | Scope.Scope> =>
  Stream.fromIterable(keys).pipe(
    Stream.map((key) => `${key}\n`),
    Stream.encodeText,
    (bytes) => stage(errand, bytes),
    Effect.flatMap((staged) => put(errand, target, { ...staged, mimeType: "text/plain" }))
  )

const longestList = 8 * 1024 * 1024

/** The lines of an object that lists keys, one on each. */
export const readList = (
  { content }: StoredObject
): Effect.Effect<ReadonlyArray<string>, Refusal | EmulatorStorageError, EmulatorStorage> =>
  Effect.gen(function*() {
    if (content.size > longestList) return yield* refuse(413, "The List Is Too Long")
    const storage = yield* EmulatorStorage
    const text = yield* Stream.mkString(Stream.decodeText(storage.read(content)))
    return text.split(/\r?\n/).filter((line) => line !== "")
  })
