/**
 * The commands of asynchronous file management, as values and as they travel (protocol 7.2 to 7.8).
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Base64Url from "./Base64Url.ts"
import * as Entry from "./Entry.ts"
import * as Retention from "./Retention.ts"
import { WcsInvalidInput } from "./WcsError.ts"
import * as WebUrl from "./WebUrl.ts"

/**
 * Where an object goes. Without a key it keeps its own (a fetched one has the path of its URL); with a prefix it is
 * `prefix/key`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Destination {
  readonly bucket: string
  readonly key?: string | undefined
  readonly prefix?: string | undefined
}

/**
 * Moves or copies an object.
 *
 * @since 0.1.0
 * @category models
 */
export interface Transfer {
  readonly from: Entry.ObjectLocation
  readonly to: Destination
}

/**
 * Has the service fetch a URL.
 *
 * @since 0.1.0
 * @category models
 */
export interface Fetch {
  readonly url: string | URL
  readonly to: Destination
  /** The content's MD5 in hex; other content is refused. */
  readonly md5?: string | undefined
  /** The format of an archive that is unpacked, such as `zip`. */
  readonly decompression?: string | undefined
  /** Of an m3u8 also its segments. */
  readonly segments?: boolean | undefined
}

/**
 * Deletes everything below a folder: `test` is `test/…`, and not `test123`.
 *
 * @since 0.1.0
 * @category models
 */
export interface DeletePrefix {
  readonly bucket: string
  readonly prefix: string
  /** Where a list of the deleted keys is written. */
  readonly output?: Entry.ObjectLocation | undefined
}

/**
 * Deletes a playlist; absent `segments`: those with relative URLs, too.
 *
 * @since 0.1.0
 * @category models
 */
export interface DeleteM3u8 extends Entry.ObjectLocation {
  readonly segments?: boolean | undefined
}

/**
 * Sets the retention of a folder's objects, or of the whole bucket's, which has to be said: a folder that turns out to be
 * undefined is no bucket.
 *
 * @since 0.1.0
 * @category models
 */
export type SetDeadline =
  & { readonly bucket: string; readonly retention: Retention.Retention }
  & ({ readonly prefix: string; readonly wholeBucket?: never } | {
    readonly wholeBucket: true
    readonly prefix?: never
  })

/**
 * Packs objects into a ZIP. One of `keys` and `keyList` is needed; `keys` wins.
 *
 * @since 0.1.0
 * @category models
 */
export interface Compress {
  readonly bucket: string
  /** A key that ends with a slash is a folder with all below it. */
  readonly keys?: ReadonlyArray<string> | undefined
  /** The key of an object that lists keys, one a line. */
  readonly keyList?: string | undefined
  readonly saveAs: Entry.ObjectLocation
}

/** A command as it travels. @since 0.1.0 @category models */
export type Encoded = Either.Either<string, WcsInvalidInput>

const invalid = (input: string, detail: string) => Either.left(new WcsInvalidInput({ input, detail }))

/** `name/value` pairs, those without a value left out. */
const join = (...pairs: ReadonlyArray<readonly [name: string, value: string | undefined]>): string =>
  pairs.flatMap(([name, value]) => value === undefined ? [] : [`${name}/${value}`]).join("/")

const encoded = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : Base64Url.encode(text)

const flag = (value: boolean | undefined): string | undefined => value === undefined ? undefined : value ? "1" : "0"

/** A folder's name; one of nothing but slashes might be the bucket, and `..` might lead out of itself. */
const folder = <A extends string | undefined>(input: string, value: A): Either.Either<A, WcsInvalidInput> =>
  value === undefined ||
    (/[^/]/.test(value) && !/(^|\/)\.{1,2}(\/|$)/.test(value) && !/\p{Cc}/u.test(value) && value.isWellFormed())
    ? Either.right(value)
    : invalid(input, "names a folder: not empty, without `.` and `..`, control characters and lone surrogates")

const destination = (to: Destination) =>
  Either.gen(function*() {
    const bucket = yield* Entry.bucketName(to.bucket)
    // The prefix's slash is the service's to add.
    const prefix = (yield* folder("to.prefix", to.prefix))?.replace(/\/$/, "")
    const key = to.key === undefined ? undefined : (yield* Entry.toStore({ bucket, key: to.key })).key
    if (prefix !== undefined) {
      yield* Entry.toStore({ bucket, key: `${prefix}/${key ?? "_"}` }).pipe(
        Either.mapLeft(({ detail }) => new WcsInvalidInput({ input: "to.prefix", detail }))
      )
    }
    return join(["bucket", Base64Url.encode(bucket)], ["key", encoded(key)], ["prefix", encoded(prefix)])
  })

