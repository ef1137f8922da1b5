/** Upload tokens: signed for others, and used by a client that holds no secret key. */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Data, Effect, Fiber, Redacted, Schedule, TestClock } from "effect"
import type { UploadPolicy, WcsAuth } from "effect-wcs"
import { ReturnBody, Uploader, UploadToken, UploadTokens, WcsAuthTokens } from "effect-wcs"
import * as recording from "../support/recording.ts"

const scope = "media:film.mp4"
const keys = recording.services(recording.client(() => "reset").layer)

/** A token that a server with the keys signs. */
const signed = (key: string | undefined, policy: UploadPolicy.UploadPolicy = {}) =>
  Effect.provide(
    Effect.flatMap(UploadTokens.UploadTokens, (tokens) =>
      tokens.issue(key === undefined ? { bucket: "media" } : { bucket: "media", key }, policy)),
    keys
  )

const issue = (policy: UploadPolicy.UploadPolicy = {}, key: string | null = "film.mp4") =>
  Effect.orDie(Effect.map(signed(key ?? undefined, policy), ({ text }) => text))

const server = UploadTokens.UploadTokens.of({ issue: () => Effect.dieMessage("not asked") })

class ServerDown extends Data.TaggedError("ServerDown")<{ readonly detail: string }> {}

const request = (rest: Partial<WcsAuth.TokenRequest> = {}) =>
  Effect.map(
    Clock.currentTimeMillis,
    (now): WcsAuth.TokenRequest => ({ scope, policy: {}, now, renew: false, ...rest })
  )

const tokenOf = (auth: WcsAuth.WcsAuth["Type"], rest: Partial<WcsAuth.TokenRequest> = {}) =>
  Effect.flatMap(request(rest), auth.uploadToken)

describe("a token for others", () => {
  it.effect("signs the policy for one object, or for a bucket", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(1_767_323_045_678)
      const token = yield* signed("film.mp4", { overwrite: true, fsizeLimit: 10, lifetime: "1 minute" })
      const read = yield* UploadToken.parse(Redacted.value(token.text))
      assert.deepStrictEqual(read.policy, { scope, deadline: 1_767_323_105_000, overwrite: 1, fsizeLimit: 10 })
      assert.strictEqual((yield* signed(undefined)).scope, "media")
      assert.notInclude(String(token.text), "film")
    }))

  it.effect("is refused for a bad key or a policy that cannot work", () =>
    Effect.gen(function*() {
      assert.include(yield* Effect.flip(signed("/film.mp4")), { _tag: "WcsInvalidInput", input: "key" })
      assert.include(yield* Effect.flip(signed("k", { callbackBody: "key=$(key)" })), {
        _tag: "WcsInvalidInput",
        input: "policy.callbackBody"
      })
      const callback = { callbackUrl: "http://cb.test/", callbackBody: ReturnBody.struct({ key: ReturnBody.key }) }
      assert.include(yield* Effect.flip(signed("a&b", callback)), {
        _tag: "WcsInvalidInput",
        input: "policy.callbackBody"
      })
    }))
})

