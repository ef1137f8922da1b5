/**
 * URL-safe Base64 with its padding kept, the encoding of every name that travels in a path or a body (protocol 1.2).
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"

/**
 * Encodes text (as UTF-8) or bytes.
 *
 * @since 0.1.0
 * @category encoding
 */
export const encode = (input: string | Uint8Array): string =>
  Encoding.encodeBase64(input).replaceAll("+", "-").replaceAll("/", "_")

/**
 * Decodes to bytes. Both alphabets and missing padding are accepted; anything else is refused.
 *
 * @since 0.1.0
 * @category decoding
 */
export const decode = (text: string): Either.Either<Uint8Array, Encoding.DecodeException> => {
  const bare = text.replaceAll("-", "+").replaceAll("_", "/").replace(/={1,2}$/, "")
  return Encoding.decodeBase64(bare.padEnd(Math.ceil(bare.length / 4) * 4, "="))
}

/**
 * Decodes to text, and refuses bytes that are not UTF-8.
 *
 * @since 0.1.0
 * @category decoding
 */
export const decodeText = (text: string): Either.Either<string, Encoding.DecodeException> =>
  Either.flatMap(decode(text), (bytes) =>
    Either.try({
      try: () => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes),
      catch: () => Encoding.DecodeException(text, "not UTF-8")
    }))

/**
 * Text as it travels: URL-safe Base64 of its UTF-8 bytes.
 *
 * @since 0.1.0
 * @category schemas
 */
export const TextFromBase64Url: Schema.Schema<string, string> = Schema.transformOrFail(Schema.String, Schema.String, {
  strict: true,
  decode: (encoded, _, ast) =>
    Either.mapLeft(decodeText(encoded), (error) => new ParseResult.Type(ast, encoded, error.message)),
  encode: (text) => ParseResult.succeed(encode(text))
})
