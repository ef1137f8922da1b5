import { assert } from "@effect/vitest"
import { base64url } from "./content.ts"
import type { Deviation } from "./deviations.ts"
import type { RecordedRequest } from "./files.ts"
import type { Sent } from "./server.ts"
import type { Setting } from "./setting.ts"

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

/** Headers as they are wanted, to be changed to what is sent here instead. */
type Wanted = Record<string, string>

const contentTypes: { readonly [operation: string]: string } = {
  mkblk: "application/octet-stream",
  bput: "application/octet-stream",
  mkfile: "text/plain;charset=UTF-8"
}

const operationOf = ({ step }: Sent): string | undefined => /^(?:mkblk|bput|mkfile)/.exec(step)?.[0]

/** The Content-Type and the key of a request about blocks. */
const slice = (setting: Setting, wanted: Wanted, type: string): ReadonlyArray<Deviation> => {
  const { "content-type": theirs, key } = wanted
  wanted["content-type"] = type
  wanted["key"] = base64url(setting.key)
  if (setting.sdk === "python") {
    assert.deepStrictEqual([theirs, key], [undefined, undefined])
    return ["slice-headers"]
  }
  assert.strictEqual(key, base64url(setting.named ?? ""))
  const reasons: Array<Deviation> = []
  if (setting.named !== setting.key) reasons.push("scope-key")
  if (theirs !== type) {
    assert.strictEqual(theirs, "text/plain")
    reasons.push("mkfile-charset")
  }
  return reasons
}

/** The id of an upload, where the call names none. */
const uploadId = (setting: Setting, wanted: Wanted, sent: Sent): ReadonlyArray<Deviation> => {
  if (setting.uploadId !== undefined) return []
  const id = sent.headers["uploadbatch"] ?? ""
  assert.match(id, /^[A-Za-z0-9]{32}$/)
  assert.strictEqual(wanted["uploadbatch"], setting.newUploadId)
  wanted["uploadbatch"] = id
  return ["upload-id"]
}

const form = (setting: Setting, wanted: Wanted, sent: Sent): ReadonlyArray<Deviation> => {
  const type = /^multipart\/form-data; boundary=/
  assert.match(wanted["content-type"] ?? "", type)
  assert.match(sent.headers["content-type"] ?? "", type)
  wanted["content-type"] = sent.headers["content-type"] ?? ""
  const { expect, "transfer-encoding": encoding } = wanted
  delete wanted["expect"]
  delete wanted["transfer-encoding"]
  if (setting.sdk === "python") {
    assert.deepStrictEqual([expect, encoding], ["100-continue", undefined])
    return ["form-parts"]
  }
  assert.deepStrictEqual([expect, encoding], [undefined, "chunked"])
  return ["form-length"]
}

/** Compares the headers, and tells in which way of ours they differ from the recorded ones. */
export const compareHeaders = (setting: Setting, expected: RecordedRequest, sent: Sent): ReadonlyArray<Deviation> => {
  const wanted: Wanted = { ...expected.headers }
  delete wanted["authorization"]
  const reasons: Array<Deviation> = []
  const operation = operationOf(sent)
  if (operation !== undefined) {
    assert.strictEqual(setting.policy["scope"], `${setting.bucket}:${setting.key}`, "the scope has the key")
    reasons.push(...slice(setting, wanted, contentTypes[operation] ?? ""), ...uploadId(setting, wanted, sent))
  }
  if (sent.step === "form") reasons.push(...form(setting, wanted, sent))
  if (sent.target === "mgr" && expected.body.kind === "text") {
    assert.isUndefined(wanted["content-type"])
    wanted["content-type"] = "application/x-www-form-urlencoded"
    reasons.push("management-type")
  }
  const ours = Object.fromEntries(
    meaningful.flatMap((name) => sent.headers[name] === undefined ? [] : [[name, sent.headers[name]]])
  )
  assert.deepStrictEqual(ours, wanted, `the headers of ${sent.step}`)
  return reasons
}
