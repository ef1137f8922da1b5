import { assert } from "@effect/vitest"

export interface Part {
  readonly name: string | undefined
  readonly filename: string | undefined
  readonly contentType: string | undefined
  readonly content: Buffer
}

/** Takes a multipart/form-data body apart, strictly (RFC 7578). */
export const parse = (contentType: string, bytes: Uint8Array): ReadonlyArray<Part> => {
  const boundary = /^multipart\/form-data; boundary=([\w-]+)$/.exec(contentType)?.[1]
  assert.isDefined(boundary, `a boundary in ${contentType}`)
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const parts: Array<Part> = []
  const delimiter = `\r\n--${boundary}`
  assert.isTrue(
    body.subarray(0, delimiter.length - 2).equals(Buffer.from(delimiter.slice(2))),
    "begins with a delimiter"
  )
  for (let at = delimiter.length - 2;;) {
    const mark = body.subarray(at, at + 2).toString()
    if (mark === "--") {
      assert.strictEqual(body.subarray(at).toString(), "--\r\n", "nothing after the last part")
      return parts
    }
    assert.strictEqual(mark, "\r\n")
    const end = body.indexOf(delimiter, at)
    const blank = body.indexOf("\r\n\r\n", at)
    assert.isTrue(end > 0 && blank > 0 && blank < end, "a whole part")
    const headers = new Map(
      body.subarray(at + 2, blank).toString().split("\r\n").map((line) => {
        const colon = line.indexOf(": ")
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 2)] as const
      })
    )
    const disposition = headers.get("content-disposition") ?? ""
    const value = (name: string) => new RegExp(`; ${name}="([^"]*)"`).exec(disposition)?.[1]
    parts.push({
      name: value("name"),
      filename: value("filename"),
      contentType: headers.get("content-type"),
      content: body.subarray(blank + 4, end)
    })
    at = end + delimiter.length
  }
}
