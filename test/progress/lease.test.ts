import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, type Scope } from "effect"
import * as ProgressStoreDirectory from "../../src/layers/ProgressStoreDirectory.ts"
import * as WcsConfigLayer from "../../src/layers/WcsConfigLayer.ts"
import { block, idOf, manifest } from "./contract.ts"

const id = idOf("UPLOADIDexample0000000000000abcd")

/** Two stores on a new folder, as of two processes. */
const two = <A, E>(
  body: (parts: {
    readonly folder: string
    readonly fs: FileSystem.FileSystem
    readonly one: Effect.Effect.Success<ReturnType<typeof ProgressStoreDirectory.make>>
    readonly other: Effect.Effect.Success<ReturnType<typeof ProgressStoreDirectory.make>>
    /** Runs an effect before the first store makes a file whose name ends so. */
    readonly before: (ending: string, effect: Effect.Effect<unknown, unknown>) => void
  }) => Effect.Effect<A, E, FileSystem.FileSystem | Scope.Scope>
) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const folder = `${yield* fs.makeTempDirectoryScoped()}/uploads`
    const pending = new Map<string, Effect.Effect<unknown, unknown>>()
    const due = (path: string) =>
      Effect.forEach([...pending].filter(([ending]) => path.endsWith(ending)), ([ending, effect]) => {
        pending.delete(ending)
        return Effect.ignore(effect)
      })
    const interrupted: FileSystem.FileSystem = {
      ...fs,
      rename: (from, to) => Effect.zipRight(Effect.suspend(() => due(to)), fs.rename(from, to)),
      writeFileString: (path, content, options) =>
        Effect.zipRight(Effect.suspend(() => due(path)), fs.writeFileString(path, content, options))
    }
    const make = ProgressStoreDirectory.make({ folder }).pipe(Effect.provide(WcsConfigLayer.layer()))
    const one = yield* Effect.provideService(make, FileSystem.FileSystem, interrupted)
    const other = yield* make
    return yield* body({ folder, fs, one, other, before: (ending, effect) => void pending.set(ending, effect) })
  }).pipe(Effect.provide(NodeContext.layer), Effect.scoped)

