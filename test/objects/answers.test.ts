import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Option, Stream } from "effect"
import type { ObjectInfo } from "effect-wcs"
import * as recording from "../support/recording.ts"
import { location, objects } from "./support.ts"

const etag = "FiqubDXJT8-0FdvpX0CLnOke6Ebt"

/** A service that gives these answers, one after another, then the last one for ever. */
const answering = (...answers: ReadonlyArray<unknown>) => {
  const { layer, sent } = recording.client((_, nth) => {
    const answer = answers[Math.min(nth, answers.length - 1)]
    return typeof answer === "string" ? new Response(answer) : Response.json(answer)
  })
  return { sent, layer: recording.services(layer, { retries: { connect: 0 } }) }
}

const stat = (answer: unknown) => Effect.provide(objects((objects) => objects.stat(location)), answering(answer).layer)

const list = (answer: unknown) =>
  Effect.provide(objects((objects) => objects.list({ bucket: location.bucket })), answering(answer).layer)

const info = (rest: Partial<ObjectInfo.ObjectInfo> = {}): ObjectInfo.ObjectInfo => ({
  key: location.key,
  size: 11,
  etag,
  mimeType: "video/mp4",
  putTime: DateTime.unsafeMake(1_534_391_294_042),
  expires: Option.none(),
  storageClass: Option.none(),
  nextAppendPosition: Option.none(),
  ...rest
})

const wire = { fsize: 11, hash: etag, mimeType: "video/mp4", putTime: 1_534_391_294_042, expirationDate: "" }

const readable: Readonly<Record<string, readonly [answer: object, info: ObjectInfo.ObjectInfo]>> = {
  "as it was observed": [wire, info()],
  "with numbers as text": [{ ...wire, fsize: "11", putTime: "1534391294042" }, info()],
  "with null for what is absent": [
    { fsize: 11, putTime: wire.putTime, hash: null, mimeType: null, expirationDate: null, storageClass: null },
    info({ etag: "", mimeType: "" })
  ],
  "with nothing but what is needed": [{ fsize: 11, putTime: wire.putTime }, info({ etag: "", mimeType: "" })],
  "with members that nobody knows": [{ ...wire, owner: { id: 1 }, tags: [] }, info()],
  "with a storage class": [{ ...wire, storageClass: "STANDARD" }, info({ storageClass: Option.some("STANDARD") })],
  "with an empty storage class": [{ ...wire, storageClass: "" }, info()],
  "of an object that is larger than 4 GiB": [{ ...wire, fsize: "5368709120" }, info({ size: 5_368_709_120 })],
  "that ends at a number of milliseconds": [
    { ...wire, expirationDate: 1_600_000_000_000 },
    info({ expires: Option.some(DateTime.unsafeMake(1_600_000_000_000)) })
  ],
  "that ends at milliseconds as text": [
    { ...wire, expirationDate: "1600000000000" },
    info({ expires: Option.some(DateTime.unsafeMake(1_600_000_000_000)) })
  ],
  "that ends at a date": [
    { ...wire, expirationDate: "2026-01-02T03:04:05Z" },
    info({ expires: Option.some(DateTime.unsafeMake("2026-01-02T03:04:05Z")) })
  ],
  "that ends at what is no date": [{ ...wire, expirationDate: "never" }, info()]
}

const unreadable: Readonly<Record<string, object>> = {
  "without a size": { putTime: 1 },
  "without a time": { fsize: 1 },
  "with a negative size": { ...wire, fsize: -1 },
  "with half a byte": { ...wire, fsize: 1.5 },
  "with a size that is no number": { ...wire, fsize: "many" },
  "with an empty size": { ...wire, fsize: "" },
  "with a size that no number holds": { ...wire, fsize: "9007199254740993" },
  "with a time that no calendar has": { ...wire, putTime: 9_000_000_000_000_000 },
  "with a hash that is a list": { ...wire, hash: [etag] }
}

