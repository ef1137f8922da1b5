/** What file tasks did is what was asked for, whatever the names: each against a model of its own. */
import { assert, layer } from "@effect/vitest"
import { Array as Arr, Effect, FastCheck, Option, TestClock } from "effect"
import type { FileManager, Task, WcsError } from "effect-wcs"
import { Retention } from "effect-wcs"
import type { EmulatorOptions } from "effect-wcs/testing"
import { unzipSync } from "fflate"
import { inTime } from "../support/clock.ts"
import { anyText, at, bytesOf, emulator, files, keys, now, objectKey, service, textOf } from "./support.ts"

/** A server that has everything, and tells what it was asked for. */
const web = ({ url }: EmulatorOptions.WebRequest) => Effect.succeed({ status: 200, body: `content of ${url}` })

const runs = { fastCheck: { numRuns: 12 } }

/** Keys of which some lie in others' folders. */
const tree = FastCheck.uniqueArray(
  FastCheck.array(FastCheck.oneof(objectKey.filter((key) => !key.includes("/")), FastCheck.constantFrom("a", "ab")), {
    minLength: 1,
    maxLength: 3
  })
    .map((parts) => parts.join("/"))
    // An unpacked archive is a plain object here.
    .filter((key) => key !== "__proto__"),
  { minLength: 1, maxLength: 8 }
)

/** One of the folders of a tree, one that is hardly there, or a key that is no folder. */
const treeAndFolder = tree.chain((keys) =>
  FastCheck.record({
    keys: FastCheck.constant(keys),
    folder: FastCheck.oneof(
      FastCheck.constantFrom(...keys.flatMap((key) => [key, key.split("/")[0]!])),
      FastCheck.constantFrom("a", "a/a"),
      objectKey
    ),
    slash: FastCheck.constantFrom("", "/")
  })
)

const optional = <A>(arbitrary: FastCheck.Arbitrary<A>) => FastCheck.option(arbitrary, { nil: undefined })

const store = (keys: ReadonlyArray<string>) =>
  emulator((emulator) =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      for (const bucket of ["media", "archive"]) {
        for (const { key } of yield* emulator.objects(bucket)) yield* emulator.removeObject({ bucket, key })
      }
      yield* Effect.forEach(keys, (key) => emulator.putObject(at(key), `content of ${key}`))
    })
  )

const run = (start: (files: FileManager.FileManager["Type"]) => Effect.Effect<Task.PersistentId, WcsError.WcsError>) =>
  Effect.flatMap(files(start), (id) => inTime(files((files) => files.await(id))))

const below = (folder: string) => (key: string) => key.startsWith(`${folder}/`)

const sorted = (texts: ReadonlyArray<string>) => texts.toSorted()

