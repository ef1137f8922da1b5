import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, FastCheck } from "effect"
import { WcsHttpClient } from "effect-wcs"
import { Emulator } from "effect-wcs/testing"
import * as Entry from "../../src/domain/Entry.ts"
import * as Management from "../../src/domain/wire/Management.ts"
import { usualPage } from "../../src/domain/wire/UsualPage.ts"
import { service } from "./support.ts"

const request = Management.list({
  bucket: Entry.BucketName.make("media"),
  prefix: undefined,
  marker: undefined,
  limit: 1000,
  mode: undefined,
  startTime: undefined,
  endTime: undefined
})

const read = (page: unknown) => request.decode({ status: 200, headers: {}, text: JSON.stringify(page) })

const item = {
  key: "a",
  fsize: 11,
  hash: "FiqubDXJT8-0FdvpX0CLnOke6Ebt",
  mimeType: "text/plain",
  putTime: "1700000000000",
  expirationDate: ""
}

/** Its etag is a number, which a schema alone reads: with it, so is the whole page. */
const unusual = { ...item, key: "z", hash: 0 }

/** What a member may be, and what it should not. */
const member = FastCheck.oneof(
  FastCheck.string({ unit: "binary" }),
  FastCheck.constantFrom(
    "",
    "0",
    "007",
    " 1 ",
    "1e3",
    "1700000000000",
    "8640000000000001",
    null,
    undefined,
    true,
    -1,
    1.5
  ),
  FastCheck.nat(),
  FastCheck.constant([]),
  FastCheck.constant({})
)

describe("a page", () => {
  it.effect("is as usual as the service and the emulator send it", () =>
    Effect.gen(function*() {
      const sample =
        `{"marker":"YS5wbmc6LTE=","commonPrefixes":["dir/"],"items":[{"key":"a.png","putTime":1534393929042,
        "hash":"F","fsize":"31362305","mimeType":"image/png","expirationDate":"","storageClass":"Standard"}]}`
      assert.isDefined(usualPage(sample))
      assert.isUndefined(usualPage(JSON.stringify({ items: [unusual] })))
      const emulator = yield* Emulator.Emulator
      const client = yield* WcsHttpClient.WcsHttpClient
      yield* emulator.putObject({ bucket: "media", key: "a" }, "content")
      let text = ""
      yield* client.execute({
        ...request,
        decode: (answer) => {
          text = answer.text
          return request.decode(answer)
        }
      })
      assert.isDefined(usualPage(text), text)
    }).pipe(Effect.provide(service())))

  it.effect.prop("reads the same whether it is as usual or not", [
    FastCheck.array(
      FastCheck.record({
        key: FastCheck.string({ unit: "binary" }),
        fsize: FastCheck.oneof(FastCheck.maxSafeNat(), FastCheck.nat().map(String), FastCheck.constantFrom("007")),
        hash: FastCheck.string(),
        mimeType: FastCheck.string(),
        putTime: FastCheck.oneof(
          FastCheck.nat(),
          FastCheck.nat().map(String),
          FastCheck.constantFrom("007", "864000000000000", 8.64e15)
        ),
        expirationDate: FastCheck.constantFrom("", null, undefined, "1700000000000", "2030-01-01", "never"),
        storageClass: FastCheck.constantFrom("", null, undefined, "standard"),
        more: FastCheck.constant({})
      }),
      { maxLength: 5 }
    ),
    FastCheck.constantFrom("", null, undefined, "next"),
    FastCheck.option(FastCheck.array(FastCheck.string(), { maxLength: 2 }))
  ], ([items, marker, commonPrefixes]) =>
    Effect.sync(() => {
      const usual = Either.getOrThrow(read({ items, marker, commonPrefixes }))
      const other = Either.getOrThrow(read({ items: [...items, unusual], marker, commonPrefixes }))
      assert.deepStrictEqual({ ...other, objects: other.objects.slice(0, -1) }, usual)
    }))

  it.effect.prop("with a member of any kind reads as a schema reads it, or not at all", [
    FastCheck.constantFrom("key", "fsize", "hash", "mimeType", "putTime", "expirationDate", "storageClass"),
    member
  ], ([name, value]) =>
    Effect.sync(() => {
      const changed = { ...item, [name]: value }
      const alone = read({ items: [changed] })
      const beside = read({ items: [unusual, changed] })
      assert.strictEqual(Either.isRight(alone), Either.isRight(beside), JSON.stringify(changed))
      if (Either.isRight(alone) && Either.isRight(beside)) {
        assert.deepStrictEqual(beside.right.objects.slice(1), alone.right.objects)
      }
    }))

  it("that is none is told of", () => {
    for (const page of [null, 1, "items", [item], { items: 1 }, { items: [1] }, { items: [item], marker: 1 }]) {
      assert.isTrue(Either.isLeft(read(page)), JSON.stringify(page))
    }
    assert.isTrue(Either.isLeft(request.decode({ status: 200, headers: {}, text: "{\"items\":[" })))
  })
})
