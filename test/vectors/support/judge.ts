import { assert } from "@effect/vitest"
import * as path from "node:path"
import { compareRequest } from "./compare.ts"
import { behaviours, type Deviation } from "./deviations.ts"
import { expectationOf } from "./expectations.ts"
import type { RequestCase } from "./files.ts"
import { compareOutcome } from "./outcomes.ts"
import { compareRecords } from "./records.ts"
import type { Run } from "./run.ts"
import type { Setting } from "./setting.ts"
import { grouped, laneOf, requestOf, type Step, stepOf } from "./steps.ts"

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

/** Judges a run: everything is as recorded, or differs for the reasons that are given back. Anything else is thrown. */
export const judge = (setting: Setting, vector: RequestCase, run: Run): ReadonlyArray<Deviation> => {
  const expectation = expectationOf(vector.id)
  const recorded = vector.requests.map((request) => ({ step: stepOf(request), optional: false }))
  const expected = expectation?.steps === undefined ? recorded : parse(expectation.steps)
  if (expectation?.steps !== undefined) {
    assert.notDeepEqual(expected, recorded, "an expectation that says something else than the recording")
  }
  compareSteps(run, expected, setting.sequential)
  const attempts = vector.outcome.tcp_connect_attempts ?? 0
  assert.notStrictEqual(expectation?.refusals, attempts, "an expectation that says something else than the recording")
  assert.strictEqual(run.refusals, expectation?.refusals ?? attempts, "attempts to connect")
  const why = expectation?.why ?? []
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