layer(service({ web, fetchHosts: ["src.test"] }))("a task", (it) => {
  it.effect.prop("moves and copies to where it was told", [
    FastCheck.record({
      from: objectKey,
      key: optional(objectKey),
      prefix: optional(objectKey),
      bucket: FastCheck.constantFrom("media", "archive")
    }),
    FastCheck.constantFrom("", "/"),
    FastCheck.constantFrom("move" as const, "copy" as const)
  ], ([{ bucket, from, key, prefix }, slash, action]) =>
    Effect.gen(function*() {
      yield* store([from])
      const to = { bucket, key, prefix: prefix && prefix + slash }
      const target = `${prefix === undefined ? "" : `${prefix}/`}${key ?? from}`
      if (bucket === "media" && target === from) return
      const { items: [item] } = yield* run((files) => files[action]([{ from: at(from), to }]))
      assert.deepStrictEqual(item?.key, Option.some(target))
      assert.deepStrictEqual(
        sorted(yield* keys()),
        sorted([...(action === "copy" ? [from] : []), ...(bucket === "media" ? [target] : [])])
      )
      assert.strictEqual(yield* textOf(target, bucket), `content of ${from}`)
    }), runs)

  it.effect.prop(
    "deletes what is in a folder, and lists it",
    [treeAndFolder, objectKey],
    ([{ folder, keys: stored, slash }, output]) =>
      Effect.gen(function*() {
        yield* store(stored)
        yield* run((files) =>
          files.deletePrefix([{ bucket: "media", prefix: folder + slash, output: at(output, "archive") }])
        )
        const [left, gone] = Arr.partition(stored, below(folder))
        assert.deepStrictEqual(sorted(yield* keys()), sorted(left))
        const list = yield* textOf(output, "archive")
        assert.deepStrictEqual(sorted(list.split("\n").slice(0, -1)), sorted(gone))
      }),
    runs
  )

  it.effect.prop("deletes the objects that were named", [tree, tree], ([stored, named]) =>
    Effect.gen(function*() {
      yield* store(stored)
      const report = yield* run((files) => files.delete(named.map((key) => at(key))))
      assert.lengthOf(report.succeeded, named.length)
      assert.deepStrictEqual(sorted(yield* keys()), sorted(stored.filter((key) => !named.includes(key))))
    }), runs)

  it.effect.prop("gives a folder, or the bucket, its retention", [
    treeAndFolder,
    FastCheck.boolean(),
    FastCheck.integer({ min: 1, max: 9999 })
  ], ([{ folder, keys: stored, slash }, isBucket, days]) =>
    Effect.gen(function*() {
      yield* store(stored)
      const where = isBucket ? { wholeBucket: true } as const : { prefix: folder + slash }
      yield* run((files) => files.setDeadline([{ bucket: "media", ...where, retention: Retention.days(days) }]))
      const found = yield* emulator((emulator) => emulator.objects("media"))
      const meant = isBucket ? () => true : below(folder)
      assert.deepStrictEqual(
        found.map(({ expiresAt, key }) => [key, expiresAt]),
        found.map(({ key }) => [key, meant(key) ? now + days * 86_400_000 : undefined])
      )
      assert.lengthOf(found, stored.length)
    }), runs)

  it.effect.prop("packs the objects, and the folders, that were named", [
    treeAndFolder,
    FastCheck.nat(),
    FastCheck.boolean(),
    objectKey
  ], ([{ folder, keys: stored }, nth, isListed, saveAs]) =>
    Effect.gen(function*() {
      yield* store(stored)
      const named = [
        ...stored.slice(0, 1 + nth % stored.length),
        ...(stored.some(below(folder)) ? [`${folder}/`] : [])
      ]
      const list = "the list of all"
      if (isListed) yield* emulator((emulator) => emulator.putObject(at(list), `\n${named.join("\n")}`))
      const { failed } = yield* run((files) =>
        files.compress([{
          bucket: "media",
          ...(isListed ? { keyList: list } : { keys: named }),
          saveAs: at(saveAs, "archive")
        }])
      )
      assert.isEmpty(failed)
      const archive = unzipSync(yield* bytesOf(saveAs, "archive"))
      const packed = stored.filter((key) => named.includes(key) || below(folder)(key))
      assert.deepStrictEqual(
        sorted(Object.entries(archive).map(([name, bytes]) => `${name}: ${Buffer.from(bytes).toString()}`)),
        sorted(packed.map((key) => `${key}: content of ${key}`))
      )
    }), runs)

  it.effect.prop("fetches what a URL has, and names it by its path unless it is told a key", [
    objectKey,
    optional(anyText),
    FastCheck.record({ key: optional(objectKey), prefix: optional(objectKey) })
  ], ([path, query, to]) =>
    Effect.gen(function*() {
      yield* store([])
      const url = new URL(`http://src.test/${path.split("/").map(encodeURIComponent).join("/")}`)
      if (query !== undefined) url.search = query
      const { failed } = yield* run((files) => files.fetch([{ url, to: { bucket: "media", ...to } }]))
      assert.isEmpty(failed)
      const key = `${to.prefix === undefined ? "" : `${to.prefix}/`}${to.key ?? path}`
      assert.deepStrictEqual(yield* keys(), [key])
      assert.strictEqual(yield* textOf(key), `content of ${url.href}`)
    }), runs)
})
