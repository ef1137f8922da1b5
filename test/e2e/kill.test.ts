import { FileSystem } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Schedule } from "effect"
import { Emulator, EmulatorAddress, Fault } from "effect-wcs/testing"
import { bytes, mebibyte, sha1 } from "../support/content.ts"
import { recordedOffsets } from "../support/records.ts"
import { sign } from "../testing/support.ts"
import { environment, run, signature, start } from "./support/processes.ts"
import { bucket, content, emulator, folder } from "./support/service.ts"

const key = "films/film.bin"
const film = bytes(13 * mebibyte)
const blockSize = 4 * mebibyte
const program = "test/e2e/support/upload.ts"

/** A file in a folder of its own, and the process that uploads it with records in that folder. */
const prepare = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const base = yield* folder
  yield* fs.writeFile(`${base}/film.bin`, film)
  const address = yield* EmulatorAddress.EmulatorAddress
  const options = {
    arguments: [`${base}/film.bin`, bucket, key],
    env: {
      ...environment(address, base),
      WCS_TMP_RECORD_FOLDER: `${base}/records`,
      WCS_CONCURRENCY: "2",
      // What stalls never times out.
      WCS_CONNECTION_TIMEOUT: "3600",
      WCS_BPUT_SIZE: String(mebibyte / 2)
    }
  }
  /** The blocks that are recorded, by their index. */
  const recorded = Effect.map(
    recordedOffsets(`${base}/records`),
    (offsets) => offsets.map((offset) => offset / blockSize)
  ).pipe(Effect.provideService(FileSystem.FileSystem, fs))
  /** What is left of records, whatever it is. */
  const records = fs.readDirectory(`${base}/records`)
  return { start: start(program, options), run: run(program, options), recorded, records }
})

type Prepared = Effect.Effect.Success<typeof prepare>

/** Runs the upload again and sees that it sends these blocks and makes the object. */
const finishes = ({ records, run }: Prepared, missing: ReadonlyArray<number>) =>
  Effect.gen(function*() {
    const { clearRequests, object, requests } = yield* Emulator.Emulator
    assert.isTrue(Option.isNone(yield* object({ bucket, key })))
    yield* clearRequests
    const { code, stdout, stderr } = yield* run
    assert.strictEqual(code, 0, stderr)
    assert.deepInclude(JSON.parse(stdout), {
      verified: "etag",
      blocks: { total: 4, sent: missing.length, resumed: 4 - missing.length }
    })
    const sent = (yield* requests).flatMap(({ block, operation }) => operation === "mkblk" ? [block ?? -1] : [])
    assert.deepStrictEqual(sent.toSorted((a, b) => a - b), missing)
    assert.strictEqual(sha1(yield* content(key)), sha1(film))
    assert.isEmpty(yield* records)
  })

/** Begins an upload under faults, and ends it by a signal when it has come so far. */
const killed = (
  upload: Prepared,
  faults: ReadonlyArray<Fault.Fault>,
  far: Effect.Effect<boolean, unknown>,
  signal: NodeJS.Signals
) =>
  Effect.scoped(Effect.gen(function*() {
    const { addFault, clearFaults } = yield* Emulator.Emulator
    yield* addFault(...faults)
    const process = yield* upload.start
    yield* process.until(Effect.repeat(far, { until: Boolean, schedule: Schedule.spaced("20 millis") }))
    yield* process.kill(signal)
    const ended = yield* Effect.timeout(process.end, "1 minute")
    yield* clearFaults
    return ended
  }))

const has = ({ recorded }: Prepared, ...blocks: ReadonlyArray<number>) =>
  Effect.map(recorded, (found) => String(found) === String(blocks))

/** Two of the four blocks get through, a third one half. */
const half = [Fault.on("mkblk", Fault.stall, { block: 1 }), Fault.on("bput", Fault.stall, { block: 3 })]

describe("an upload that is killed", () => {
  it.scopedLive("fault 17: in the middle goes on with the blocks that are missing", () =>
    Effect.gen(function*() {
      const upload = yield* prepare
      const ended = yield* killed(upload, half, has(upload, 0, 2), "SIGKILL")
      assert.strictEqual(ended.signal, "SIGKILL")
      assert.isTrue(yield* has(upload, 0, 2))
      yield* finishes(upload, [1, 3])
    }).pipe(Effect.provide(emulator)))

  it.scopedLive("fault 19: again and again, each time later, still ends", () =>
    Effect.gen(function*() {
      const { requests } = yield* Emulator.Emulator
      const upload = yield* prepare
      const finishing = Effect.map(requests, (all) => all.some(({ operation }) => operation === "mkfile"))
      yield* killed(upload, [Fault.on("mkblk", Fault.stall)], Effect.map(requests, (all) => all.length > 0), "SIGKILL")
      yield* killed(upload, half, has(upload, 0, 2), "SIGKILL")
      yield* killed(upload, [Fault.on("bput", Fault.stall, { block: 3 })], has(upload, 0, 1, 2), "SIGKILL")
      yield* killed(upload, [Fault.on("mkfile", Fault.stall)], finishing, "SIGKILL")
      yield* finishes(upload, [])
    }).pipe(Effect.provide(emulator)))
})

describe("an upload that is interrupted by SIGINT", () => {
  it.scopedLive("ends by itself and soon, keeps its record, and goes on when it is called again", () =>
    Effect.gen(function*() {
      const upload = yield* prepare
      const ended = yield* killed(upload, half, has(upload, 0, 2), "SIGINT")
      assert.isNull(ended.signal)
      assert.strictEqual(ended.stdout, "")
      assert.isTrue(yield* has(upload, 0, 2))
      yield* finishes(upload, [1, 3])
    }).pipe(Effect.provide(emulator)))
})

describe("an upload that fails", () => {
  it.scopedLive("says why, with no secret, and with an exit code", () =>
    Effect.gen(function*() {
      const { addFault } = yield* Emulator.Emulator
      yield* addFault(Fault.on("bput", Fault.status(403)))
      const { code, stderr, stdout } = yield* (yield* prepare).run
      assert.strictEqual(code, 1)
      assert.strictEqual(stdout, "")
      assert.include(stderr, "WcsUnauthorized")
    }).pipe(Effect.provide(emulator)))

  it("could tell a secret from what is none", () => {
    assert.match(`the token is ${sign("a policy")}`, signature)
    assert.notMatch("request 1f3c3a2b, etag FiqubDXJT8-0FdvpX0CLnOke6Ebt", signature)
  })
})
