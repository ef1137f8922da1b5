/** Whatever comes from outside ends in a value or in a typed error: no crash, no hang, no memory without bound. */
import { KeyValueStore } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Either, Exit, FastCheck, Layer, Redacted, Stream } from "effect"
import {
  Callbacks,
  CallbacksKeys,
  DigestWasm,
  Objects,
  ProgressStore,
  ProgressStoreKeyValue,
  Uploader,
  UploadToken,
  WcsCfg,
  WcsError
} from "effect-wcs"
import * as CommandLine from "../../src/cli/CommandLine.ts"
import { commands } from "../../src/cli/commands/index.ts"
import * as Failure from "../../src/cli/Failure.ts"
import * as ObjectPath from "../../src/cli/ObjectPath.ts"
import * as PolicyCheck from "../../src/cli/PolicyCheck.ts"
import * as Base64Url from "../../src/domain/Base64Url.ts"
import * as JsonText from "../../src/domain/JsonText.ts"
import * as UploadRecord from "../../src/domain/UploadRecord.ts"
import * as UploadRecordFile from "../../src/domain/UploadRecordFile.ts"
import * as Refusals from "../../src/domain/wire/Refusals.ts"
import * as objectListing from "../../src/testing/internal/objectListing.ts"
import { calls } from "../management/calls.ts"
import { at } from "../management/support.ts"
import * as recording from "../support/recording.ts"

const runs = (numRuns: number) => ({ fastCheck: { numRuns } })

/** JSON that is nearly what is expected: the right names with anything behind them. */
const nearly = FastCheck.dictionary(
  FastCheck.constantFrom(
    ..."code message hash key fsize mimeType putTime expirationDate ctx offset crc32 checksum marker items commonPrefixes"
      .split(" "),
    ..."buckets id name size cmd error format manifest finishing pieces blockSize source scope deadline streams results"
      .split(" ")
  ),
  FastCheck.oneof(
    FastCheck.jsonValue({ maxDepth: 3 }),
    FastCheck.constantFrom(
      "1e400",
      "-1",
      "NaN",
      "9".repeat(400),
      "",
      -1,
      1e308,
      null,
      [],
      {},
      [null],
      "\ud800",
      "__proto__"
    )
  ),
  { maxKeys: 6 }
)

const base64 = (text: string) => Buffer.from(text).toString("base64url")

/** What may come as text: nothing, noise, JSON, JSON that is cut, Base64, and what is much too large or deep. */
const anything = FastCheck.oneof(
  FastCheck.string({ unit: "binary", maxLength: 60 }),
  nearly.map((value) => JSON.stringify(value)),
  nearly.map((value) => JSON.stringify([value])),
  nearly.map((value) => JSON.stringify(value).slice(0, -3)),
  nearly.map((value) => base64(JSON.stringify(value))),
  FastCheck.array(FastCheck.string({ unit: FastCheck.constantFrom(..."a=&%:,\"{}[]\\\n\r\0 #/.") })).map((all) =>
    all.join("")
  ),
  FastCheck.constantFrom(
    "[".repeat(20_000),
    `{"code":${"[".repeat(9000)}${"]".repeat(9000)}}`,
    "a".repeat(300_000),
    ":".repeat(20_000)
  ),
  FastCheck.constantFrom(
    `{"scope":"a","deadline":1,"x":${"[".repeat(50_000)}${"]".repeat(50_000)}}`,
    "{\"__proto__\":{\"code\":\"1\"}}",
    "null",
    "0",
    "\"\"",
    "[]",
    "{}",
    "\ufeff{}"
  )
)

/** An effect ends well, or with an error of its type: never with a defect. */
const endsTyped = <A, E, R>(effect: Effect.Effect<A, E, R>, isTyped: (error: E) => boolean = WcsError.isWcsError) =>
  Effect.map(Effect.exit(effect), (exit) => {
    if (Exit.isSuccess(exit)) return
    assert.isTrue(Cause.isFailType(exit.cause) && isTyped(exit.cause.error), Cause.pretty(exit.cause))
  })

