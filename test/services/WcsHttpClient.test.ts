import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Logger, Option, TestClock, Tracer } from "effect"
import { Objects, Uploader, UploadToken, type WcsError } from "effect-wcs"
import { inspect } from "node:util"
import * as recording from "../support/recording.ts"

const location = { bucket: "media", key: "2026/a b&c#d?.mp4" }

const statBody = {
  result: true,
  code: 200,
  message: "OK",
  name: location.key,
  fsize: "8",
  hash: "FqwtYGQxc8rj1CjrqULvV60Vgg3C",
  mimeType: "video/mp4",
  putTime: "1767323045000",
  expirationDate: ""
}

/** What stat says when the service answers once. */
const stat = (reply: () => recording.Reply) => {
  const { layer, sent } = recording.client(reply)
  return Effect.flatMap(Objects.Objects, (objects) => objects.stat(location)).pipe(
    Effect.provide(recording.services(layer, { retries: { connect: 0 } })),
    Effect.either,
    Effect.map((result) => ({ result, sent }))
  )
}

const tokenOf = (sent: recording.Sent) => {
  const token = UploadToken.parse(sent.headers["authorization"] ?? "")
  return token._tag === "Right" ? token.right : assert.fail("no upload token")
}

describe("answers", () => {
  it.effect("numbers may come as text", () =>
    Effect.gen(function*() {
      const { result, sent } = yield* stat(() => Response.json(statBody))
      const info = yield* result
      assert.strictEqual(info.size, 8)
      assert.strictEqual(info.putTime.epochMillis, 1767323045000)
      assert.isTrue(Option.isNone(info.expires))
      assert.strictEqual(sent[0]?.url.href, "http://mgr.test/stat/bWVkaWE6MjAyNi9hIGImYyNkPy5tcDQ=")
    }))

  const refusals: ReadonlyArray<readonly [string, () => recording.Reply, WcsError.WcsError["_tag"]]> = [
    ["401", () => Response.json({ code: "401", message: "Token Invalid" }, { status: 401 }), "WcsUnauthorized"],
    ["404", () => Response.json({ code: "404", message: "File Not Found" }, { status: 404 }), "WcsNotFound"],
    ["429", () => new Response("slow down", { status: 429 }), "WcsThrottled"],
    ["500 with a page", () => new Response("<html>oops</html>", { status: 500 }), "WcsServerFailure"],
    ["a redirect", () => new Response("", { status: 302, headers: { location: "http://evil.test/" } }), "WcsRefused"],
    ["a captive portal's page", () => new Response("<html>log in</html>"), "WcsUndecodableAnswer"],
    ["an empty body", () => new Response(""), "WcsUndecodableAnswer"],
    ["another shape", () => Response.json({ name: 1 }), "WcsUndecodableAnswer"],
    ["an error inside a 200", () => Response.json({ code: "404", message: "File Not Found" }), "WcsNotFound"],
    ["a broken connection", () => "reset", "WcsNetworkError"]
  ]
  for (const [name, reply, tag] of refusals) {
    it.effect(`${name}: ${tag}`, () =>
      Effect.gen(function*() {
        const { result, sent } = yield* stat(reply)
        assert.strictEqual(result._tag === "Left" ? result.left._tag : "none", tag)
        assert.lengthOf(sent, 1)
      }))
  }

  it.effect("an error carries the service's words and its request id", () =>
    Effect.gen(function*() {
      const { result } = yield* stat(() =>
        Response.json({ code: 631, message: "Bucket Not Found" }, { status: 404, headers: { "X-Reqid": "R1" } })
      )
      const error = yield* Effect.flip(result)
      assert.include(error, { _tag: "WcsNotFound", operation: "stat", status: 404, code: "631", requestId: "R1" })
      assert.strictEqual(error.message, "stat: not found (404, code 631): Bucket Not Found [request R1]")
    }))
})

