/** Upload tokens from one program to another: a server with the keys issues them, a client without uploads by them. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Option, Redacted, TestClock } from "effect"
import type { UploadPolicy, WcsConfigLayer } from "effect-wcs"
import { Objects, Uploader, UploadTokens, WcsAuthTokens } from "effect-wcs"
import type { EmulatorOptions } from "effect-wcs/testing"
import { Fault, WcsTest } from "effect-wcs/testing"
import { emulator, operations } from "../management/support.ts"
import { inTime } from "../support/clock.ts"
import { bytes, mebibyte, sha1 } from "../support/content.ts"
import { contentOf } from "../support/emulated.ts"

const target = { bucket: "media", key: "a folder/film.mp4" }

/** The server that has the keys, the emulator, and some files. */
const server = (options: WcsTest.Options = {}) => WcsTest.layer({ buckets: ["media"], ...options })

const scopeOf = (scope: string) => {
  const [bucket = "", ...key] = scope.split(":")
  return key.length === 0 ? { bucket } : { bucket, key: key.join(":") }
}

/** A client without keys, to whom the server issues tokens by these policies; and the scopes that it asked for. */
const client = (
  policy: UploadPolicy.UploadPolicy | ((nth: number) => UploadPolicy.UploadPolicy) = {},
  settings: WcsConfigLayer.Options = {}
) => {
  const asked: Array<string> = []
  const layer = Layer.provide(
    WcsTest.layerWithoutAuth(settings),
    WcsAuthTokens.layer({
      issue: ({ scope }) =>
        Effect.flatMap(UploadTokens.UploadTokens, (tokens) => {
          const nth = asked.push(scope)
          const issued = tokens.issue(scopeOf(scope), typeof policy === "function" ? policy(nth) : policy)
          return Effect.delay(Effect.map(issued, ({ text }) => text), "1 second")
        })
    })
  )
  const upload = <A, E>(use: (uploader: Uploader.Uploader["Type"]) => Effect.Effect<A, E>) =>
    inTime(Effect.flatMap(Uploader.Uploader, use).pipe(Effect.provide(layer)))
  return { asked, layer, upload }
}

const stored = (key = target.key) => contentOf({ ...target, key })

const small = new TextEncoder().encode("hello world")

