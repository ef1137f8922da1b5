/**
 * How the text of a setting reads, in a `.wcscfg` file (protocol 13) and in an environment variable alike.
 *
 * The `description` of each schema says what a right text is; messages about a wrong one never repeat it.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { pieceSize } from "./Etag.ts"
import * as UploadRecord from "./UploadRecord.ts"

const mebibyte = 1024 * 1024

const codec = <A>(description: string, type: Schema.Schema<A>, options: {
  readonly decode: (text: string) => Option.Option<A>
  readonly encode: (value: A) => string
}): Schema.Schema<A, string> =>
  Schema.transformOrFail(Schema.String, type, {
    strict: true,
    decode: (text, _, ast) =>
      ParseResult.fromOption(options.decode(text), () => new ParseResult.Type(ast, text, description)),
    encode: (value) => ParseResult.succeed(options.encode(value))
  }).annotations({ description })

/** A decimal number: no sign but a plus, no exponent, no other base. */
const decimal = (text: string): Option.Option<number> =>
  /^\s*\+?(?:\d+(?:\.\d*)?|\.\d+)\s*$/.test(text) ? Option.some(Number(text)) : Option.none()

/**
 * One line of text, as it is.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Line = Schema.String.pipe(Schema.pattern(/^[^\0\r\n]+$/)).annotations({ description: "one line of text" })

/**
 * A path of this machine. A shell makes a home of the `~` before it, a file of settings does not.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Folder = Line.pipe(Schema.pattern(/^[^~]/)).annotations({
  description: "a path that does not begin with ~, which is not expanded here"
})

/**
 * An access key: one line of text without blanks around it.
 *
 * @since 0.1.0
 * @category schemas
 */
export const AccessKey = Schema.compose(Schema.Trim, Line).annotations({ description: "one line of text" })

/**
 * What stands for a secret in a dump of the settings.
 *
 * @since 0.1.0
 * @category constants
 */
export const redacted = "<redacted>"

/**
 * A secret key. The `<redacted>` of a dump is refused.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SecretKey = Schema.Redacted(
  Schema.compose(Schema.Trim, Line.pipe(Schema.filter((text) => text !== redacted)))
).annotations({ description: "one line of text, other than the <redacted> of a dump" })

const words = new Map([
  ...["true", "yes", "on", "1"].map((word) => [word, true] as const),
  ...["false", "no", "off", "0"].map((word) => [word, false] as const)
])

const boolean = (encode: (value: boolean) => string) =>
  codec("true, yes, on or 1; or false, no, off or 0", Schema.Boolean, {
    decode: (text) => Option.fromNullable(words.get(text.trim().toLowerCase())),
    encode
  })

/**
 * A yes or no, written `True` or `False`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Switch: Schema.Schema<boolean, string> = boolean((value) => value ? "True" : "False")

/**
 * A yes or no, written `1` or `0`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Flag: Schema.Schema<boolean, string> = boolean((value) => value ? "1" : "0")

const whole = (description: string, type: Schema.Schema<number>) =>
  codec(description, type, { decode: decimal, encode: String })

/**
 * How many: a whole number, 0 or more.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Count: Schema.Schema<number, string> = whole("a whole number, 0 or more", Schema.NonNegativeInt)

/**
 * The size of a block in bytes.
 *
 * @since 0.1.0
 * @category schemas
 */
export const BlockSize: Schema.Schema<number, string> = whole(
  `a multiple of ${pieceSize} above 0`,
  Schema.Int.pipe(Schema.positive(), Schema.multipleOf(pieceSize))
)

/**
 * The size of a chunk in bytes.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ChunkSize: Schema.Schema<number, string> = whole(
  "a whole number above 0",
  Schema.Int.pipe(Schema.positive())
)

/**
 * How many objects a page of a listing holds at most (protocol 6.2).
 *
 * @since 0.1.0
 * @category schemas
 */
export const PageSize: Schema.Schema<number, string> = whole(
  "a whole number from 1 to 1000",
  Schema.Int.pipe(Schema.between(1, 1000))
)