describe("time", () => {
  it.effect("an answer that does not come is a time-out", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(stat(() => "stall"))
      yield* TestClock.adjust("39 seconds")
      assert.isTrue(Option.isNone(yield* Fiber.poll(fiber)))
      yield* TestClock.adjust("2 seconds")
      const { result } = yield* Fiber.join(fiber)
      assert.strictEqual(result._tag === "Left" ? result.left._tag : "none", "WcsTimeout")
    }))

  it.effect("every attempt has a token of its own", () =>
    Effect.gen(function*() {
      const { layer, sent } = recording.client((request, nth) =>
        recording.operation(request) === "mkfile"
          ? Response.json({ hash: "FqwtYGQxc8rj1CjrqULvV60Vgg3C", key: "k" })
          : nth < 2
          ? new Response("", { status: 503, headers: { "retry-after": "60" } })
          : recording.chunkAnswer(request)
      )
      const fiber = yield* Effect.flatMap(Uploader.Uploader, (uploader) =>
        uploader.putBytes(new Uint8Array(8), { bucket: "b", key: "k" }, { method: "block", checks: false })).pipe(
          Effect.provide(recording.services(layer, { tokenLifetime: "1 minute" })),
          Effect.fork
        )
      yield* TestClock.adjust("10 minutes")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(
        sent.map((request) =>
          tokenOf(request).deadline
        ),
        [60_000, 120_000, 180_000, 180_000]
      )
    }))

  it.effect("fault 15: a clock that is two hours slow is corrected once, with a warning, and stays corrected", () =>
    Effect.gen(function*() {
      const warnings: Array<string> = []
      const clock = yield* TestClock.testClock()
      const theirs = () => clock.unsafeCurrentTimeMillis() + 2 * 3_600_000 + 60_000
      const { layer, sent } = recording.client((request) => {
        const date = new Date(theirs()).toUTCString()
        return tokenOf(request).deadline <= theirs()
          ? Response.json({ code: "401", message: "Token Expired" }, { status: 401, headers: { date } })
          : recording.operation(request) === "mkfile"
          ? Response.json({ hash: "x", key: "k" }, { headers: { date } })
          : recording.chunkAnswer(request)
      })
      yield* Effect.flatMap(Uploader.Uploader, (uploader) =>
        Effect.replicateEffect(
          uploader.putBytes(new Uint8Array(8), { bucket: "b", key: "k" }, { method: "block", checks: false }),
          2
        )).pipe(
          Effect.provide([
            recording.services(layer),
            Logger.replace(Logger.defaultLogger, Logger.make(({ message }) => warnings.push(String(message))))
          ])
        )
      assert.deepStrictEqual(sent.map(recording.operation), ["mkblk", "mkblk", "mkfile", "mkblk", "mkfile"])
      assert.deepStrictEqual(warnings, ["the clock here is off by -7260 s: the service's is used for tokens"])
    }))

  it.effect("a token that the service calls expired twice is the caller's error", () =>
    Effect.gen(function*() {
      const { layer, sent } = recording.client(() =>
        Response.json({ code: "401", message: "Token Expired" }, { status: 401 })
      )
      const error = yield* Effect.flatMap(Uploader.Uploader, (uploader) =>
        uploader.putBytes(new Uint8Array(8), { bucket: "b", key: "k" }, { method: "block" })).pipe(
          Effect.provide(recording.services(layer)),
          Effect.flip
        )
      assert.strictEqual(error._tag, "WcsTokenExpired")
      assert.lengthOf(sent, 2)
    }))
})

describe("secrets", () => {
  it.effect("show up in no error and in no span, even when the service repeats them", () =>
    Effect.gen(function*() {
      const spans: Array<Record<string, unknown>> = []
      const native = yield* Effect.tracer
      const tracer = Tracer.make({
        span: (...args) => {
          const span = native.span(...args)
          spans.push({ name: span.name, attributes: span.attributes })
          return span
        },
        context: (f, fiber) => native.context(f, fiber)
      })
      const { layer, sent } = recording.client((request) =>
        Response.json(
          {
            code: "401",
            message: `bad token ${request.headers["authorization"] ?? new TextDecoder().decode(request.body)}`
          },
          { status: 401 }
        )
      )
      const errors = yield* Effect.gen(function*() {
        const uploader = yield* Uploader.Uploader
        const objects = yield* Objects.Objects
        return yield* Effect.all([
          Effect.flip(objects.stat(location)),
          Effect.flip(uploader.putBytes(new Uint8Array(8), { bucket: "b", key: "k" }, { method: "block" })),
          Effect.flip(uploader.putBytes(new Uint8Array(8), { bucket: "b", key: "k" }, { method: "form" }))
        ])
      }).pipe(Effect.provide(recording.services(layer)), Effect.withTracer(tracer))
      const signatures = sent.map((request) => request.headers["authorization"]?.split(":")[1]).filter(Boolean)
      assert.isNotEmpty(signatures)
      for (const error of errors) {
        const shown = [inspect(error, { depth: 9 }), JSON.stringify(error), String(error), error.message, error.stack]
        for (const text of shown) {
          for (const secret of [recording.secretKey, ...signatures]) assert.notInclude(text ?? "", secret ?? "")
        }
      }
      assert.isNotEmpty(spans)
      for (const secret of [recording.secretKey, ...signatures]) {
        assert.notInclude(inspect(spans, { depth: 9, maxArrayLength: null }), secret ?? "")
      }
    }))
})
