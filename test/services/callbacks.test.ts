/** Callbacks and notifications as they reach a customer's server (protocol 2.5, 4.4). */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Redacted } from "effect"
import { Base64Url, CallbackBody, Callbacks, CallbacksKeys, ReturnBody, WcsConfigLayer } from "effect-wcs"
import { DigestNode } from "effect-wcs/node"
import { createHmac } from "node:crypto"
import * as recording from "../support/recording.ts"

const url = "http://cb.example.com/cb?x=1"
const template = CallbackBody.struct({ key: ReturnBody.key, size: ReturnBody.fsize, who: ReturnBody.custom("who") })

const layer = recording.services(recording.client(() => "reset").layer)

/** The signature by the book, with nothing of the library. */
const sign = (covered: string, body: string, secret = recording.secretKey): string =>
  Buffer.from(createHmac("sha1", secret).update(`${covered}\n${body}`).digest("hex")).toString("base64url") + "=="

const incoming = (
  text: string,
  covered = url,
  rest: Partial<Callbacks.IncomingCallback> = {}
): Callbacks.IncomingCallback => {
  const body = Base64Url.encode(text)
  return { url, body, authorization: `${recording.accessKey}:${sign(covered, body)}`, ...rest }
}

const callbacks = <A, E>(use: (callbacks: Callbacks.Callbacks["Type"]) => Effect.Effect<A, E>) =>
  Effect.provide(Effect.flatMap(Callbacks.Callbacks, use), layer)

describe("a callback", () => {
  for (const covered of [url, "/cb?x=1"]) {
    it.effect(`that signs ${covered} is read`, () =>
      Effect.gen(function*() {
        const request = incoming("key=目录/a b.txt&size=11&who=ann", covered)
        assert.deepStrictEqual(yield* callbacks((c) => c.upload(request, template)), {
          key: "目录/a b.txt",
          size: 11,
          who: "ann"
        })
        assert.strictEqual(yield* callbacks((c) => c.verify(request)), "key=目录/a b.txt&size=11&who=ann")
      }))
  }

  const good = incoming("key=a&size=1&who=")
  const forged: ReadonlyArray<
    readonly [
      what: string,
      reason: "Unsigned" | "Forged" | "Undecodable",
      request: Callbacks.IncomingCallback
    ]
  > = [
    ["whose key brings a member of its own", "Undecodable", incoming("key=a&x=b&size=1&who=")],
    ["without a signature", "Unsigned", { ...good, authorization: undefined }],
    ["with an empty signature", "Unsigned", { ...good, authorization: "" }],
    ["for another URL", "Forged", { ...good, url: "http://cb.example.com/cb?x=2" }],
    ["with another body", "Forged", { ...good, body: Base64Url.encode("key=b&size=1&who=") }],
    ["of another key", "Forged", { ...good, authorization: good.authorization!.replace(recording.accessKey, "other") }],
    ["with another secret", "Forged", {
      ...good,
      authorization: `${recording.accessKey}:${sign(url, good.body, "other")}`
    }],
    ["with half a signature", "Forged", { ...good, authorization: good.authorization!.slice(0, -10) }],
    ["that is not Base64", "Undecodable", {
      ...good,
      body: "!",
      authorization: `${recording.accessKey}:${sign(url, "!")}`
    }],
    ["without a member", "Undecodable", incoming("key=a")],
    ["with a size that is none", "Undecodable", incoming("key=a&size=big&who=")],
    ["without any members", "Undecodable", incoming("nothing")]
  ]
  for (const [what, reason, request] of forged) {
    it.effect(`${what} is refused`, () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(callbacks((c) => c.upload(request, template)))
        assert.include(error, { _tag: "WcsBadCallback", reason })
        assert.notInclude(JSON.stringify(error), recording.secretKey)
      }))
  }

  it.effect("needs keys", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Effect.flatMap(Callbacks.Callbacks, (c) => c.verify(good)))
      assert.include(error, { _tag: "WcsMissingCredentials" })
    }).pipe(
      Effect.provide(CallbacksKeys.layer),
      Effect.provide([DigestNode.layer, WcsConfigLayer.layer({})])
    ))
})

describe("further keys of the account", () => {
  const keys = ["new", "old", ""].map((secret) => ({ accessKey: "other-access-key", secretKey: Redacted.make(secret) }))
  const verifyBy = (credentials: WcsConfigLayer.Options, request: Callbacks.IncomingCallback) =>
    Effect.flatMap(Callbacks.Callbacks, (c) => c.verify(request)).pipe(
      Effect.provide(CallbacksKeys.layerOptions({ keys })),
      Effect.provide([DigestNode.layer, WcsConfigLayer.layer(credentials)])
    )
  const body = Base64Url.encode("a=1")
  const signedBy = (accessKey: string, secret: string): Callbacks.IncomingCallback => ({
    url,
    body,
    authorization: `${accessKey}:${sign(url, body, secret)}`
  })
  const settings = { credentials: { accessKey: recording.accessKey, secretKey: recording.secretKey } }

  for (const [accessKey, secret] of [["other-access-key", "new"], ["other-access-key", "old"]] as const) {
    it.effect(`sign, too (${secret}), with and without keys in the settings`, () =>
      Effect.gen(function*() {
        assert.strictEqual(yield* verifyBy(settings, signedBy(accessKey, secret)), "a=1")
        assert.strictEqual(yield* verifyBy({}, signedBy(accessKey, secret)), "a=1")
      }))
  }

  it.effect("stand beside those of the settings, and none signs for another", () =>
    Effect.gen(function*() {
      const { accessKey, secretKey } = recording
      assert.strictEqual(yield* verifyBy(settings, signedBy(accessKey, secretKey)), "a=1")
      for (
        const request of [
          signedBy(accessKey, "new"),
          signedBy("other-access-key", secretKey),
          signedBy("other-access-key", "")
        ]
      ) {
        const error = yield* Effect.flip(verifyBy(settings, request))
        assert.include(error, { _tag: "WcsBadCallback", reason: "Forged" })
      }
    }))
})

describe("a notification", () => {
  it.effect("tells how a task is doing", () =>
    Effect.gen(function*() {
      const document = { id: "20105", code: 3, desc: "done", items: [{ cmd: "c", code: "3", desc: "", key: "x.mp4" }] }
      const status = yield* callbacks((c) => c.notification(incoming(JSON.stringify(document))))
      assert.strictEqual(status.state, "done")
      assert.deepStrictEqual(status.items.map(({ key, state }) => [state, key]), [["succeeded", Option.some("x.mp4")]])
    }))

  it.effect("that is no document is refused", () =>
    Effect.gen(function*() {
      assert.include(yield* Effect.flip(callbacks((c) => c.notification(incoming("{}")))), {
        _tag: "WcsBadCallback",
        reason: "Undecodable"
      })
    }))
})
