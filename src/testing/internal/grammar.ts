import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as Base64Url from "../../domain/Base64Url.ts"
import * as Entry from "../../domain/Entry.ts"
import * as WebUrl from "../../domain/WebUrl.ts"
import { Credentials } from "./credentials.ts"
import * as parameters from "./parameters.ts"
import { type Refusal, refuse } from "./refusal.ts"

/** A request that is not written as it should be; the hint goes into a header. */
export const invalid = (hint: string): Refusal =>
  refuse(400, "Invalid Parameter", hint.replace(/[^ -~]+/g, "?").slice(0, 500))

const text = Base64Url.TextFromBase64Url.annotations({ message: () => "is text in URL-safe Base64" })

/** Text that says something, in Base64. */
export const Name = text.pipe(Schema.filter((name) => name !== "" || "is empty"))

/** A bucket, in Base64. */
export const Bucket = Schema.compose(text, Entry.BucketName)

/** The key of an object that may exist, in Base64. */
export const Key = Schema.compose(text, Entry.ObjectKey)

/** Keys in Base64, separated by `|`. */
export const Keys = Schema.compose(Schema.split("|"), Schema.Array(Key))

const isNewKey = Schema.is(Entry.NewObjectKey)

/** An object that may exist, in Base64. */
export const Location = Entry.EntryFromEncoded.annotations({ message: () => "is `bucket:key` in URL-safe Base64" })

/** An object to store, in Base64. */
export const Target = Location.pipe(
  Schema.filter(({ key }) => isNewKey(key) || "names an object by a key that is none (protocol 1.2)")
)

const isUrl = (url: string): boolean => Either.isRight(WebUrl.check("url", url))

/** A URL, in Base64. */
export const Url = text.pipe(Schema.filter((url) => isUrl(url) || "is an http or https URL"))

/** A URL, in Base64; empty for none, as the vendor's Python SDK sends it (protocol 8.1). */
export const NotifyUrl = text.pipe(Schema.filter((url) => url === "" || isUrl(url) || "is an http or https URL"))

/** 0 or 1. */
export const Flag = Schema.transform(
  Schema.String.pipe(Schema.filter((digit) => digit === "0" || digit === "1" || "is 0 or 1")),
  Schema.Boolean,
  { strict: true, decode: (digit) => digit === "1", encode: (flag) => flag ? "1" : "0" }
)

/** Days from now, 0 for as soon as possible, -1 for ever (protocol 6.8). */
export const Days = Schema.String.pipe(
  Schema.filter((days) => /^(-1|\d{1,7})$/.test(days) || "is a number of days, or -1")
)

/** The one format of archives that can be unpacked; its name is inferred (protocol 7.2). */
export const Zip = Schema.String.pipe(Schema.filter((format) => format === "zip" || "is zip"))

/** What may be left out. */
export const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true })

/** Whether several are notified of, and whether what exists is replaced (protocol 7.1). */
export const envelope = {
  notifyURL: optional(NotifyUrl),
  separate: Schema.optionalWith(Flag, { exact: true, default: () => false }),
  force: Schema.optionalWith(Flag, { exact: true, default: () => false })
}

/** `name/value/name/value`. */
const split = (command: string): ReadonlyArray<readonly [name: string, value: string | undefined]> => {
  const parts = command.split("/")
  return Array.from({ length: Math.ceil(parts.length / 2) }, (_, at) => [parts[2 * at] ?? "", parts[2 * at + 1]])
}

const decode = <A, I>(schema: Schema.Schema<A, I>) => {
  const decode = Schema.decodeUnknownEither(schema, { onExcessProperty: "error" })
  return (fields: ReadonlyMap<string, string>): Either.Either<A, Refusal> =>
    Either.mapLeft(decode(Object.fromEntries(fields)), (error) =>
      invalid(
        ParseResult.ArrayFormatter.formatErrorSync(error)
          .map(({ message, path }) => `${path.join(".")} ${message}`)
          .join("; ")
      ))
}

/** Reads the parameters of a body: each of them known, none that is needed missing, every value as it should be. */
export const body = <A, I>(schema: Schema.Schema<A, I>) => {
  const read = decode(schema)
  return (text: string): Either.Either<A, Refusal> => read(text === "" ? new Map() : parameters.read(text))
}

/** Reads the names and values of a command, as strictly; no name stands twice. */
export const command = <A, I>(schema: Schema.Schema<A, I>) => {
  const read = decode(schema)
  return (text: string): Either.Either<A, Refusal> => {
    const fields = new Map<string, string>()
    for (const [name, value] of split(text)) {
      if (value === undefined) return Either.left(invalid(`${name} has no value`))
      if (fields.has(name)) return Either.left(invalid(`${name} stands twice`))
      fields.set(name, value)
    }
    return read(fields)
  }
}

/** Whether buckets are the account's. */
export const checkBuckets = (buckets: Iterable<string>): Effect.Effect<void, Refusal, Credentials> =>
  Effect.flatMap(Credentials, ({ bucket }) => Effect.forEach(new Set(buckets), bucket, { discard: true }))
