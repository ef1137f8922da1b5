/**
 * Where an emulator keeps what it is given.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"

/**
 * A storage that cannot be read or written.
 *
 * @since 0.1.0
 * @category errors
 */
export class EmulatorStorageError extends Schema.TaggedError<EmulatorStorageError>(
  "effect-wcs/testing/EmulatorStorageError"
)("EmulatorStorageError", { detail: Schema.String, cause: Schema.optional(Schema.Defect) }) {
  override get message(): string {
    return this.detail
  }
}

/**
 * A run of bytes in a storage.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Run = Schema.Struct({ id: Schema.String, size: Schema.NonNegativeInt })

/**
 * A run of bytes in a storage.
 *
 * @since 0.1.0
 * @category models
 */
export interface Run extends Schema.Schema.Type<typeof Run> {}

/**
 * Bytes in a storage: a run, or several, one after the other. Several contents may name a run.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Content = Schema.Struct({
  /** The first run. */
  id: Schema.String,
  /** Bytes of all runs. */
  size: Schema.NonNegativeInt,
  /** The runs after the first. */
  more: Schema.optionalWith(Schema.Array(Run), { exact: true })
})

/**
 * Bytes in a storage.
 *
 * @since 0.1.0
 * @category models
 */
export interface Content extends Schema.Schema.Type<typeof Content> {}

/**
 * An object.
 *
 * @since 0.1.0
 * @category schemas
 */
export const StoredObject = Schema.Struct({
  bucket: Schema.String,
  key: Schema.String,
  content: Content,
  /** The etag of the content (protocol 11.1). */
  etag: Schema.String,
  mimeType: Schema.String,
  /** When it was stored, in milliseconds since the epoch. */
  putTime: Schema.Number,
  /** When it is deleted; absent: never. */
  expiresAt: Schema.optionalWith(Schema.Number, { exact: true }),
  /** The size that listings show where it is not the content's (protocol 5.3.3). */
  listedSize: Schema.optionalWith(Schema.Number, { exact: true }),
  /** Present when appends may go on (protocol 5.5): the SHA-1 of its whole pieces of 4 MiB, in hex. */
  appendable: Schema.optionalWith(Schema.Struct({ pieces: Schema.Array(Schema.String) }), { exact: true })
})

/**
 * An object.
 *
 * @since 0.1.0
 * @category models
 */
export interface StoredObject extends Schema.Schema.Type<typeof StoredObject> {}

/**
 * A block of a block upload, with the chunks that have arrived (protocol 5.3.1, 19.10).
 *
 * @since 0.1.0
 * @category schemas
 */
export const StoredBlock = Schema.Struct({
  id: Schema.String,
  /** The newest ctx, the only one that holds. */
  ctx: Schema.String,
  /** `UploadBatch`; empty for none. */
  batch: Schema.String,
  bucket: Schema.String,
  /** 0-based position in the object. */
  order: Schema.NonNegativeInt,
  /** Bytes of the whole block. */
  size: Schema.NonNegativeInt,
  /** Bytes that have arrived. */
  received: Schema.NonNegativeInt,
  createdAt: Schema.Number,
  chunks: Schema.Array(Content),
  /** What the last request was and what it was answered. */
  last: Schema.Struct({
    /** The ctx that it named; absent for mkblk. */
    ctx: Schema.optionalWith(Schema.String, { exact: true }),
    md5: Schema.String,
    crc32: Schema.Number
  })
})

/**
 * A block of a block upload.
 *
 * @since 0.1.0
 * @category models
 */
export interface StoredBlock extends Schema.Schema.Type<typeof StoredBlock> {}

/**
 * A storage. Layers: `EmulatorStorageMemory`, `EmulatorStorageDirectory`. One emulator uses it at a time and holds the
 * records in memory; bytes flow through.
 *
 * @since 0.1.0
 * @category services
 */
export class EmulatorStorage extends Context.Tag("effect-wcs/testing/EmulatorStorage")<EmulatorStorage, {
  /** All that is stored. Bytes that no record names are forgotten. */
  readonly load: Effect.Effect<
    { readonly objects: ReadonlyArray<StoredObject>; readonly blocks: ReadonlyArray<StoredBlock> },
    EmulatorStorageError
  >
  /** Stores bytes under a new id, all at once or as they flow. A failure may leave a part of them, for `remove`. */
  readonly write: <E = never, R = never>(
    id: string,
    bytes: Uint8Array | Stream.Stream<Uint8Array, E, R>
  ) => Effect.Effect<Run, E | EmulatorStorageError, R>
  /** Bytes from `start` up to and without `end`. Default: all. */
  readonly read: (
    content: Content,
    range?: { readonly start: number; readonly end: number }
  ) => Stream.Stream<Uint8Array, EmulatorStorageError>
  /** Forgets a run; nothing happens when there is none. */
  readonly remove: (id: string) => Effect.Effect<void, EmulatorStorageError>
  /** Adds an object, or replaces it in one step. */
  readonly saveObject: (object: StoredObject) => Effect.Effect<void, EmulatorStorageError>
  readonly removeObject: (object: StoredObject) => Effect.Effect<void, EmulatorStorageError>
  /** Adds a block, or replaces it in one step. */
  readonly saveBlock: (block: StoredBlock) => Effect.Effect<void, EmulatorStorageError>
  readonly removeBlock: (block: StoredBlock) => Effect.Effect<void, EmulatorStorageError>
}>() {}
