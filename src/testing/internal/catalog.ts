import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { ObjectLocation } from "../../domain/Entry.ts"
import {
  type Content,
  EmulatorStorage,
  type EmulatorStorageError,
  type StoredBlock,
  type StoredObject
} from "../EmulatorStorage.ts"
import * as contents from "./contents.ts"
import { hexId } from "./ids.ts"
import { type Refusal, refuse } from "./refusal.ts"
import { Settings } from "./settings.ts"
import * as shelves from "./shelf.ts"

type Transfer = (
  source: ObjectLocation,
  target: ObjectLocation,
  options: { readonly overwrite: boolean }
) => Effect.Effect<boolean, Refusal | EmulatorStorageError>

/** What an emulator knows to be in its storage. Every change is one step, whoever else asks meanwhile. */
export class Catalog extends Context.Tag("effect-wcs/testing/internal/catalog")<Catalog, {
  /** Takes bytes in. What no object or block names when the scope ends is forgotten. */
  readonly stage: <E, R>(
    bytes: Stream.Stream<Uint8Array, E, R>
  ) => Effect.Effect<Content, E | EmulatorStorageError, R | Scope.Scope>
  readonly object: (bucket: string, key: string) => Effect.Effect<Option.Option<StoredObject>, EmulatorStorageError>
  /** A bucket's objects in the order of their keys. */
  readonly objects: (bucket: string) => Effect.Effect<ReadonlyArray<StoredObject>, EmulatorStorageError>
  /** The same without copying them all, to look at some. */
  readonly sorted: (bucket: string) => Effect.Effect<shelves.Sorted, EmulatorStorageError>
  /** 406 when the key is taken and may not be overwritten (protocol 19.6). */
  readonly putObject: (
    object: StoredObject,
    overwrite: boolean
  ) => Effect.Effect<void, Refusal | EmulatorStorageError>
  /** Takes in many objects with their bytes, in place of any that are there. */
  readonly putObjects: (
    objects: ReadonlyArray<readonly [bytes: Uint8Array, toObject: (content: Content) => StoredObject]>
  ) => Effect.Effect<void, EmulatorStorageError>
  /** Replaces an object, or adds one where there is none; false when `previous` is no longer what is there. */
  readonly replaceObject: (
    previous: StoredObject | undefined,
    object: StoredObject
  ) => Effect.Effect<boolean, EmulatorStorageError>
  /** Gives an object a second name. Its bytes are not copied but shared. False when there is none; 406 as for `putObject`. */
  readonly copyObject: Transfer
  /** Gives an object another name. */
  readonly moveObject: Transfer
  /** Sets when an object goes, `undefined`: never; false when there is none. */
  readonly setExpiry: (
    location: ObjectLocation,
    expiresAt: number | undefined
  ) => Effect.Effect<boolean, EmulatorStorageError>
  /** Whether there was one. */
  readonly removeObject: (bucket: string, key: string) => Effect.Effect<boolean, EmulatorStorageError>
  readonly blocks: Effect.Effect<ReadonlyArray<StoredBlock>, EmulatorStorageError>
  readonly block: (ctx: string) => Effect.Effect<Option.Option<StoredBlock>, EmulatorStorageError>
  /** The block whose newest chunk came with this ctx. */
  readonly blockAfter: (ctx: string) => Effect.Effect<Option.Option<StoredBlock>, EmulatorStorageError>
  /** Adds a block, or moves it from `previous` on; false when that ctx no longer holds. */
  readonly putBlock: (
    block: StoredBlock,
    previous: string | undefined
  ) => Effect.Effect<boolean, EmulatorStorageError>
  readonly removeBlocks: (blocks: ReadonlyArray<StoredBlock>) => Effect.Effect<void, EmulatorStorageError>
}>() {}

