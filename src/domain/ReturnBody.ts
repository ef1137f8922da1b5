/**
 * Templates of `returnBody`: which facts of an upload the answer shall carry, and their types (protocol 4.1).
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { Quantity as number, Text as text } from "./wire/Fields.ts"

/**
 * A variable that the service fills in, with the type of its value.
 *
 * @since 0.1.0
 * @category models
 */
export interface Variable<A> {
  /** As it stands in a template: `$(fsize)`. */
  readonly placeholder: string
  readonly schema: Schema.Schema<A, any>
}

/**
 * A template whose answer decodes to `A`.
 *
 * @since 0.1.0
 * @category models
 */
export interface ReturnBody<A> {
  /** `size=$(fsize)&who=$(x:who)` */
  readonly template: string
  /** Reads the members of an answer, or names the one that does not fit. */
  readonly decode: (members: unknown) => Either.Either<A, string>
}

const variable = <A>(name: string, schema: Schema.Schema<A, any>): Variable<A> => ({
  placeholder: `$(${name})`,
  schema
})

// A value is text in a Base64 answer, and text or a number in a JSON one.

/** The bucket. @since 0.1.0 @category variables */
export const bucket: Variable<string> = variable("bucket", text)
/** The final key; a call whose own key has an `&` is refused with it. @since 0.1.0 @category variables */
export const key: Variable<string> = variable("key", text)
/** The file name that the upload gave. @since 0.1.0 @category variables */
export const fname: Variable<string> = variable("fname", text)
/** The etag. @since 0.1.0 @category variables */
export const hash: Variable<string> = variable("hash", text)
/** The size in bytes. @since 0.1.0 @category variables */
export const fsize: Variable<number> = variable("fsize", number)
/** The stored content type. @since 0.1.0 @category variables */
export const mimeType: Variable<string> = variable("mimeType", text)
/** The download URL, as the service writes it (URL-safe Base64 by one source). @since 0.1.0 @category variables */
export const url: Variable<string> = variable("url", text)
/** The client's address. @since 0.1.0 @category variables */
export const ip: Variable<string> = variable("ip", text)
/** How long the upload took, in milliseconds (inferred). @since 0.1.0 @category variables */
export const costTime: Variable<number> = variable("costTime", number)
/** The id of the `persistentOps` task. @since 0.1.0 @category variables */
export const persistentId: Variable<string> = variable("persistentId", text)
/** A custom variable of the upload: `custom("who")` is `$(x:who)`. @since 0.1.0 @category variables */
export const custom = (name: string): Variable<string> => variable(`x:${name}`, text)

/**
 * A template from a record of variables; its answer decodes to the record of their values.
 *
 * @example
 * import { ReturnBody } from "effect-wcs"
 *
 * const body = ReturnBody.struct({ size: ReturnBody.fsize, who: ReturnBody.custom("who") })
 * assert.strictEqual(body.template, "size=$(fsize)&who=$(x:who)")
 *
 * @since 0.1.0
 * @category constructors
 */
export const struct = <const Fields extends Record<string, Variable<any>>>(fields: Fields): ReturnBody<
  { readonly [Name in keyof Fields]: Fields[Name] extends Variable<infer A> ? A : never }
> => {
  const members = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.schema]))
  // Each member has its variable's schema, which a record made of entries cannot tell.
  const read = Schema.decodeUnknownEither(Schema.Struct(members) as Schema.Schema<any, unknown>)
  return {
    template: Object.entries(fields).map(([name, field]) => `${name}=${field.placeholder}`).join("&"),
    // What a member holds is none of an error's business.
    decode: (members) =>
      Either.mapLeft(read(members), (error) => {
        const [issue] = ParseResult.ArrayFormatter.formatErrorSync(error)
        return issue === undefined || issue.path.length === 0
          ? "it has no members"
          : `the member ${JSON.stringify(issue.path.map(String).join("."))} does not fit`
      })
  }
}

/**
 * Whether a template from variables can be told apart again: names without `&`, `=`, parentheses and blanks.
 *
 * @since 0.1.0
 * @category guards
 */
export const isReadable = (body: ReturnBody<unknown>): boolean =>
  body.template.split("&").every((member) => /^[^\s&=()]+=\$\([^\s&=()]+\)$/.test(member))

/**
 * Fills in a template's variables. What is unknown or unset becomes empty, as the service does it (inferred).
 *
 * @example
 * import { ReturnBody } from "effect-wcs"
 *
 * const known = new Map([["fsize", "5"]])
 * assert.strictEqual(ReturnBody.expand("size=$(fsize)&who=$(x:who)", (name) => known.get(name)), "size=5&who=")
 *
 * @since 0.1.0
 * @category encoding
 */
export const expand = (template: string, lookup: (name: string) => string | undefined): string =>
  template.replace(/\$\(([^()]*)\)/g, (_, name: string) => lookup(name) ?? "")
