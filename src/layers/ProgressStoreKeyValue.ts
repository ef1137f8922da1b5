/**
 * `ProgressStore` over any `KeyValueStore` of `@effect/platform`.
 *
 * One value an upload, written whole for each block: for uploads of many thousand blocks the directory store does less.
 * A write is one step only if the store's `set` is; `KeyValueStore.layerFileSystem` writes in place, and a value that a
 * crash has cut short is `Unreadable` until the upload is begun anew. Give the records a store, or at least the names
 * below `effect-wcs/`, of their own: `clear` of a shared store empties it. A lease is read and then written: two programs
 * that ask in the same moment may both get it, which the first of them learns when it renews it.
 *
 * @since 0.1.0
 */
import type { PlatformError } from "@effect/platform/Error"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import {
  BlockRecord,
  grant,
  isEmpty,
  UploadId,
  UploadLease,
  UploadManifest,
  type UploadRecord
} from "../domain/UploadRecord.ts"
import { WcsProgressError } from "../domain/WcsError.ts"
import * as locks from "../internal/locks.ts"
import { ProgressStore } from "../services/ProgressStore.ts"

const Value = Schema.Struct({
  format: Schema.Literal(1),
  /** Absent while nothing but blocks is known. */
  manifest: Schema.optionalWith(UploadManifest, { exact: true }),
  blocks: Schema.Array(BlockRecord),
  finishing: Schema.Boolean
})

const recordOf = ({ blocks, finishing, manifest }: typeof Value.Type): UploadRecord => ({
  manifest,
  blocks,
  unusable: [],
  finishing
})

const sameLease = Schema.equivalence(UploadLease)

const Index = Schema.Array(UploadId)

const index = "effect-wcs/uploads"
const keyOf = (id: UploadId) => `effect-wcs/upload/${id}`
const leaseOf = (id: UploadId) => `effect-wcs/lease/${id}`

const failed =
  (reason: "Unreadable" | "Unwritable", uploadId: string) => (error: ParseResult.ParseError | PlatformError) =>
    new WcsProgressError({
      reason,
      uploadId,
      detail: ParseResult.isParseError(error)
        ? "its record cannot be read: it is another thing, or cut short"
        : error.message
    })

