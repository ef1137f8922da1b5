/** What goes wrong with management operations: one tag for each thing, what it was about, and no secret in it. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { WcsError, WcsRequest } from "effect-wcs"
import { Uploader } from "effect-wcs"
import { Fault } from "effect-wcs/testing"
import { inspect } from "node:util"
import { inTime } from "../support/clock.ts"
import * as recording from "../support/recording.ts"
import { calls } from "./calls.ts"
import { at, emulator, operations, service } from "./support.ts"

/** All that a program may print of an error. */
const printed = (error: WcsError.WcsError): string =>
  [
    JSON.stringify(error),
    JSON.stringify({ ...error, message: error.message, stack: error.stack }),
    inspect(error, { depth: 20, showHidden: true }),
    String(error)
  ].join("\n")

const hasNoSecret = (error: WcsError.WcsError) => {
  const text = printed(error)
  assert.notInclude(text, "test-secret-key")
  assert.notInclude(text, "test-access-key")
  assert.notMatch(text, /[\w-]{54}==/)
}

const once = { retries: { connect: 0 } }

/** Those that are not signed (protocol 2.4). */
const unsigned: ReadonlyArray<WcsRequest.Operation> = [
  "fmgr/status",
  "fops/status",
  "imageInfo",
  "exif",
  "avinfo",
  "avinfo2"
]

describe("every operation", () => {
  const refusals = [
    [401, "WcsUnauthorized"],
    [404, "WcsNotFound"],
    [406, "WcsRefused"],
    [409, "WcsRefused"],
    [429, "WcsThrottled"],
    [500, "WcsServerFailure"],
    [503, "WcsThrottled"]
  ] as const
  for (const [status, tag] of refusals) {
    it.effect(`answered with ${status} fails with ${tag}, and tells the request`, () =>
      Effect.gen(function*() {
        yield* emulator((emulator) => emulator.addFault(Fault.on("any", Fault.status(status))))
        for (const [operation, call] of yield* calls) {
          const error = yield* Effect.flip(inTime(call, "10 seconds"))
          const requestId = (yield* emulator((emulator) => emulator.requests)).at(-1)?.requestId ?? "none"
          assert.include(error, { _tag: tag, operation, status, code: String(status), requestId }, operation)
          for (const part of [operation, String(status), requestId]) assert.include(error.message, part)
          assert.strictEqual(error.isRetryable, status === 429 || status === 500 || status === 503)
          hasNoSecret(error)
        }
      }).pipe(Effect.provide(service({ settings: once }))))
  }

  const failures = [
    ["no answer", Fault.stall, "WcsTimeout"],
    ["a broken connection", Fault.lostAnswer, "WcsNetworkError"],
    ["another's page", Fault.garbage, "WcsUndecodableAnswer"]
  ] as const
  for (const [what, action, tag] of failures) {
    it.effect(`with ${what} fails with ${tag}`, () =>
      Effect.gen(function*() {
        yield* emulator((emulator) => emulator.addFault(Fault.on("any", action)))
        for (const [operation, call] of yield* calls) {
          const error = yield* Effect.flip(tag === "WcsTimeout" ? inTime(call, "1 minute") : call)
          assert.include(error, { _tag: tag, operation, isRetryable: true }, operation)
          assert.include(error.message, operation)
          hasNoSecret(error)
        }
      }).pipe(Effect.provide(service({ settings: once }))))
  }

  const strangers = [
    ["without credentials", undefined, "WcsMissingCredentials"],
    ["with a wrong key", { accessKey: "test-access-key", secretKey: "wrong-test-secret-key" }, "WcsUnauthorized"]
  ] as const
  for (const [what, credentials, tag] of strangers) {
    it.effect(`${what} fails with ${tag}, but for those that are not signed`, () =>
      Effect.gen(function*() {
        for (const [operation, call] of yield* calls) {
          const error = yield* Effect.flip(inTime(call, "10 seconds"))
          assert.include(error, { _tag: unsigned.includes(operation) ? "WcsNotFound" : tag, operation }, operation)
          hasNoSecret(error)
        }
        const sent = yield* operations
        assert.lengthOf(sent, credentials === undefined ? unsigned.length : (yield* calls).length)
      }).pipe(Effect.provide(service({ settings: { credentials } }))))
  }
})

describe("a service that repeats what it was sent", () => {
  const echo = (sent: recording.Sent): Response =>
    Response.json({
      code: "403",
      message: `${sent.headers["authorization"]} of ${sent.url.href} with ${Buffer.from(sent.body).toString()}`
    }, { status: 403 })

  it.effect("puts no credentials into an error", () => {
    const { layer, sent } = recording.client(echo)
    return Effect.gen(function*() {
      for (const [operation, call] of yield* calls) {
        const error = yield* Effect.flip(inTime(call, "10 seconds"))
        const authorization = sent.at(-1)?.headers["authorization"]
        assert.include(error, { _tag: "WcsUnauthorized", operation }, operation)
        if (authorization !== undefined) {
          assert.include(error.message, "<redacted>", operation)
          assert.notInclude(printed(error), authorization, operation)
        }
        hasNoSecret(error)
      }
    }).pipe(Effect.provide(recording.services(layer)))
  })

  for (const method of ["form", "block"] as const) {
    it.effect(`puts no upload token into an error (${method})`, () => {
      const { layer } = recording.client(echo)
      return Effect.gen(function*() {
        const uploader = yield* Uploader.Uploader
        const error = yield* Effect.flip(uploader.putBytes(new Uint8Array(5), at("a"), { method }))
        assert.include(error, { _tag: "WcsUnauthorized", operation: method === "form" ? "upload" : "mkblk" })
        assert.include(error.message, "<redacted>")
        hasNoSecret(error)
      }).pipe(Effect.provide(recording.services(layer)))
    })
  }
})