/**
 * A move or copy as it travels (protocol 7.3).
 *
 * @since 0.1.0
 * @category encoding
 */
export const transfer = ({ from, to }: Transfer): Encoded =>
  Either.gen(function*() {
    const source = yield* Entry.existing(from)
    const target = yield* destination(to)
    const folder = to.prefix === undefined ? "" : `${to.prefix.replace(/\/$/, "")}/`
    if (to.bucket === from.bucket && folder + (to.key ?? from.key) === from.key) {
      return yield* invalid("to", "is where the object is: within a bucket it needs another key")
    }
    return `resource/${source.encoded}/${target}`
  })

/**
 * A fetch as it travels; `md5` in plain hex (protocol 7.2, 17.1).
 *
 * @since 0.1.0
 * @category encoding
 */
export const fetch = (command: Fetch): Encoded =>
  Either.gen(function*() {
    const url = yield* WebUrl.check("url", command.url)
    const target = yield* destination(command.to)
    if (command.md5 !== undefined && !/^[0-9a-f]{32}$/i.test(command.md5)) {
      return yield* invalid("md5", "is 32 hexadecimal digits")
    }
    if (command.decompression !== undefined && !/^[\w.-]+$/.test(command.decompression)) {
      return yield* invalid("decompression", "is the name of a format, such as zip")
    }
    const rest = join(
      ["md5", command.md5?.toLowerCase()],
      ["decompression", command.decompression],
      ["fetchTS", flag(command.segments)]
    )
    return [`fetchURL/${Base64Url.encode(url)}`, target, rest].filter((part) => part !== "").join("/")
  })

const location = ({ bucket, key }: Entry.Entry): string =>
  join(["bucket", Base64Url.encode(bucket)], ["key", Base64Url.encode(key)])

/**
 * A deletion as it travels (protocol 7.5).
 *
 * @since 0.1.0
 * @category encoding
 */
export const remove = (command: Entry.ObjectLocation): Encoded => Either.map(Entry.existing(command), location)

/**
 * The deletion of a folder as it travels (protocol 7.6).
 *
 * @since 0.1.0
 * @category encoding
 */
export const deletePrefix = (command: DeletePrefix): Encoded =>
  Either.gen(function*() {
    const bucket = yield* Entry.bucketName(command.bucket)
    const prefix = Base64Url.encode(yield* folder("prefix", command.prefix))
    const output = command.output && (yield* Entry.toStore(command.output)).encoded
    return join(["bucket", Base64Url.encode(bucket)], ["prefix", prefix], ["output", output])
  })

/**
 * The deletion of a playlist as it travels (protocol 7.7).
 *
 * @since 0.1.0
 * @category encoding
 */
export const deleteM3u8 = (command: DeleteM3u8): Encoded =>
  Either.map(Entry.existing(command), (entry) => {
    const segments = flag(command.segments)
    return segments === undefined ? location(entry) : `${location(entry)}/deletets/${segments}`
  })

/**
 * A retention as it travels (protocol 7.8).
 *
 * @since 0.1.0
 * @category encoding
 */
export const setDeadline = (command: SetDeadline): Encoded =>
  Either.gen(function*() {
    const bucket = yield* Entry.bucketName(command.bucket)
    if (command.prefix === undefined && command.wholeBucket !== true) {
      return yield* invalid("prefix", "is needed, or wholeBucket: true")
    }
    const prefix = yield* folder("prefix", command.prefix)
    return join(
      ["bucket", Base64Url.encode(bucket)],
      ["prefix", encoded(prefix)],
      ["deadline", String(yield* Retention.toDays(command.retention))]
    )
  })

/**
 * A packing as it travels (protocol 7.8).
 *
 * @since 0.1.0
 * @category encoding
 */
export const compress = (command: Compress): Encoded =>
  Either.gen(function*() {
    const bucket = yield* Entry.bucketName(command.bucket)
    const { keyList, keys = [] } = command
    if (keys.length === 0 && keyList === undefined) return yield* invalid("keys", "or keyList is needed")
    for (const key of keys) yield* Entry.existing({ bucket, key })
    const list = keyList === undefined ? undefined : (yield* Entry.existing({ bucket, key: keyList })).key
    const target = yield* Entry.toStore(command.saveAs)
    return join(
      ["bucket", Base64Url.encode(bucket)],
      ["keys", keys.length === 0 ? undefined : keys.map(Base64Url.encode).join("|")],
      ["keyList", encoded(list)],
      ["saveas", target.encoded]
    )
  })