export const make: Effect.Effect<Catalog["Type"], EmulatorStorageError, EmulatorStorage | Settings> = Effect.gen(
  function*() {
    const storage = yield* EmulatorStorage
    const settings = yield* Settings
    const buckets = new Map<string, shelves.Shelf>()
    const blocks = new Map<string, StoredBlock>()
    /** Ids of runs that nothing names yet. */
    const staged = new Set<string>()
    /** How many objects beside the first name a run; none is written down as such. */
    const shared = new Map<string, number>()
    /** When the next object or block is due to go. */
    let nextExpiry = Infinity
    const lock = yield* Effect.makeSemaphore(1)

    const blockExpiry = (block: StoredBlock): number => block.createdAt + Duration.toMillis(settings.blockLifetime)

    const shelf = (bucket: string): shelves.Shelf => {
      const known = buckets.get(bucket)
      if (known) return known
      const fresh = shelves.make()
      buckets.set(bucket, fresh)
      return fresh
    }
    const find = ({ bucket, key }: ObjectLocation): StoredObject | undefined => buckets.get(bucket)?.get(key)

    const indexObject = (object: StoredObject) => {
      shelf(object.bucket).put(object)
      nextExpiry = Math.min(nextExpiry, object.expiresAt ?? Infinity)
    }
    const indexBlock = (block: StoredBlock) => {
      blocks.set(block.ctx, block)
      for (const { id } of block.chunks) staged.delete(id)
      nextExpiry = Math.min(nextExpiry, blockExpiry(block))
    }
    const retain = ({ content }: StoredObject) => {
      for (const { id } of contents.runs(content)) {
        if (!staged.delete(id)) shared.set(id, (shared.get(id) ?? 0) + 1)
      }
    }
    const release = ({ content }: StoredObject) =>
      Effect.forEach(contents.runs(content), ({ id }) => {
        const others = shared.get(id) ?? 0
        if (others === 0) return storage.remove(id)
        if (others === 1) shared.delete(id)
        else shared.set(id, others - 1)
        return Effect.void
      }, { discard: true })

    const store = (object: StoredObject) =>
      Effect.flatMap(storage.saveObject(object), () => {
        const old = find(object)
        retain(object)
        indexObject(object)
        return old ? release(old) : Effect.void
      })
    const dropObject = (object: StoredObject) =>
      Effect.flatMap(storage.removeObject(object), () => {
        shelf(object.bucket).remove(object.key)
        return release(object)
      })
    const transfer = (leave: boolean): Transfer => (source, target, { overwrite }) =>
      Effect.flatMap(
        Clock.currentTimeMillis,
        (now) =>
          step(Effect.suspend((): Effect.Effect<boolean, Refusal | EmulatorStorageError> => {
            const object = find(source)
            if (!object) return Effect.succeed(false)
            if (!overwrite && find(target)) return Effect.fail(refuse(406, "File Already Exist"))
            const { bucket, key } = target
            const stored = store({ ...object, bucket, key, putTime: leave ? now : object.putTime })
            const isSame = bucket === source.bucket && key === source.key
            return Effect.as(leave || isSame ? stored : Effect.zipRight(stored, dropObject(object)), true)
          }))
      )

    const dropBlock = (block: StoredBlock) =>
      Effect.flatMap(storage.removeBlock(block), () => {
        blocks.delete(block.ctx)
        return Effect.forEach(block.chunks, ({ id }) => storage.remove(id), { discard: true })
      })

    const loaded = yield* storage.load
    const seen = new Set<string>()
    for (const object of loaded.objects) {
      indexObject(object)
      for (const { id } of contents.runs(object.content)) {
        if (seen.has(id)) shared.set(id, (shared.get(id) ?? 0) + 1)
        seen.add(id)
      }
    }
    loaded.blocks.forEach(indexBlock)

    /** Lets go what is due, and notes when the next of the others is. */
    const expire = Effect.flatMap(Clock.currentTimeMillis, (now) => {
      if (now < nextExpiry) return Effect.void
      const due: Array<Effect.Effect<void, EmulatorStorageError>> = []
      let next = Infinity
      const look = (expiry: number, drop: Effect.Effect<void, EmulatorStorageError>) => {
        if (expiry <= now) due.push(drop)
        else next = Math.min(next, expiry)
      }
      for (const bucket of buckets.values()) {
        for (const object of bucket.objects()) look(object.expiresAt ?? Infinity, dropObject(object))
      }
      for (const block of blocks.values()) look(blockExpiry(block), dropBlock(block))
      return Effect.map(Effect.all(due, { discard: true }), () => {
        nextExpiry = next
      })
    })

    /** One step, after everything that is due has gone. */
    const step = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E | EmulatorStorageError> =>
      lock.withPermits(1)(Effect.uninterruptible(Effect.zipRight(expire, effect)))

    return Catalog.of({
      stage: (bytes) =>
        Effect.flatMap(
          Effect.acquireRelease(
            Effect.tap(hexId, (id) => Effect.sync(() => staged.add(id))),
            (id) => staged.delete(id) ? Effect.ignoreLogged(storage.remove(id)) : Effect.void
          ),
          (id) => storage.write(id, bytes)
        ),
      object: (bucket, key) => step(Effect.sync(() => Option.fromNullable(find({ bucket, key })))),
      objects: (bucket) =>
        step(Effect.sync(() => {
          const { get, keys } = shelf(bucket).sorted()
          return keys.flatMap((key) => get(key) ?? [])
        })),
      sorted: (bucket) => step(Effect.sync(() => shelf(bucket).sorted())),
      putObject: (object, overwrite) =>
        step(
          Effect.suspend((): Effect.Effect<void, Refusal | EmulatorStorageError> =>
            !overwrite && find(object) ? Effect.fail(refuse(406, "File Already Exist")) : store(object)
          )
        ),
      putObjects: (objects) =>
        Effect.flatMap(hexId, (batch) =>
          step(Effect.forEach(objects, ([bytes, toObject], index) => {
            const id = `${batch}-${index}`
            staged.add(id)
            return storage.write(id, bytes).pipe(
              Effect.flatMap((content) => store(toObject(content))),
              Effect.onError(() => staged.delete(id) ? Effect.ignoreLogged(storage.remove(id)) : Effect.void)
            )
          }, { discard: true }))),
      replaceObject: (previous, object) =>
        step(Effect.suspend(() => find(object) === previous ? Effect.as(store(object), true) : Effect.succeed(false))),
      copyObject: transfer(true),
      moveObject: transfer(false),
      setExpiry: (location, expiresAt) =>
        step(Effect.suspend(() => {
          const found = find(location)
          if (!found) return Effect.succeed(false)
          const { expiresAt: _, ...object } = found
          return Effect.as(store(expiresAt === undefined ? object : { ...object, expiresAt }), true)
        })),
      removeObject: (bucket, key) =>
        step(Effect.suspend(() => {
          const object = find({ bucket, key })
          return object ? Effect.as(dropObject(object), true) : Effect.succeed(false)
        })),
      blocks: step(Effect.sync(() => Array.from(blocks.values()))),
      block: (ctx) => step(Effect.sync(() => Option.fromNullable(blocks.get(ctx)))),
      blockAfter: (ctx) =>
        step(Effect.sync(() => Option.fromNullable(Array.from(blocks.values()).find(({ last }) => last.ctx === ctx)))),
      putBlock: (block, previous) =>
        step(Effect.suspend(() => {
          if (previous !== undefined && !blocks.has(previous)) return Effect.succeed(false)
          return Effect.map(storage.saveBlock(block), () => {
            if (previous !== undefined) blocks.delete(previous)
            indexBlock(block)
            return true
          })
        })),
      removeBlocks: (gone) => step(Effect.forEach(gone, dropBlock, { discard: true }))
    })
  }
)

/** The bytes of several runs, one after the other. */
export const readAll = (
  storage: EmulatorStorage["Type"],
  contents: ReadonlyArray<Content>
): Stream.Stream<Uint8Array, EmulatorStorageError> =>
  Stream.flatMap(Stream.fromIterable(contents), (content) => storage.read(content))
