/**
 * Values whose types on the wire are not ours, or not stable: a yes or no that is 1 or 0, numbers that come as text, text
 * that comes as null (protocol 1.3, 17.2).
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

/** A list that may be absent or null, and is empty then. @since 0.1.0 @category schemas */
export const OptionalArray = <A, I>(item: Schema.Schema<A, I>) =>
  Schema.optionalWith(Schema.Array(item), { default: () => [], nullable: true })

/** A whole number, where it is one. @since 0.1.0 @category decoding */
export const count: (value: unknown) => Option.Option<number> = Schema.decodeUnknownOption(Count)

/** A number, where it is one. @since 0.1.0 @category decoding */
export const quantity: (value: unknown) => Option.Option<number> = Schema.decodeUnknownOption(Quantity)

const decodeText = Schema.decodeUnknownOption(Text)

/** A text that says something. @since 0.1.0 @category decoding */
export const text = (value: unknown): Option.Option<string> => Option.filter(decodeText(value), (text) => text !== "")

/** A yes or no as the service reads it. @since 0.1.0 @category encoding */
export const flag = (value: boolean | undefined): 0 | 1 | undefined => value === undefined ? undefined : value ? 1 : 0
