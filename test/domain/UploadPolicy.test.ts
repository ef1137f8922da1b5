import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, FastCheck } from "effect"
import * as Base64Url from "../../src/domain/Base64Url.ts"
import * as ReturnBody from "../../src/domain/ReturnBody.ts"
import * as UploadPolicy from "../../src/domain/UploadPolicy.ts"

const text = FastCheck.string({ unit: "binary", minLength: 1 })
const url = FastCheck.webUrl()
const flag = FastCheck.boolean()

const fields = FastCheck.record({
  overwrite: flag,
  saveKey: text,
  fsizeLimit: FastCheck.maxSafeNat(),
  returnUrl: url,
  returnBody: text,
  callbackUrl: url,
  callbackBody: text,
  persistentOps: text,
  persistentNotifyUrl: url,
  separate: flag,
  contentDetect: text,
  detectNotifyURL: url,
  detectNotifyRule: text,
  hashAlgorithm: text,
  instant: FastCheck.nat(),
  lastModifiedTime: FastCheck.oneof(text, FastCheck.nat())
}, { requiredKeys: [] })

const flags = ["overwrite", "separate"]

const refusal = (policy: UploadPolicy.UploadPolicy) => Either.getOrThrow(Either.flip(UploadPolicy.validate(policy)))

describe("UploadPolicy", () => {
  it.effect.prop(
    "every field is signed, and nothing else",
    [fields, FastCheck.maxSafeNat(), text],
    ([policy, deadline, extra]) =>
      Effect.gen(function*() {
        const wire = UploadPolicy.toWire({ ...policy, extra: { newField: extra } }, { scope: "b:k", deadline })
        const expected = Object.entries(policy).map(([name, value]) => [
          name,
          flags.includes(name) ? Number(value) : value
        ])
        assert.deepStrictEqual(wire, {
          scope: "b:k",
          ...Object.fromEntries(expected),
          newField: extra,
          deadline: String(deadline)
        })
        assert.deepStrictEqual(JSON.parse(yield* Base64Url.decodeText(UploadPolicy.encode(wire))), wire)
      })
  )

  it.effect.prop(
    "a lifetime is not a field of the token",
    [FastCheck.integer({ min: 1, max: 1e6 })],
    ([seconds]) =>
      Effect.sync(() => {
        const wire = UploadPolicy.toWire({ lifetime: `${seconds} seconds` }, { scope: "b", deadline: 1 })
        assert.deepStrictEqual(Object.keys(wire), ["scope", "deadline"])
      })
  )

  it("writes the template of a typed answer", () => {
    const returnBody = ReturnBody.struct({ size: ReturnBody.fsize, who: ReturnBody.custom("who") })
    const wire = UploadPolicy.toWire({ returnBody }, { scope: "b", deadline: 1 })
    assert.strictEqual(wire["returnBody"], "size=$(fsize)&who=$(x:who)")
  })

  it("whose typed templates ask for a key does not fit one with an `&`", () => {
    const body = ReturnBody.struct({ key: ReturnBody.key })
    for (const policy of [{ returnBody: body }, { callbackUrl: "http://c.example.com", callbackBody: body }]) {
      assert.isTrue(Either.isLeft(UploadPolicy.fits(policy, "Q&A.pdf")))
      assert.isTrue(Either.isRight(UploadPolicy.fits(policy, "Q+A=#%.pdf")))
    }
    const others = [{}, { returnBody: "k=$(key)" }, { returnBody: ReturnBody.struct({ size: ReturnBody.fsize }) }]
    for (const policy of others) assert.isTrue(Either.isRight(UploadPolicy.fits(policy, "Q&A.pdf")))
  })

  it("reads numbers and text of an answer, and nothing else as a number", () => {
    const body = ReturnBody.struct({ key: ReturnBody.key, size: ReturnBody.fsize })
    for (const size of [5, "5"]) {
      assert.deepStrictEqual(body.decode({ key: 7, size }), Either.right({ key: "7", size: 5 }))
    }
    for (const size of ["NaN", "", "five", null, undefined]) {
      assert.deepStrictEqual(body.decode({ key: "k", size }), Either.left("the member \"size\" does not fit"))
    }
    assert.deepStrictEqual(body.decode("key"), Either.left("it has no members"))
  })

  it("accepts what belongs together", () => {
    const good: ReadonlyArray<UploadPolicy.UploadPolicy> = [
      {},
      { overwrite: false, fsizeLimit: 0 },
      { returnUrl: "http://r.example.com/?a=1", returnBody: "a=$(key)" },
      { callbackUrl: "https://c.example.com", callbackBody: "k=$(key)", returnBody: "a=1" },
      { persistentOps: "avthumb/mp4", persistentNotifyUrl: "http://n.example.com", separate: true },
      { contentDetect: "imagePorn", detectNotifyURL: "http://d.example.com", detectNotifyRule: "all" },
      { lifetime: "1 second" },
      { extra: { deleteAfterDays: 3 } }
    ]
    for (const policy of good) assert.deepStrictEqual(UploadPolicy.validate(policy), Either.right(policy))
  })

  const wrong: ReadonlyArray<readonly [string, UploadPolicy.UploadPolicy]> = [
    ["policy.returnUrl", { returnUrl: "http://a.example", callbackUrl: "http://b.example" }],
    ["policy.callbackBody", { callbackBody: "k=$(key)" }],
    ["policy.persistentNotifyUrl", { persistentNotifyUrl: "http://a.example" }],
    ["policy.separate", { separate: true }],
    ["policy.detectNotifyURL", { detectNotifyURL: "http://a.example" }],
    ["policy.detectNotifyRule", { contentDetect: "imagePorn", detectNotifyRule: "all" }],
    ["policy.returnUrl", { returnUrl: "a.example" }],
    ["policy.callbackUrl", { callbackUrl: "/relative" }],
    ["policy.fsizeLimit", { fsizeLimit: -1 }],
    ["policy.fsizeLimit", { fsizeLimit: 1.5 }],
    ["policy.lifetime", { lifetime: 0 }],
    ["policy.lifetime", { lifetime: "999 millis" }],
    ["policy.extra.scope", { extra: { scope: "other" } }],
    ["policy.extra.deadline", { extra: { deadline: 0 } }]
  ]
  for (const [input, policy] of wrong) {
    it(`refuses ${JSON.stringify(policy)}`, () => {
      assert.strictEqual(refusal(policy).input, input)
    })
  }
})
