import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import type { EmulatorOptions } from "effect-wcs/testing"
import { emulator, objects, oddKeys, operations, service, store } from "./support.ts"

/** The bucket's mirror source, which has these objects; and what it was asked for. */
const mirror = (files: { readonly [key: string]: string }) => {
  const asked: Array<string> = []
  const web = ({ url }: EmulatorOptions.WebRequest) =>
    Effect.sync((): EmulatorOptions.WebResponse => {
      asked.push(url)
      const content = files[decodeURIComponent(new URL(url).pathname).slice("/files/".length)]
      return content === undefined ? { status: 404, body: "" } : { status: 200, body: content }
    })
  return { asked, layer: service({ mirrors: { media: "http://mirror.test/files" }, web }) }
}

const prefetch = (keys: ReadonlyArray<string>, bucket = "media") => objects((objects) => objects.prefetch(bucket, keys))

const text = (key: string) =>
  emulator((emulator) => Stream.mkString(Stream.decodeText(emulator.content({ bucket: "media", key }))))

describe("prefetch", () => {
  it.effect("refreshes objects, and says of each how that went", () => {
    const { layer } = mirror({ "a": "new", "b/c": "other" })
    return Effect.gen(function*() {
      yield* store("a")
      assert.deepStrictEqual(yield* prefetch(["a", "none", "b/c"]), [
        { key: "a", mirrorAddress: "http://mirror.test/files/a", code: "200", message: "OK" },
        { key: "none", mirrorAddress: "http://mirror.test/files/none", code: "404", message: "The Server Answers 404" },
        { key: "b/c", mirrorAddress: "http://mirror.test/files/b/c", code: "200", message: "OK" }
      ])
      assert.deepStrictEqual([yield* text("a"), yield* text("b/c"), yield* text("none")], ["new", "other", ""])
      assert.lengthOf(yield* operations, 1)
    }).pipe(Effect.provide(layer))
  })

  it.effect("asks for odd keys as they are", () => {
    const { asked, layer } = mirror(Object.fromEntries(oddKeys.map((key) => [key, `new ${key}`])))
    return Effect.gen(function*() {
      const items = yield* prefetch(oddKeys)
      assert.deepStrictEqual(items.map(({ code, key }) => [code, key]), oddKeys.map((key) => ["200", key]))
      assert.deepStrictEqual(
        asked.map((url) => decodeURIComponent(new URL(url).pathname)),
        oddKeys.map((key) => `/files/${key}`)
      )
      for (const key of oddKeys) assert.strictEqual(yield* text(key), `new ${key}`)
    }).pipe(Effect.provide(layer))
  })

  it.effect("of nothing asks nobody", () => {
    const { asked, layer } = mirror({})
    return Effect.gen(function*() {
      assert.deepStrictEqual(yield* prefetch([]), [])
      assert.isEmpty([...asked, ...(yield* operations)])
    }).pipe(Effect.provide(layer))
  })

  it.effect("of what cannot be is refused before anything is sent", () =>
    Effect.gen(function*() {
      assert.include(yield* Effect.flip(prefetch(["a", ""])), { _tag: "WcsInvalidInput", input: "key" })
      assert.include(yield* Effect.flip(prefetch(["a"], "b:c")), { _tag: "WcsInvalidInput", input: "bucket" })
      assert.isEmpty(yield* operations)
    }).pipe(Effect.provide(mirror({}).layer)))

  it.effect("of a bucket without a mirror is WcsNotFound", () =>
    Effect.gen(function*() {
      assert.include(yield* Effect.flip(prefetch(["a"])), { _tag: "WcsNotFound", operation: "prefetch", status: 404 })
    }).pipe(Effect.provide(service())))
})
