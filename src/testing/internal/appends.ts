import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { ObjectLocation } from "../../domain/Entry.ts"
import * as Etag from "../../domain/Etag.ts"
import { Digest } from "../../services/Digest.ts"
import type { EmulatorResponse } from "../EmulatorResponse.ts"
import { type Content, EmulatorStorage, type EmulatorStorageError, type StoredObject } from "../EmulatorStorage.ts"
import { Catalog } from "./catalog.ts"
import * as contents from "./contents.ts"
import { Refusal } from "./refusal.ts"
import { Settings } from "./settings.ts"
import * as wholeTime from "./wholeTime.ts"

/** Where the next append goes, as stat, download and append tell it (protocol 5.5, 6.1). */
const next = (position: number): EmulatorResponse["headers"] => ({ "x-wcs-next-append-position": String(position) })

/** What is told of an appendable object of so many bytes. */
export const headersFor = (size: number): EmulatorResponse["headers"] => ({
  "x-wcs-object-type": "Appendable",
  ...next(size)
})

/** What is told of an object. */
export const headers = ({ appendable, content }: StoredObject): EmulatorResponse["headers"] =>
  appendable ? headersFor(content.size) : {}

/** In an object that is not appendable there is no right place. */
const mismatch = (object: StoredObject | undefined): Refusal =>
  new Refusal({
    status: 409,
    text: "PositionNotEqualToLength",
    ...(object && !object.appendable
      ? { hint: "the object is not appendable" }
      : { headers: next(object?.content.size ?? 0) })
  })

/** The etag of content whose first whole pieces are known already, and the digests of all its whole pieces, in hex. */
const hash = (content: Content, known: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const { sha1 } = yield* Digest
    const storage = yield* EmulatorStorage
    const { strictness } = yield* Settings
    const hasher = Etag.pieceHasher(sha1)
    const rest = { start: known.length * Etag.pieceSize, end: content.size }
    yield* Stream.runForEach(storage.read(content, rest), (bytes) => Effect.sync(() => hasher.update(bytes)))
    const digests = [...known.map((hex) => Either.getOrThrow(Encoding.decodeHex(hex))), ...hasher.digest()]
    const etag = Etag.fromPieces(digests, sha1)
    return {
      etag: strictness.appendedHash === "other" ? Etag.fromBytes(new TextEncoder().encode(etag), sha1) : etag,
      pieces: digests.slice(0, Math.floor(content.size / Etag.pieceSize)).map(Encoding.encodeHex)
    }
  })

/** Bytes that were taken in, to go to the end of an object. */
export interface Append {
  readonly position: number
  readonly content: Content
  /** Of the object that the first append creates. */
  readonly mimeType: string
  /** When the object goes from now on; absent: as before. */
  readonly expiry: { readonly at: number | undefined } | undefined
}

/**
 * Lets an object grow, or creates it. What it holds already is neither copied nor, but for its last piece, read. Of
 * appends that run side by side one wins, and the others are refused as its successors.
 */
export const grow = (
  location: ObjectLocation,
  append: Append
): Effect.Effect<StoredObject, Refusal | EmulatorStorageError, Catalog | EmulatorStorage | Digest | Settings> =>
  Effect.gen(function*() {
    const catalog = yield* Catalog
    const { bucket, key } = location
    const current = Option.getOrUndefined(yield* catalog.object(bucket, key))
    if (append.position !== (current?.content.size ?? 0) || (current && !current.appendable)) {
      return yield* mismatch(current)
    }
    if (current && append.content.size === 0) return current
    const content = current ? contents.concat(current.content, append.content) : append.content
    // What may be long and changes nothing is not done for a client that has gone.
    const { etag, pieces } = yield* Effect.interruptible(hash(content, current?.appendable?.pieces ?? []))
    const expiresAt = append.expiry ? append.expiry.at : current?.expiresAt
    const object: StoredObject = {
      bucket,
      key,
      content,
      etag,
      mimeType: current?.mimeType ?? append.mimeType,
      putTime: yield* wholeTime.now,
      ...(expiresAt === undefined ? {} : { expiresAt }),
      appendable: { pieces }
    }
    // Where something has changed meanwhile, it was perhaps not the length.
    return (yield* catalog.replaceObject(current, object)) ? object : yield* grow(location, append)
  })
