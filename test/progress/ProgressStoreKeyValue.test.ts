import { KeyValueStore } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Option } from "effect"
import * as ProgressStoreKeyValue from "../../src/layers/ProgressStoreKeyValue.ts"
import { ProgressStore } from "../../src/services/ProgressStore.ts"
import { block, idOf, load, manifest } from "./contract.ts"

const layer = Layer.provideMerge(ProgressStoreKeyValue.layer, KeyValueStore.layerMemory)
const id = idOf("upload")

describe("ProgressStoreKeyValue", () => {
  it.effect("does not write back the lease of another, and forgets that of a dead one", () =>
    Effect.gen(function*() {
      const values = yield* KeyValueStore.KeyValueStore
      const writes: Array<string> = []
      const store = yield* Effect.provideService(ProgressStoreKeyValue.make, KeyValueStore.KeyValueStore, {
        ...values,
        forSchema: (schema) => {
          const typed = values.forSchema(schema)
          const set: typeof typed.set = (key, value) =>
            Effect.zipRight(Effect.sync(() => writes.push(key)), typed.set(key, value))
          return { ...typed, set }
        }
      })
      const id = idOf("leased")
      yield* store.claim(id, { owner: "one", until: 30_000 })
      yield* store.claim(id, { owner: "two", until: 40_000 })
      assert.lengthOf(writes, 1)
      yield* store.claim(id, { owner: "two", until: 40_000, join: true })
      assert.lengthOf(writes, 2)
      yield* store.forget(id)
      assert.isFalse(yield* values.has("effect-wcs/lease/leased"))
    }).pipe(Effect.provide(layer)))

  it.effect("gives a lease back when nothing is left to do: another may begin the upload at once", () =>
    Effect.gen(function*() {
      const values = yield* KeyValueStore.KeyValueStore
      const other = yield* ProgressStore
      const id = idOf("begun anew")
      const begun = Effect.orDie(
        Effect.zipRight(other.claim(id, { owner: "two", until: 40_000 }), other.begin(id, manifest))
      )
      const store = yield* Effect.provideService(ProgressStoreKeyValue.make, KeyValueStore.KeyValueStore, {
        ...values,
        remove: (key) => Effect.tap(values.remove(key), () => key.startsWith("effect-wcs/lease/") ? begun : Effect.void)
      })
      yield* store.claim(id, { owner: "one", until: 30_000 })
      yield* store.begin(id, manifest)
      yield* store.release(id, "one")
      assert.deepStrictEqual(yield* other.list, [id])
      assert.strictEqual((yield* store.claim(id, { owner: "one", until: 30_000 })).owner, "two")
    }).pipe(Effect.provide(layer)))

  it.effect("keeps to its own names in a store that others use", () =>
    Effect.gen(function*() {
      const values = yield* KeyValueStore.KeyValueStore
      const store = yield* ProgressStore
      yield* values.set("upload", "of others")
      yield* store.begin(id, manifest)
      yield* store.accept(id, block(0))
      yield* store.forget(id)
      assert.strictEqual(yield* Effect.flatten(values.get("upload")), "of others")
      assert.isFalse(yield* values.has("effect-wcs/upload/upload"))
    }).pipe(Effect.provide(layer)))

  it.effect("a value that cannot be read is an error until the upload begins anew", () =>
    Effect.gen(function*() {
      const values = yield* KeyValueStore.KeyValueStore
      const store = yield* ProgressStore
      yield* store.begin(id, manifest)
      yield* store.accept(id, block(0))
      const text = yield* Effect.flatten(values.get("effect-wcs/upload/upload"))
      for (const wrong of ["", text.slice(0, -1), text.replace("\"format\":1", "\"format\":2"), "[]"]) {
        yield* values.set("effect-wcs/upload/upload", wrong)
        for (const failing of [store.load(id), store.accept(id, block(1)), store.finishing(id)]) {
          const error = yield* Effect.flip(failing)
          assert.deepStrictEqual([error.reason, error.uploadId], ["Unreadable", id])
        }
        // It is not thrown away as one that is empty either.
        yield* store.claim(id, { owner: "one", until: 1000 })
        yield* store.release(id, "one")
        assert.strictEqual(Option.getOrUndefined(yield* values.get("effect-wcs/upload/upload")), wrong)
      }
      yield* store.begin(id, manifest)
      assert.deepStrictEqual((yield* load(id)).blocks, [])
    }).pipe(Effect.provide(layer)))

  it.effect("lists no upload whose value is gone", () =>
    Effect.gen(function*() {
      const values = yield* KeyValueStore.KeyValueStore
      const store = yield* ProgressStore
      yield* store.begin(id, manifest)
      yield* values.remove("effect-wcs/upload/upload")
      assert.deepStrictEqual(yield* store.list, [])
      yield* store.begin(id, manifest)
      assert.deepStrictEqual(yield* store.list, [id])
    }).pipe(Effect.provide(layer)))
})
