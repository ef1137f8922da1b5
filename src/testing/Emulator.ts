/**
 * A local WCS: it checks what the service checks, answers as the service answers, keeps what it is given, and
 * misbehaves when told to (protocol 19).
 *
 * @since 0.1.0
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Predicate from "effect/Predicate"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as Entry from "../domain/Entry.ts"
import type { WcsInvalidInput } from "../domain/WcsError.ts"
import * as DigestWasm from "../layers/DigestWasm.ts"
import { Digest } from "../services/Digest.ts"
import type { EmulatorBlock, EmulatorFile, EmulatorObject, PutOptions } from "./EmulatorObject.ts"
import * as EmulatorOptions from "./EmulatorOptions.ts"
import type { AwaitedRequests, EmulatorRequest, ReceivedRequest } from "./EmulatorRequest.ts"
import type { EmulatorDisconnect, EmulatorResponse } from "./EmulatorResponse.ts"
import { EmulatorStorage, EmulatorStorageError, type StoredObject } from "./EmulatorStorage.ts"
import * as EmulatorStorageDirectory from "./EmulatorStorageDirectory.ts"
import * as EmulatorStorageMemory from "./EmulatorStorageMemory.ts"
import type { EmulatorTask } from "./EmulatorTask.ts"
import type { Fault } from "./Fault.ts"
import * as backgrounds from "./internal/background.ts"
import * as catalogs from "./internal/catalog.ts"
import * as credentials from "./internal/credentials.ts"
import * as faultPlans from "./internal/faultPlan.ts"
import * as journals from "./internal/journal.ts"
import * as pipeline from "./internal/pipeline.ts"
import * as seed from "./internal/seed.ts"
import { Settings } from "./internal/settings.ts"
import { some } from "./internal/some.ts"
import * as tasks from "./internal/tasks.ts"
import * as usages from "./internal/usage.ts"

/**
 * A local WCS. Layers: `layer`, `layerMemory`, `layerDirectory`; adapters: `EmulatorClient` in process, `EmulatorServer`
 * on a port. A storage that fails is a defect of everything but `handle`, which answers 500; so is a bucket that the
 * options do not name.
 *
 * @example
 * import { Effect } from "effect"
 * import { Uploader } from "effect-wcs"
 * import { Emulator, WcsTest } from "effect-wcs/testing"
 *
 * const program = Effect.gen(function*() {
 *   const uploader = yield* Uploader.Uploader
 *   const emulator = yield* Emulator.Emulator
 *   yield* uploader.putBytes(new Uint8Array(5 * 1024 * 1024), { bucket: "media", key: "a" }, { method: "block" })
 *   return (yield* emulator.requests).map(({ operation }) => operation)
 * })
 * const test = WcsTest.layer({ buckets: ["media"], settings: { concurrency: 1 } })
 * assert.deepStrictEqual(await Effect.runPromise(Effect.provide(program, test)), ["mkblk", "mkblk", "mkfile"])
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
  /**
   * Waits until so many of the requests in `requests` are of this kind, and gives them. A request counts as soon as its
   * head has come, before faults strike: also one that stalls.
   */
  readonly awaitRequests: (which?: AwaitedRequests) => Effect.Effect<ReadonlyArray<ReceivedRequest>>
  readonly clearRequests: Effect.Effect<void>
  /** Puts rules in force, after those that already are. One that can do nothing, such as a block's of `form`, is a defect. */
  readonly addFault: (...faults: ReadonlyArray<Fault>) => Effect.Effect<void>
  readonly clearFaults: Effect.Effect<void>
  /** A bucket's objects in the order of their keys. */
  readonly objects: (bucket: string) => Effect.Effect<ReadonlyArray<EmulatorObject>>
  readonly object: (location: Entry.ObjectLocation) => Effect.Effect<Option.Option<EmulatorObject>>
  /** An object's bytes, as they flow; none when there is no such object. */
  readonly content: (location: Entry.ObjectLocation) => Stream.Stream<Uint8Array>
  /** An object's bytes, whole. A defect when there is no such object. */
  readonly bytes: (location: Entry.ObjectLocation) => Effect.Effect<Uint8Array>
  /** An object's bytes as UTF-8. A defect when there is no such object. */
  readonly text: (location: Entry.ObjectLocation) => Effect.Effect<string>
  /** Stores an object as if it had been uploaded, in place of any that is there. */
  readonly putObject: (
    location: Entry.ObjectLocation,
    content: string | Uint8Array | Stream.Stream<Uint8Array>,
    options?: PutOptions
  ) => Effect.Effect<EmulatorObject, WcsInvalidInput>
  /** Stores many objects as `putObject` does, at a small part of its cost. A thousand are held at a time. */
  readonly putObjects: <E = never, R = never>(
    bucket: string,
    objects: Iterable<EmulatorFile> | Stream.Stream<EmulatorFile, E, R>
  ) => Effect.Effect<void, WcsInvalidInput | E, R>
  /** Deletes an object; false when there is none. */
  readonly removeObject: (location: Entry.ObjectLocation) => Effect.Effect<boolean>
  readonly blocks: Effect.Effect<ReadonlyArray<EmulatorBlock>>
  /** Makes blocks stale, as their age would: their ctx is answered with 701 from now on. Default: all blocks. */
  readonly expireBlocks: (which?: Predicate.Predicate<EmulatorBlock>) => Effect.Effect<void>
  /**
   * The tasks in the order in which they came; of those that have ended the last `logSize`. A task is not stored: none
   * outlives the emulator.
   */
  readonly tasks: Effect.Effect<ReadonlyArray<EmulatorTask>>
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
): Effect.Effect<Emulator["Type"], EmulatorStorageError, EmulatorStorage | Digest | Scope.Scope> =>
  Effect.gen(function*() {
    const settings = EmulatorOptions.resolve(options)
    const storage = yield* EmulatorStorage
    const catalog = yield* Effect.provideService(catalogs.make, Settings, settings)
    const services = Context.make(Settings, settings).pipe(
      Context.add(EmulatorStorage, storage),
      Context.add(Digest, yield* Digest),
      Context.add(catalogs.Catalog, catalog),
      Context.add(credentials.Credentials, yield* Effect.provideService(credentials.make, Settings, settings))
    )
    const taskList = yield* Effect.provide(tasks.make, services)
    const usage = usages.make(settings.buckets)
    const context = services.pipe(
      Context.add(tasks.Tasks, taskList),
      Context.add(usages.Usage, usage),
      Context.add(backgrounds.Background, yield* backgrounds.make)
    )
    const faults = yield* faultPlans.make
    const journal = journals.make(settings.logSize)
    const handle = pipeline.make(faults, journal, usage, settings)

    const known = [...settings.buckets, ...settings.foreignBuckets]
    /** A bucket that is misspelt would pass for an empty one. */
    const inBucket = <A, E, R>(bucket: string, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
      known.includes(bucket)
        ? effect
        : Effect.dieMessage(`the emulator has no bucket ${bucket}: its \`buckets\` are ${some(settings.buckets)}`)
    const objectAt = ({ bucket, key }: Entry.ObjectLocation) => inBucket(bucket, catalog.object(bucket, key))

    const bytes = ({ bucket, key }: Entry.ObjectLocation): Effect.Effect<Uint8Array> =>
      Effect.gen(function*() {
        const object = yield* objectAt({ bucket, key })
        if (Option.isNone(object)) {
          const keys = (yield* catalog.objects(bucket)).map(({ key }) => key)
          return yield* Effect.dieMessage(`no object ${key} in the bucket ${bucket}, which has ${some(keys)}`)
        }
        const bytes = new Uint8Array(object.value.content.size)
        let at = 0
        yield* Stream.runForEach(storage.read(object.value.content), (piece) =>
          Effect.sync(() => {
            bytes.set(piece, at)
            at += piece.length
          }))
        return bytes
      }).pipe(Effect.orDie)

    return Emulator.of({
      settings,
      handle: (request) => Effect.provide(handle(request), context),
      requests: journal.entries,
      awaitRequests: (which = {}) => journal.awaited(which),
      clearRequests: journal.clear,
      addFault: (...rules) => faults.add(rules),
      clearFaults: faults.clear,
      objects: (bucket) =>
        Effect.orDie(Effect.map(inBucket(bucket, catalog.objects(bucket)), (objects) => objects.map(view))),
      object: (location) => Effect.orDie(Effect.map(objectAt(location), Option.map(view))),
      content: (location) =>
        objectAt(location).pipe(
          Effect.map(Option.match({ onNone: () => Stream.empty, onSome: ({ content }) => storage.read(content) })),
          Stream.unwrap,
          Stream.orDie
        ),
      bytes,
      text: (location) => Effect.map(bytes(location), (bytes) => new TextDecoder().decode(bytes)),
      putObject: (location, content, options = {}) =>
        inBucket(location.bucket, seed.one(location, content, options)).pipe(
          Effect.map(view),
          Effect.provide(context),
          Effect.catchTags({ EmulatorStorageError: Effect.die, Refusal: Effect.die })
        ),
      putObjects: (bucket, objects) =>
        inBucket(bucket, seed.many(bucket, objects)).pipe(
          Effect.provide(context),
          Effect.catchIf((error) => error instanceof EmulatorStorageError, Effect.die)
        ),
      removeObject: ({ bucket, key }) => Effect.orDie(inBucket(bucket, catalog.removeObject(bucket, key))),
      blocks: Effect.orDie(catalog.blocks),
      expireBlocks: (which = () => true) =>
        Effect.orDie(Effect.flatMap(catalog.blocks, (blocks) => catalog.removeBlocks(blocks.filter(which)))),
      tasks: taskList.all
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
): Layer.Layer<Emulator, EmulatorStorageError, EmulatorStorage | Digest> => Layer.scoped(Emulator, make(options))

/**
 * An emulator that keeps everything in memory.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerMemory = (options?: EmulatorOptions.EmulatorOptions): Layer.Layer<Emulator> =>
  layer(options).pipe(Layer.provide([EmulatorStorageMemory.layer, DigestWasm.layer]), Layer.orDie)

/**
 * An emulator whose objects and blocks outlive it, in a directory; its tasks do not.
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
