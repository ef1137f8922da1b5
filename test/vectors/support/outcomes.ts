import { assert } from "@effect/vitest"
import { DateTime, Either, Option } from "effect"
import type { ObjectInfo, ObjectPage } from "../../../src/domain/ObjectInfo.ts"
import { isWcsError, type WcsError } from "../../../src/domain/WcsError.ts"
import type { Uploaded } from "./calls/uploads.ts"
import type { Deviation } from "./deviations.ts"
import type { Expectation } from "./expectations.ts"
import type { RecordedResponse, RequestCase } from "./files.ts"
import { readings } from "./readings.ts"
import type { Run } from "./run.ts"
import type { Setting } from "./setting.ts"
import { laneOf } from "./steps.ts"

const byStatus = (status: number): WcsError["_tag"] =>
  ({
    "-1": "WcsNetworkError",
    400: "WcsRefused",
    401: "WcsUnauthorized",
    404: "WcsNotFound",
    408: "WcsServerFailure",
    503: "WcsThrottled"
  } as const)[status] ?? (status >= 500 ? "WcsServerFailure" : assert.fail(`no error for the status ${status}`))

/** What the recorded outcome means: the statuses that a failure may have, or success. */
const meaning = ({ outcome: { kind, value } }: RequestCase): "success" | ReadonlyArray<number> | undefined => {
  if (kind !== "return") return undefined
  if (!Array.isArray(value)) {
    const records: ReadonlyArray<string> = value.upload_record
    return records.map((record) => Number(JSON.parse(record).code)).filter((code) => code !== 200)
  }
  const status: number = value[0]
  return status === 200 || status === 303 ? "success" : [status]
}

const compareReceipt = (setting: Setting, vector: RequestCase, run: Run, { progress, receipt }: Uploaded) => {
  const steps = run.sent.map(({ step }) => step)
  const method = steps.includes("form") ? "form" : "block"
  const sent = new Set(steps.flatMap((step) => laneOf(step) ?? [])).size
  const total = method === "form" ? 0 : Math.ceil(setting.bytes.length / setting.blockSize)
  assert.deepStrictEqual(
    [receipt.bucket, receipt.key, receipt.size, receipt.etag, receipt.verified, receipt.method],
    [setting.bucket, setting.key, setting.bytes.length, setting.etag, "etag", method]
  )
  assert.deepStrictEqual([receipt.blocks.total, receipt.blocks.resumed], [total, total - sent])
  const stored = run.sent.findLast(({ answer, step }) =>
    /^(?:form|mkfile)$/.test(step) && (answer?.status ?? 400) < 400
  )
  assert.strictEqual(receipt.requestId, stored?.answer?.headers?.["X-Reqid"], "the id of the request")
  const { progress: recorded = [] } = vector.outcome
  if (recorded.length > 0) assert.deepStrictEqual(progress, recorded.map(([sent]) => sent), "the progress")
}

/** The description of an object with plain times: what a calendar makes of them is not compared. */
const plain = ({ expires, putTime, ...info }: ObjectInfo) => ({
  ...info,
  putTime: DateTime.toEpochMillis(putTime),
  expires: Option.map(expires, DateTime.toEpochMillis)
})

/** What a call of ours gave back, as `readings` has it. */
const comparable: { readonly [method: string]: (value: any) => unknown } = {
  stat: plain,
  bucket_list: (page: ObjectPage) => ({ ...page, objects: page.objects.map(plain) }),
  bucket_listAll: (objects: ReadonlyArray<ObjectInfo>) => objects.map(plain)
}

const compareValue = (setting: Setting, run: Run, value: unknown) => {
  const { key, method } = setting
  const answers = run.sent.flatMap(({ answer }) =>
    answer?.status === 200 ? [answer.body === "" ? undefined : JSON.parse(answer.body ?? "")] : []
  )
  const read = readings[method] ?? assert.fail(`no reading of what ${method} gives back`)
  assert.deepStrictEqual(
    (comparable[method] ?? ((value) => value))(value),
    read(answers, key),
    "what the call gives back"
  )
}

/** What an answer tells of a refusal. */
const told = ({ body = "", headers = {}, status }: RecordedResponse) => {
  const read: any = body.startsWith("{") ? JSON.parse(body) : undefined
  return {
    code: String(read?.code ?? status),
    detail: read === undefined ? body : read.message ?? "",
    requestId: headers["X-Reqid"]
  }
}

/** An error that an answer has caused tells what stands in it. */
const compareError = (run: Run, error: WcsError) => {
  if (!("status" in error) || error._tag === "WcsUndecodableAnswer") return
  const { code, detail, requestId } = error
  assert.deepInclude(
    run.sent.flatMap(({ answer, target }) => answer === undefined || target === "source" ? [] : [told(answer)]),
    { code, detail, requestId },
    "what the error tells"
  )
}

/** Compares what the call gave back with what the recorded outcome means, or with what is expected instead. */
export const compareOutcome = (
  setting: Setting,
  vector: RequestCase,
  run: Run,
  expectation: Expectation | undefined
): ReadonlyArray<Deviation> => {
  const recorded = meaning(vector)
  if (expectation?.ends === "succeeds" || (expectation?.ends === undefined && recorded === "success")) {
    assert.notStrictEqual(expectation?.ends, recorded === "success" ? "succeeds" : "", "an expectation with a use")
    const value = Either.getOrThrowWith(run.outcome, (error) => error)
    // Only uploads give receipts.
    if (setting.method.endsWith("upload")) compareReceipt(setting, vector, run, value as Uploaded)
    else compareValue(setting, run, value)
    return []
  }
  const error = Either.getOrThrowWith(Either.flip(run.outcome), () => new Error("a failure was expected"))
  const tag = isWcsError(error) ? error._tag : "ConfigError"
  if (isWcsError(error)) compareError(run, error)
  if (expectation?.ends !== undefined) assert.strictEqual(tag, expectation.ends, String(error))
  else {
    if (recorded === undefined || recorded === "success") return assert.fail("a failure needs an expectation")
    const status = isWcsError(error) && "status" in error ? error.status : -1
    assert.include(recorded, status, String(error))
    assert.strictEqual(tag, byStatus(status))
  }
  return recorded === undefined ? ["typed-error"] : []
}
