/**
 * Everything that can go wrong, as one union with one tag for each thing that a caller would do differently.
 *
 * No error holds a request, a header, a token or a secret: what the service wrote is cut and cleaned of credentials.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"

/**
 * What marks the errors of this library.
 *
 * @since 0.1.0
 * @category symbols
 */
export const TypeId: unique symbol = Symbol.for("effect-wcs/WcsError")

/**
 * The type of that mark.
 *
 * @since 0.1.0
 * @category symbols
 */
export type TypeId = typeof TypeId

/** What every answer that refuses carries. */
const answered = {
  /** The operation, by its name in the API: `mkblk`, `stat`, … */
  operation: Schema.String,
  /** The HTTP status. */
  status: Schema.Int,
  /** The service's own code; the HTTP status where the body gives none (protocol 12.1). */
  code: Schema.String,
  /** The service's message, cut to 512 characters. */
  detail: Schema.String,
  /** `X-Reqid`, the id to give to the vendor's support. */
  requestId: Schema.optional(Schema.String),
  /** How long the service asked to wait (`Retry-After`). */
  retryAfter: Schema.optional(Schema.DurationFromMillis)
}

/**
 * The facts of an answer that refuses.
 *
 * @since 0.1.0
 * @category models
 */
export interface Refusal extends Schema.Struct.Type<typeof answered> {}

const describe = (what: string, error: Refusal): string => {
  const code = error.code === String(error.status) ? error.code : `${error.status}, code ${error.code}`
  const detail = error.detail === "" ? "" : `: ${error.detail}`
  return `${error.operation}: ${what} (${code})${detail}${error.requestId ? ` [request ${error.requestId}]` : ""}`
}

/**
 * The credentials were refused, or they do not cover this request (401, 403, 405 without a token).
 *
 * @since 0.1.0
 * @category errors
 */
export class WcsUnauthorized extends Schema.TaggedError<WcsUnauthorized>("effect-wcs/WcsUnauthorized")(
  "WcsUnauthorized",
  answered
) {
  readonly [TypeId]: TypeId = TypeId
  readonly isRetryable = false
  override get message(): string {
    const refused = describe("credentials refused", this)
    // The service's word for a signature by another key; a 401 has many other reasons.
    return /token invalid/i.test(this.detail) ? `${refused}; check the secret key (WCS_SECRET_KEY)` : refused
  }
}

/**
 * The upload token's deadline had passed when the request arrived.
 *
 * @since 0.1.0
 * @category errors
 */
export class WcsTokenExpired extends Schema.TaggedError<WcsTokenExpired>("effect-wcs/WcsTokenExpired")(
  "WcsTokenExpired",
  answered
) {
  readonly [TypeId]: TypeId = TypeId
  readonly isRetryable = false
  override get message(): string {
    return describe("upload token expired", this)
  }
}

/**
 * No such object or bucket (404, 631).
 *
 * @since 0.1.0
 * @category errors
 */
export class WcsNotFound extends Schema.TaggedError<WcsNotFound>("effect-wcs/WcsNotFound")("WcsNotFound", answered) {
  readonly [TypeId]: TypeId = TypeId
  readonly isRetryable = false
  override get message(): string {
    return describe("not found", this)
  }
}

/**
 * The key is taken and the policy does not allow to overwrite it (406 of an upload).
 *
 * @since 0.1.0
 * @category errors
 */
export class WcsAlreadyExists extends Schema.TaggedError<WcsAlreadyExists>("effect-wcs/WcsAlreadyExists")(
  "WcsAlreadyExists",
  answered
) {
  readonly [TypeId]: TypeId = TypeId
  readonly isRetryable = false
  override get message(): string {
    return describe("the object exists already", this)
  }
}

/**
 * The object is stored, but the policy's callback did not answer 200 (579). Never repeat the upload for it.
 *
 * @since 0.1.0
 * @category errors
 */
export class WcsCallbackFailed extends Schema.TaggedError<WcsCallbackFailed>("effect-wcs/WcsCallbackFailed")(
  "WcsCallbackFailed",
  answered
) {
  readonly [TypeId]: TypeId = TypeId
  readonly isRetryable = false
  override get message(): string {
    return describe("stored, but its callback failed", this)
  }
}

