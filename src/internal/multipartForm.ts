import * as HttpBody from "@effect/platform/HttpBody"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Stream from "effect/Stream"
import type { Body } from "../domain/wire/WcsRequest.ts"

/** As browsers write names and file names in a form: only what would end the quotes is escaped. */
const quote = (text: string): string =>
  `"${text.replaceAll("\"", "%22").replaceAll("\r", "%0D").replaceAll("\n", "%0A")}"`

const word = Effect.map(
  Random.nextIntBetween(0, Number.MAX_SAFE_INTEGER),
  (word) => word.toString(16).padStart(14, "0")
)

/**
 * A multipart/form-data body of known length: the fields, then the file. Bytes stay bytes, so that every client sends
 * their length; a stream flows through.
 */
export const make = (
  fields: ReadonlyArray<readonly [name: string, value: string]>,
  form: Extract<Body, { readonly _tag: "Form" }>
): Effect.Effect<HttpBody.HttpBody> =>
  Effect.zipWith(word, word, (one, other) => {
    const boundary = `effect-wcs-${one}${other}`
    const encoder = new TextEncoder()
    const head = encoder.encode(
      fields.map(([name, value]) =>
        `--${boundary}\r\nContent-Disposition: form-data; name=${quote(name)}\r\n\r\n${value}\r\n`
      ).join("")
        + `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename=${quote(form.fileName)}\r\n`
        + `Content-Type: ${form.contentType}\r\n\r\n`
    )
    const tail = encoder.encode(`\r\n--${boundary}--\r\n`)
    const contentType = `multipart/form-data; boundary=${boundary}`
    const { content } = form
    if (content instanceof Uint8Array) {
      const bytes = new Uint8Array(head.length + content.length + tail.length)
      bytes.set(head)
      bytes.set(content, head.length)
      bytes.set(tail, head.length + content.length)
      return HttpBody.uint8Array(bytes, contentType)
    }
    return HttpBody.stream(
      Stream.make(head).pipe(Stream.concat(content.stream), Stream.concat(Stream.make(tail))),
      contentType,
      head.length + content.size + tail.length
    )
  })
