/**
 * A local WCS: it checks what the service checks, answers as the service answers, keeps what it is given, and
 * misbehaves when told to (protocol 19).
 *
 * @since 0.1.0
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import * as Entry from "../domain/Entry.ts"
import type { WcsInvalidInput } from "../domain/WcsError.ts"
import * as DigestWasm from "../layers/DigestWasm.ts"
import { Digest } from "../services/Digest.ts"
import * as EmulatorOptions from "./EmulatorOptions.ts"
import type { EmulatorRequest, OperationName } from "./EmulatorRequest.ts"
import type { EmulatorDisconnect, EmulatorResponse } from "./EmulatorResponse.ts"
import { EmulatorStorage, type EmulatorStorageError, type StoredObject } from "./EmulatorStorage.ts"
import * as EmulatorStorageDirectory from "./EmulatorStorageDirectory.ts"
import * as EmulatorStorageMemory from "./EmulatorStorageMemory.ts"
import type { Fault } from "./Fault.ts"
import * as catalogs from "./internal/catalog.ts"
import * as credentials from "./internal/credentials.ts"
import * as faultPlans from "./internal/faultPlan.ts"
import * as journals from "./internal/journal.ts"
import * as mimeTypes from "./internal/mimeTypes.ts"
import * as pipeline from "./internal/pipeline.ts"
import { Settings } from "./internal/settings.ts"
import * as uploads from "./internal/upload.ts"

/**
 * A request that was received.
 *
 * @since 0.1.0
 * @category models
 */
export interface ReceivedRequest {
  readonly operation: OperationName
  readonly method: string
  readonly path: string
  readonly query: string
  /** By lower-case name; credentials are replaced by `<redacted>`. */
  readonly headers: { readonly [name: string]: string | undefined }
  /** The block's index, of mkblk and bput. */
  readonly block: number | undefined
  readonly key: string | undefined
  /** Bytes of the body that were read. */
  readonly bytes: number
  /** What was answered; `undefined` when nothing was, or not yet. */
  readonly status: number | undefined
  readonly requestId: string
  /** In milliseconds since the epoch. */
  readonly receivedAt: number
}

/**
 * An object that is stored.
 *
 * @since 0.1.0
 * @category models
 */
export interface EmulatorObject {
  readonly bucket: string
  readonly key: string
  /** Bytes. */
  readonly size: number
  readonly etag: string
  readonly mimeType: string
  /** When it was stored, in milliseconds since the epoch. */
  readonly putTime: number
  /** When it is deleted; absent: never. */
  readonly expiresAt?: number | undefined
}

/**
 * A block that may become part of an object.
 *
 * @since 0.1.0
 * @category models
 */
export interface EmulatorBlock {
  /** The one ctx that holds. */
  readonly ctx: string
  /** `UploadBatch`; empty for none. */
  readonly batch: string
  readonly bucket: string
  /** Its index in the object. */
  readonly order: number
  /** Bytes in all, and those that have arrived. */
  readonly size: number
  readonly received: number
}

/**
 * A local WCS. Layers: `layer`, `layerMemory`, `layerDirectory`; adapters: `EmulatorClient` in process, `EmulatorServer`
 * on a port. A storage that fails is a defect of everything but `handle`, which answers 500.
 *
 * @since 0.1.0
 * @category services
 */
export class Emulator extends Context.Tag("effect-wcs/testing/Emulator")<Emulator, {
  readonly settings: EmulatorOptions.EmulatorSettings
  /** Answers a request. The only error is a broken connection; its body may break in the middle, too. */
  readonly handle: (request: EmulatorRequest) => Effect.Effect<EmulatorResponse, EmulatorDisconnect>
  /** What was received, in the order in which it came; the last `logSize` requests. */
  readonly requests: Effect.Effect<ReadonlyArray<ReceivedRequest>>
  readonly clearRequests: Effect.Effect<void>
  /** Puts rules in force, after those that already are. */
  readonly addFault: (...faults: ReadonlyArray<Fault>) => Effect.Effect<void>
  readonly clearFaults: Effect.Effect<void>
  /** A bucket's objects in the order of their keys. */
  readonly objects: (bucket: string) => Effect.Effect<ReadonlyArray<EmulatorObject>>
  readonly object: (location: Entry.ObjectLocation) => Effect.Effect<Option.Option<EmulatorObject>>
  /** An object's bytes, as they flow; none when there is no such object. */
  readonly content: (location: Entry.ObjectLocation) => Stream.Stream<Uint8Array>
  /** Stores an object as if it had been uploaded, in place of any that is there. */
  readonly putObject: (
    location: Entry.ObjectLocation,
    content: string | Uint8Array | Stream.Stream<Uint8Array>,
    options?: { readonly mimeType?: string | undefined; readonly retentionDays?: number | undefined }
  ) => Effect.Effect<EmulatorObject, WcsInvalidInput>
  /** Deletes an object; false when there is none. */
  readonly removeObject: (location: Entry.ObjectLocation) => Effect.Effect<boolean>
  readonly blocks: Effect.Effect<ReadonlyArray<EmulatorBlock>>
  /** Makes blocks stale, as their age would: their ctx is answered with 701 from now on. Default: all blocks. */
  readonly expireBlocks: (which?: Predicate.Predicate<EmulatorBlock>) => Effect.Effect<void>
}>() {}