describe("a token", () => {
  it.effect("is asked for once by all the blocks of an upload", () =>
    Effect.gen(function*() {
      const { asked, upload } = client()
      const content = bytes(9 * mebibyte)
      const receipt = yield* upload((uploader) =>
        uploader.putBytes(content, target, { method: "block", concurrency: 3, chunkSize: mebibyte })
      )
      assert.deepStrictEqual(asked, ["media:a folder/film.mp4"])
      assert.deepStrictEqual([receipt.blocks.sent, receipt.verified], [3, "etag"])
      assert.strictEqual(sha1(yield* stored()), sha1(content))
      assert.lengthOf(yield* operations, 9 + 1)
    }).pipe(Effect.provide(server())))

  it.effect("is asked for once by each object", () =>
    Effect.gen(function*() {
      const { asked, upload } = client({ overwrite: true })
      const keys = ["a", "b", "a:b", "日本語 & more"]
      yield* upload((uploader) =>
        Effect.forEach([...keys, ...keys], (key) => uploader.putBytes(small, { ...target, key }), { concurrency: 8 })
      )
      assert.deepStrictEqual(asked.toSorted(), keys.map((key) => `media:${key}`).toSorted())
      for (const key of keys) assert.strictEqual((yield* stored(key)).toString(), "hello world")
    }).pipe(Effect.provide(server())))

  it.effect("fault 13: that is near its end is replaced while the upload goes on", () =>
    Effect.gen(function*() {
      const { asked, upload } = client({ lifetime: "8 minutes" }, { requestTimeout: "10 minutes" })
      yield* emulator((emulator) => emulator.addFault(Fault.on("mkblk", Fault.delay("2 minutes"))))
      yield* upload((uploader) => uploader.putBytes(bytes(9 * mebibyte), target, { method: "block", concurrency: 1 }))
      // Good for three minutes, and each block takes two.
      assert.lengthOf(asked, 2)
      const requests = yield* emulator((emulator) => emulator.requests)
      assert.isTrue(requests.every(({ status }) => status === 200))
    }).pipe(Effect.provide(server())))

  for (const refused of ["bput", "mkfile"] as const) {
    it.effect(`fault 13: that is refused as expired is replaced, and nothing is sent twice (${refused})`, () =>
      Effect.gen(function*() {
        const { asked, upload } = client((nth) => ({ lifetime: nth === 1 ? "30 minutes" : "3 hours" }))
        yield* emulator((emulator) => emulator.addFault(Fault.on([refused, "mkfile"], Fault.skew({ ahead: "1 hour" }))))
        const content = bytes(5 * mebibyte)
        const receipt = yield* upload((uploader) =>
          uploader.putBytes(content, target, { method: "block", chunkSize: 3 * mebibyte, concurrency: 1 })
        )
        assert.strictEqual(receipt.verified, "etag")
        assert.lengthOf(asked, 2)
        const sent = ["mkblk", "bput", "mkblk", "mkfile"]
        const at = sent.indexOf(refused)
        assert.deepStrictEqual(yield* operations, [...sent.slice(0, at), refused, ...sent.slice(at)])
      }).pipe(Effect.provide(server())))
  }

  it.effect("that is refused before its end is replaced, too", () =>
    Effect.gen(function*() {
      const { asked, upload } = client()
      const body = JSON.stringify({ code: "401", message: "Token Expired" })
      yield* emulator((emulator) =>
        emulator.addFault(
          Fault.on("mkblk", Fault.delay("10 seconds")),
          Fault.on("mkfile", Fault.status(401, { body }), { nth: 1 })
        )
      )
      yield* upload((uploader) => uploader.putBytes(small, target, { method: "block" }))
      assert.lengthOf(asked, 2)
      assert.deepStrictEqual(yield* operations, ["mkblk", "mkfile", "mkfile"])
    }).pipe(Effect.provide(server())))

  it.effect("that the server always issues too late is an error, and not sent again", () =>
    Effect.gen(function*() {
      const { upload } = client({ lifetime: "30 minutes" })
      yield* emulator((emulator) => emulator.addFault(Fault.on("form", Fault.skew({ ahead: "1 hour" }))))
      const error = yield* Effect.flip(upload((uploader) => uploader.putBytes(small, target)))
      assert.strictEqual(error._tag, "WcsMissingCredentials")
      assert.include(error.message, "had ended")
      assert.lengthOf(yield* operations, 1)
    }).pipe(Effect.provide(server())))

  it.effect("that the server does not issue is an error that names its reason, and nothing is sent", () =>
    Effect.gen(function*() {
      const { upload } = client({ callbackBody: "key=$(key)" })
      const error = yield* Effect.flip(upload((uploader) => uploader.putBytes(small, target)))
      assert.include(error, { _tag: "WcsMissingCredentials", operation: "upload token" })
      assert.include(error.message, "WcsInvalidInput")
      assert.isEmpty(yield* operations)
    }).pipe(Effect.provide(server())))

  it.effect("names the object by the policy of both, where the call does not", () =>
    Effect.gen(function*() {
      const policy = { saveKey: "up/$(fname)" }
      const { asked, upload } = client(policy)
      const receipt = yield* upload((uploader) => uploader.putFile("/in/a b.txt", { bucket: "media" }, { policy }))
      assert.deepStrictEqual([asked, receipt.size], [["media"], 3])
      assert.strictEqual((yield* stored("up/a b.txt")).toString(), "one")
    }).pipe(Effect.provide(server({ files: { "/in/a b.txt": "one" } }))))

  it.effect("allows no management", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(
        Effect.provide(Effect.flatMap(Objects.Objects, (objects) => objects.stat(target)), client().layer)
      )
      assert.include(error, { _tag: "WcsMissingCredentials", operation: "stat" })
      assert.isEmpty(yield* operations)
    }).pipe(Effect.provide(server())))
})

