/**
 * `ProgressStore` in memory: uploads resume as long as the layer lives.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as HashMap from "effect/HashMap"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import {
  type BlockRecord,
  grant,
  isEmpty,
  type UploadId,
  type UploadLease,
  type UploadManifest,
  type UploadRecord
} from "../domain/UploadRecord.ts"
import { ProgressStore } from "../services/ProgressStore.ts"

interface Remembered {
  readonly manifest: UploadManifest | undefined
  readonly blocks: HashMap.HashMap<number, BlockRecord>
  readonly finishing: boolean
}

const recordOf = ({ blocks, finishing, manifest }: Remembered): UploadRecord => ({
  manifest,
  blocks: [...HashMap.values(blocks)].toSorted((a, b) => a.offset - b.offset),
  unusable: [],
  finishing
})

const begun = (manifest?: UploadManifest): Remembered => ({ manifest, blocks: HashMap.empty(), finishing: false })

/**
 * A store that is empty at first.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<ProgressStore["Type"]> = Effect.map(
  Effect.all([Ref.make(HashMap.empty<UploadId, Remembered>()), Ref.make(HashMap.empty<UploadId, UploadLease>())]),
  ([uploads, leases]) => {
    const change = (id: UploadId, f: (upload: Remembered) => Remembered) =>
      Ref.update(
        uploads,
        HashMap.modifyAt(id, (upload) => Option.some(f(Option.getOrElse(upload, () => begun()))))
      )
    return ProgressStore.of({
      load: (id) => Effect.map(Ref.get(uploads), (all) => Option.map(HashMap.get(all, id), recordOf)),
      begin: (id, manifest) => Ref.update(uploads, HashMap.set(id, begun(manifest))),
      accept: (id, block) =>
        change(id, (upload) => ({ ...upload, blocks: HashMap.set(upload.blocks, block.offset, block) })),
      finishing: (id) => change(id, (upload) => ({ ...upload, finishing: true })),
      refused: (id) => Ref.update(uploads, HashMap.modify(id, (upload) => ({ ...upload, finishing: false }))),
      forget: (id) => Effect.zipRight(Ref.update(uploads, HashMap.remove(id)), Ref.update(leases, HashMap.remove(id))),
      claim: (id, claim) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) =>
          Ref.modify(leases, (all) => {
            const lease = grant(Option.getOrUndefined(HashMap.get(all, id)), claim, now)
            return [lease, HashMap.set(all, id, lease)]
          })),
      release: (id, owner) =>
        Effect.flatMap(Ref.get(leases), (all) =>
          Option.exists(HashMap.get(all, id), (lease) => lease.owner === owner)
            ? Effect.zipRight(
              Ref.update(uploads, HashMap.filter((upload, key) => key !== id || !isEmpty(recordOf(upload)))),
              Ref.update(leases, HashMap.remove(id))
            )
            : Effect.void),
      list: Effect.map(Ref.get(uploads), (all) => [...HashMap.keys(all)])
    })
  }
)

/**
 * A memory of its own each time that it is built.
 *
 * @example
 * import { Effect } from "effect"
 * import { ProgressStore, ProgressStoreMemory } from "effect-wcs"
 *
 * const program = Effect.flatMap(ProgressStore.ProgressStore, (store) => store.list)
 * assert.deepStrictEqual(await Effect.runPromise(Effect.provide(program, ProgressStoreMemory.layer)), [])
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<ProgressStore> = Layer.effect(ProgressStore, make)
