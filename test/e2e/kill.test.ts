import { FileSystem } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Schedule } from "effect"
import { Emulator, EmulatorAddress, Fault } from "effect-wcs/testing"
import { bytes, mebibyte, sha1 } from "../support/content.ts"
import { environment, run, start } from "./support/processes.ts"
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
      WCS_BPUT_SIZE: String(2 * mebibyte)
    }
  }
  /** The blocks that are recorded, by their index. */
  const recorded = Effect.map(
    Effect.orElseSucceed(fs.readDirectory(`${base}/records`, { recursive: true }), () => []),
    (names) =>
      names
        .map((name) => /^\w+\/(\d+)$/.exec(name)?.[1])
        .flatMap((offset) => offset === undefined ? [] : [Number(offset) / blockSize])
        .toSorted((a, b) => a - b)
  )
  /** What is left of records, whatever it is. */
  const records = fs.readDirectory(`${base}/records`)
  return { start: start(program, options), run: run(program, options), recorded, records }
})

const eventually = <A, E, R>(effect: Effect.Effect<A, E, R>, until: (a: A) => boolean) =>
  Effect.repeat(effect, { until, schedule: Schedule.spaced("20 millis") })

/** Runs the upload again and sees that it sends these blocks and makes the object. */
const finishes = ({ records, run }: Effect.Effect.Success<typeof prepare>, missing: ReadonlyArray<number>) =>
  Effect.gen(function*() {
    const { clearFaults, clearRequests, object, requests } = yield* Emulator.Emulator
    assert.strictEqual((yield* object({ bucket, key }))._tag, "None")
    yield* clearFaults
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

/** Begins an upload, ends it by a signal when these blocks are recorded, and sees what it left. */
const killed = (faults: ReadonlyArray<Fault.Fault>, blocks: ReadonlyArray<number>, signal: NodeJS.Signals) =>
  Effect.gen(function*() {
    const { addFault } = yield* Emulator.Emulator
    yield* addFault(...faults)
    const upload = yield* prepare
    const process = yield* upload.start
    yield* process.until(eventually(upload.recorded, (recorded) => recorded.length === blocks.length))
    yield* process.kill(signal)
    const ended = yield* Effect.timeout(process.end, "1 minute")
    assert.deepStrictEqual(yield* upload.recorded, blocks)
    return { ended, upload }
  })

/** Two of four blocks get through, one of the others half. */
const half = [Fault.on("mkblk", Fault.stall, { block: 1 }), Fault.on("bput", Fault.stall, { block: 2 })]

describe("an upload that is killed", () => {
  it.scopedLive("in the middle goes on with the blocks that are missing", () =>
    Effect.gen(function*() {
      const { ended, upload } = yield* killed(half, [0], "SIGKILL")
      assert.strictEqual(ended.signal, "SIGKILL")
      yield* finishes(upload, [1, 2, 3])
    }).pipe(Effect.provide(emulator)))

  it.scopedLive("again and again, each time later, still ends", () =>
    Effect.gen(function*() {
      const { clearFaults } = yield* Emulator.Emulator
      yield* killed(half, [0], "SIGKILL")
      yield* clearFaults
    }).pipe(Effect.provide(emulator)))
})
