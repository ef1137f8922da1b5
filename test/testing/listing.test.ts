import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, FastCheck, Stream, TestClock } from "effect"
import { Emulator } from "effect-wcs/testing"
import type { StoredObject } from "../../src/testing/EmulatorStorage.ts"
import * as objectListing from "../../src/testing/internal/objectListing.ts"
import * as shelves from "../../src/testing/internal/shelf.ts"
import { etag, inProcess, manage, now, unb64u } from "./support.ts"

const object = (key: string, putTime: number): StoredObject => ({
  bucket: "demo",
  key,
  content: { id: key, size: 0 },
  etag: "",
  mimeType: "",
  putTime
})

const bytewise = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))

type Objects = ReadonlyMap<string, StoredObject>

/** What a listing is, said as simply as it can be: everything is looked at, and everything is sorted. */
const model = (objects: Objects, listing: objectListing.Listing) => {
  const { after, endTime = Infinity, limit, mode, startTime = -Infinity } = listing
  const prefix = mode === undefined ? listing.prefix : listing.prefix.replace(/([^/])$/, "$1/")
  const found = Array.from(objects.values())
    .filter(({ key, putTime }) => key.startsWith(prefix) && startTime <= putTime && putTime <= endTime)
    .map(({ key }) => {
      const slash = mode === undefined ? -1 : key.indexOf("/", prefix.length)
      return slash < 0 ? key : key.slice(0, slash + 1)
    })
  const rank = (name: string) => mode === undefined ? 0 : Number(name.endsWith("/") === (mode === 0))
  const order = (a: string, b: string) => rank(a) - rank(b) || bytewise(a, b)
  const names = Array.from(new Set(found)).filter((name) => after === undefined || order(name, after) > 0).toSorted(
    order
  )
  const taken = names.slice(0, limit)
  return {
    keys: taken.filter((name) => objects.has(name)),
    folders: taken.filter((name) => !objects.has(name)),
    after: names.length > limit ? taken.at(-1) : undefined
  }
}

const pageOf = (shelf: shelves.Shelf, listing: objectListing.Listing) => {
  const { folders, marker, objects } = objectListing.page(shelf.sorted(), listing)
  return {
    keys: objects.map(({ key }) => key),
    folders,
    after: marker === "" ? undefined : Either.getOrThrow(objectListing.decodeMarker(marker))
  }
}

// Few names, which stand close around `a/`: "-" comes before the slash, "0" after it.
const name = FastCheck.constantFrom("a", "a-", "a0", "a1", "目", "\u{1F600}", "\uFF21")
const key = FastCheck.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join("/"))
const time = FastCheck.integer({ min: 0, max: 5 })

const listing: FastCheck.Arbitrary<objectListing.Listing> = FastCheck.record({
  prefix: FastCheck.oneof(FastCheck.constant(""), name, key, key.map((key) => `${key}/`)),
  after: FastCheck.option(FastCheck.oneof(key, key.map((key) => `${key}/`)), { nil: undefined }),
  limit: FastCheck.integer({ min: 1, max: 5 }),
  mode: FastCheck.constantFrom(undefined, 0, 1),
  startTime: FastCheck.option(time, { nil: undefined }),
  endTime: FastCheck.option(time, { nil: undefined })
})

/** What happens to a bucket of few keys. */
const steps = FastCheck.uniqueArray(key, { minLength: 1, maxLength: 8 }).chain((keys) => {
  const one = FastCheck.constantFrom(...keys)
  return FastCheck.array(
    FastCheck.oneof(
      { weight: 3, arbitrary: FastCheck.record({ put: one, putTime: time }) },
      { weight: 2, arbitrary: FastCheck.record({ remove: one }) },
      { weight: 3, arbitrary: FastCheck.record({ list: listing }) }
    ),
    { maxLength: 60, size: "max" }
  )
})

