/**
 * The answers of uploads, in all their shapes (protocol 4.2, 4.3).
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Base64Url from "./Base64Url.ts"
import * as Pairs from "./Pairs.ts"
import * as Refusals from "./wire/Refusals.ts"
import type { Answer } from "./wire/WcsRequest.ts"

/**
 * An upload's answer, read as far as it can be.
 *
 * @since 0.1.0
 * @category models
 */
export interface UploadAnswer {
  /** The etag that the service says it holds. */
  readonly hash: string | undefined
  readonly key: string | undefined
  /** Every member of the answer; its text where it has none. */
  readonly body: unknown
  readonly requestId: string | undefined
  /** Of an answer that was lost: what it was asked to tell and nothing else tells, such as `$(persistentId)`. */
  readonly untold?: ReadonlyArray<string> | undefined
}

const parse = Schema.decodeOption(Schema.parseJson())

/** Reads a body: nothing; JSON; Base64 of JSON or of `a=1&b=2`; else the text as it is. */
const readBody = (text: string): unknown => {
  const trimmed = text.trim()
  if (trimmed === "") return {}
  return parse(trimmed).pipe(
    Option.filter((value) => typeof value === "object"),
    Option.orElse(() =>
      Option.flatMap(
        Option.getRight(Base64Url.decodeText(trimmed)),
        (inner) => Option.orElse(Option.filter(parse(inner), Predicate.isRecord), () => Pairs.decode(inner))
      )
    ),
    Option.getOrElse(() => trimmed)
  )
}

const text = (value: unknown): string | undefined => typeof value === "string" && value !== "" ? value : undefined

/** Only what has the shape of an etag is one (protocol 11.1): a callback's own answer may hold anything. */
const etag = (value: unknown): string | undefined =>
  typeof value === "string" && /^[Fl][\w-]{27}$/.test(value) ? value : undefined

const fromBody = (body: unknown, answer: Answer): UploadAnswer => ({
  hash: Predicate.isRecord(body) ? etag(body["hash"]) : undefined,
  key: Predicate.isRecord(body) ? text(body["key"]) : undefined,
  body,
  requestId: Refusals.requestId(answer)
})

/** An HTML page, as a captive portal answers, is never an upload's answer. */
const isPage = (answer: Answer): boolean =>
  /^\s*<(?:!doctype|html|\?xml)/i.test(answer.text) || /text\/html/i.test(answer.headers["content-type"] ?? "")

/**
 * Reads a success: a 2xx body, or the redirect of a `returnUrl` in either of its forms.
 *
 * @since 0.1.0
 * @category decoding
 */
export const decode = (answer: Answer): Either.Either<UploadAnswer, string> => {
  if (answer.status === 303) {
    const location = answer.headers["location"]
    if (location === undefined || !URL.canParse(location)) return Either.left("a redirect without a location")
    const query = new URL(location).searchParams
    const result = query.get("upload_ret")
    return Either.right(fromBody(result === null ? Object.fromEntries(query) : readBody(result), answer))
  }
  return isPage(answer) ? Either.left("an HTML page") : Either.right(fromBody(readBody(answer.text), answer))
}
