/** Keys that are hard to carry: moved, copied, given a retention, listed, and unharmed by all of it. */
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, FastCheck, Option, Stream } from "effect"
import { Entry, Retention } from "effect-wcs"
import { emulator, media, objects, oddKeys, service } from "./support.ts"

const hardKeys = [
  ...oddKeys,
  "&",
  "#",
  "?",
  "%",
  "%%20",
  "+",
  "=",
  "|",
  "'",
  "\"",
  "a'b\"c`d",
  "a;b",
  "<>{}[]^~",
  "\u00e9",
  "👩‍👩‍👧‍👦",
  "\u{10ffff}",
  "\ufeffbom",
  "..a/b..",
  "é".repeat(500)
]

const keysOf = (bucket: string) =>
  Effect.map(
    Stream.runCollect(Stream.unwrap(objects((objects) => Effect.succeed(objects.listAll({ bucket, limit: 7 }))))),
    (found) => Array.from(found, ({ key }) => key).toSorted()
  )

const text = (bucket: string, key: string) =>
  emulator((emulator) =>
    Effect.map(Stream.runCollect(emulator.content({ bucket, key })), (pieces) => Buffer.concat([...pieces]).toString())
  )

describe("hard keys", () => {
  it.effect("fault 34: travel from bucket to bucket, and are listed as they are", () =>
    Effect.gen(function*() {
      for (const key of hardKeys) {
        yield* emulator((emulator) => emulator.putObject(media(key), key))
        yield* objects((objects) => objects.copy(media(key), { bucket: "copies" }))
        yield* objects((objects) => objects.move(media(key), { bucket: "moved" }))
      }
      const sorted = hardKeys.toSorted()
      assert.deepStrictEqual([yield* keysOf("media"), yield* keysOf("copies"), yield* keysOf("moved")], [
        [],
        sorted,
        sorted
      ])
      for (const key of hardKeys) {
        assert.deepStrictEqual([yield* text("copies", key), yield* text("moved", key)], [key, key])
      }
    }).pipe(Effect.provide(service({ buckets: ["media", "copies", "moved"] }))))
})

const key = FastCheck.string({ unit: "binary", minLength: 1, maxLength: 30 }).filter((key) =>
  Entry.toStore(media(key))._tag === "Right"
)

layer(service())("any key", (it) => {
  it.effect.prop(
    "can be moved, copied and given a retention",
    [key, key, key],
    ([first, second, third]) =>
      Effect.gen(function*() {
        if (new Set([first, second, third]).size < 3) return
        yield* emulator((emulator) => emulator.putObject(media(first), first))
        yield* objects((objects) => objects.copy(media(first), media(second)))
        yield* objects((objects) => objects.move(media(second), media(third)))
        yield* objects((objects) => objects.setDeadline(media(third), Retention.days(1)))
        const found = yield* emulator((emulator) =>
          Effect.map(emulator.objects("media"), (found) => found.map((o) => o.key))
        )
        assert.deepStrictEqual(found.toSorted(), [first, third].toSorted())
        assert.strictEqual(yield* text("media", third), first)
        const { expires, key } = yield* objects((objects) => objects.stat(media(third)))
        assert.deepStrictEqual([key, Option.isSome(expires)], [third, true])
        for (const key of [first, third]) yield* objects((objects) => objects.delete(media(key)))
      }),
    { fastCheck: { numRuns: 20 } }
  )
})
