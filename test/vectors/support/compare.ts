import { assert } from "@effect/vitest"
import { checkManagement, checkUpload } from "./authorization.ts"
import { sha1 } from "./content.ts"
import type { Deviation } from "./deviations.ts"
import { clock, type RecordedBody, type RecordedRequest } from "./files.ts"
import { compareHeaders } from "./headers.ts"
import * as multipart from "./multipart.ts"
import type { Sent } from "./server.ts"
import type { Setting } from "./setting.ts"
import { chunkOf } from "./steps.ts"

type Pairs = ReadonlyArray<readonly [string, string]>

const split = (query: string): Pairs =>
  query === "" ? [] : query.split("&").map((pair) => {
    const equals = pair.indexOf("=")
    return [pair.slice(0, equals), pair.slice(equals + 1)]
  })

const decode = (pairs: Pairs): Pairs => pairs.map(([name, value]) => [name, decodeURIComponent(value)])

/** Times of a listing are text in the recording, and milliseconds here. */
const asMillis = ([name, value]: readonly [string, string]): readonly [string, string] =>
  name === "startTime" || name === "endTime"
    ? [name, String(Date.parse(value.includes(" ") ? `${value.replace(" ", "T")}Z` : value))]
    : [name, value]

/**
 * Compares what the queries say. What the caller gave stands in the text that the vendor signs; its HTTP library encodes
 * some of it afterwards, and leaves alone what looks encoded already.
 */
const compareQuery = (expected: RecordedRequest, sent: Sent): ReadonlyArray<Deviation> => {
  const signed = /\?(.*)\n/.exec(expected.auth?.signed_text ?? "")?.[1]
  const given = signed === undefined ? decode(split(expected.query)) : split(signed)
  const wanted = sent.step === "list" ? given.map(asMillis) : given
  assert.deepStrictEqual(decode(split(sent.query)), wanted, `the query of ${sent.step}`)
  if (given.some(([, value], i) => value !== wanted[i]?.[1])) return ["list-times"]
  return sent.query === expected.query && !expected.auth?.differs_from_wire ? [] : ["query-encoding"]
}

const compareForm = (
  setting: Setting,
  expected: Extract<RecordedBody, { kind: "multipart" }>,
  sent: Sent,
  fileName: string
): ReadonlyArray<Deviation> => {
  const ours = multipart.parse(sent.headers["content-type"] ?? "", sent.body)
  const [token, ...fields] = ours.slice(0, -1)
  const file = ours.at(-1)
  const [theirToken, ...theirFields] = expected.parts.slice(0, -1)
  const theirFile = expected.parts.at(-1)
  assert.deepStrictEqual([token?.name, theirToken?.name], ["token", "token"])
  checkUpload(setting, sent, token?.content.toString())
  assert.isTrue([token, ...fields].every((field) => field?.contentType === undefined && field?.filename === undefined))
  assert.deepStrictEqual(
    fields.map(({ content, name }) => [name, content.toString()]),
    [["key", setting.key], ...theirFields.filter(({ name }) => name !== "key").map(({ name, text }) => [name, text])],
    "the form's fields"
  )

  assert.deepStrictEqual([file?.name, theirFile?.name], ["file", "file"])
  assert.strictEqual(file?.filename, fileName)
  assert.strictEqual(file?.content.length, theirFile?.content?.length)
  assert.strictEqual(sha1(file?.content ?? new Uint8Array()), theirFile?.content?.sha1, "the form's file")
  assert.isTrue(file?.content.equals(setting.bytes))
  if (setting.sdk === "python") {
    assert.isEmpty(theirFields)
    assert.strictEqual(file?.contentType, "application/octet-stream")
    return ["form-parts"]
  }
  assert.deepStrictEqual([file?.filename, file?.contentType], [theirFile?.filename, theirFile?.content_type])
  const key = theirFields.find(({ name }) => name === "key")?.text
  assert.strictEqual(key, setting.named)
  return key === setting.key ? [] : ["scope-key"]
}

const compareBody = (
  setting: Setting,
  expected: RecordedBody,
  sent: Sent,
  fileName: string
): ReadonlyArray<Deviation> => {
  switch (expected.kind) {
    case "none":
      assert.strictEqual(sent.body.length, 0, `${sent.step} has no body`)
      return []
    case "text":
      assert.strictEqual(Buffer.from(sent.body).toString(), expected.text, `the body of ${sent.step}`)
      return []
    case "bytes": {
      const { bytes } = chunkOf(setting, sent.step)
      assert.strictEqual(sent.body.length, expected.length, `the length of ${sent.step}`)
      if (expected.sha1 !== "") assert.strictEqual(sha1(sent.body), expected.sha1, `the bytes of ${sent.step}`)
      assert.isTrue(Buffer.from(sent.body).equals(bytes), `the bytes of ${sent.step}, by their place in the file`)
      return []
    }
    case "multipart":
      return compareForm(setting, expected, sent, fileName)
  }
}

/** Compares who signs, and what. `signed`: the recorded text is what we sign, too. */
const compareAuthorization = (
  setting: Setting,
  expected: RecordedRequest,
  sent: Sent,
  signed: boolean
): ReadonlyArray<Deviation> => {
  const kind = expected.auth?.kind
  if (kind === "manager") {
    const text = checkManagement(setting, sent)
    const recorded = expected.auth?.signed_text
    if (signed && recorded !== undefined) assert.strictEqual(text, recorded)
    return []
  }
  if (kind === "upload") checkUpload(setting, sent, sent.headers["authorization"])
  else assert.isUndefined(sent.headers["authorization"], `${sent.step} has no Authorization`)
  const uploads = kind === "upload" || sent.step === "form"
  return uploads && typeof setting.policy["deadline"] === "number" ? ["deadline-text"] : []
}

/** Compares a request with the expected one; the reasons are those of our form, where it differs as it always does. */
export const compareRequest = (
  setting: Setting,
  expected: RecordedRequest,
  sent: Sent,
  fileName: string
): ReadonlyArray<Deviation> => {
  assert.deepStrictEqual([sent.target, sent.tls], [expected.target, expected.tls ?? false])
  assert.strictEqual(sent.method, expected.method)
  assert.strictEqual(sent.path, expected.path, `the path of ${sent.step}`)
  const query = compareQuery(expected, sent)
  return [
    ...query,
    ...compareHeaders(setting, expected, sent),
    ...compareBody(setting, expected.body, sent, fileName),
    ...compareAuthorization(setting, expected, sent, query.length === 0),
    ...(expected.response.gzip && sent.answer && !sent.answer.gzip ? ["no-gzip"] as const : []),
    ...(sent.target === "put" && Math.floor((sent.at - clock) / 1000) > 0 ? ["fresh-token"] as const : [])
  ]
}