/**
 * The service no longer knows a block, or does not accept it (701, 412, 406 of a chunk, and 401 of mkfile when the
 * token is good; protocol 5.3.3, 17.6). The uploader has already sent the blocks again once when a caller sees it.
 *
 * @since 0.1.0
 * @category errors
 */
export class WcsStaleBlock extends Schema.TaggedError<WcsStaleBlock>("effect-wcs/WcsStaleBlock")(
  "WcsStaleBlock",
  answered
) {
  readonly [TypeId]: TypeId = TypeId
  readonly isRetryable = false
  override get message(): string {
    return describe("a block is stale", this)
  }
}

/**
 * An append began elsewhere than at the object's end, or the object is not appendable (409 of an append; protocol 5.5).
 *
 * @since 0.1.0
 * @category errors
 */
export class WcsWrongPosition extends Schema.TaggedError<WcsWrongPosition>("effect-wcs/WcsWrongPosition")(
  "WcsWrongPosition",
  {
    ...answered,
    /** Where the next append has to begin, in bytes; absent when the object is not appendable. */
    nextPosition: Schema.optional(Schema.NonNegativeInt)
  }
) {
  readonly [TypeId]: TypeId = TypeId
  readonly isRetryable = false
  override get message(): string {
    return describe(
      this.nextPosition === undefined
        ? "not appendable at this position"
        : `wrong position, the next append begins at ${this.nextPosition}`,
      this
    )
  }
}

/**
 * The service asks for fewer requests (429, 503).
 *
 * @since 0.1.0
 * @category errors
 */
export class WcsThrottled extends Schema.TaggedError<WcsThrottled>("effect-wcs/WcsThrottled")(
  "WcsThrottled",
  answered
) {
  readonly [TypeId]: TypeId = TypeId
  readonly isRetryable = true
  override get message(): string {
    return describe("throttled", this)
  }
}

/**
 * The service failed (408 and 5xx but 503 and 579).
 *
 * @since 0.1.0
 * @category errors
 */
export class WcsServerFailure extends Schema.TaggedError<WcsServerFailure>("effect-wcs/WcsServerFailure")(
  "WcsServerFailure",
  answered
) {
  readonly [TypeId]: TypeId = TypeId
  readonly isRetryable = true
  override get message(): string {
    return describe("the service failed", this)
  }
}

/**
 * Any other refusal, such as a malformed request (400) or an object over the policy's size limit (413).
 *
 * @since 0.1.0
 * @category errors
 */
export class WcsRefused extends Schema.TaggedError<WcsRefused>("effect-wcs/WcsRefused")("WcsRefused", answered) {
  readonly [TypeId]: TypeId = TypeId
  readonly isRetryable = false
  override get message(): string {
    return describe("refused", this)
  }
}

/**
 * No answer came: the connection could not be made, or it broke.
 *
 * @since 0.1.0
 * @category errors
 */
export class WcsNetworkError extends Schema.TaggedError<WcsNetworkError>("effect-wcs/WcsNetworkError")(
  "WcsNetworkError",
  {
    operation: Schema.String,
    /** What the transport said, such as `ECONNRESET`. */
    detail: Schema.String
  }
) {
  readonly [TypeId]: TypeId = TypeId
  readonly isRetryable = true
  override get message(): string {
    return `${this.operation}: no answer: ${this.detail}`
  }
}

/**
 * The server could not prove who it is: its TLS certificate is not trusted, has ended, or is another host's. Nothing was
 * sent.
 *
 * @since 0.1.0
 * @category errors
 */
export class WcsUntrustedServer extends Schema.TaggedError<WcsUntrustedServer>("effect-wcs/WcsUntrustedServer")(
  "WcsUntrustedServer",
  {
    operation: Schema.String,
    /** What the transport said, such as `CERT_HAS_EXPIRED`. */
    detail: Schema.String
  }
) {
  readonly [TypeId]: TypeId = TypeId
  readonly isRetryable = false
  override get message(): string {
    return `${this.operation}: the server's certificate is refused: ${this.detail}`
  }
}

/**
 * Something took too long.
 *
 * @since 0.1.0
 * @category errors
 */