/**
 * A store over the `KeyValueStore` that is provided.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<ProgressStore["Type"], never, KeyValueStore.KeyValueStore> = Effect.gen(function*() {
  const store = yield* KeyValueStore.KeyValueStore
  const values = store.forSchema(Value)
  const leases = store.forSchema(UploadLease)
  const indexes = store.forSchema(Index)
  const inTurn = locks.make()
  const indexLock = yield* Effect.makeSemaphore(1)

  /** Runs on the values of an upload, one at a time; what has begun is not interrupted. */
  const alone = <A, E>(id: UploadId, body: Effect.Effect<A, E>) => inTurn(id)(Effect.uninterruptible(body))

  const read = (id: UploadId) => Effect.mapError(values.get(keyOf(id)), failed("Unreadable", id))
  const write = (id: UploadId, value: typeof Value.Type) =>
    Effect.mapError(values.set(keyOf(id), value), failed("Unwritable", id))

  /** A lease that cannot be read is nobody's. */
  const readLease = (id: UploadId) => Effect.catchTag(leases.get(leaseOf(id)), "ParseError", () => Effect.succeedNone)
  /** A store on files fails to remove what is not there. */
  const remove = (key: string) => Effect.flatMap(store.has(key), (there) => there ? store.remove(key) : Effect.void)

  const readIndex = Effect.mapBoth(indexes.get(index), {
    onFailure: failed("Unreadable", "*"),
    onSuccess: Option.getOrElse((): typeof Index.Type => [])
  })
  const changeIndex = (id: UploadId, f: (ids: ReadonlyArray<UploadId>) => ReadonlyArray<UploadId>) =>
    indexLock.withPermits(1)(Effect.flatMap(readIndex, (ids) => {
      const next = f(ids)
      return next === ids ? Effect.void : Effect.mapError(indexes.set(index, next), failed("Unwritable", id))
    }))
  // The index names an upload before its value is there, and until it is gone: what it names in vain is passed over.
  const remember = (id: UploadId) => changeIndex(id, (ids) => ids.includes(id) ? ids : [...ids, id])

  const removeFor = (id: UploadId, key: string) => Effect.mapError(remove(key), failed("Unwritable", id))

  /**
   * The lease of a dead owner would stay for ever; a living one makes it anew. It goes last: who waits for it may begin
   * the upload at once.
   */
  const forget = (id: UploadId) =>
    removeFor(id, keyOf(id)).pipe(
      Effect.zipRight(changeIndex(id, (ids) => ids.includes(id) ? ids.filter((other) => other !== id) : ids)),
      Effect.exit,
      Effect.zipLeft(removeFor(id, leaseOf(id))),
      Effect.flatten
    )

  const change = (id: UploadId, f: (value: typeof Value.Type) => typeof Value.Type) =>
    alone(
      id,
      Effect.flatMap(
        read(id),
        Option.match({
          onNone: () => Effect.zipRight(remember(id), write(id, f({ format: 1, blocks: [], finishing: false }))),
          onSome: (value) => write(id, f(value))
        })
      )
    )

  return ProgressStore.of({
    load: (id) => Effect.map(alone(id, read(id)), Option.map(recordOf)),
    begin: (id, manifest) =>
      alone(
        id,
        Effect.zipRight(remember(id), write(id, { format: 1, manifest, blocks: [], finishing: false }))
      ),
    accept: (id, block) =>
      change(id, (value) => ({
        ...value,
        blocks: [...value.blocks.filter(({ offset }) => offset !== block.offset), block].toSorted((a, b) =>
          a.offset - b.offset
        )
      })),
    finishing: (id) => change(id, (value) => ({ ...value, finishing: true })),
    refused: (id) =>
      alone(
        id,
        Effect.flatMap(
          read(id),
          Option.match({ onNone: () => Effect.void, onSome: (value) => write(id, { ...value, finishing: false }) })
        )
      ),
    forget: (id) => alone(id, forget(id)),
    claim: (id, claim) =>
      alone(
        id,
        Effect.gen(function*() {
          const found = yield* readLease(id)
          const lease = grant(Option.getOrUndefined(found), claim, yield* Clock.currentTimeMillis)
          // What another holds is only told: written back, it could undo its renewal or its return.
          if (!Option.exists(found, (seen) => sameLease(seen, lease))) yield* leases.set(leaseOf(id), lease)
          return lease
        })
      ).pipe(Effect.mapError(failed("Unwritable", id))),
    release: (id, owner) =>
      alone(
        id,
        Effect.gen(function*() {
          const found = yield* Effect.mapError(readLease(id), failed("Unwritable", id))
          if (!Option.exists(found, (lease) => lease.owner === owner)) return
          // What cannot be read is not to be thrown away.
          const value = yield* Effect.option(read(id))
          yield* Option.exists(Option.flatten(value), (value) => isEmpty(recordOf(value)))
            ? forget(id)
            : removeFor(id, leaseOf(id))
        })
      ),
    list: Effect.flatMap(
      readIndex,
      Effect.filter((id) => Effect.mapError(store.has(keyOf(id)), failed("Unreadable", id)), { concurrency: 16 })
    )
  })
})

/**
 * Records of uploads in the `KeyValueStore` that is provided.
 *
 * @example
 * import { KeyValueStore } from "@effect/platform"
 * import { Layer } from "effect"
 * import { ProgressStoreKeyValue } from "effect-wcs"
 *
 * export const Records = Layer.provide(ProgressStoreKeyValue.layer, KeyValueStore.layerMemory)
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<ProgressStore, never, KeyValueStore.KeyValueStore> = Layer.effect(ProgressStore, make)
