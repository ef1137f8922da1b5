/**
 * Expanded templates: `name=value` pairs that are not percent-encoded (protocol 4.1).
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"

/**
 * Reads `a=1&b=2`, as a template expands: values are not percent-encoded. A name that stands twice is none: a value with
 * `&` in it, such as a file's name, must not bring members of its own.
 *
 * @since 0.1.0
 * @category decoding
 */
export const decode = (text: string): Option.Option<{ readonly [name: string]: string }> => {
  const pairs = text.split("&").map((pair) => {
    const equals = pair.indexOf("=")
    return equals < 1 ? undefined : [pair.slice(0, equals), pair.slice(equals + 1)] as const
  })
  return pairs.every((pair) => pair !== undefined) && new Set(pairs.map(([name]) => name)).size === pairs.length
    ? Option.some(Object.fromEntries(pairs))
    : Option.none()
}
