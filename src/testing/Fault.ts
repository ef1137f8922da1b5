/**
 * Rules that make the emulator misbehave.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import type * as Predicate from "effect/Predicate"
import type { OperationName } from "./EmulatorRequest.ts"

/**
 * What happens to a request. `Status`, `Reset`, `Stall` and `Garbage` come before it is processed, so nothing is
 * stored; all others leave the processing as it is.
 *
 * @since 0.1.0
 * @category models
 */
export type Action =
  /** Refused with this status. */
  | {
    readonly _tag: "Status"
    readonly status: number
    readonly body: string | undefined
    readonly headers: Readonly<Record<string, string>>
  }
  /** The connection breaks without an answer, once `after` bytes of the body have been read. */
  | { readonly _tag: "Reset"; readonly after: number }
  /** The request is processed, then the connection breaks without an answer. */
  | { readonly _tag: "LostAnswer" }
  /** The request waits on the Clock. */
  | { readonly _tag: "Delay"; readonly duration: Duration.Duration }
  /** No answer ever comes. */
  | { readonly _tag: "Stall" }
  | WrongChecksum
  | WrongHash
  /** 200 with an HTML page and no `X-Reqid`, as a captive portal answers. */
  | { readonly _tag: "Garbage" }
  /** The answer's body breaks off after so many bytes. */
  | { readonly _tag: "Truncate"; readonly after: number }
  /** One byte of the answer's body is flipped. */
  | { readonly _tag: "Corrupt"; readonly at: number }
  /** The service's clock is wrong by so many milliseconds: its `Date` header, and its judgement of token deadlines. */
  | { readonly _tag: "Skew"; readonly millis: number }

const Action = Data.taggedEnum<Action>()

/**
 * The answer of a chunk tells a wrong `crc32`, a wrong `checksum`, or both.
 *
 * @since 0.1.0
 * @category models
 */
export interface WrongChecksum {
  readonly _tag: "WrongChecksum"
  readonly of: "crc32" | "checksum" | "both"
}

/**
 * The answer tells a wrong hash of an object.
 *
 * @since 0.1.0
 * @category models
 */
export interface WrongHash {
  readonly _tag: "WrongHash"
}

/**
 * The operations whose answers tell the checksums of a chunk.
 *
 * @since 0.1.0
 * @category constants
 */
export const checksumOperations = ["mkblk", "bput"] as const

/**
 * The operations whose answers tell the hash of an object.
 *
 * @since 0.1.0
 * @category constants
 */
export const hashOperations = ["form", "append", "mkfile", "stat", "list", "download"] as const

/**
 * The operations that an action can act on.
 *
 * @since 0.1.0
 * @category models
 */
export type OperationOf<A extends Action> = A extends WrongChecksum ? (typeof checksumOperations)[number]
  : A extends WrongHash ? (typeof hashOperations)[number]
  : OperationName

/**
 * What a rule's predicate sees of a request.
 *
 * @since 0.1.0
 * @category models
 */
export interface Facts {
  readonly operation: OperationName
  readonly method: string
  readonly path: string
  readonly query: string
  /** By lower-case name, without credentials. */
  readonly headers: { readonly [name: string]: string | undefined }
  /** The block's index, of mkblk and bput. */
  readonly block?: number | undefined
  readonly key?: string | undefined
}

/**
 * Which of an operation's requests a rule is about. A form's key is known once the form has been read.
 *
 * @since 0.1.0
 * @category models
 */
export interface Match {
  /** Only requests of the block with this index. */
  readonly block?: number | undefined
  /** Only requests of this key. */
  readonly key?: string | undefined
  /** Only from the nth matching request on, counted from 1. Default: 1. */
  readonly nth?: number | undefined
  /** Only so many matching requests. Default: 1 with `nth`, else all. */
  readonly times?: number | undefined
  /** Of a form it sees no key. */
  readonly when?: Predicate.Predicate<Facts> | undefined
}

/**
 * A rule: what happens to which requests.
 *
 * @since 0.1.0
 * @category models
 */
