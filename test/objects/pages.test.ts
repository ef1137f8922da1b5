import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, FastCheck } from "effect"
import * as Entry from "../../src/domain/Entry.ts"
import * as Management from "../../src/domain/wire/Management.ts"

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

/** Its time is a number, which is read by a schema: with it, so is the whole page. */
const unusual = { ...item, key: "z", putTime: 1_700_000_000_000 }

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
  it.effect.prop("reads the same whether it is as usual or not", [
    FastCheck.array(
      FastCheck.record({
        key: FastCheck.string({ unit: "binary" }),
        fsize: FastCheck.maxSafeNat(),
        hash: FastCheck.string(),
        mimeType: FastCheck.string(),
        putTime: FastCheck.oneof(FastCheck.nat().map(String), FastCheck.constantFrom("007", "864000000000000")),
        expirationDate: FastCheck.constantFrom("", null, undefined, "1700000000000", "2030-01-01", "never"),
        storageClass: FastCheck.constantFrom("", null, undefined, "standard"),
        more: FastCheck.constant({})
      }),
      { maxLength: 5 }
    ),
    FastCheck.constantFrom("", null, undefined, "next")
  ], ([items, marker]) =>
    Effect.sync(() => {
      const usual = Either.getOrThrow(read({ items, marker }))
      const other = Either.getOrThrow(read({ items: [...items, unusual], marker }))
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
