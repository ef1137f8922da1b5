import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, type Layer, Option } from "effect"
import { Objects, ProgressStore, ReturnBody, Uploader, UploadEvent, UploadRecord, type WcsError } from "effect-wcs"
import { Emulator, Fault, WcsTest } from "effect-wcs/testing"
import { inTime } from "../support/clock.ts"
import { bytes, mebibyte, sha1 } from "../support/content.ts"
import { contentOf } from "../support/emulated.ts"

const target = { bucket: "media", key: "film.bin" }
const content = bytes(8 * mebibyte + 5)
const id = UploadRecord.UploadId.make("faults")

/** An upload under faults, with as much time as it wants. */
const upload = (
  faults: ReadonlyArray<Fault.Fault>,
  options: Uploader.UploadOptions = {}
) =>
  Effect.gen(function*() {
    const emulator = yield* Emulator.Emulator
    const uploader = yield* Uploader.Uploader
    yield* emulator.addFault(...faults)
    const events: Array<UploadEvent.UploadEvent> = []
    const exit = yield* inTime(Effect.exit(uploader.putBytes(content, target, {
      method: "block",
      uploadId: id,
      chunkSize: 2 * mebibyte,
      ...options,
      onProgress: (event) => Effect.sync(() => void events.push(event))
    })))
    const requests = yield* emulator.requests
    return {
      exit,
      events,
      requests,
      operations: requests.map((request) => request.operation),
      count: (operation: string) => requests.filter((request) => request.operation === operation).length
    }
  })

const stored = Effect.map(contentOf(target), sha1)

const record = Effect.flatMap(ProgressStore.ProgressStore, (store) => store.load(id))

const error = (exit: Exit.Exit<unknown, WcsError.WcsError>) =>
  Exit.isFailure(exit) ? Option.getOrThrow(Cause.failureOption(exit.cause)) : assert.fail("no failure")

const scenario = (
  name: string,
  body: Effect.Effect<void, unknown, Layer.Layer.Success<ReturnType<typeof WcsTest.layer>>>
) => it.effect(name, () => Effect.provide(body, WcsTest.layer({ buckets: ["media"] })))

describe("the upload survives", () => {
  const survived: ReadonlyArray<readonly [string, ReadonlyArray<Fault.Fault>]> = [
    ["a broken connection in the middle of a block", [
      Fault.on("mkblk", Fault.reset({ after: mebibyte }), { block: 1, nth: 1 })
    ]],
    ["a block that was stored and whose answer was lost", [Fault.on("mkblk", Fault.lostAnswer, { block: 0, nth: 1 })]],
    ["a chunk that was stored and whose answer was lost", [Fault.on("bput", Fault.lostAnswer, { block: 0, nth: 1 })]],
    ["two lost chunks in one block", [Fault.on("bput", Fault.lostAnswer, { block: 0, nth: 1, times: 2 })]],
    ["503 with Retry-After on everything, for a while", [
      Fault.on(["mkblk", "bput", "mkfile"], Fault.status(503, { retryAfter: 3 }), { nth: 1, times: 3 })
    ]],
    ["a wrong crc32 (fault 7)", [Fault.on("mkblk", Fault.wrongChecksum("crc32"), { block: 1, nth: 1 })]],
    ["a captive portal", [Fault.on("any", Fault.garbage, { nth: 1, times: 2 })]],
    ["a service that goes silent", [Fault.on("bput", Fault.stall, { nth: 1 })]],
    ["a clock of the service that is a day ahead", [Fault.on("any", Fault.skew({ ahead: "1 day" }))]]
  ]
  for (const [name, faults] of survived) {
    scenario(
      name,
      Effect.gen(function*() {
        const { exit } = yield* upload(faults)
        assert.isTrue(Exit.isSuccess(exit), String(exit))
        assert.strictEqual(yield* stored, sha1(content))
        assert.isTrue(Option.isNone(yield* record))
      })
    )
  }
})

describe("chunks that never are what was sent", () => {
  scenario(
    "fault 7: are an integrity error in the end, and no object",
    Effect.gen(function*() {
      const { count, exit } = yield* upload([Fault.on("mkblk", Fault.wrongChecksum("crc32"), { block: 0 })])
      assert.include(error(exit), { _tag: "WcsIntegrityError", check: "crc32" })
      assert.strictEqual(count("mkfile"), 0)
      assert.isEmpty(yield* Effect.flatMap(Emulator.Emulator, ({ objects }) => objects("media")))
    })
  )
})