/**
 * A number of bytes, written as whole MiB.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Mebibytes: Schema.Schema<number, string> = codec("a whole number, 0 or more", Schema.NonNegativeInt, {
  decode: (text) => decimal(text).pipe(Option.filter(Number.isSafeInteger), Option.map((count) => count * mebibyte)),
  encode: (bytes) => String(bytes / mebibyte)
})

const seconds = (description: string, atLeast: Duration.DurationInput) =>
  codec(
    description,
    Schema.DurationFromSelf.pipe(
      Schema.filter((time) => Duration.isFinite(time) && Duration.greaterThanOrEqualTo(time, atLeast))
    ),
    {
      decode: (text) =>
        decimal(text).pipe(Option.filter(Number.isFinite), Option.map((n) => Duration.millis(Math.round(n * 1000)))),
      encode: (time) => String(Duration.toSeconds(time))
    }
  )

/**
 * How long to wait, in seconds.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Timeout: Schema.Schema<Duration.Duration, string> = seconds("a number above 0, fractions allowed", 1)

/**
 * How long to wait, in seconds; 0: for ever.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Patience: Schema.Schema<Duration.Duration, string> = seconds("a number, 0 or more", 0)

/**
 * How long a token lives, in seconds.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Lifetime: Schema.Schema<Duration.Duration, string> = seconds("a number, 1 or more", "1 second")

const ListModeType = Schema.Literal("files-first", "folders-first", "unsent")

/**
 * The order of a listing of one level; `unsent` stands for no such wish (protocol 6.2, 13.2).
 *
 * @since 0.1.0
 * @category schemas
 */
export const ListMode: Schema.Schema<typeof ListModeType.Type, string> = codec("0, 1 or 3", ListModeType, {
  decode: (text) => Option.fromNullable(({ 0: "files-first", 1: "folders-first", 3: "unsent" } as const)[text.trim()]),
  encode: (mode) => ({ "files-first": "0", "folders-first": "1", unsent: "3" })[mode]
})

/**
 * What to do about an upload on which another process works.
 *
 * @since 0.1.0
 * @category schemas
 */
export const OnBusy: Schema.Schema<UploadRecord.OnBusy, string> = codec("refuse, wait or join", UploadRecord.OnBusy, {
  decode: (text) => Option.liftPredicate(text.trim().toLowerCase(), Schema.is(UploadRecord.OnBusy)),
  encode: (word) => word
})

/**
 * The id of an upload.
 *
 * @since 0.1.0
 * @category schemas
 */
export const UploadId = UploadRecord.UploadId.annotations({
  description: "1 to 128 letters, digits, blanks or any of _.~+=@-, not beginning with a dot"
})

/**
 * An absolute URL that the service is told to call.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Url = Line.pipe(Schema.filter((text) => URL.canParse(text))).annotations({
  description: "an absolute URL"
})

/** Stands for `{bucket}` while the rest of a host is checked. */
const standIn = "bucket-stands-here"

/**
 * A host as an absolute URL without a slash at its end: `p.example.com`, `https://p.example.com/`. A text without a
 * scheme gets the one that is given (protocol 1.1). `None` for what is no such host.
 *
 * @since 0.1.0
 * @category conversions
 */
export const toUrl = (host: string, options: {
  readonly scheme: "http" | "https"
  /** Whether `{bucket}` may stand in it. */
  readonly bucket: boolean
}): Option.Option<string> => {
  const text = options.bucket ? host.trim().replaceAll("{bucket}", standIn) : host.trim()
  if (/[\s\\?#@{}]/.test(text)) return Option.none()
  const absolute = text.includes("://") ? text : `${options.scheme}://${text}`
  if (!/^https?:\/\/[^/]/i.test(absolute) || !URL.canParse(absolute)) return Option.none()
  const url = new URL(absolute)
  return Option.some(
    `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, "")}`.replaceAll(standIn, "{bucket}")
  )
}

const host = (description: string, bucket: boolean) =>
  Schema.compose(
    Schema.Trim,
    Line.pipe(Schema.filter((text) => Option.isSome(toUrl(text, { scheme: "https", bucket }))))
  ).annotations({ description })

/**
 * A host with or without `http://` or `https://` before it.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Host = host("a host, or an http or https URL without credentials, query and fragment", false)

/**
 * A host of downloads, in which `{bucket}` may stand for the bucket.
 *
 * @since 0.1.0
 * @category schemas
 */
export const DownloadHost = host(
  "a host, or an http or https URL without credentials, query and fragment; `{bucket}` in it stands for the bucket",
  true
)
