/**
 * Rules that make a connection misbehave, for what rules of HTTP cannot express. `FaultProxy` of
 * `effect-wcs/testing/node` obeys them.
 *
 * Bytes are counted from the beginning of a connection, heads of requests included. A client that keeps no connection
 * alive has one request on each.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"

/**
 * What happens to a connection.
 *
 * @since 0.1.0
 * @category models
 */
export type Action =
  /** It is reset once the client has sent so many bytes. */
  | { readonly _tag: "Reset"; readonly after: number }
  /** Once the client has sent so many bytes nothing gets through any more, either way; it stays open. */
  | { readonly _tag: "Swallow"; readonly after: number }
  /** The server gets everything, the client no byte of an answer; it stays open. */
  | { readonly _tag: "Withhold" }
  /** It ends once so many bytes of an answer got through, or the head of one. */
  | { readonly _tag: "CutAnswer"; readonly after: number | "head" }
  /** So many bytes get through, either way, each time that the duration has passed. */
  | { readonly _tag: "Pace"; readonly bytes: number; readonly every: Duration.Duration }
  /** One bit of this byte of what the client sends is flipped. */
  | { readonly _tag: "Flip"; readonly at: number }

const Action = Data.taggedEnum<Action>()

/**
 * Which connections a rule is about.
 *
 * @since 0.1.0
 * @category models
 */
export interface Match {
  /** Only from the nth connection on, counted from 1 since the rule was added. Default: 1. */
  readonly nth?: number | undefined
  /** Only so many connections. Default: 1 with `nth`, else all. */
  readonly times?: number | undefined
}

/**
 * A rule: what happens to which connections.
 *
 * @since 0.1.0
 * @category models
 */
export interface ConnectionFault extends Match {
  readonly action: Action
}

/**
 * A rule for some connections, or for all.
 *
 * @example
 * import { ConnectionFault } from "effect-wcs/testing"
 *
 * // the first connection breaks in the middle of a block, the third is never answered
 * const faults = [
 *   ConnectionFault.on(ConnectionFault.reset({ after: 1_000_000 }), { nth: 1 }),
 *   ConnectionFault.on(ConnectionFault.swallow(), { nth: 3 })
 * ]
 * assert.strictEqual(faults.length, 2)
 *
 * @since 0.1.0
 * @category constructors
 */
export const on = (action: Action, match: Match = {}): ConnectionFault => ({ ...match, action })

/**
 * Resets the connection, at once or in the middle of what the client sends.
 *
 * @since 0.1.0
 * @category actions
 */
export const reset = (options: { readonly after?: number | undefined } = {}): Action =>
  Action.Reset({ after: options.after ?? 0 })

/**
 * Takes what the client sends and lets nothing through, at once or after so many bytes: half open.
 *
 * @since 0.1.0
 * @category actions
 */
export const swallow = (options: { readonly after?: number | undefined } = {}): Action =>
  Action.Swallow({ after: options.after ?? 0 })

/**
 * Lets requests through and no answer back.
 *
 * @since 0.1.0
 * @category actions
 */
export const withhold: Action = Action.Withhold()

/**
 * Ends the connection in the place of an answer, in the midst of it, or after its head.
 *
 * @since 0.1.0
 * @category actions
 */
export const cutAnswer = (options: { readonly after?: number | "head" | undefined } = {}): Action =>
  Action.CutAnswer({ after: options.after ?? 0 })

/**
 * Lets a few bytes through at a time.
 *
 * @since 0.1.0
 * @category actions
 */
export const drip = (bytes: number, every: Duration.DurationInput): Action =>
  Action.Pace({ bytes, every: Duration.decode(every) })

/**
 * Lets so many bytes through in a second, each way.
 *
 * @since 0.1.0
 * @category actions
 */
export const bandwidth = (bytesPerSecond: number): Action =>
  drip(Math.max(1, Math.round(bytesPerSecond / 50)), "20 millis")

/**
 * Flips a bit of the byte at offset `at` of what the client sends.
 *
 * @since 0.1.0
 * @category actions
 */
export const flip = (at: number): Action => Action.Flip({ at })