describe("an object's description", () => {
  for (const [how, [answer, expected]] of Object.entries(readable)) {
    it.effect(`${how} is read, by stat and in a listing`, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* stat({ result: true, code: 200, message: "OK", name: "x", ...answer }), expected)
        const page = yield* list({ marker: "", commonPrefixes: [], items: [{ key: location.key, ...answer }] })
        assert.deepStrictEqual(page.objects, [expected])
      }))
  }

  for (const [how, answer] of Object.entries(unreadable)) {
    it.effect(`${how} is a typed error, by stat and in a listing`, () =>
      Effect.gen(function*() {
        const page = { marker: "", items: [{ key: "a", ...answer }] }
        assert.strictEqual((yield* Effect.flip(stat(answer)))._tag, "WcsUndecodableAnswer")
        assert.strictEqual((yield* Effect.flip(list(page)))._tag, "WcsUndecodableAnswer")
      }))
  }

  for (const text of ["", "OK", "null", "[]", "<html></html>", `{"fsize":11`]) {
    it.effect(`that is ${text || "nothing"} is a typed error`, () =>
      Effect.gen(function*() {
        assert.strictEqual((yield* Effect.flip(stat(text)))._tag, "WcsUndecodableAnswer")
        if (text !== "") assert.strictEqual((yield* Effect.flip(list(text)))._tag, "WcsUndecodableAnswer")
      }))
  }

  for (const code of [404, "404"]) {
    it.effect(`that is a refusal with status 200 is that refusal (${typeof code})`, () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(stat({ code, message: "File Not Found" }))
        assert.include(error, { _tag: "WcsNotFound", detail: "File Not Found" })
      }))
  }
})

describe("a page", () => {
  for (
    const [how, answer] of Object.entries({
      "of nothing at all": {},
      "of nulls": { marker: null, commonPrefixes: null, items: null },
      "of empty lists": { marker: "", commonPrefixes: [], items: [] }
    })
  ) {
    it.effect(`${how} is empty and the last one`, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* list(answer), { objects: [], folders: [], marker: Option.none() })
      }))
  }

  it.effect("gives folders and marker as they came", () =>
    Effect.gen(function*() {
      const page = yield* list({ marker: "b3BhcXVl+/=", commonPrefixes: ["a/", "b"] })
      assert.deepStrictEqual(page, { objects: [], folders: ["a/", "b"], marker: Option.some("b3BhcXVl+/=") })
    }))

  it.effect("is asked for with the marker of the one before, percent-encoded where it must be", () =>
    Effect.gen(function*() {
      const { layer, sent } = answering({ marker: "a+b/c=&d" }, {})
      yield* Effect.provide(objects((objects) => Stream.runDrain(objects.listAll({ bucket: "media" }))), layer)
      assert.deepStrictEqual(sent.map(({ url }) => url.searchParams.get("marker")), [null, "a+b/c=&d"])
    }))

  it.effect("that leads to itself ends the listing with a typed error", () =>
    Effect.gen(function*() {
      const page = (key: string) => ({ marker: "again", items: [{ key, ...wire }] })
      const { layer, sent } = answering(page("a"), page("b"))
      const keys: Array<string> = []
      const error = yield* Effect.flip(
        Effect.provide(
          objects((objects) =>
            Stream.runForEach(
              objects.listAll({ bucket: "media" }),
              ({ key }) => Effect.sync(() => void keys.push(key))
            )
          ),
          layer
        )
      )
      assert.include(error, { _tag: "WcsUndecodableAnswer", operation: "list" })
      assert.deepStrictEqual(keys, ["a"])
      assert.lengthOf(sent, 2)
    }))
})

describe("a deletion's answer", () => {
  const remove = (answer: unknown) =>
    Effect.provide(objects((objects) => objects.delete(location)), answering(answer).layer)

  for (const answer of [{ code: 200, message: "OK" }, { code: "200", message: "OK" }, { result: true }, {}]) {
    it.effect(`${JSON.stringify(answer)} is a success`, () =>
      Effect.gen(function*() {
        assert.isUndefined(yield* remove(answer))
      }))
  }

  it.effect("that is a page of something else is a typed error", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* Effect.flip(remove("<html></html>")))._tag, "WcsUndecodableAnswer")
    }))
})
