import { assert } from "@effect/vitest"
import { checkManagement, checkUpload } from "./authorization.ts"
import { base64url, sha1 } from "./content.ts"
import type { Deviation } from "./deviations.ts"
import { clock, type RecordedBody, type RecordedRequest } from "./files.ts"
import * as multipart from "./multipart.ts"
import type { Sent } from "./server.ts"
import type { Setting } from "./setting.ts"
import { chunkOf } from "./steps.ts"

/** Headers that carry meaning; one of them that is not expected must not be there. */
const meaningful = [
  "content-type",
  "uploadbatch",
  "key",
  "mimetype",
  "deadline",
  "x-wos-traffic-limit",
  "expect",
  "transfer-encoding",
  "content-encoding"
]

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
  const wanted = given.map(asMillis)
  assert.deepStrictEqual(decode(split(sent.query)), wanted, `the query of ${sent.step}`)
  if (given.some(([, value], i) => value !== wanted[i]?.[1])) return ["list-times"]
  return sent.query === expected.query && !expected.auth?.differs_from_wire ? [] : ["query-encoding"]
}

const contentTypes: { readonly [operation: string]: string } = {
  mkblk: "application/octet-stream",
  bput: "application/octet-stream",
  mkfile: "text/plain;charset=UTF-8"
}

/** Compares the headers, and tells in which way of ours they differ from the recorded ones. */
const compareHeaders = (setting: Setting, expected: RecordedRequest, sent: Sent): ReadonlyArray<Deviation> => {
  const { authorization: _, expect, ...rest } = expected.headers
  const wanted: Record<string, string> = { ...rest }
  const reasons: Array<Deviation> = []
  const slice = contentTypes[/^(?:mkblk|bput|mkfile)/.exec(sent.step)?.[0] ?? ""]
  if (slice !== undefined) {
    reasons.push("slice-headers")
    wanted["content-type"] = slice
    wanted["key"] = base64url(setting.key)
    if (setting.policy["scope"] !== `${setting.bucket}:${setting.key}`) assert.fail("the scope names another key")
    if (setting.uploadId === undefined) {
      reasons.push("upload-id")
      const id = sent.headers["uploadbatch"] ?? ""
      assert.match(id, /^[A-Za-z0-9]{32}$/)
      assert.strictEqual(wanted["uploadbatch"], setting.newUploadId)
      wanted["uploadbatch"] = id
    }
  }
  if (sent.step === "form") {
    assert.strictEqual(expect, "100-continue")
    assert.match(wanted["content-type"] ?? "", /^multipart\/form-data; boundary=/)
    wanted["content-type"] = sent.headers["content-type"] ?? ""
  }
  const ours = Object.fromEntries(
    meaningful.flatMap((name) => sent.headers[name] === undefined ? [] : [[name, sent.headers[name]]])
  )
  assert.deepStrictEqual(ours, wanted, `the headers of ${sent.step}`)
  return reasons
}

const compareForm = (
  setting: Setting,
  expected: Extract<RecordedBody, { kind: "multipart" }>,
  sent: Sent,
  fileName: string
) => {
  const [token, key, file, ...more] = multipart.parse(sent.headers["content-type"] ?? "", sent.body)
  assert.deepStrictEqual(expected.parts.map((part) => part.name), ["token", "file"])
  assert.deepStrictEqual([token?.name, key?.name, file?.name], ["token", "key", "file"])
  assert.deepStrictEqual(more, [])
  checkUpload(sent, token?.content.toString(), setting.policy)
  assert.strictEqual(key?.content.toString(), setting.key)
  assert.strictEqual(file?.filename, fileName)
  assert.strictEqual(file?.contentType, "application/octet-stream")
  const recorded = expected.parts[1]?.content
  assert.strictEqual(file?.content.length, recorded?.length)
  assert.strictEqual(sha1(file?.content ?? new Uint8Array()), recorded?.sha1, "the form's file")
  assert.isTrue(file?.content.equals(setting.bytes))
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
      compareForm(setting, expected, sent, fileName)
      return ["form-parts"]
  }
}

/** Compares a request with the expected one; the reasons are those of our form, where it differs as it always does. */
export const compareRequest = (
  setting: Setting,
  expected: RecordedRequest,
  sent: Sent,
  fileName: string
): ReadonlyArray<Deviation> => {
  assert.strictEqual(sent.target, expected.target)
  assert.strictEqual(sent.method, expected.method)
  assert.strictEqual(sent.path, expected.path, `the path of ${sent.step}`)
  const reasons: Array<Deviation> = [
    ...compareQuery(expected, sent),
    ...compareHeaders(setting, expected, sent),
    ...compareBody(setting, expected.body, sent, fileName)
  ]
  switch (expected.auth?.kind) {
    case "manager": {
      const text = checkManagement(sent)
      if (
        expected.auth.signed_text !== undefined && !reasons.some((r) => r === "query-encoding" || r === "list-times")
      ) {
        assert.strictEqual(text, expected.auth.signed_text)
      }
      break
    }
    case "upload":
      checkUpload(sent, sent.headers["authorization"], setting.policy)
      reasons.push("deadline-text")
      break
    default:
      assert.isUndefined(sent.headers["authorization"], `${sent.step} has no Authorization`)
      if (sent.step === "form") reasons.push("deadline-text")
  }
  if (sent.target === "put" && Math.floor((sent.at - clock) / 1000) > 0) reasons.push("fresh-token")
  return reasons
}