describe("whatever comes from outside", () => {
  const statuses = [200, 201, 204, 303, 401, 404, 500, 579, 701]
  it.effect.prop(
    "an answer of any operation",
    [anything, FastCheck.constantFrom(...statuses), FastCheck.string({ maxLength: 20 })],
    ([text, status, header]) => {
      const name = encodeURIComponent(header.isWellFormed() ? header : "")
      const { layer } = recording.client(() =>
        Object.defineProperty(
          new Response(text, {
            headers: { "x-reqid": name, "retry-after": name, location: `http://app.test/?${name}` }
          }),
          "status",
          { value: status }
        )
      )
      return Effect.gen(function*() {
        for (const [, call] of yield* calls) yield* endsTyped(call)
        const uploader = yield* Uploader.Uploader
        for (const method of ["form", "block"] as const) {
          yield* endsTyped(uploader.putBytes(new Uint8Array(3), at("a"), { method }))
        }
      }).pipe(
        Effect.provide(recording.services(layer, { retries: { connect: 0, mkblk: 0, bput: 0, mkfile: 0 } }))
      )
    },
    runs(12)
  )

  it.effect.prop("a marker that leads to itself", [FastCheck.string({ minLength: 1, maxLength: 9 })], ([marker]) => {
    const { layer, sent } = recording.client(() => Response.json({ marker, items: [] }))
    return Effect.gen(function*() {
      const objects = yield* Objects.Objects
      yield* endsTyped(Stream.runDrain(objects.listAll({ bucket: "media" })))
      assert.isAtMost(sent.length, 3)
    }).pipe(Effect.provide(recording.services(layer)))
  }, runs(5))

  it.effect.prop("a file of settings", [anything, anything], ([text, value]) =>
    Effect.sync(() => {
      const { entries } = WcsCfg.parse(`[default]\n${text}\nprefix = ${value}`)
      for (const { text } of entries.values()) assert.isString(Redacted.value(text))
      const edited = WcsCfg.edit(text, new Map([["prefix", "a"]]))
      assert.strictEqual(Redacted.value(WcsCfg.parse(edited).entries.get("prefix")!.text), "a")
    }), runs(40))

  it.effect.prop("a record", [anything, FastCheck.nat()], ([text, offset]) =>
    Effect.gen(function*() {
      UploadRecordFile.decodeBlock(offset, text)
      UploadRecordFile.decodeManifest(text)
      UploadRecordFile.decodeManifest(`${UploadRecordFile.encodeHeader()}\n${text}`)
      UploadRecordFile.offsetOf(text)
      const values = yield* KeyValueStore.KeyValueStore
      const store = yield* ProgressStore.ProgressStore
      const id = UploadRecord.UploadId.make("an-upload")
      yield* values.clear
      yield* values.set(id, text)
      yield* endsTyped(store.load(id))
      yield* endsTyped(store.list)
    }).pipe(Effect.provide(Layer.provideMerge(ProgressStoreKeyValue.layer, KeyValueStore.layerMemory))), runs(40))

  it.effect.prop("a callback", [anything, anything], ([body, authorization]) =>
    Effect.gen(function*() {
      const callbacks = yield* Callbacks.Callbacks
      const url = "http://app.test/callback"
      yield* endsTyped(callbacks.verify({ url, body, authorization }))
      yield* endsTyped(callbacks.notification({ url, body, authorization }))
      yield* endsTyped(callbacks.verify({ url: body, body, authorization: `test-access-key:${authorization}` }))
    }).pipe(Effect.provide(CallbacksKeys.layer.pipe(Layer.provide([recording.config(), DigestWasm.layer])))), runs(40))

  it.effect.prop("a wcs:// argument", [anything], ([text]) =>
    Effect.sync(() => {
      for (const argument of [text, `wcs://${text}`, `wcs://a/${text}`]) {
        ObjectPath.parseBucket(argument)
        const place = ObjectPath.parse(argument)
        if (Either.isRight(place) && place.right.key !== "") {
          assert.strictEqual(ObjectPath.format(place.right), argument)
        }
      }
    }), runs(40))

  const words = FastCheck.oneof(
    anything.filter((text) => !text.includes("\0")),
    FastCheck.constantFrom(
      "put",
      "get",
      "token",
      "make",
      "--",
      "-",
      "-1",
      "-d",
      "-hd",
      "--json",
      "--limit",
      "--limit=",
      "--="
    ),
    FastCheck.constantFrom(`-${"d".repeat(100_000)}`, `-${"h".repeat(100_000)}`, `--${"a".repeat(100_000)}`),
    FastCheck.string({ maxLength: 5 }).map((text) => `-${text}`),
    FastCheck.string({ maxLength: 8 }).map((text) => `--${text}`)
  )
  it.effect.prop("a command line", [FastCheck.array(words, { maxLength: 6 })], ([argv]) =>
    Effect.sync(() => {
      const read = CommandLine.read(argv, commands)
      if (Either.isLeft(read)) assert.isTrue(read.left instanceof Failure.UsageError)
      else if (read.right._tag === "Run") assert.include(read.right.words, "--")
    }), runs(60))

  it.effect("a command line with very many words", () =>
    Effect.sync(() => {
      const read = CommandLine.read(["put", "--", ...Array.from({ length: 300_000 }, () => "a")], commands)
      assert.isTrue(Either.isRight(read))
    }))

  it.effect.prop("the marker of a listing", [anything], ([marker]) =>
    Effect.sync(() => {
      objectListing.decodeMarker(marker)
      const key = `${marker}`
      if (key.isWellFormed()) {
        const text = Base64Url.encode(`${key}:-1`)
        assert.deepStrictEqual(objectListing.decodeMarker(text), Either.right(key))
      }
    }), runs(40))

  it.effect.prop(
    "a token",
    [anything, FastCheck.jsonValue({ maxDepth: 3 }), nearly],
    ([text, value, policy]) =>
      Effect.sync(() => {
        for (const policyText of [text, JSON.stringify({ ...policy, scope: "a:b", deadline: 1, extra: value })]) {
          for (const token of [text, `ak:sign:${base64(policyText)}`]) {
            const parsed = UploadToken.parse(token)
            if (Either.isRight(parsed)) {
              UploadToken.allows(parsed.right, { scope: "a:b", policy: { fsizeLimit: 1 }, size: 2 })
              PolicyCheck.problems(parsed.right.policy)
              JSON.stringify(parsed.right.policy)
            }
          }
        }
        PolicyCheck.problems(policy)
        PolicyCheck.deadline(policy)
      }),
    runs(40)
  )

  it.effect.prop("what is cleaned of credentials", [anything, anything], ([before, after]) =>
    Effect.sync(() => {
      const sign = "NTVjZWZmOThhYjUzNTVjZWZmOThhYjUzNTVjZWZmOThhYjUzNTVjZQ=="
      const text = `${before} ak:${sign}:eyJ9 ${after}`
      assert.notInclude(Refusals.redact(text), sign)
      const cleaned = Refusals.clean(text)
      assert.isAtMost(cleaned.length, 512)
      assert.notInclude(cleaned, sign.slice(0, 20))
    }), runs(40))

  it("is deep where it is nested, and not where it only looks so", () => {
    assert.isTrue(JsonText.isDeep("[".repeat(101)))
    assert.isFalse(JsonText.isDeep(JSON.stringify({ a: "[".repeat(500), b: `\\"${"{".repeat(500)}` })))
    assert.isFalse(JsonText.isDeep("[]".repeat(500)))
  })
})