const view = ({ bucket, content, etag, expiresAt, key, mimeType, putTime }: StoredObject): EmulatorObject => ({
  bucket,
  key,
  size: content.size,
  etag,
  mimeType,
  putTime,
  expiresAt
})

/**
 * An emulator over a storage.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  options: EmulatorOptions.EmulatorOptions = {}
): Effect.Effect<Emulator["Type"], EmulatorStorageError, EmulatorStorage | Digest> =>
  Effect.gen(function*() {
    const settings = EmulatorOptions.resolve(options)
    const storage = yield* EmulatorStorage
    const catalog = yield* Effect.provideService(catalogs.make, Settings, settings)
    const context = Context.make(Settings, settings).pipe(
      Context.add(EmulatorStorage, storage),
      Context.add(Digest, yield* Digest),
      Context.add(catalogs.Catalog, catalog),
      Context.add(credentials.Credentials, yield* Effect.provideService(credentials.make, Settings, settings))
    )
    const faults = yield* faultPlans.make
    const journal = journals.make(settings.logSize)
    const handle = pipeline.make(faults, journal, settings)

    return Emulator.of({
      settings,
      handle: (request) => Effect.provide(handle(request), context),
      requests: journal.entries,
      clearRequests: journal.clear,
      addFault: (...rules) => faults.add(rules),
      clearFaults: faults.clear,
      objects: (bucket) => Effect.orDie(Effect.map(catalog.objects(bucket), (objects) => objects.map(view))),
      object: ({ bucket, key }) => Effect.orDie(Effect.map(catalog.object(bucket, key), Option.map(view))),
      content: ({ bucket, key }) =>
        catalog.object(bucket, key).pipe(
          Effect.map(Option.match({ onNone: () => Stream.empty, onSome: ({ content }) => storage.read(content) })),
          Stream.unwrap,
          Stream.orDie
        ),
      putObject: (location, content, { mimeType, retentionDays } = {}) =>
        Effect.gen(function*() {
          const { bucket, key } = yield* Entry.toStore(location)
          const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content
          const { content: stored, etag } = yield* uploads.stage(
            bytes instanceof Uint8Array ? Stream.make(bytes) : bytes
          )
          const putTime = yield* Clock.currentTimeMillis
          const expiresAt = yield* uploads.expiry(retentionDays?.toString(), putTime)
          const object: StoredObject = {
            bucket,
            key,
            content: stored,
            etag,
            mimeType: mimeType ?? mimeTypes.fromName(key),
            putTime,
            ...(expiresAt === undefined ? {} : { expiresAt })
          }
          yield* catalog.putObject(object, true)
          return view(object)
        }).pipe(
          Effect.scoped,
          Effect.provide(context),
          Effect.catchTags({ EmulatorStorageError: Effect.die, Refusal: Effect.die })
        ),
      removeObject: ({ bucket, key }) => Effect.orDie(catalog.removeObject(bucket, key)),
      blocks: Effect.orDie(catalog.blocks),
      expireBlocks: (which = () => true) =>
        Effect.orDie(Effect.flatMap(catalog.blocks, (blocks) => catalog.removeBlocks(blocks.filter(which))))
    })
  })

/**
 * An emulator over any storage.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  options?: EmulatorOptions.EmulatorOptions
): Layer.Layer<Emulator, EmulatorStorageError, EmulatorStorage | Digest> => Layer.effect(Emulator, make(options))

/**
 * An emulator that keeps everything in memory.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerMemory = (options?: EmulatorOptions.EmulatorOptions): Layer.Layer<Emulator> =>
  layer(options).pipe(Layer.provide([EmulatorStorageMemory.layer, DigestWasm.layer]), Layer.orDie)

/**
 * An emulator whose objects and blocks outlive it, in a directory.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerDirectory = (
  directory: string,
  options?: EmulatorOptions.EmulatorOptions
): Layer.Layer<Emulator, EmulatorStorageError, FileSystem.FileSystem | Path.Path> =>
  layer(options).pipe(
    Layer.provide(EmulatorStorageDirectory.layer(directory)),
    Layer.provide(DigestWasm.layer)
  )
