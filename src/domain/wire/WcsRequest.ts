/**
 * A request as a value: what is sent, how it is authorized, how its answer reads. One interpreter, the layer of
 * `WcsHttpClient`, sends them all.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { UploadPermission } from "../UploadToken.ts"
import type { WcsError } from "../WcsError.ts"

/**
 * The operations by their names in the API; `upload` is the form upload, `download` a GET on the download domain.
 *
 * @since 0.1.0
 * @category models
 */
export type Operation =
  | "upload"
  | "append"
  | "mkblk"
  | "bput"
  | "mkfile"
  | "stat"
  | "list"
  | "delete"
  | "move"
  | "copy"
  | "setdeadline"
  | "prefetch"
  | "bucket/list"
  | "bucket/stat"
  | "bucket/statistics"
  | "fmgr/move"
  | "fmgr/copy"
  | "fmgr/fetch"
  | "fmgr/delete"
  | "fmgr/deletePrefix"
  | "fmgr/deletem3u8"
  | "fmgr/setdeadline"
  | "fmgr/compress"
  | "fmgr/status"
  | "fops"
  | "fops/status"
  | "imageDetect"
  | "wslive/list"
  | "download"
  | "imageInfo"
  | "exif"
  | "avinfo"
  | "avinfo2"

/**
 * What an answer says, with its whole body.
 *
 * @since 0.1.0
 * @category models
 */
export interface Answer {
  readonly status: number
  /** By lower-case name. */
  readonly headers: { readonly [name: string]: string | undefined }
  readonly text: string
}

/**
 * Authorization by an upload token that allows this.
 *
 * @since 0.1.0
 * @category models
 */
export interface UploadAuthorization extends UploadPermission {
  readonly _tag: "Upload"
}

/**
 * How a request is authorized (protocol 2).
 *
 * @since 0.1.0
 * @category models
 */
export type Authorization =
  | { readonly _tag: "None" }
  | { readonly _tag: "Management" }
  | UploadAuthorization

/**
 * The content of a form's file part: its length is known before it is read.
 *
 * @since 0.1.0
 * @category models
 */
export interface FormContent {
  readonly size: number
  readonly stream: Stream.Stream<Uint8Array, WcsError>
}

/**
 * Bytes of what a form's file part holds.
 *
 * @since 0.1.0
 * @category combinators
 */
export const contentSize = (content: Uint8Array | FormContent): number =>
  content instanceof Uint8Array ? content.length : content.size

/**
 * What is sent. A form's upload token is put before its fields, and its file after them (protocol 5.1).
 *
 * @since 0.1.0
 * @category models
 */
export type Body =
  | { readonly _tag: "Empty" }
  | { readonly _tag: "Text"; readonly text: string; readonly contentType: string }
  | { readonly _tag: "Bytes"; readonly bytes: Uint8Array }
  | {
    readonly _tag: "Form"
    readonly fields: ReadonlyArray<readonly [name: string, value: string]>
    readonly fileName: string
    readonly contentType: string
    readonly content: Uint8Array | FormContent
  }

/**
 * A request whose answer reads as `A`.
 *
 * @since 0.1.0
 * @category models
 */
export interface WcsRequest<A> {
  readonly operation: Operation
  readonly method: "GET" | "POST"
  readonly host: "upload" | "management" | "download"
  /** The bucket, for a download host that has its place in it. */
  readonly bucket?: string | undefined
  /** What it is about, for logs: `bucket:key`, a bucket, or a task's id. */
  readonly target?: string | undefined
  /** As on the request line, percent-encoded. */
  readonly path: string
  /** As on the request line, percent-encoded, without the `?`; empty for none. */
  readonly query: string
  readonly headers: { readonly [name: string]: string }
  readonly authorization: Authorization
  readonly body: Body
  /** Reads an answer whose status is a success, or says why it cannot. */
  readonly decode: (answer: Answer) => Either.Either<A, string>
}

/** No authorization. @since 0.1.0 @category constructors */
export const none: Authorization = { _tag: "None" }

/** A management token. @since 0.1.0 @category constructors */
export const management: Authorization = { _tag: "Management" }

/** No body. @since 0.1.0 @category constructors */
export const empty: Body = { _tag: "Empty" }

/**
 * A GET on the management domain.
 *
 * @since 0.1.0
 * @category constructors
 */
export const get = <A>(
  operation: Operation,
  to: Pick<WcsRequest<A>, "path" | "target"> & { readonly query?: string | undefined },
  decode: WcsRequest<A>["decode"],
  authorization: Authorization = management
): WcsRequest<A> => ({
  operation,
  method: "GET",
  host: "management",
  target: to.target,
  path: to.path,
  query: to.query ?? "",
  headers: {},
  authorization,
  body: empty,
  decode
})

/**
 * A POST on the management domain; its body is form-like text, not percent-encoded (protocol 1.2).
 *
 * @since 0.1.0
 * @category constructors
 */
export const post = <A>(
  operation: Operation,
  to: Pick<WcsRequest<A>, "path" | "target"> & { readonly body?: string | undefined },
  decode: WcsRequest<A>["decode"]
): WcsRequest<A> => ({
  operation,
  method: "POST",
  host: "management",
  target: to.target,
  path: to.path,
  query: "",
  headers: {},
  authorization: management,
  body: to.body === undefined
    ? empty
    : { _tag: "Text", text: to.body, contentType: "application/x-www-form-urlencoded" },
  decode
})

/**
 * A form-like body from names and values that need no encoding: Base64, numbers, plain words (protocol 1.2).
 *
 * @since 0.1.0
 * @category encoding
 */
export const body = (pairs: ReadonlyArray<readonly [name: string, value: string | number | undefined]>): string =>
  pairs.filter(([, value]) => value !== undefined).map(([name, value]) => `${name}=${value}`).join("&")

/** What does not fit, on one line. */
const problem = (error: ParseResult.ParseError): string => {
  const [first] = ParseResult.ArrayFormatter.formatErrorSync(error)
  return first === undefined ? error.message : [...first.path.map(String), first.message].join(": ")
}

/**
 * Reads an answer as JSON of a schema.
 *
 * @since 0.1.0
 * @category decoding
 */
export const json = <A, I>(
  schema: Schema.Schema<A, I>
): (answer: Pick<Answer, "text">) => Either.Either<A, string> => {
  const read = Schema.decodeEither(Schema.parseJson(schema))
  return (answer) => Either.mapLeft(read(answer.text), problem)
}

/** What must not stand raw in a query: all but unreserved characters, and `/ : = @ , ! $ * ( )` that the SDKs send raw. */
const escape = (value: string): string =>
  encodeURIComponent(value).replace(/%(?:2F|3A|3D|40|2C|24)/g, (code) => decodeURIComponent(code))

/**
 * A query from names and values. Values are percent-encoded before they are signed, and signed as sent; what may stand
 * raw in a query stays raw, as the service's own clients send it (protocol 17.1).
 *
 * @since 0.1.0
 * @category encoding
 */
export const query = (pairs: ReadonlyArray<readonly [name: string, value: string | number | undefined]>): string =>
  pairs
    .filter(([, value]) => value !== undefined && value !== "")
    .map(([name, value]) => `${name}=${escape(String(value)).replaceAll("'", "%27")}`)
    .join("&")
