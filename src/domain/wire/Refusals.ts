/**
 * From an answer that refuses to the error that says what it means (protocol 12).
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as WcsError from "../WcsError.ts"
import type { Answer, Operation } from "./WcsRequest.ts"

const ErrorBody = Schema.parseJson(Schema.Struct({
  code: Schema.optional(Schema.Union(Schema.String, Schema.Number)),
  message: Schema.optional(Schema.Unknown)
}))

/** Characters of an error's body that are looked at. */
const longestError = 65_536

const readBody = Schema.decodeOption(ErrorBody)

/** Anything that looks like a token of ours, wherever the service may repeat it. */
const credential = /[^\s:"'=&]{0,256}:[A-Za-z0-9_-]{54}==(?::[A-Za-z0-9_=-]+)?/g

/** A URL up to its host, though its scheme be misspelt, or a file system have taken it for a path; no object. */
const scheme = String.raw`(?:\bhttps?:/|\b(?!wcs:)[a-z][a-z\d+.-]{0,31}://)/?`

/** A name and a password before a host. */
const user = new RegExp(String.raw`(${scheme})[^\s/?#"'<>]{0,512}@`, "gi")

/** The query of a URL may be what lets its holder in. */
const query = new RegExp(String.raw`(${scheme}[^\s?#"'<>]{0,2048}\?)[^\s"'<>]+`, "gi")

/**
 * A text without tokens, signatures, and the queries and passwords of URLs.
 *
 * @since 0.1.0
 * @category encoding
 */
export const redact = (text: string): string =>
  text.replace(query, "$1<redacted>").replace(user, "$1<redacted>@").replace(credential, "<redacted>")

/**
 * What the service wrote, short and without credentials.
 *
 * @since 0.1.0
 * @category encoding
 */
export const clean = (text: string, most = 512): string => {
  const looked = text.slice(0, 2048)
  // A credential that the cut has gone through would not look like one.
  const whole = looked.length < text.length ? looked.replace(/(?::[\w=-]*){1,2}$/, "") : looked
  return redact(whole).trim().slice(0, most)
}

/**
 * The id to give to the vendor's support (`X-Reqid`).
 *
 * @since 0.1.0
 * @category decoding
 */
export const requestId = (answer: Pick<Answer, "headers">): string | undefined =>
  answer.headers["x-reqid"] && clean(answer.headers["x-reqid"], 128)

/** How long an answer asks to wait: seconds, or a date that is compared with the answer's own `Date`. */
const retryAfter = (answer: Answer): Duration.Duration | undefined => {
  const value = answer.headers["retry-after"]?.trim()
  if (!value) return undefined
  if (/^\d+$/.test(value)) return Duration.seconds(Number(value))
  const wait = Date.parse(value) - Date.parse(answer.headers["date"] ?? "")
  return Number.isNaN(wait) ? undefined : Duration.millis(Math.max(0, wait))
}

/**
 * The facts of an answer that refuses.
 *
 * @since 0.1.0
 * @category decoding
 */
export const refusal = (operation: Operation, answer: Answer): WcsError.Refusal => {
  const body = readBody(answer.text.slice(0, longestError))
  return {
    operation,
    status: answer.status,
    code: Option.match(body, {
      onNone: () => String(answer.status),
      onSome: ({ code }) => clean(String(code ?? answer.status), 64)
    }),
    detail: clean(Option.match(body, {
      onNone: () => answer.text,
      onSome: ({ message }) => typeof message === "string" ? message : ""
    })),
    requestId: requestId(answer),
    retryAfter: retryAfter(answer)
  }
}

const slices: ReadonlySet<Operation> = new Set<Operation>(["mkblk", "bput", "mkfile"])

/**
 * Where the next append to an appendable object begins, as an answer's headers tell it; one of the vendor's pages
 * misspells the name (protocol 5.5, 6.1).
 *
 * @since 0.1.0
 * @category decoding
 */
export const nextPosition = (answer: Pick<Answer, "headers">): number | undefined => {
  const { headers } = answer
  const text = headers["x-wcs-next-append-position"] ?? headers["x-wcs-next-append-positon"]
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

/**
 * What a refusal means. `expired` says whether the upload token that was sent had ended by the service's clock: an
 * answer tells it only by its text, which is not to be relied on (protocol 12.3).
 *
 * @since 0.1.0
 * @category constructors
 */
export const toError = (
  operation: Operation,
  refusal: WcsError.Refusal,
  options: { readonly expired: boolean; readonly nextPosition?: number | undefined }
): WcsError.WcsAnswerError => {
  const { status } = refusal
  const slice = slices.has(operation)
  switch (status) {
    case 401:
      return options.expired
        ? new WcsError.WcsTokenExpired(refusal)
        // The token is good, so it is a block that the service does not accept (protocol 17.6).
        : operation === "mkfile"
        ? new WcsError.WcsStaleBlock(refusal)
        : new WcsError.WcsUnauthorized(refusal)
    case 403:
    case 405:
      return new WcsError.WcsUnauthorized(refusal)
    case 404:
    case 631:
      return new WcsError.WcsNotFound(refusal)
    case 406:
      return operation === "mkfile" || operation === "upload" || operation === "append"
        ? new WcsError.WcsAlreadyExists(refusal)
        : slice
        ? new WcsError.WcsStaleBlock(refusal)
        : new WcsError.WcsRefused(refusal)
    case 409:
      return operation === "append"
        ? new WcsError.WcsWrongPosition({ ...refusal, nextPosition: options.nextPosition })
        : new WcsError.WcsRefused(refusal)
    case 412:
    case 701:
      return slice ? new WcsError.WcsStaleBlock(refusal) : new WcsError.WcsRefused(refusal)
    case 429:
    case 503:
      return new WcsError.WcsThrottled(refusal)
    case 579:
      return new WcsError.WcsCallbackFailed(refusal)
    default:
      return status === 408 || (status >= 500 && status < 600)
        ? new WcsError.WcsServerFailure(refusal)
        : new WcsError.WcsRefused(refusal)
  }
}

/**
 * An error that hides in an answer whose status is a success: a JSON object with a `message` whose `code` is one of an
 * error, or the redirect of a `returnUrl` that failed (protocol 4.3). The code takes the place of the status.
 *
 * @since 0.1.0
 * @category decoding
 */
export const hidden = (operation: Operation, answer: Answer): WcsError.Refusal | undefined => {
  const location = answer.status === 303 ? answer.headers["location"] ?? "" : ""
  const text = URL.canParse(location)
    ? JSON.stringify(Object.fromEntries(new URL(location).searchParams))
    : answer.text
  // An error is short, and what is longer, such as a page of a listing, need not be read twice.
  if (!text.startsWith("{") || text.length > longestError) return undefined
  const body = Option.getOrUndefined(readBody(text))
  const status = Number(body?.code)
  return body?.message !== undefined && Number.isInteger(status) && status >= 400 && status < 1000
    ? refusal(operation, { ...answer, status, text })
    : undefined
}