describe("ProgressStoreDirectory: leases", () => {
  it.effect("lie beside the record, private to the user, and go with it", () =>
    two(({ folder, fs, one, other }) =>
      Effect.gen(function*() {
        yield* one.claim(id, { owner: "one", until: 1000 })
        yield* one.begin(id, manifest)
        yield* one.accept(id, block(0))
        assert.sameMembers(yield* fs.readDirectory(folder), [id, `${id}.manifest`, `${id}.lease`])
        assert.deepStrictEqual(yield* fs.readDirectory(`${folder}/${id}`), ["0"])
        assert.strictEqual((yield* fs.stat(`${folder}/${id}.lease`)).mode & 0o777, 0o600)
        assert.deepStrictEqual(yield* other.list, [id])
        assert.strictEqual((yield* other.claim(id, { owner: "other", until: 2000 })).owner, "one")
        yield* other.forget(id)
        assert.isEmpty(yield* fs.readDirectory(folder))
      })
    ))

  it.effect("that come back from another process find the record that is there now", () =>
    two(({ one, other }) =>
      Effect.gen(function*() {
        yield* one.claim(id, { owner: "first", until: 1000 })
        yield* one.begin(id, manifest)
        yield* one.accept(id, block(0))
        // The second waits in the same process.
        yield* one.claim(id, { owner: "second", until: 1000 })
        yield* other.claim(id, { owner: "other", until: 2000, dead: "first" })
        yield* other.begin(id, { ...manifest, source: "another" })
        yield* other.accept(id, block(2))
        yield* one.release(id, "first")
        yield* other.release(id, "other")
        yield* one.claim(id, { owner: "second", until: 3000 })
        yield* one.accept(id, block(1))
        const offsets = Effect.map(
          other.load(id),
          Option.match({ onNone: () => [], onSome: ({ blocks }) => blocks.map(({ offset }) => offset) })
        )
        assert.deepStrictEqual(yield* offsets, [block(1).offset, block(2).offset])
        yield* one.release(id, "second")
        assert.deepStrictEqual(yield* offsets, [block(1).offset, block(2).offset])
      })
    ))

  it.effect("that are given back leave a record that cannot be read, and one that is not ours", () =>
    two(({ folder, fs, one }) =>
      Effect.gen(function*() {
        const kept = (name: string) =>
          one.claim(id, { owner: "one", until: 1000 }).pipe(
            Effect.zipRight(one.release(id, "one")),
            Effect.zipRight(Effect.all([fs.exists(`${folder}/${name}`), fs.exists(`${folder}/${id}.lease`)]))
          )
        yield* fs.makeDirectory(folder, { recursive: true })
        yield* fs.writeFileString(`${folder}/${id}.manifest`, "{\"format\":2}")
        assert.deepStrictEqual(yield* kept(`${id}.manifest`), [true, false])
        yield* fs.remove(`${folder}/${id}.manifest`)
        yield* fs.makeDirectory(`${folder}/${id}`)
        yield* fs.writeFileString(`${folder}/${id}/0`, `{"offset": 0, "code": 500, "ctx": "", "size": 4194304}`)
        assert.deepStrictEqual(yield* kept(`${id}/0`), [true, false])
      })
    ))

  it.effect("that cannot be given back leave no file open", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped()
      let open = 0
      const count = (by: number) => Effect.sync(() => void (open += by))
      const store = yield* Effect.provideService(ProgressStoreDirectory.make({ folder }), FileSystem.FileSystem, {
        ...fs,
        open: (path, options) =>
          Effect.zipLeft(fs.open(path, options), Effect.acquireRelease(count(1), () => count(-1)))
      })
      yield* store.claim(id, { owner: "one", until: 1000 })
      yield* store.begin(id, manifest)
      yield* store.accept(id, block(0))
      assert.strictEqual(open, 1)
      yield* fs.rename(`${folder}/${id}`, `${folder}/elsewhere`)
      yield* fs.symlink(`${folder}/elsewhere`, `${folder}/${id}`)
      assert.strictEqual((yield* Effect.flip(store.release(id, "one"))).reason, "Unwritable")
      assert.strictEqual(open, 0)
    }).pipe(Effect.provide([NodeContext.layer, WcsConfigLayer.layer()]), Effect.scoped))

  it.effect("that two take over in the same moment are one's alone", () =>
    two(({ before, folder, fs, one, other }) =>
      Effect.gen(function*() {
        yield* one.claim(id, { owner: "dead", until: 1000 })
        let meanwhile = ""
        before(
          ".lease",
          Effect.map(other.claim(id, { owner: "other", until: 2000, dead: "dead" }), ({ owner }) => {
            meanwhile = owner
          })
        )
        const seen = yield* one.claim(id, { owner: "one", until: 3000, dead: "dead" })
        assert.deepStrictEqual([meanwhile, seen.owner], ["dead", "one"])
        assert.strictEqual((yield* other.claim(id, { owner: "other", until: 4000, dead: "dead" })).owner, "one")
        assert.deepStrictEqual(yield* fs.readDirectory(folder), [`${id}.lease`])
      })
    ))

  it.effect("that another has taken over meanwhile are that one's", () =>
    two(({ before, one, other }) =>
      Effect.gen(function*() {
        yield* one.claim(id, { owner: "dead", until: 1000 })
        before("taking", other.claim(id, { owner: "other", until: 2000, dead: "dead" }))
        assert.strictEqual((yield* one.claim(id, { owner: "one", until: 3000, dead: "dead" })).owner, "other")
        assert.strictEqual((yield* other.claim(id, { owner: "other", until: 4000 })).owner, "other")
      })
    ))

  it.live("that are taken over while one is killed at it can be had later", () =>
    two(({ folder, fs, one }) =>
      Effect.gen(function*() {
        yield* one.claim(id, { owner: "dead", until: 1000 })
        const mark = `${folder}/.${id},taking`
        yield* fs.writeFileString(mark, "")
        const claim = one.claim(id, { owner: "one", until: Date.now() + 30_000, dead: "dead" })
        assert.strictEqual((yield* claim).owner, "dead")
        const before = Date.now() / 1000 - 31
        yield* fs.utimes(mark, before, before)
        yield* claim
        assert.strictEqual((yield* claim).owner, "one")
        assert.deepStrictEqual(yield* fs.readDirectory(folder), [`${id}.lease`])
      })
    ))

  it.live("that many want at once are one's alone", () =>
    two(({ folder }) =>
      Effect.gen(function*() {
        const make = ProgressStoreDirectory.make({ folder }).pipe(Effect.provide(WcsConfigLayer.layer()))
        const stores = yield* Effect.replicateEffect(make, 6)
        for (let round = 0; round < 50; round++) {
          const id = idOf(`wanted${round}`)
          const until = Date.now() + 60_000
          yield* Effect.forEach(stores.slice(0, 1), (store) => store.claim(id, { owner: "dead", until }))
          const seen = yield* Effect.forEach(
            stores,
            (store, i) =>
              Effect.map(
                store.claim(id, { owner: `owner ${i}`, until, dead: "dead" }),
                ({ owner }) => owner === `owner ${i}`
              ).pipe(Effect.delay(i % 3)),
            { concurrency: "unbounded" }
          )
          assert.lengthOf(seen.filter((mine) => mine), 1)
        }
      })
    ))

  it.effect("that cannot be read are nobody's", () =>
    two(({ folder, fs, one }) =>
      Effect.gen(function*() {
        yield* fs.makeDirectory(folder, { recursive: true })
        for (const text of ["", "{\"owner\":", "[]", "x".repeat(10_000)]) {
          yield* fs.writeFileString(`${folder}/${id}.lease`, text)
          assert.strictEqual((yield* one.claim(id, { owner: "one", until: 1000 })).owner, "one")
        }
      })
    ))

  it.effect("that are a link to nothing, or a folder, are nobody's, and nothing is written through them", () =>
    two(({ folder, fs, one, other }) =>
      Effect.gen(function*() {
        yield* fs.makeDirectory(folder, { recursive: true })
        yield* fs.symlink(`${folder}/elsewhere`, `${folder}/${id}.lease`)
        assert.strictEqual((yield* one.claim(id, { owner: "one", until: 1000 })).owner, "one")
        assert.strictEqual((yield* other.claim(id, { owner: "other", until: 1000 })).owner, "one")
        assert.deepStrictEqual(yield* fs.readDirectory(folder), [`${id}.lease`])
        yield* one.release(id, "one")
        yield* fs.makeDirectory(`${folder}/${id}.lease/inside`, { recursive: true })
        assert.strictEqual((yield* one.claim(id, { owner: "one", until: 1000 })).owner, "one")
        assert.deepStrictEqual(yield* fs.readDirectory(folder), [`${id}.lease`])
      })
    ))

  it.effect("of an id that is named like a lease are refused", () =>
    two(({ one }) =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(one.claim(idOf("a.lease"), { owner: "one", until: 1000 }))
        assert.include(error, { _tag: "WcsProgressError", reason: "Unwritable" })
      })
    ))
})