describe("an answer that was lost", () => {
  const lost = [
    Fault.on("mkfile", Fault.lostAnswer, { nth: 1 }),
    Fault.on("form", Fault.lostAnswer, { nth: 1 })
  ]
  const known = {
    key: ReturnBody.key,
    size: ReturnBody.fsize,
    type: ReturnBody.mimeType,
    who: ReturnBody.custom("who")
  }
  const untold = [
    ["persistentId", ReturnBody.persistentId],
    ["ip", ReturnBody.ip],
    ["url", ReturnBody.url],
    ["costTime", ReturnBody.costTime]
  ] as const

  for (const method of ["form", "block"] as const) {
    const asking = (returnBody: string | ReturnBody.ReturnBody<unknown>) =>
      Effect.map(
        upload(lost, { method, mimeType: "text/x-test", policy: { returnBody, persistentOps: "vframe/jpg/offset/1" } }),
        ({ exit }) => exit
      )

    scenario(
      `${method}: reads as a typed one where stat tells all of it`,
      Effect.gen(function*() {
        const exit = yield* asking(ReturnBody.struct(known))
        assert.deepStrictEqual(Exit.isSuccess(exit) && { ...Object(exit.value.body) }, {
          key: target.key,
          size: content.length,
          type: "text/x-test",
          who: ""
        })
      })
    )

    for (const [name, variable] of untold) {
      scenario(
        `${method}: is an error that says so where it alone told $(${name})`,
        Effect.gen(function*() {
          const failure = error(yield* asking(ReturnBody.struct({ ...known, [name]: variable })))
          assert.include(failure, { _tag: "WcsUndecodableAnswer", stored: true, isRetryable: false })
          assert.include(failure.message, `its answer was lost, and nothing else tells $(${name})`)
          assert.strictEqual(yield* stored, sha1(content))
        })
      )
    }

    scenario(
      `${method}: holds no member that nobody can tell`,
      Effect.gen(function*() {
        const exit = yield* asking("key=$(key)&id=$(persistentId)&at=$(ip)")
        assert.deepStrictEqual(Exit.isSuccess(exit) && exit.value.body, { key: target.key })
      })
    )
  }

  scenario(
    "tells the file name that a form gave",
    Effect.gen(function*() {
      const { exit } = yield* upload(lost, { method: "form", policy: { returnBody: "name=$(fname)" } })
      assert.deepStrictEqual(Exit.isSuccess(exit) && exit.value.body, { name: "bytes" })
    })
  )

  scenario(
    "of a callback's server is not made up",
    Effect.gen(function*() {
      const { exit } = yield* upload(lost, {
        policy: {
          callbackUrl: "http://cb.test/",
          callbackBody: "key=$(key)",
          returnBody: ReturnBody.struct({ key: ReturnBody.key })
        }
      })
      assert.include(error(exit), { _tag: "WcsUndecodableAnswer", stored: true })
    })
  )
})