export interface Fault extends Match {
  readonly operations: ReadonlyArray<OperationName> | "any"
  readonly action: Action
}

/**
 * A rule for the requests of one operation, of several, or of all. `wrongChecksum` and `wrongHash` change what only some
 * answers tell, and are of these operations alone.
 *
 * @example
 * import { Fault } from "effect-wcs/testing"
 *
 * // the second block fails twice, then every mkfile's first answer is lost
 * const faults = [
 *   Fault.on("mkblk", Fault.status(503, { retryAfter: 1 }), { block: 1, times: 2 }),
 *   Fault.on("mkfile", Fault.lostAnswer, { nth: 1 })
 * ]
 * assert.strictEqual(faults.length, 2)
 *
 * @since 0.1.0
 * @category constructors
 */
export const on = <A extends Action>(
  operations: OperationOf<A> | ReadonlyArray<OperationOf<A>> | "any",
  action: A,
  match: Match = {}
): Fault => ({
  ...match,
  operations: operations === "any" ? "any" : typeof operations === "string" ? [operations] : operations,
  action
})

/**
 * Refuses with a status. The body is the service's JSON error unless one is given (protocol 12.1).
 *
 * @since 0.1.0
 * @category actions
 */
export const status = (status: number, options: {
  readonly body?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** `Retry-After`, in seconds. */
  readonly retryAfter?: number | undefined
} = {}): Action =>
  Action.Status({
    status,
    body: options.body,
    headers: {
      ...(options.retryAfter === undefined ? {} : { "retry-after": String(options.retryAfter) }),
      ...options.headers
    }
  })

/**
 * Breaks the connection before the request is processed, at once or in the middle of its body.
 *
 * @since 0.1.0
 * @category actions
 */
export const reset = (options: {
  /** How many bytes of the body are read first. Default: 0. */
  readonly after?: number | undefined
} = {}): Action => Action.Reset({ after: options.after ?? 0 })

/**
 * Processes the request and breaks the connection in place of the answer.
 *
 * @since 0.1.0
 * @category actions
 */
export const lostAnswer: Action = Action.LostAnswer()

/**
 * Waits, on the Clock, before the request is processed.
 *
 * @since 0.1.0
 * @category actions
 */
export const delay = (duration: Duration.DurationInput): Action => Action.Delay({ duration: Duration.decode(duration) })

/**
 * Takes the request and never answers.
 *
 * @since 0.1.0
 * @category actions
 */
export const stall: Action = Action.Stall()

/**
 * Answers mkblk and bput with a wrong `crc32`, `checksum` (MD5), or both (protocol 11.3).
 *
 * @since 0.1.0
 * @category actions
 */
export const wrongChecksum = (of: "crc32" | "checksum" | "both" = "both"): WrongChecksum => Action.WrongChecksum({ of })

/**
 * Answers form, append, mkfile, stat, list and download with a hash that is not the content's (protocol 11.1).
 *
 * @since 0.1.0
 * @category actions
 */
export const wrongHash: WrongHash = Action.WrongHash()

/**
 * Answers 200 with an HTML page.
 *
 * @since 0.1.0
 * @category actions
 */
export const garbage: Action = Action.Garbage()

/**
 * Cuts the answer's body after `after` bytes and breaks the connection.
 *
 * @since 0.1.0
 * @category actions
 */
export const truncate = (after: number): Action => Action.Truncate({ after })

/**
 * Flips the byte at offset `at` of the answer's body.
 *
 * @since 0.1.0
 * @category actions
 */
export const corrupt = (at: number): Action => Action.Corrupt({ at })

/**
 * Puts the service's clock ahead of or behind the Clock.
 *
 * @since 0.1.0
 * @category actions
 */
export const skew = (
  by: { readonly ahead: Duration.DurationInput } | { readonly behind: Duration.DurationInput }
): Action => Action.Skew({ millis: "ahead" in by ? Duration.toMillis(by.ahead) : -Duration.toMillis(by.behind) })
