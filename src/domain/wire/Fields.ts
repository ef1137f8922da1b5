/**
 * Members of answers whose types are not stable: numbers that come as text, text that comes as null (protocol 1.3, 17.2).
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

/** A whole number that comes as a number or as text. @since 0.1.0 @category schemas */
export const Count = Schema.Union(
  Schema.NonNegativeInt,
  Schema.NumberFromString.pipe(Schema.int(), Schema.nonNegative())
)

/** A number that comes as a number or as text. @since 0.1.0 @category schemas */
export const Quantity = Schema.Union(Schema.Finite, Schema.NumberFromString.pipe(Schema.finite()))

/** Text that comes as text or as a number. @since 0.1.0 @category schemas */
export const Text = Schema.Union(
  Schema.String,
  Schema.transform(Schema.Number, Schema.String, {
    strict: true,
    decode: String,
    encode: Number
  })
)

/** Text that may be absent or null, and stands empty then. @since 0.1.0 @category schemas */
export const OptionalText = Schema.optionalWith(Text, { default: () => "", nullable: true })

/** A member that may be of any kind, or missing. @since 0.1.0 @category schemas */
export const Anything = Schema.optional(Schema.Unknown)

/** A JSON object with members of any kind. @since 0.1.0 @category schemas */
export const Members = Schema.Record({ key: Schema.String, value: Schema.Unknown })

/** Reads a member as far as it has the shape. @since 0.1.0 @category decoding */
export const maybe = <A, I>(schema: Schema.Schema<A, I>): (value: unknown) => Option.Option<A> =>
  Schema.decodeUnknownOption(schema)

/** A number, where it is one. @since 0.1.0 @category decoding */
export const quantity = maybe(Quantity)

/** A text that says something. @since 0.1.0 @category decoding */
export const text = (value: unknown): Option.Option<string> => Option.filter(maybe(Text)(value), (text) => text !== "")