describe("tokens that a server issues", () => {
  it.effect("are asked for once by blocks that wait together, and kept until near their end", () =>
    Effect.gen(function*() {
      let asked = 0
      const auth = yield* WcsAuthTokens.make({
        issue: () =>
          Effect.delay(Effect.flatMap(Effect.sync(() => asked++), () => issue({ lifetime: "1 hour" })), "1 second")
      })
      const many = yield* Effect.fork(Effect.all(Array.from({ length: 20 }, () => tokenOf(auth)), { concurrency: 20 }))
      yield* TestClock.adjust("1 second")
      assert.lengthOf(new Set((yield* Fiber.join(many)).map(({ text }) => Redacted.value(text))), 1)
      assert.strictEqual(asked, 1)
      yield* TestClock.adjust("54 minutes")
      yield* tokenOf(auth)
      assert.strictEqual(asked, 1)
      yield* TestClock.adjust("1 minute")
      const renewed = yield* Effect.fork(tokenOf(auth))
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(renewed)
      assert.strictEqual(asked, 2)
    }))

  it.effect("are asked for within the span of the upload, with the services that the layer had", () =>
    Effect.gen(function*() {
      const asked: Array<readonly [span: string, service: boolean]> = []
      const auth = yield* WcsAuthTokens.make({
        issue: () =>
          Effect.gen(function*() {
            const { name } = yield* Effect.orDie(Effect.currentSpan)
            asked.push([name, (yield* UploadTokens.UploadTokens) === server])
            return yield* issue()
          })
      }).pipe(Effect.provideService(UploadTokens.UploadTokens, server), Effect.withSpan("the program"))
      yield* Effect.withSpan(tokenOf(auth), "an upload")
      assert.deepStrictEqual(asked, [["an upload", true]])
    }))

  it.effect("that live shorter than that are kept for three quarters of their life", () =>
    Effect.gen(function*() {
      let asked = 0
      const auth = yield* WcsAuthTokens.make({
        issue: () => Effect.zipRight(Effect.sync(() => asked++), issue({ lifetime: "1 minute" }))
      })
      yield* tokenOf(auth)
      yield* TestClock.adjust("44 seconds")
      yield* tokenOf(auth)
      assert.strictEqual(asked, 1)
      yield* TestClock.adjust("1 second")
      yield* tokenOf(auth)
      assert.strictEqual(asked, 2)
    }))

  it.effect("one object's server that hangs does not hold up another's", () =>
    Effect.gen(function*() {
      const auth = yield* WcsAuthTokens.make({
        issue: ({ scope }) => scope === "media:slow" ? Effect.never : issue()
      })
      const slow = yield* Effect.fork(tokenOf(auth, { scope: "media:slow" }))
      assert.strictEqual((yield* tokenOf(auth)).scope, scope)
      yield* Fiber.interrupt(slow)
    }))

  it.effect("fault 14: a server that fails is asked again by its own schedule", () =>
    Effect.gen(function*() {
      let asked = 0
      const flaky = Effect.suspend(() => ++asked < 3 ? new ServerDown({ detail: "secret" }) : issue())
      const auth = yield* WcsAuthTokens.make({ issue: () => flaky })
      const waiting = yield* Effect.fork(tokenOf(auth))
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* Fiber.join(waiting)).scope, scope)
      asked = -10
      const impatient = yield* WcsAuthTokens.make({ issue: () => flaky, retry: Schedule.recurs(1) })
      const error = yield* Effect.flip(tokenOf(impatient))
      assert.strictEqual(asked, -8)
      assert.include(error, { _tag: "WcsMissingCredentials", operation: "upload token" })
      assert.include(error.message, "ServerDown")
      assert.notInclude(JSON.stringify(error), "secret")
    }))

  it.effect("a refused one is replaced once, whoever else had it refused", () =>
    Effect.gen(function*() {
      let asked = 0
      const auth = yield* WcsAuthTokens.make({ issue: () => Effect.zipRight(Effect.sync(() => asked++), issue()) })
      yield* tokenOf(auth)
      yield* TestClock.adjust("1 minute")
      yield* Effect.all(Array.from({ length: 5 }, () => tokenOf(auth, { renew: true })), { concurrency: 5 })
      assert.strictEqual(asked, 2)
    }))

  const refusals: ReadonlyArray<
    readonly [what: string, input: string, issued: UploadPolicy.UploadPolicy, Partial<WcsAuth.TokenRequest>]
  > = [
    ["another object", "token", {}, { scope: "media:other.mp4" }],
    ["a smaller object", "token", { fsizeLimit: 10 }, { size: 11 }],
    ["no overwriting", "policy.overwrite", {}, { policy: { overwrite: true } }],
    ["another callback", "policy.callbackUrl", { callbackUrl: "http://a.test/" }, {
      policy: { callbackUrl: "http://b.test/" }
    }],
    [
      "another answer",
      "policy.returnBody",
      { returnBody: "size=$(fsize)" },
      { policy: { returnBody: ReturnBody.struct({ key: ReturnBody.key }) } }
    ]
  ]
  for (const [what, input, issued, asked] of refusals) {
    it.effect(`fault 16: one for ${what} is refused`, () =>
      Effect.gen(function*() {
        const auth = yield* WcsAuthTokens.make({ issue: () => issue(issued) })
        assert.include(yield* Effect.flip(tokenOf(auth, asked)), { _tag: "WcsInvalidInput", input })
      }))
  }

  it.effect("fault 16: one that has ended when it comes is refused, and the next call asks again", () =>
    Effect.gen(function*() {
      let asked = 0
      const stale = yield* issue({ lifetime: "1 minute" })
      const auth = yield* WcsAuthTokens.make({ issue: () => ++asked === 1 ? Effect.succeed(stale) : issue() })
      yield* TestClock.adjust("1 minute")
      const error = yield* Effect.flip(tokenOf(auth))
      assert.include(error, { _tag: "WcsMissingCredentials", operation: "upload token" })
      assert.include(error.message, "had ended 0 s before it came")
      yield* tokenOf(auth)
      assert.strictEqual(asked, 2)
    }))

  it.effect("one that ends while it is asked for is refused, too", () =>
    Effect.gen(function*() {
      const slow = yield* issue({ lifetime: "2 seconds" })
      const auth = yield* WcsAuthTokens.make({ issue: () => Effect.delay(Effect.succeed(slow), "3 seconds") })
      const waiting = yield* Effect.fork(Effect.flip(tokenOf(auth)))
      yield* TestClock.adjust("3 seconds")
      const error = yield* Fiber.join(waiting)
      assert.include(error, { _tag: "WcsMissingCredentials", operation: "upload token" })
      assert.include(error.message, "had ended 1 s before it came")
    }))

  it.effect("one for the bucket, with what the call leaves open, is used", () =>
    Effect.gen(function*() {
      const auth = yield* WcsAuthTokens.make({
        issue: () => issue({ callbackUrl: "http://a.test/", fsizeLimit: 10, overwrite: true }, null)
      })
      assert.strictEqual((yield* tokenOf(auth, { size: 10, policy: { overwrite: true } })).scope, "media")
    }))

  it.effect("what is no token is refused before a byte is sent", () => {
    const { layer, sent } = recording.client(() => "reset")
    const services = (token: Effect.Effect<string | Redacted.Redacted>) =>
      recording.services(layer, {}, WcsAuthTokens.layer({ issue: () => token }))
    return Effect.gen(function*() {
      for (const token of [Effect.succeed("nonsense"), issue({ fsizeLimit: 11 }), issue({}, "other")]) {
        for (const method of ["form", "block"] as const) {
          const error = yield* Effect.flatMap(
            Uploader.Uploader,
            (uploader) => uploader.putBytes(new Uint8Array(12), { bucket: "media", key: "film.mp4" }, { method })
          ).pipe(
            Effect.provide(services(token)),
            Effect.flip
          )
          assert.include(error, { _tag: "WcsInvalidInput", input: "token" })
        }
      }
      assert.isEmpty(sent)
    })
  })
})
