import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import * as Entry from "../../domain/Entry.ts"
import * as Etag from "../../domain/Etag.ts"
import { Digest } from "../../services/Digest.ts"
import type { EmulatorFile, PutOptions } from "../EmulatorObject.ts"
import type { Content, StoredObject } from "../EmulatorStorage.ts"
import { Catalog } from "./catalog.ts"
import * as mimeTypes from "./mimeTypes.ts"
import * as uploads from "./upload.ts"
import * as wholeTime from "./wholeTime.ts"

const batchSize = 1000

const bytesOf = (content: string | Uint8Array): Uint8Array =>
  typeof content === "string" ? new TextEncoder().encode(content) : content

/** Stores an object as if it had been uploaded, in place of any that is there. */
export const one = (
  location: Entry.ObjectLocation,
  content: string | Uint8Array | Stream.Stream<Uint8Array>,
  { mimeType, retentionDays }: PutOptions
) =>
  Effect.gen(function*() {
    const catalog = yield* Catalog
    const { bucket, key } = yield* Entry.toStore(location)
    const isStream = typeof content !== "string" && !(content instanceof Uint8Array)
    const staged = yield* uploads.stage(isStream ? content : Stream.make(bytesOf(content)))
    const putTime = yield* wholeTime.now
    const expiresAt = yield* uploads.expiry(retentionDays?.toString(), putTime)
    const object: StoredObject = {
      bucket,
      key,
      content: staged.content,
      etag: staged.etag,
      mimeType: mimeType ?? mimeTypes.fromName(key),
      putTime,
      ...(expiresAt === undefined ? {} : { expiresAt })
    }
    yield* catalog.putObject(object, true)
    return object
  }).pipe(Effect.scoped)

/** The same for many objects, a batch at a time. */
export const many = <E, R>(
  bucket: string,
  files: Iterable<EmulatorFile> | Stream.Stream<EmulatorFile, E, R>
) =>
  Effect.gen(function*() {
    const catalog = yield* Catalog
    const digest = yield* Digest
    const putTime = yield* wholeTime.now
    yield* (Predicate.hasProperty(files, Stream.StreamTypeId) ? files : Stream.fromIterable(files)).pipe(
      Stream.rechunk(batchSize),
      Stream.runForEachChunk((batch) =>
        Either.all(Chunk.map(batch, ({ content, key, mimeType }) =>
          Either.map(Entry.toStore({ bucket, key }), () => {
            const bytes = bytesOf(content)
            const etag = Etag.fromBytes(bytes, digest.sha1)
            const type = mimeType ?? mimeTypes.fromName(key)
            const toObject = (content: Content): StoredObject => ({
              bucket,
              key,
              content,
              etag,
              mimeType: type,
              putTime
            })
            return [bytes, toObject] as const
          }))).pipe(Effect.flatMap(catalog.putObjects))
      )
    )
  })
