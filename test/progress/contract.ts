import { assert, layer as withLayer } from "@effect/vitest"
import { Clock, Effect, type Layer, Option, Schema, TestClock } from "effect"
import type { BlockRecord, UploadManifest } from "../../src/domain/UploadRecord.ts"
import { UploadId } from "../../src/domain/UploadRecord.ts"
import type { WcsProgressError } from "../../src/domain/WcsError.ts"
import { ProgressStore } from "../../src/services/ProgressStore.ts"

export const idOf = Schema.decodeSync(UploadId)

export const manifest: UploadManifest = {
  bucket: "media",
  key: "2026/目录/movie.mp4",
  size: 10_000_000,
  blockSize: 4_194_304,
  source: "file:/home/ann/movie.mp4:1767323045000"
}

export const block = (index: number, ctx = `ctx-${index}`): BlockRecord => ({
  offset: index * 4_194_304,
  size: 4_194_304,
  ctx,
  pieces: [`digest-of-${ctx}`]
})

/** The record of an upload, or a defect: for tests that know that there is one. */
export const load = (id: UploadId) =>
  Effect.flatMap(ProgressStore, (store) => Effect.map(store.load(id), Option.getOrThrow))

/** What every store promises. */
export const contract = <E>(name: string, layer: Layer.Layer<ProgressStore, E>) =>
  withLayer(layer)(`ProgressStore: ${name}`, (it) => {
    it.effect("does not know an upload that was not begun", () =>
      Effect.gen(function*() {
        const store = yield* ProgressStore
        assert.isTrue(Option.isNone(yield* store.load(idOf("unknown"))))
        yield* store.forget(idOf("unknown"))
      }))

    it.effect("remembers what was begun and accepted, in the order of the object", () =>
      Effect.gen(function*() {
        const store = yield* ProgressStore
        const id = idOf("remembered")
        yield* store.begin(id, manifest)
        assert.deepStrictEqual(yield* load(id), { manifest, blocks: [], unusable: [], finishing: false })
        const { pieces: _, ...bare } = block(0)
        for (const accepted of [block(2), bare, block(10), block(1)]) yield* store.accept(id, accepted)
        assert.deepStrictEqual(yield* load(id), {
          manifest,
          blocks: [bare, block(1), block(2), block(10)],
          unusable: [],
          finishing: false
        })
      }))

    it.effect("replaces a block", () =>
      Effect.gen(function*() {
        const store = yield* ProgressStore
        const id = idOf("replaced")
        yield* store.begin(id, manifest)
        yield* store.accept(id, block(0, "before"))
        yield* store.accept(id, block(0, "after"))
        assert.deepStrictEqual((yield* load(id)).blocks, [block(0, "after")])
      }))

    it.effect("notes that a mkfile is about to be sent, and more blocks after it", () =>
      Effect.gen(function*() {
        const store = yield* ProgressStore
        const id = idOf("finishing")
        yield* store.begin(id, manifest)
        yield* store.accept(id, block(0))
        yield* store.finishing(id)
        yield* store.finishing(id)
        yield* store.accept(id, block(1))
        assert.deepStrictEqual(yield* load(id), {
          manifest,
          blocks: [block(0), block(1)],
          unusable: [],
          finishing: true
        })
      }))

    it.effect("takes back the note of a mkfile that was refused, and makes no record of it", () =>
      Effect.gen(function*() {
        const store = yield* ProgressStore
        const id = idOf("refused")
        yield* store.begin(id, manifest)
        yield* store.accept(id, block(0))
        yield* store.finishing(id)
        yield* store.refused(id)
        assert.deepStrictEqual(yield* load(id), { manifest, blocks: [block(0)], unusable: [], finishing: false })
        yield* store.finishing(id)
        assert.isTrue((yield* load(id)).finishing)
        yield* store.refused(idOf("not begun"))
        assert.isTrue(Option.isNone(yield* store.load(idOf("not begun"))))
      }))

    it.effect("begins anew in place of what was", () =>
      Effect.gen(function*() {
        const store = yield* ProgressStore
        const id = idOf("anew")
        yield* store.begin(id, manifest)
        yield* store.accept(id, block(0))
        yield* store.finishing(id)
        const { size: _, ...unsized } = manifest
        const other = { ...unsized, source: "stream" }
        yield* store.begin(id, other)
        assert.deepStrictEqual(yield* load(id), { manifest: other, blocks: [], unusable: [], finishing: false })
      }))

    it.effect("keeps blocks and notes of an upload that another program began", () =>
      Effect.gen(function*() {
        const store = yield* ProgressStore
        const id = idOf("foreign")
        yield* store.accept(id, block(0))
        yield* store.finishing(id)
        assert.deepStrictEqual(yield* load(id), {
          manifest: undefined,
          blocks: [block(0)],
          unusable: [],
          finishing: true
        })
        assert.include(yield* store.list, id)
      }))

    it.effect("keeps uploads apart, lists them, and forgets them one by one", () =>
      Effect.gen(function*() {
        const store = yield* ProgressStore
        const [one, other] = [idOf("my upload_1"), idOf("my upload_1.part~+=@")]
        for (const id of [one, other]) {
          yield* store.begin(id, manifest)
          yield* store.accept(id, block(0, `ctx of ${id}`))
        }
        assert.includeMembers([...yield* store.list], [one, other])
        yield* store.forget(one)
        assert.isTrue(Option.isNone(yield* store.load(one)))
        assert.notInclude(yield* store.list, one)
        assert.deepStrictEqual((yield* load(other)).blocks, [block(0, `ctx of ${other}`)])
        yield* store.begin(one, manifest)
        assert.deepStrictEqual((yield* load(one)).blocks, [])
        assert.strictEqual((yield* store.list).filter((id) => id === one).length, 1)
      }))

    it.effect("takes writes of many fibers at once", () =>
      Effect.gen(function*() {
        const store = yield* ProgressStore
        const [one, other] = [idOf("busy"), idOf("busy too")]
        yield* store.begin(one, manifest)
        yield* store.begin(other, manifest)
        const blocks = Array.from({ length: 50 }, (_, index) => block(index))
        yield* Effect.forEach(
          blocks.flatMap((block) => [store.accept(one, block), store.accept(other, block)]),
          (accept) => accept,
          { concurrency: "unbounded", discard: true }
        )
        assert.deepStrictEqual((yield* load(one)).blocks, blocks)
        assert.deepStrictEqual((yield* load(other)).blocks, blocks)
        const ids = Array.from({ length: 50 }, (_, index) => idOf(`many-${index}`))
        yield* Effect.forEach(ids, (id) => store.begin(id, manifest), { concurrency: "unbounded", discard: true })
        assert.includeMembers([...yield* store.list], ids)
        yield* Effect.forEach(ids, store.forget, { concurrency: "unbounded", discard: true })
        assert.notIncludeMembers([...yield* store.list], ids.slice(0, 1))
      }))

    it.effect("gives the lease of an upload to one at a time", () =>
      Effect.gen(function*() {
        const store = yield* ProgressStore
        const id = idOf("leased")
        const now = yield* Clock.currentTimeMillis
        const first = { owner: "first", until: now + 30_000, shared: false }
        assert.deepStrictEqual(yield* store.claim(id, { owner: "first", until: now + 30_000 }), first)
        assert.deepStrictEqual(yield* store.claim(id, { owner: "second", until: now + 40_000 }), first)
        // It is no record.
        assert.isTrue(Option.isNone(yield* store.load(id)))
        assert.notInclude(yield* store.list, id)
        // The owner renews it, and learns that somebody helps.
        const shared = { ...first, shared: true }
        assert.deepStrictEqual(yield* store.claim(id, { owner: "second", until: now + 40_000, join: true }), shared)
        const renewed = { ...shared, until: now + 50_000 }
        assert.deepStrictEqual(yield* store.claim(id, { owner: "first", until: now + 50_000 }), renewed)
        // Others cannot give it back.
        yield* store.release(id, "second")
        assert.deepStrictEqual(yield* store.claim(id, { owner: "second", until: now + 60_000 }), renewed)
        yield* store.release(id, "first")
        yield* store.release(id, "first")
        const second = { owner: "second", until: now + 60_000, shared: false }
        assert.deepStrictEqual(yield* store.claim(id, { owner: "second", until: now + 60_000 }), second)
        assert.strictEqual((yield* store.claim(idOf("leased too"), { owner: "x", until: now + 1 })).owner, "x")
      }))

    it.effect("forgets an upload without a block when its owner gives the lease back", () =>
      Effect.gen(function*() {
        const store = yield* ProgressStore
        const until = (yield* Clock.currentTimeMillis) + 30_000
        const ended = (id: UploadId, body: Effect.Effect<void, WcsProgressError>) =>
          store.claim(id, { owner: "one", until }).pipe(
            Effect.zipRight(body),
            Effect.zipRight(store.release(id, "two")),
            Effect.zipRight(Effect.map(store.load(id), Option.isSome)),
            Effect.zipLeft(store.release(id, "one")),
            Effect.zip(Effect.map(store.list, (ids) => ids.includes(id)))
          )
        const [empty, sent, stored, foreign] = [idOf("empty"), idOf("sent"), idOf("stored"), idOf("another tools")]
        // Nobody but the owner ends it.
        assert.deepStrictEqual(yield* ended(empty, store.begin(empty, manifest)), [true, false])
        assert.isTrue(Option.isNone(yield* store.load(empty)))
        const begin = (id: UploadId) => store.begin(id, manifest)
        assert.deepStrictEqual(
          yield* ended(sent, Effect.zipRight(begin(sent), store.accept(sent, block(0)))),
          [true, true]
        )
        assert.deepStrictEqual(
          yield* ended(stored, Effect.zipRight(begin(stored), store.finishing(stored))),
          [true, true]
        )
        assert.deepStrictEqual(yield* ended(foreign, store.accept(foreign, block(0))), [true, true])
      }))

    it.effect("gives a lease that is over, and one of a dead owner, to the next", () =>
      Effect.gen(function*() {
        const store = yield* ProgressStore
        const id = idOf("abandoned")
        const now = yield* Clock.currentTimeMillis
        const claim = (owner: string, until: number, dead?: string) =>
          Effect.map(store.claim(id, { owner, until: now + until, dead }), (lease) => lease.owner)
        assert.strictEqual(yield* claim("a", 30_000), "a")
        yield* TestClock.adjust("29 seconds")
        assert.strictEqual(yield* claim("b", 60_000), "a")
        yield* TestClock.adjust("1 second")
        assert.strictEqual(yield* claim("b", 60_000), "b")
        // Who comes back learns that it is another's now.
        assert.strictEqual(yield* claim("a", 90_000), "b")
        assert.strictEqual(yield* claim("c", 60_000, "a"), "b")
        assert.strictEqual(yield* claim("c", 60_000, "b"), "c")
      }))

    it.effect("gives a lease to one of many that ask at once", () =>
      Effect.gen(function*() {
        const store = yield* ProgressStore
        const id = idOf("wanted")
        const until = (yield* Clock.currentTimeMillis) + 30_000
        const owners = Array.from({ length: 20 }, (_, i) => `owner ${i}`)
        const all = Effect.forEach(owners, (owner) => store.claim(id, { owner, until }), { concurrency: "unbounded" })
        assert.strictEqual(new Set((yield* all).map(({ owner }) => owner)).size, 1)
        // It is forgotten with its upload.
        yield* store.forget(id)
        assert.strictEqual((yield* store.claim(id, { owner: "late", until })).owner, "late")
        yield* store.forget(id)
      }))

    it.effect("keeps text as it is", () =>
      Effect.gen(function*() {
        const store = yield* ProgressStore
        const id = idOf("text")
        const ctx = "é\"\\\n\u007f\u2028😀{\"finishing\": true}"
        yield* store.begin(id, { ...manifest, source: ctx })
        yield* store.accept(id, block(0, ctx))
        assert.deepStrictEqual(yield* load(id), {
          manifest: { ...manifest, source: ctx },
          blocks: [block(0, ctx)],
          unusable: [],
          finishing: false
        })
      }))
  })
