import { assert } from "@effect/vitest"
import { Either, Option } from "effect"
import * as path from "node:path"
import { isWcsError, type WcsError } from "../../../src/domain/WcsError.ts"
import type { Result } from "./call.ts"
import { compareRequest } from "./compare.ts"
import { behaviours, type Deviation } from "./deviations.ts"
import { type Expectation, expectations } from "./expectations.ts"
import type { Records, RequestCase } from "./files.ts"
import type { Run } from "./run.ts"
import type { Setting } from "./setting.ts"
import { chunkOf, ctxOf, laneOf, requestOf, type Step, stepOf } from "./steps.ts"

/** A step that is expected, and whether a failure elsewhere may have prevented it. */
interface Expected {
  readonly step: Step
  readonly optional: boolean
}

const parse = (steps: string): ReadonlyArray<Expected> =>
  steps.split(" ").filter((step) => step !== "").flatMap((text) => {
    const [, step = "", times = "1", optional] = /^([^*?]+)(?:\*(\d+))?(\?)?$/.exec(text) ?? []
    return Array.from({ length: Number(times) }, () => ({ step, optional: optional === "?" }))
  })

const expectationOf = (id: string): Expectation | undefined => expectations[id.split(".").slice(0, 2).join(".")]

const grouped = <A>(items: ReadonlyArray<A>, stepOf: (item: A) => Step) => {
  const lanes = new Map<number | undefined, Array<A>>()
  for (const item of items) lanes.set(laneOf(stepOf(item)), [...(lanes.get(laneOf(stepOf(item))) ?? []), item])
  return lanes
}

/** The steps in order; where blocks go side by side, those of each block in order, and the rest after all blocks. */
const compareSteps = (run: Run, expected: ReadonlyArray<Expected>, sequential: boolean) => {
  const sent = run.sent.map(({ step }) => step)
  if (sequential) return assert.deepStrictEqual(sent, expected.map(({ step }) => step), "the requests in order")
  const ours = grouped(sent, (step) => step)
  const theirs = grouped(expected, ({ step }) => step)
  assert.isEmpty([...ours.keys()].filter((lane) => !theirs.has(lane)), "blocks that were not expected")
  for (const [lane, steps] of theirs) {
    const mine = ours.get(lane) ?? []
    assert.deepStrictEqual(mine, steps.slice(0, mine.length).map(({ step }) => step), `the requests of block ${lane}`)
    assert.isTrue(steps.slice(mine.length).every(({ optional }) => optional), `all requests of block ${lane}`)
  }
  const first = sent.findIndex((step) => laneOf(step) === undefined)
  if (first >= 0 && expected.filter(({ step }) => step === "mkfile").length === 1) {
    assert.isTrue(sent.slice(first).every((step) => laneOf(step) === undefined), "mkfile comes after all blocks")
  }
}

/** Compares each request with the recorded one, or with the one that its step should be. */
const compareRequests = (setting: Setting, vector: RequestCase, run: Run): ReadonlySet<Deviation> => {
  const { args } = vector.call
  const local = args["path"]?.$file ?? decodeURIComponent(new URL(args["stream"] ?? "http://x/").pathname)
  const nth = new Map<Step, number>()
  const reasons = run.sent.flatMap((sent) => {
    const n = nth.get(sent.step) ?? 0
    nth.set(sent.step, n + 1)
    return compareRequest(setting, requestOf(setting, vector.requests, sent.step, n), sent, path.basename(local))
  })
  const ids = new Set(run.sent.flatMap((sent) => sent.headers["uploadbatch"] ?? []))
  assert.isAtMost(ids.size, 1, "all requests of an upload have one id")
  return new Set(reasons)
}

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

const compareSuccess = (setting: Setting, vector: RequestCase, run: Run, result: Result) => {
  const answers = vector.requests.map(({ response }) => response.body ?? "")
  switch (result._tag) {
    case "Receipt": {
      const { blocks, ...receipt } = result.receipt
      const steps = run.sent.map(({ step }) => step)
      const method = steps.includes("form") ? "form" : "block"
      const sent = new Set(steps.flatMap((step) => laneOf(step) ?? [])).size
      const total = method === "form" ? 0 : Math.ceil(setting.bytes.length / setting.blockSize)
      assert.deepStrictEqual(
        [receipt.bucket, receipt.key, receipt.size, receipt.etag, receipt.verified, receipt.method],
        [setting.bucket, setting.key, setting.bytes.length, setting.etag, "etag", method]
      )
      assert.deepStrictEqual([blocks.total, blocks.resumed], [total, total - sent])
      return
    }
    case "Stat": {
      const { expirationDate, fsize, hash, mimeType, putTime } = JSON.parse(answers[0] ?? "")
      const { info } = result
      assert.deepStrictEqual([info.key, info.size, info.etag, info.mimeType], [setting.key, fsize, hash, mimeType])
      assert.strictEqual(info.putTime.epochMillis, Number(putTime))
      assert.strictEqual(Option.isSome(info.expires), expirationDate !== "")
      return
    }
    case "List": {
      const items = answers.flatMap((answer) => JSON.parse(answer).items ?? [])
      assert.deepStrictEqual(
        result.objects.map(({ etag, key, putTime, size }) => [key, size, etag, putTime.epochMillis]),
        items.map(({ fsize, hash, key, putTime }) => [key, Number(fsize), hash, Number(putTime)])
      )
      return
    }
    case "Deleted":
      return
  }
}

