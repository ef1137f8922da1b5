/**
 * Buckets, keys, and the entry that names an object on the wire (protocol 1.2).
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as Base64Url from "./Base64Url.ts"
import * as Input from "./Input.ts"
import type { WcsInvalidInput } from "./WcsError.ts"

const utf8Length = (text: string): number => new TextEncoder().encode(text).length

// oxlint-disable-next-line no-control-regex
const hasControl = (text: string): boolean => /[\u0000-\u001f\u007f]/.test(text)

/**
 * A bucket's name: not empty, no colon, no slash, no control character. The vendor's own rule (lower case, digits,
 * hyphen) is inferred from examples and is left to the service.
 *
 * @since 0.1.0
 * @category schemas
 */
export const BucketName = Schema.String.pipe(
  Schema.filter((name) =>
    name === ""
      ? "a bucket's name is not empty"
      : /[:/]/.test(name) || hasControl(name)
      ? "a bucket's name has no colon, slash or control character"
      : !name.isWellFormed()
      ? "a bucket's name is well-formed Unicode"
      : true
  ),
  Schema.brand("effect-wcs/BucketName")
)

/**
 * @since 0.1.0
 * @category models
 */
export type BucketName = typeof BucketName.Type

const hasDots = (key: string): boolean => /(^|\/)\.{1,2}(\/|$)/.test(key)

const keyProblem = (key: string): string | undefined =>
  key === "" ? "a key is not empty" : !key.isWellFormed() ? "a key is well-formed Unicode" : undefined

const newKeyProblem = (key: string): string | undefined =>
  keyProblem(key) ??
    (utf8Length(key) > 1000
      ? `a key has at most 1000 bytes as UTF-8, this one has ${utf8Length(key)}`
      : key.startsWith("/") || key.endsWith("/")
      ? "a key does not begin or end with a slash"
      : hasDots(key)
      ? "a key has no segment `.` or `..`"
      : hasControl(key)
      ? "a key has no control character"
      : undefined)

/**
 * The key of an object that may exist: any text but the empty one, so that whatever another tool stored can be read
 * and deleted.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ObjectKey = Schema.String.pipe(
  Schema.filter((key) => keyProblem(key) ?? true),
  Schema.brand("effect-wcs/ObjectKey")
)

/**
 * @since 0.1.0
 * @category models
 */
export type ObjectKey = typeof ObjectKey.Type

/**
 * The key of an object to store: at most 1000 bytes of UTF-8, no slash at either end, no `.` or `..` segment, no
 * control character.
 *
 * @since 0.1.0
 * @category schemas
 */
export const NewObjectKey = ObjectKey.pipe(Schema.filter((key) => newKeyProblem(key) ?? true))

/**
 * Where an object is. A plain record, so that a caller may write it down; it is checked before anything is sent.
 *
 * @since 0.1.0
 * @category models
 */
export interface ObjectLocation {
  readonly bucket: string
  readonly key: string
}

/**
 * A checked location.
 *
 * @since 0.1.0
 * @category models
 */
export class Entry extends Schema.Class<Entry>("effect-wcs/Entry")({ bucket: BucketName, key: ObjectKey }) {
  /** `bucket:key`, as a policy's scope writes it. */
  get text(): string {
    return `${this.bucket}:${this.key}`
  }
  /** The entry as it travels in paths. */
  get encoded(): string {
    return Base64Url.encode(this.text)
  }
}

/**
 * An entry as it travels: URL-safe Base64 of `bucket:key`. Only the first colon separates.
 *
 * @since 0.1.0
 * @category schemas
 */
export const EntryFromEncoded: Schema.Schema<Entry, string> = Schema.compose(
  Base64Url.TextFromBase64Url,
  Schema.transformOrFail(Schema.String, Entry, {
    strict: true,
    decode: (text, _, ast) => {
      const colon = text.indexOf(":")
      return colon < 0
        ? ParseResult.fail(new ParseResult.Type(ast, text, "an entry is `bucket:key`"))
        : ParseResult.succeed({ bucket: text.slice(0, colon), key: text.slice(colon + 1) })
    },
    encode: ({ bucket, key }) => ParseResult.succeed(`${bucket}:${key}`)
  })
)

/**
 * Checks a bucket's name.
 *
 * @since 0.1.0
 * @category constructors
 */
export const bucketName: (name: string) => Either.Either<BucketName, WcsInvalidInput> = Input.check(
  "bucket",
  BucketName
)

const checkKey = Input.check("key", ObjectKey)

const checkNewKey = Input.check("key", NewObjectKey)

/**
 * Checks the location of an object that may exist.
 *
 * @since 0.1.0
 * @category constructors
 */
export const existing = (location: ObjectLocation): Either.Either<Entry, WcsInvalidInput> =>
  Either.map(
    Either.all({ bucket: bucketName(location.bucket), key: checkKey(location.key) }),
    (fields) => new Entry(fields)
  )

/**
 * Checks the location of an object to store.
 *
 * @since 0.1.0
 * @category constructors
 */
export const toStore = (location: ObjectLocation): Either.Either<Entry, WcsInvalidInput> =>
  Either.map(
    Either.all({ bucket: bucketName(location.bucket), key: checkNewKey(location.key) }),
    (fields) => new Entry(fields)
  )

/**
 * Checks the location of an object that is named in a URL, which has no `.` and `..` segments.
 *
 * @since 0.1.0
 * @category constructors
 */
export const addressable = (location: ObjectLocation): Either.Either<Entry, WcsInvalidInput> =>
  hasDots(location.key)
    ? Input.invalid("key", "with a segment `.` or `..` cannot stand in a URL")
    : existing(location)