describe("mkfile", () => {
  scenario(
    "fault 3: a lost answer is settled by stat: nothing is sent again, although the key is taken by then",
    Effect.gen(function*() {
      const { count, exit } = yield* upload([Fault.on("mkfile", Fault.lostAnswer, { nth: 1 })])
      assert.isTrue(Exit.isSuccess(exit), String(exit))
      assert.strictEqual(count("mkfile"), 1)
      assert.strictEqual(count("stat"), 1)
      assert.isTrue(Option.isNone(yield* record))
    })
  )

  scenario(
    "that never reached the service is sent again after stat said so",
    Effect.gen(function*() {
      const { exit, operations } = yield* upload([Fault.on("mkfile", Fault.reset(), { nth: 1 })])
      assert.isTrue(Exit.isSuccess(exit), String(exit))
      assert.deepStrictEqual(operations.slice(-3), ["mkfile", "stat", "mkfile"])
    })
  )

  scenario(
    "a lost answer and a stat that fails: the key that is taken then is settled",
    Effect.gen(function*() {
      const { count, exit } = yield* upload([
        Fault.on("mkfile", Fault.lostAnswer, { nth: 1 }),
        Fault.on("stat", Fault.status(500), { nth: 1, times: 4 })
      ])
      assert.isTrue(Exit.isSuccess(exit), String(exit))
      assert.strictEqual(count("mkfile"), 2)
    })
  )

  scenario(
    "interrupted after it was carried out: the next run finds the object",
    Effect.gen(function*() {
      const first = yield* upload([
        Fault.on("mkfile", Fault.lostAnswer, { nth: 1, times: 9 }),
        Fault.on("stat", Fault.status(500))
      ])
      assert.strictEqual(error(first.exit)._tag, "WcsNetworkError")
      yield* Effect.flatMap(Emulator.Emulator, (emulator) => emulator.clearFaults)
      const second = yield* upload([])
      assert.isTrue(Exit.isSuccess(second.exit), String(second.exit))
    })
  )

  scenario(
    "fault 12: 579: stored, the callback failed; never repeated, and the record is gone",
    Effect.gen(function*() {
      const { count, exit } = yield* upload([], {
        policy: { callbackUrl: "http://cb.test/", callbackBody: "key=$(key)" }
      })
      assert.strictEqual(error(exit)._tag, "WcsCallbackFailed")
      assert.strictEqual(count("mkfile"), 1)
      assert.strictEqual(yield* stored, sha1(content))
      assert.isTrue(Option.isNone(yield* record))
    })
  )

  scenario(
    "fault 8: a hash that is not the content's is an integrity error, and the next run begins anew",
    Effect.gen(function*() {
      const { count, exit } = yield* upload([Fault.on("mkfile", Fault.wrongHash, { nth: 1 })])
      assert.include(error(exit), { _tag: "WcsIntegrityError", check: "etag" })
      assert.strictEqual(count("mkfile"), 1)
      assert.isTrue(Option.isNone(yield* record))
    })
  )

  scenario(
    "that fails for good keeps the record",
    Effect.gen(function*() {
      const { exit } = yield* upload([Fault.on("mkfile", Fault.status(500))])
      assert.strictEqual(error(exit)._tag, "WcsServerFailure")
      assert.lengthOf(Option.getOrThrow(yield* record).blocks, 3)
      assert.isTrue(Option.getOrThrow(yield* record).finishing)
    })
  )

  scenario(
    "the key is taken: WcsAlreadyExists, at once",
    Effect.gen(function*() {
      yield* Effect.flatMap(Emulator.Emulator, (emulator) => emulator.putObject(target, "somebody else's"))
      const { count, exit } = yield* upload([])
      assert.strictEqual(error(exit)._tag, "WcsAlreadyExists")
      assert.strictEqual(count("mkfile"), 1)
    })
  )

  scenario(
    "the key is taken by the same content: WcsAlreadyExists each time, and overwrite needs no block again",
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* emulator.putObject(target, content)
      for (let run = 0; run < 3; run++) {
        assert.strictEqual(error((yield* upload([])).exit)._tag, "WcsAlreadyExists", `run ${run}`)
        assert.lengthOf(Option.getOrThrow(yield* record).blocks, 3)
      }
      yield* emulator.clearRequests
      const { exit, operations } = yield* upload([], { policy: { overwrite: true } })
      assert.isTrue(Exit.isSuccess(exit), String(exit))
      assert.deepStrictEqual(operations, ["mkfile"])
      assert.isTrue(Option.isNone(yield* record))
    })
  )

  scenario(
    "whose answers were all lost is found by the next run, also after a refusal in between",
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      // Stored, not answered; and stat, which could tell, fails as well.
      const lost = yield* upload([Fault.on("mkfile", Fault.lostAnswer), Fault.on("stat", Fault.status(500))])
      assert.strictEqual(error(lost.exit)._tag, "WcsNetworkError")
      yield* emulator.clearFaults
      const refused = yield* upload([Fault.on("mkfile", Fault.status(400))])
      assert.strictEqual(error(refused.exit)._tag, "WcsRefused")
      yield* emulator.clearFaults
      yield* emulator.clearRequests
      const { exit, operations } = yield* upload([])
      assert.isTrue(Exit.isSuccess(exit), String(exit))
      assert.deepStrictEqual(operations, ["mkfile", "stat"])
      assert.isTrue(Option.isNone(yield* record))
    })
  )
})

