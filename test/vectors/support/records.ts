import { assert } from "@effect/vitest"
import { Either } from "effect"
import * as path from "node:path"
import type { Deviation } from "./deviations.ts"
import type { Records, RequestCase } from "./files.ts"
import type { Run } from "./run.ts"
import type { Setting } from "./setting.ts"
import { chunkOf, ctxOf, grouped } from "./steps.ts"

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
    if (last?.answer?.status === 200 && chunk && chunk.offset + chunk.bytes.length === size) {
      done.set(index * setting.blockSize, text(index))
    }
  }
  return done
}

/** Compares the record that is left with what the service has accepted, and with the vendor's. */
export const compareRecords = (
  setting: Setting,
  vector: RequestCase,
  run: Run,
  why: ReadonlyArray<Deviation>
): ReadonlyArray<Deviation> => {
  const id = setting.uploadId ?? run.sent.find(({ headers }) => headers["uploadbatch"])?.headers["uploadbatch"]
  const manifests = Object.keys(run.records).filter((name) => name.endsWith(".manifest"))
  const blocks: Records = Object.fromEntries(Object.entries(run.records).filter(([name]) => !manifests.includes(name)))
  const begun = run.refusals > 0 ? setting.bytes.length > 0 && vector.call.method !== "simple_upload" : id !== undefined
  const expected = Either.isLeft(run.outcome) && begun
    ? acceptedRecords(setting, vector, run)
    : new Map<number, string>()
  const named = manifests[0]?.replace(/\.manifest$/, "")
  assert.strictEqual(manifests.length, expected.size > 0 ? 1 : 0, "a manifest as long as there is something to resume")
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