describe("a listing", () => {
  it.prop(
    "is what a simple one is, whatever comes and goes between its pages",
    [steps],
    ([steps]) => {
      const shelf = shelves.make()
      const objects = new Map<string, StoredObject>()
      for (const step of steps) {
        if ("put" in step) {
          shelf.put(object(step.put, step.putTime))
          objects.set(step.put, object(step.put, step.putTime))
        } else if ("remove" in step) {
          shelf.remove(step.remove)
          objects.delete(step.remove)
        } else {
          assert.deepStrictEqual(pageOf(shelf, step.list), model(objects, step.list))
        }
      }
    },
    { fastCheck: { numRuns: 500 } }
  )

  it.prop(
    "has the same pages",
    [FastCheck.array(FastCheck.tuple(key, time), { maxLength: 40, size: "max" }), listing],
    ([contents, listing]) => {
      const shelf = shelves.make()
      const objects = new Map(contents.map(([key, time]) => [key, object(key, time)]))
      objects.forEach(shelf.put)
      let after: string | undefined
      do {
        const page = pageOf(shelf, { ...listing, after })
        assert.deepStrictEqual(page, model(objects, { ...listing, after }))
        after = page.after
      } while (after !== undefined)
    }
  )

  it("does not remember what has gone for ever", () => {
    const shelf = shelves.make()
    for (let n = 0; n < 1000; n++) shelf.put(object(String(n), 0))
    assert.strictEqual(shelf.sorted().keys.length, 1000)
    for (let n = 10; n < 1000; n++) shelf.remove(String(n))
    assert.isAtMost(shelf.sorted().keys.length, 20)
  })

  /** A bucket that counts how often it is asked for an object, and for a key. */
  const counted = (keys: ReadonlyArray<string>) => {
    let looks = 0
    const sorted: shelves.Sorted = {
      keys: new Proxy(keys, {
        get: (target, property, receiver) => {
          if (typeof property === "string" && /^\d+$/.test(property)) looks++
          return Reflect.get(target, property, receiver)
        }
      }),
      get: (key) => {
        looks++
        return object(key, 0)
      }
    }
    return { sorted, looks: () => looks }
  }

  it("looks at what it shows, and hardly at anything else", () => {
    const digits = (n: number) => String(n).padStart(6, "0")
    const files = counted(Array.from({ length: 100_000 }, (_, n) => digits(n)))
    const folders = counted(Array.from({ length: 100_000 }, (_, n) => `${digits(Math.floor(n / 1000))}/${digits(n)}`))
    const listing = { prefix: "", limit: 100, startTime: undefined, endTime: undefined }
    objectListing.page(files.sorted, { ...listing, mode: undefined, after: digits(77_777) })
    assert.isBelow(files.looks(), 500)
    const page = objectListing.page(folders.sorted, { ...listing, mode: 1, after: undefined })
    assert.strictEqual(page.folders.length, 100)
    // Each of the hundred folders is passed by halving.
    assert.isBelow(folders.looks(), 100 * 40)
  })
})

describe("many objects", () => {
  const list = (query: string) => Effect.map(manage("GET", `/list?bucket=demo${query}`), ({ json }) => json)

  it.effect("are put at once, and are like others", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const emulator = yield* Emulator.Emulator
      const keys = Array.from({ length: 2500 }, (_, n) => `${n % 7}/${n}.txt`)
      yield* emulator.putObjects("demo", keys.map((key) => ({ key, content: key })))
      const found: Array<string> = []
      let marker = ""
      for (let page = 1; page <= 3; page++) {
        const answer: any = yield* list(`&marker=${marker}`)
        found.push(...answer.items.map(({ key }: { key: string }) => key))
        marker = answer.marker
        assert.strictEqual(marker === "", page === 3)
      }
      assert.deepStrictEqual(found, keys.toSorted(bytewise))
      const [first] = yield* emulator.objects("demo")
      const { key = "" } = first ?? {}
      assert.deepInclude(first, {
        key: "0/0.txt",
        size: 7,
        etag: etag(Buffer.from(key)),
        mimeType: "text/plain",
        putTime: now
      })
      assert.strictEqual(
        Buffer.concat(Array.from(yield* Stream.runCollect(emulator.content({ bucket: "demo", key })))).toString(),
        key
      )
      assert.deepStrictEqual((yield* list("&mode=1")).commonPrefixes, ["0/", "1/", "2/", "3/", "4/", "5/", "6/"])
    }).pipe(Effect.provide(inProcess())))

  it.effect("come as a stream, replace others, and obey the rules of keys", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* emulator.putObject({ bucket: "demo", key: "a" }, "old")
      const files = Stream.make(
        { key: "a", content: "new", mimeType: "a/b" },
        { key: "b", content: Uint8Array.of(1, 2) }
      )
      yield* emulator.putObjects("demo", files)
      const seen = (yield* emulator.objects("demo")).map(({ key, mimeType, size }) => [key, size, mimeType])
      assert.deepStrictEqual(seen, [["a", 3, "a/b"], ["b", 2, "application/octet-stream"]])
      const refused = yield* Effect.flip(
        emulator.putObjects("demo", [{ key: "c", content: "" }, { key: "/", content: "" }])
      )
      assert.strictEqual(refused._tag, "WcsInvalidInput")
      const broken = Stream.concat(Stream.make({ key: "d", content: "" }), Stream.fail("broken" as const))
      assert.strictEqual(yield* Effect.flip(emulator.putObjects("demo", broken)), "broken")
      assert.deepStrictEqual((yield* emulator.objects("demo")).map(({ key }) => key).slice(0, 2), ["a", "b"])
    }).pipe(Effect.provide(inProcess())))

  it.effect("are deleted while they are listed", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const emulator = yield* Emulator.Emulator
      yield* emulator.putObjects("demo", Array.from({ length: 300 }, (_, n) => ({ key: `k${n}`, content: "" })))
      let marker = ""
      let seen = 0
      do {
        const page: any = yield* list(`&limit=70&marker=${marker}`)
        for (const { key } of page.items) yield* emulator.removeObject({ bucket: "demo", key })
        seen += page.items.length
        marker = page.marker
        if (marker !== "") assert.match(unb64u(marker), /^k\d+:-1$/)
      } while (marker !== "")
      assert.strictEqual(seen, 300)
      assert.deepStrictEqual(yield* emulator.objects("demo"), [])
    }).pipe(Effect.provide(inProcess())))
})