export class WcsTimeout extends Schema.TaggedError<WcsTimeout>("effect-wcs/WcsTimeout")("WcsTimeout", {
  operation: Schema.String,
  /**
   * `Connect`: to be connected. `Answer`: an answer to a request that was sent. `Stall`: no byte of a body moved.
   * `Upload`: a whole upload; its record stays.
   */
  reason: Schema.Literal("Connect", "Answer", "Stall", "Upload"),
  /** The bound that was passed. */
  after: Schema.DurationFromMillis,
  /** The upload that the same call goes on with; absent when there is no record of it. */
  uploadId: Schema.optional(Schema.String)
}) {
  readonly [TypeId]: TypeId = TypeId
  /** Whoever bounds a whole upload does not want it to be repeated. */
  get isRetryable(): boolean {
    return this.reason !== "Upload"
  }
  override get message(): string {
    const within = `within ${Duration.toMillis(this.after)} ms`
    switch (this.reason) {
      case "Connect":
        return `${this.operation}: not connected ${within}`
      case "Answer":
        return `${this.operation}: no answer ${within}`
      case "Stall":
        return `${this.operation}: no byte moved ${within}`
      case "Upload":
        return this.uploadId === undefined
          ? `${this.operation}: not done ${within}; nothing of it can be resumed`
          : `${this.operation}: not done ${within}; the same call resumes upload ${this.uploadId}`
    }
  }
}

/**
 * A 2xx answer that does not read as the service's: a captive portal's page, a truncated body, another shape.
 *
 * @since 0.1.0
 * @category errors
 */
export class WcsUndecodableAnswer extends Schema.TaggedError<WcsUndecodableAnswer>("effect-wcs/WcsUndecodableAnswer")(
  "WcsUndecodableAnswer",
  {
    ...answered,
    /**
     * The object is stored; only the answer does not fit the policy's `returnBody`, or it was lost with something that
     * nothing else tells.
     */
    stored: Schema.optional(Schema.Boolean)
  }
) {
  readonly [TypeId]: TypeId = TypeId
  get isRetryable(): boolean {
    return this.stored !== true
  }
  override get message(): string {
    return describe("the answer cannot be read", this)
  }
}

/**
 * What the service holds is not what was sent, or what arrived is not what the service holds.
 *
 * @since 0.1.0
 * @category errors
 */
export class WcsIntegrityError extends Schema.TaggedError<WcsIntegrityError>("effect-wcs/WcsIntegrityError")(
  "WcsIntegrityError",
  {
    operation: Schema.String,
    /** What was compared. */
    check: Schema.Literal("crc32", "md5", "offset", "etag", "size"),
    expected: Schema.String,
    actual: Schema.String,
    requestId: Schema.optional(Schema.String)
  }
) {
  readonly [TypeId]: TypeId = TypeId
  /** A chunk can be sent again; a whole object that differs needs the caller's decision. */
  get isRetryable(): boolean {
    return this.check === "crc32" || this.check === "md5" || this.check === "offset"
  }
  override get message(): string {
    return `${this.operation}: ${this.check} is ${this.actual}, expected ${this.expected}`
  }
}

/**
 * An argument or a setting that cannot work. Nothing was sent, but for a stream that turns out to have another length
 * than was said; nothing was stored.
 *
 * @since 0.1.0
 * @category errors
 */
export class WcsInvalidInput extends Schema.TaggedError<WcsInvalidInput>("effect-wcs/WcsInvalidInput")(
  "WcsInvalidInput",
  {
    /** The argument, such as `key` or `policy.returnUrl`. */
    input: Schema.String,
    /** What is wrong with it, and what would be right. */
    detail: Schema.String
  }
) {
  readonly [TypeId]: TypeId = TypeId
  readonly isRetryable = false
  override get message(): string {
    return `${this.input}: ${this.detail}`
  }
}

/**
 * The operation needs credentials that this program does not hold. Nothing was sent.
 *
 * @since 0.1.0
 * @category errors
 */
export class WcsMissingCredentials
  extends Schema.TaggedError<WcsMissingCredentials>("effect-wcs/WcsMissingCredentials")("WcsMissingCredentials", {
    operation: Schema.String,
    detail: Schema.String
  })
{
  readonly [TypeId]: TypeId = TypeId
  readonly isRetryable = false
  override get message(): string {
    return `${this.operation}: ${this.detail}`
  }
}