describe("what the token's policy says", () => {
  /** A customer's server, whose answer looks like a refusal. */
  const customer = () => {
    const told: Array<EmulatorOptions.WebRequest> = []
    const web = (request: EmulatorOptions.WebRequest) =>
      Effect.sync(() => {
        told.push(request)
        return { status: 200, body: JSON.stringify({ code: 404, message: "no such user" }) }
      })
    return { told, web }
  }

  for (const method of ["form", "block"] as const) {
    for (const callbackBody of ["key=$(key)&hash=$(hash)", undefined]) {
      it.effect(`counts though the call says nothing of a callback (${method}, ${callbackBody ?? "no body"})`, () => {
        const { told, web } = customer()
        return Effect.gen(function*() {
          const { upload } = client({ callbackUrl: "http://cb.test/", callbackBody })
          const receipt = yield* upload((uploader) => uploader.putBytes(small, target, { method }))
          assert.lengthOf(told, 1)
          assert.deepStrictEqual(
            receipt.body,
            callbackBody === undefined ? {} : { code: 404, message: "no such user" }
          )
          // The answer does not tell the etag, and this client may not ask for it.
          assert.strictEqual(receipt.verified, "none")
          assert.isTrue(Option.isSome(yield* emulator((emulator) => emulator.object(target))))
        }).pipe(Effect.provide(server({ web })))
      })
    }
  }

  it.effect("also of what is there, and of sizes", () =>
    Effect.gen(function*() {
      yield* emulator((emulator) => emulator.putObject(target, "old"))
      for (const method of ["form", "block"] as const) {
        const put = (policy: UploadPolicy.UploadPolicy, content = small) =>
          client(policy).upload((uploader) => uploader.putBytes(content, target, { method }))
        assert.include(yield* Effect.flip(put({})), { _tag: "WcsAlreadyExists" })
        const error = yield* Effect.flip(put({ overwrite: true, fsizeLimit: 5 }))
        assert.include(error, { _tag: "WcsInvalidInput", input: "token" })
        yield* put({ overwrite: true }, new TextEncoder().encode(method))
        assert.strictEqual((yield* stored()).toString(), method)
      }
    }).pipe(Effect.provide(server())))
})

describe("with tokens only", () => {
  it.effect("a folder is uploaded, each file by a token of its own, and nobody is asked what is there", () =>
    Effect.gen(function*() {
      const { asked, upload } = client({ overwrite: true })
      const put = upload((uploader) => uploader.putDirectory("/in", { bucket: "media", prefix: "out" }))
      for (const run of [1, 2]) {
        const { counts } = yield* put
        assert.deepStrictEqual(counts, { stored: 3, unchanged: 0, failed: 0 }, `run ${run}`)
      }
      const keys = ["out/a b.txt", "out/c.txt", "out/deep/目录.txt"]
      assert.deepStrictEqual(asked.toSorted(), [...keys, ...keys].map((key) => `media:${key}`).toSorted())
      assert.strictEqual((yield* stored("out/deep/目录.txt")).toString(), "three")
      assert.isFalse((yield* operations).includes("stat"))
    }).pipe(
      Effect.provide(server({ files: { "/in/a b.txt": "one", "/in/c.txt": "two", "/in/deep/目录.txt": "three" } }))
    ))

  it.effect("bytes are appended where the caller says", () =>
    Effect.gen(function*() {
      const { asked, upload } = client()
      const [first, second] = yield* upload((uploader) =>
        Effect.gen(function*() {
          const first = yield* uploader.append(small, target, { position: 0 })
          return [first, yield* uploader.append(small, target, { position: first.nextPosition })] as const
        })
      )
      assert.deepStrictEqual([first.nextPosition, second.position, second.nextPosition], [11, 11, 22])
      assert.strictEqual((yield* stored()).toString(), "hello worldhello world")
      assert.lengthOf(asked, 1)
      const wrong = yield* Effect.flip(upload((uploader) => uploader.append(small, target, { position: 5 })))
      assert.include(wrong, { _tag: "WcsWrongPosition", nextPosition: 22 })
      const unsaid = yield* Effect.flip(upload((uploader) => uploader.append(small, target)))
      assert.include(unsaid, { _tag: "WcsInvalidInput", input: "position" })
      assert.deepStrictEqual(yield* operations, ["append", "append", "append"])
    }).pipe(Effect.provide(server())))

  it.effect("an append whose answer was lost is not repeated, for nobody can be asked", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(1_767_323_045_000)
      yield* emulator((emulator) => emulator.addFault(Fault.on("append", Fault.lostAnswer, { nth: 1 })))
      const error = yield* Effect.flip(
        client().upload((uploader) => uploader.append(small, target, { position: 0 }))
      )
      assert.include(error, { _tag: "WcsNetworkError", operation: "append" })
      assert.strictEqual((yield* stored()).toString(), "hello world")
      assert.deepStrictEqual(yield* operations, ["append"])
    }).pipe(Effect.provide(server())))

  it.effect("no token shows in what is printed of one", () =>
    Effect.gen(function*() {
      const token = yield* Effect.flatMap(UploadTokens.UploadTokens, (tokens) => tokens.issue(target))
      assert.notInclude(JSON.stringify(token), Redacted.value(token.text))
    }).pipe(Effect.provide(server())))
})