describe("stale blocks", () => {
  /** Leaves a record of all blocks, whose blocks the service then forgets. */
  const forgotten = (which: (order: number) => boolean) =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* upload([Fault.on("mkfile", Fault.status(400), { nth: 1 })])
      yield* emulator.expireBlocks((block) => which(block.order))
      yield* emulator.clearRequests
    })

  scenario(
    "fault 10: of an earlier run are sent again, once, by themselves",
    Effect.gen(function*() {
      yield* forgotten((order) => order === 1)
      const { count, events, exit } = yield* upload([])
      assert.isTrue(Exit.isSuccess(exit), String(exit))
      assert.strictEqual(count("mkfile"), 2)
      assert.strictEqual(count("mkblk"), 3)
      assert.lengthOf(events.filter(UploadEvent.UploadEvent.$is("Restarting")), 1)
      assert.strictEqual(yield* stored, sha1(content))
    })
  )

  scenario(
    "fault 11: 412 of mkfile: the blocks are sent again, under the same id",
    Effect.gen(function*() {
      yield* forgotten(() => false)
      const { count, exit, requests } = yield* upload([Fault.on("mkfile", Fault.status(412), { nth: 1 })])
      assert.isTrue(Exit.isSuccess(exit), String(exit))
      assert.strictEqual(count("mkfile"), 2)
      assert.deepStrictEqual([...new Set(requests.map(({ headers }) => headers["uploadbatch"]))], [id])
      assert.strictEqual(yield* stored, sha1(content))
    })
  )

  scenario(
    "a 401 of mkfile is about a block when the token is good",
    Effect.gen(function*() {
      const { count, exit } = yield* upload([Fault.on("mkfile", Fault.status(401), { nth: 1 })])
      assert.isTrue(Exit.isSuccess(exit), String(exit))
      assert.strictEqual(count("mkblk"), 6)
    })
  )

  scenario(
    "a 401 of mkfile that new blocks do not mend is about the credentials",
    Effect.gen(function*() {
      const { count, exit } = yield* upload([Fault.on("mkfile", Fault.status(401))])
      assert.strictEqual(error(exit)._tag, "WcsUnauthorized")
      assert.strictEqual(count("mkfile"), 2)
    })
  )

  scenario(
    "that stay stale are the caller's error, and nothing goes round in circles",
    Effect.gen(function*() {
      const { count, exit } = yield* upload([Fault.on("mkfile", Fault.status(701))])
      assert.strictEqual(error(exit)._tag, "WcsStaleBlock")
      assert.strictEqual(count("mkfile"), 2)
    })
  )

  scenario(
    "a chunk that is refused as stale begins its block again, once",
    Effect.gen(function*() {
      const once = yield* upload([Fault.on("bput", Fault.status(701), { block: 0, nth: 1 })])
      assert.isTrue(Exit.isSuccess(once.exit), String(once.exit))
      const { exit } = yield* upload([Fault.on("bput", Fault.status(701), { block: 0 })], { uploadId: "again" })
      assert.strictEqual(error(exit)._tag, "WcsStaleBlock")
    })
  )
})

describe("an upload of which no block was accepted", () => {
  const failures = {
    "its credentials are wrong": Fault.status(403),
    "there is no such bucket": Fault.status(404),
    "nobody answers": Fault.reset({ after: 0 })
  }
  for (const [why, effect] of Object.entries(failures)) {
    scenario(
      `leaves no record: ${why}`,
      Effect.gen(function*() {
        const { list } = yield* ProgressStore.ProgressStore
        const { exit } = yield* upload([Fault.on("mkblk", effect)])
        assert.isTrue(Exit.isFailure(exit))
        assert.isEmpty(yield* list)
      })
    )
  }

  scenario(
    "holds its lease from the start, and leaves no record when it is interrupted",
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const store = yield* ProgressStore.ProgressStore
      const sending = yield* Effect.fork(upload([Fault.on("mkblk", Fault.stall)]))
      yield* inTime(Effect.repeat(Effect.delay(emulator.requests, "10 millis"), { until: (all) => all.length > 0 }))
      const other = { owner: "other", until: Number.MAX_SAFE_INTEGER }
      assert.notStrictEqual((yield* store.claim(id, other)).owner, "other")
      yield* Fiber.interrupt(sending)
      assert.isEmpty(yield* store.list)
      assert.strictEqual((yield* store.claim(id, other)).owner, "other")
    })
  )

  scenario(
    "keeps what an earlier run has sent",
    Effect.gen(function*() {
      yield* upload([Fault.on("mkblk", Fault.status(403), { block: 1 })], { concurrency: 1 })
      const { count } = yield* upload([Fault.on("mkblk", Fault.status(403))])
      assert.isAbove(count("mkblk"), 0)
      assert.lengthOf(Option.getOrThrow(yield* record).blocks, 1)
    })
  )
})

describe("credentials", () => {
  it.effect("that are wrong are told at once, and nothing is stored", () =>
    Effect.gen(function*() {
      const { count, exit } = yield* upload([])
      assert.isTrue(Exit.isFailure(exit) && Cause.isFailType(exit.cause), "one error, although all blocks fail")
      assert.strictEqual(error(exit)._tag, "WcsUnauthorized")
      assert.isAtMost(count("mkblk"), 3)
      assert.strictEqual(count("mkfile"), 0)
      const objects = yield* Objects.Objects
      assert.strictEqual((yield* Effect.flip(objects.stat(target)))._tag, "WcsUnauthorized")
    }).pipe(Effect.provide(WcsTest.layer({
      buckets: ["media"],
      settings: { credentials: { accessKey: "test-access-key", secretKey: "wrong" } }
    }))))
})
