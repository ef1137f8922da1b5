import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { Uploader } from "effect-wcs"
import { WcsNode } from "effect-wcs/node"
import { WcsTest } from "effect-wcs/testing"

class A extends Context.Tag("test/A")<A, Uploader.Uploader["Type"]>() {}
class B extends Context.Tag("test/B")<B, Uploader.Uploader["Type"]>() {}

const both = <E>(a: Layer.Layer<Uploader.Uploader, E>, b: Layer.Layer<Uploader.Uploader, E>) =>
  Layer.merge(
    Layer.provide(Layer.effect(A, Uploader.Uploader), a),
    Layer.provide(Layer.effect(B, Uploader.Uploader), b)
  )

describe("two clients in one program", () => {
  const content = new Uint8Array(3)

  it.effect("of WcsTest.layer each have a service of their own", () =>
    Effect.gen(function*() {
      const put = (uploader: Uploader.Uploader["Type"], bucket: string) =>
        uploader.putBytes(content, { bucket, key: "film" })
      assert.strictEqual((yield* put(yield* A, "a")).bucket, "a")
      assert.strictEqual((yield* put(yield* B, "b")).bucket, "b")
      assert.strictEqual((yield* Effect.flip(put(yield* B, "a")))._tag, "WcsNotFound")
    }).pipe(Effect.provide(both(WcsTest.layer({ buckets: ["a"] }), WcsTest.layer({ buckets: ["b"] })))))

  const client = (uploadUrl: string) => WcsNode.layerOptions({ uploadUrl })
  const same = Effect.zipWith(A, B, (a, b) => a === b)

  it.effect("are two where WcsNode.layerOptions was called twice, and one where its layer is used twice", () =>
    Effect.gen(function*() {
      assert.isFalse(yield* Effect.provide(same, both(client("a.example.com"), client("b.example.com"))))
      const one = client("a.example.com")
      assert.isTrue(yield* Effect.provide(same, both(one, one)))
    }))
})
