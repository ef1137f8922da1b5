/**
 * What the service sends to a customer's server: callbacks of uploads, notifications of tasks (protocol 2.5, 4.4).
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { CallbackBody } from "../domain/CallbackBody.ts"
import type { TaskStatus } from "../domain/Task.ts"
import type { WcsBadCallback, WcsMissingCredentials } from "../domain/WcsError.ts"

/**
 * A request as it reached the customer's server, from whatever HTTP server that is.
 *
 * @since 0.1.0
 * @category models
 */
export interface IncomingCallback {
  /** The URL that the policy or the task named, absolute and with its query: not what a proxy made of it. */
  readonly url: string
  /** The value of its Authorization header. */
  readonly authorization: string | undefined
  /** The body as it came: URL-safe Base64 text, or a JSON document. */
  readonly body: string
}

/**
 * Tells requests of the service from others. Layer: `CallbacksKeys`; the service may sign with any key pair of the account,
 * so name all of them there (`layerOptions`). Answer 200 when a call succeeds, or the service sends the request again, and
 * in the end reports the upload as failed (579).
 *
 * @example
 * import { Effect, Either } from "effect"
 * import { CallbackBody, Callbacks, ReturnBody } from "effect-wcs"
 * import { WcsTest } from "effect-wcs/testing"
 *
 * const stored = CallbackBody.struct({ key: ReturnBody.key, size: ReturnBody.fsize })
 *
 * const program = Effect.gen(function*() {
 *   const callbacks = yield* Callbacks.Callbacks
 *   const url = "https://example.com/stored"
 *   return yield* Effect.either(callbacks.upload({ url, authorization: undefined, body: "key=a&size=1" }, stored))
 * })
 * const answer = await Effect.runPromise(Effect.provide(program, WcsTest.layer()))
 * assert.strictEqual(Either.isLeft(answer) && answer.left._tag, "WcsBadCallback")
 *
 * @since 0.1.0
 * @category services
 */
export class Callbacks extends Context.Tag("effect-wcs/Callbacks")<Callbacks, {
  /**
   * Checks the signature and gives the decoded body. `WcsBadCallback` for a request that is not the service's. The
   * signature may cover the URL or its path and query, and the body as it came or decoded: sources leave that open
   * (protocol 2.5), and no time: the same request may come again, so let a second one change nothing. Bound the body where
   * you read it.
   */
  readonly verify: (request: IncomingCallback) => Effect.Effect<string, WcsBadCallback | WcsMissingCredentials>
  /** Checks the callback of an upload, and reads its body by the policy's `callbackBody`. */
  readonly upload: <A>(
    request: IncomingCallback,
    callbackBody: CallbackBody<A>
  ) => Effect.Effect<A, WcsBadCallback | WcsMissingCredentials>
  /** Checks the notification of a task (`notifyUrl`, `persistentNotifyUrl`), and reads how the task is doing. */
  readonly notification: (
    request: IncomingCallback
  ) => Effect.Effect<TaskStatus, WcsBadCallback | WcsMissingCredentials>
}>() {}
