import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Duration, Effect, FastCheck, Schema } from "effect"
import * as WcsError from "../../src/domain/WcsError.ts"

/** Every class of the union, and whether a repeat can help. */
const classes = [
  [WcsError.WcsUnauthorized, false],
  [WcsError.WcsTokenExpired, false],
  [WcsError.WcsNotFound, false],
  [WcsError.WcsAlreadyExists, false],
  [WcsError.WcsCallbackFailed, false],
  [WcsError.WcsStaleBlock, false],
  [WcsError.WcsThrottled, true],
  [WcsError.WcsServerFailure, true],
  [WcsError.WcsRefused, false],
  [WcsError.WcsUndecodableAnswer, undefined],
  [WcsError.WcsNetworkError, true],
  [WcsError.WcsUntrustedServer, false],
  [WcsError.WcsTimeout, undefined],
  [WcsError.WcsIntegrityError, undefined],
  [WcsError.WcsInvalidInput, false],
  [WcsError.WcsMissingCredentials, false],
  [WcsError.WcsFileError, false],
  [WcsError.WcsProgressError, false],
  [WcsError.WcsWrongPosition, false],
  [WcsError.WcsTaskPending, false],
  [WcsError.WcsBadCallback, false]
] as const

/** JSON has no infinity, and nobody waits that long. */
const isFinite = (error: WcsError.WcsError): boolean =>
  [
    "after" in error ? error.after : undefined,
    "retryAfter" in error ? error.retryAfter : undefined
  ].every((time) => time === undefined || Duration.isFinite(time))

describe("WcsError", () => {
  it("has its classes listed here", () => {
    const exported = Object.entries(WcsError).filter(([, value]) => Schema.isSchema(value)).map(([name]) => name)
    assert.deepStrictEqual(classes.map(([{ _tag }]) => _tag).toSorted(), exported.toSorted())
  })

  for (const [Class, isRetryable] of classes) {
    const schema = Class as unknown as Schema.Schema<WcsError.WcsError, unknown>
    it.effect.prop(
      `${Class._tag} survives encoding, and says what happened`,
      [Arbitrary.make(schema).filter(isFinite)],
      ([error]) =>
        Effect.gen(function*() {
          assert.isTrue(WcsError.isWcsError(error))
          assert.notStrictEqual(error.message, "")
          if (isRetryable !== undefined) assert.strictEqual(error.isRetryable, isRetryable)
          const encoded = JSON.parse(JSON.stringify(yield* Schema.encode(schema)(error)))
          const decoded = yield* Schema.decodeUnknown(schema)(encoded)
          assert.isTrue(decoded instanceof Class)
          assert.isTrue(WcsError.isWcsError(decoded))
          assert.strictEqual(decoded._tag, Class._tag)
          assert.strictEqual(decoded.message, error.message)
          assert.strictEqual(decoded.isRetryable, error.isRetryable)
          assert.deepStrictEqual(JSON.parse(JSON.stringify(yield* Schema.encode(schema)(decoded))), encoded)
        }),
      { fastCheck: { numRuns: 20 } }
    )
  }

  it.effect.prop(
    "only these are WcsErrors",
    [FastCheck.anything()],
    ([value]) => Effect.sync(() => assert.isFalse(WcsError.isWcsError(value)))
  )

  it("repeats what took too long, but for a whole upload", () => {
    const reasons = ["Connect", "Answer", "Stall", "Upload"] as const
    assert.deepStrictEqual(
      reasons.map((reason) =>
        new WcsError.WcsTimeout({ operation: "mkblk", reason, after: Duration.seconds(1) }).isRetryable
      ),
      [true, true, true, false]
    )
  })

  it("repeats a chunk that differs, never an object that differs", () => {
    const failed = (check: "crc32" | "md5" | "offset" | "etag" | "size") =>
      new WcsError.WcsIntegrityError({ operation: "mkblk", check, expected: "a", actual: "b" }).isRetryable
    assert.deepStrictEqual((["crc32", "md5", "offset", "etag", "size"] as const).map(failed), [
      true,
      true,
      true,
      false,
      false
    ])
  })

  it("repeats what cannot be read, but for an object that is stored", () => {
    const answer = { operation: "mkfile", status: 200, code: "200", detail: "odd" }
    assert.isTrue(new WcsError.WcsUndecodableAnswer(answer).isRetryable)
    assert.isFalse(new WcsError.WcsUndecodableAnswer({ ...answer, stored: true }).isRetryable)
  })

  it("names operation, status, code, message and request", () => {
    const error = new WcsError.WcsThrottled({
      operation: "mkblk",
      status: 503,
      code: "50301",
      detail: "slow down",
      requestId: "r1",
      retryAfter: Duration.seconds(2)
    })
    for (const part of ["mkblk", "503", "50301", "slow down", "r1"]) assert.include(error.message, part)
  })
})
