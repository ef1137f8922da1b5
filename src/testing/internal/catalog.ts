import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import {
  type Content,
  EmulatorStorage,
  type EmulatorStorageError,
  type StoredBlock,
  type StoredObject
} from "../EmulatorStorage.ts"
import { hexId } from "./ids.ts"
import { type Refusal, refuse } from "./refusal.ts"
import { Settings } from "./settings.ts"
import { utf8Order } from "./utf8Order.ts"

/** What an emulator knows to be in its storage. Every change is one step, whoever else asks meanwhile. */
export class Catalog extends Context.Tag("effect-wcs/testing/internal/catalog")<Catalog, {
  /** Takes bytes in. What no object or block names when the scope ends is forgotten. */
  readonly stage: <E, R>(
    bytes: Stream.Stream<Uint8Array, E, R>
  ) => Effect.Effect<Content, E | EmulatorStorageError, R | Scope.Scope>
  readonly object: (bucket: string, key: string) => Effect.Effect<Option.Option<StoredObject>, EmulatorStorageError>
  /** A bucket's objects in the order of their keys. */
  readonly objects: (bucket: string) => Effect.Effect<ReadonlyArray<StoredObject>, EmulatorStorageError>
  /** 406 when the key is taken and may not be overwritten (protocol 19.6). */
  readonly putObject: (
    object: StoredObject,
    overwrite: boolean
  ) => Effect.Effect<void, Refusal | EmulatorStorageError>
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

/** A bucket's keys are sorted when they are listed, and stay so until one comes or goes. */
interface Shelf {
  readonly objects: Map<string, StoredObject>
  sorted: ReadonlyArray<string> | undefined
}

export const make: Effect.Effect<Catalog["Type"], EmulatorStorageError, EmulatorStorage | Settings> = Effect.gen(
  function*() {
    const storage = yield* EmulatorStorage
    const settings = yield* Settings
    const shelves = new Map<string, Shelf>()
    const blocks = new Map<string, StoredBlock>()
    /** Ids of bytes that nothing names yet. */
    const staged = new Set<string>()
    /** When the next object or block is due to go. */
    let nextExpiry = Infinity
    const lock = yield* Effect.makeSemaphore(1)

    const blockExpiry = (block: StoredBlock): number => block.createdAt + Duration.toMillis(settings.blockLifetime)

    const shelf = (bucket: string): Shelf => {
      const known = shelves.get(bucket)
      if (known) return known
      const fresh: Shelf = { objects: new Map(), sorted: undefined }
      shelves.set(bucket, fresh)
      return fresh
    }
    const indexObject = (object: StoredObject) => {
      const { objects } = shelf(object.bucket)
      if (!objects.has(object.key)) shelf(object.bucket).sorted = undefined
      objects.set(object.key, object)
      staged.delete(object.content.id)
      nextExpiry = Math.min(nextExpiry, object.expiresAt ?? Infinity)
    }
    const indexBlock = (block: StoredBlock) => {
      blocks.set(block.ctx, block)
      for (const { id } of block.chunks) staged.delete(id)
      nextExpiry = Math.min(nextExpiry, blockExpiry(block))
    }
    const dropObject = (object: StoredObject) =>
      Effect.flatMap(storage.removeObject(object), () => {
        shelf(object.bucket).objects.delete(object.key)
        shelf(object.bucket).sorted = undefined
        return storage.remove(object.content.id)
      })
    const dropBlock = (block: StoredBlock) =>
      Effect.flatMap(storage.removeBlock(block), () => {
        blocks.delete(block.ctx)
        return Effect.forEach(block.chunks, ({ id }) => storage.remove(id), { discard: true })
      })

    const loaded = yield* storage.load
    loaded.objects.forEach(indexObject)
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
      for (const { objects } of shelves.values()) {
        for (const object of objects.values()) look(object.expiresAt ?? Infinity, dropObject(object))
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
      object: (bucket, key) => step(Effect.sync(() => Option.fromNullable(shelves.get(bucket)?.objects.get(key)))),
      objects: (bucket) =>
        step(Effect.sync(() => {
          const found = shelf(bucket)
          found.sorted ??= Array.from(found.objects.keys()).toSorted(utf8Order)
          return found.sorted.flatMap((key) => found.objects.get(key) ?? [])
        })),
      putObject: (object, overwrite) =>
        step(Effect.suspend((): Effect.Effect<void, Refusal | EmulatorStorageError> => {
          const old = shelves.get(object.bucket)?.objects.get(object.key)
          if (old && !overwrite) return Effect.fail(refuse(406, "File Already Exist"))
          return storage.saveObject(object).pipe(
            Effect.tap(() => Effect.sync(() => indexObject(object))),
            Effect.zipRight(old ? storage.remove(old.content.id) : Effect.void)
          )
        })),
      removeObject: (bucket, key) =>
        step(Effect.suspend(() => {
          const object = shelves.get(bucket)?.objects.get(key)
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