const compareOutcome = (
  setting: Setting,
  vector: RequestCase,
  run: Run,
  expectation: Expectation | undefined
): ReadonlyArray<Deviation> => {
  const recorded = meaning(vector)
  if (expectation?.ends === "succeeds" || (expectation?.ends === undefined && recorded === "success")) {
    assert.notStrictEqual(expectation?.ends, recorded === "success" ? "succeeds" : "", "an expectation with a use")
    compareSuccess(setting, vector, run, Either.getOrThrowWith(run.outcome, (error) => error))
    return []
  }
  const error = Either.getOrThrowWith(Either.flip(run.outcome), () => new Error("a failure was expected"))
  const tag = isWcsError(error) ? error._tag : "ConfigError"
  if (expectation?.ends !== undefined) assert.strictEqual(tag, expectation.ends, String(error))
  else {
    if (recorded === undefined || recorded === "success") return assert.fail("a failure needs an expectation")
    const status = isWcsError(error) && "status" in error ? error.status : -1
    assert.include(recorded, status, String(error))
    assert.strictEqual(tag, byStatus(status))
  }
  return recorded === undefined ? ["typed-error"] : []
}

/** The records that should be there: of each block that the service has accepted, by the answers that it gave. */
const acceptedRecords = (setting: Setting, vector: RequestCase, run: Run): ReadonlyMap<number, string> => {
  const text = (index: number) => {
    const { size } = chunkOf(setting, `mkblk${index}`)
    return `{"offset": ${index * setting.blockSize}, "code": 200, "ctx": "${ctxOf(index, size)}", "size": ${size}}`
  }
  const done = new Map<number, string>()
  for (const [name, before] of Object.entries(vector.records_before ?? {})) {
    const record = JSON.parse(before ?? "{}")
    if (record.code === 200) done.set(Number(path.basename(name)), before ?? "")
  }
  for (const [index, sent] of grouped(run.sent, ({ step }) => step)) {
    if (index === undefined) continue
    const { size } = chunkOf(setting, `mkblk${index}`)
    const last = sent.at(-1)
    const chunk = last && chunkOf(setting, last.step)
    if (last?.status === 200 && chunk && chunk.offset + chunk.bytes.length === size) {
      done.set(index * setting.blockSize, text(index))
    }
  }
  return done
}

/** Compares the record that is left with what the service has accepted, and with the vendor's. */
const compareRecords = (
  setting: Setting,
  vector: RequestCase,
  run: Run,
  why: ReadonlyArray<Deviation>
): ReadonlyArray<Deviation> => {
  const id = setting.uploadId ?? run.sent.find(({ headers }) => headers["uploadbatch"])?.headers["uploadbatch"]
  const manifests = Object.keys(run.records).filter((name) => name.endsWith(".manifest"))
  const blocks: Records = Object.fromEntries(Object.entries(run.records).filter(([name]) => !manifests.includes(name)))
  const begun = run.refusals > 0 ? setting.bytes.length > 0 && vector.call.method !== "simple_upload" : id !== undefined
  const kept = Either.isLeft(run.outcome) && begun
  const expected = kept ? acceptedRecords(setting, vector, run) : new Map<number, string>()
  const named = manifests[0]?.replace(/\.manifest$/, "")
  assert.deepStrictEqual(manifests.length, kept ? 1 : 0, "a manifest as long as there is something to resume")
  if (id !== undefined && named !== undefined) assert.strictEqual(named, id)
  assert.deepStrictEqual(
    blocks,
    Object.fromEntries([...expected].map(([offset, text]) => [`${named}/${offset}`, text])),
    "the records of accepted blocks"
  )

  const theirs = Object.entries(vector.records_after ?? {})
  const reasons = new Set<Deviation>()
  for (const [name, text] of theirs) {
    if (text === null) reasons.add("record-folder")
    else if (JSON.parse(text).code !== 200) reasons.add("record-accepted")
    else if (expected.has(Number(path.basename(name)))) {
      assert.strictEqual(expected.get(Number(path.basename(name))), text, "a record as the vendor writes it")
    } else assert.isTrue(Either.isRight(run.outcome) || why.includes("siblings-stop"), `a record for ${name}`)
  }
  if (expected.size > 0 && theirs.length === 0) reasons.add("record-kept")
  return [...reasons]
}

/** Judges a run: everything is as recorded, or differs for the reasons that are given back. Anything else is thrown. */
export const judge = (setting: Setting, vector: RequestCase, run: Run): ReadonlyArray<Deviation> => {
  const expectation = expectationOf(vector.id)
  const recorded = vector.requests.map((request) => ({ step: stepOf(request), optional: false }))
  const expected = expectation?.steps === undefined ? recorded : parse(expectation.steps)
  if (expectation?.steps !== undefined) {
    assert.notDeepEqual(expected, recorded, "an expectation that says something else than the recording")
  }
  compareSteps(run, expected, setting.sequential)
  const why = expectation?.why ?? []
  if (why.includes("connect-attempts")) assert.strictEqual(run.refusals, 4)
  const reasons = new Set<Deviation>([
    ...why,
    ...compareRequests(setting, vector, run),
    ...compareOutcome(setting, vector, run, expectation),
    ...compareRecords(setting, vector, run, why)
  ])
  const undeclared = [...reasons].filter((reason) => reason in behaviours && !why.includes(reason))
  assert.isEmpty(undeclared.filter((reason) => reason !== "record-kept"), "another behaviour needs an expectation")
  return [...reasons]
}