/**
 * A local file that cannot be used: absent, a folder, unreadable, unwritable, in the way, or changed while it was read.
 *
 * @since 0.1.0
 * @category errors
 */
export class WcsFileError extends Schema.TaggedError<WcsFileError>("effect-wcs/WcsFileError")("WcsFileError", {
  reason: Schema.Literal("NotFound", "NotAFile", "NotAFolder", "Unreadable", "Unwritable", "Exists", "Changed"),
  path: Schema.String,
  detail: Schema.String
}) {
  readonly [TypeId]: TypeId = TypeId
  readonly isRetryable = false
  override get message(): string {
    return `${this.path}: ${this.detail}`
  }
}

/**
 * The record of an upload cannot be read, written, or used for this source.
 *
 * @since 0.1.0
 * @category errors
 */
export class WcsProgressError extends Schema.TaggedError<WcsProgressError>("effect-wcs/WcsProgressError")(
  "WcsProgressError",
  {
    /** `Mismatch`: the record is of another file, block size or target. `Busy`: somebody else works on the upload. */
    reason: Schema.Literal("Unreadable", "Unwritable", "Mismatch", "Busy"),
    uploadId: Schema.String,
    detail: Schema.String,
    /** Who works on it: on Node the machine, the process, when that began, and a number of the upload's own. */
    owner: Schema.optional(Schema.String),
    /** When the owner counts as dead, unless it shows a sign of life: milliseconds since the epoch. */
    until: Schema.optional(Schema.Int)
  }
) {
  readonly [TypeId]: TypeId = TypeId
  readonly isRetryable = false
  override get message(): string {
    return `upload ${this.uploadId}: ${this.detail}`
  }
}

/**
 * A task had not ended when the polling schedule did. It goes on; ask for it again.
 *
 * @since 0.1.0
 * @category errors
 */
export class WcsTaskPending extends Schema.TaggedError<WcsTaskPending>("effect-wcs/WcsTaskPending")("WcsTaskPending", {
  operation: Schema.String,
  persistentId: Schema.String,
  /** The last state that was seen: `waiting` or `running`. */
  state: Schema.String
}) {
  readonly [TypeId]: TypeId = TypeId
  readonly isRetryable = false
  override get message(): string {
    return `${this.operation}: task ${this.persistentId} is still ${this.state}`
  }
}

/**
 * A request that came in as a callback or notification and is not the service's, or cannot be read. Answer it with 401.
 *
 * @since 0.1.0
 * @category errors
 */
export class WcsBadCallback extends Schema.TaggedError<WcsBadCallback>("effect-wcs/WcsBadCallback")("WcsBadCallback", {
  /** `Unsigned`: no Authorization. `Forged`: it is not of this URL, body and key. `Undecodable`: signed, but unreadable. */
  reason: Schema.Literal("Unsigned", "Forged", "Undecodable"),
  detail: Schema.String
}) {
  readonly [TypeId]: TypeId = TypeId
  readonly isRetryable = false
  override get message(): string {
    return `callback: ${this.detail}`
  }
}

/**
 * An answer that refuses.
 *
 * @since 0.1.0
 * @category models
 */
export type WcsAnswerError =
  | WcsUnauthorized
  | WcsTokenExpired
  | WcsNotFound
  | WcsAlreadyExists
  | WcsCallbackFailed
  | WcsStaleBlock
  | WcsWrongPosition
  | WcsThrottled
  | WcsServerFailure
  | WcsRefused
  | WcsUndecodableAnswer

/**
 * The error of every operation.
 *
 * @since 0.1.0
 * @category models
 */
export type WcsError =
  | WcsAnswerError
  | WcsNetworkError
  | WcsUntrustedServer
  | WcsTimeout
  | WcsIntegrityError
  | WcsInvalidInput
  | WcsMissingCredentials
  | WcsFileError
  | WcsProgressError
  | WcsTaskPending
  | WcsBadCallback

/**
 * Whether a value is one of this library's errors.
 *
 * @since 0.1.0
 * @category guards
 */
export const isWcsError = (u: unknown): u is WcsError => Predicate.hasProperty(u, TypeId)
