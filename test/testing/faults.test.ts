import { HttpClient } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, Option, Stream, TestClock } from "effect"
import { Emulator, EmulatorAddress, EmulatorRequest, Fault } from "effect-wcs/testing"
import { emulator } from "../support/emulated.ts"
import * as support from "./support.ts"
import { both, bput, bytes, entry, etag, inProcess, manage, mkblk, mkfile, now, put, send, unb64u } from "./support.ts"

const faults = (...rules: ReadonlyArray<Fault.Fault>) =>
  Effect.flatMap(Emulator.Emulator, (emulator) => emulator.addFault(...rules))

const status = <E, R>(answer: Effect.Effect<support.Answer, E, R>) => Effect.map(answer, ({ status }) => status)

/** The reason of a request that got no answer. */
const broken = <A, E, R>(answer: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(answer), (error: any) => [error._tag, error.reason])

const statOf = (key: string) => status(manage("GET", `/stat/${entry("demo", key)}`))

const chunk = Buffer.from("abc")

describe("which requests a rule is about", () => {
  both("one operation, several, or any", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* faults(Fault.on("stat", Fault.status(500)))
      assert.strictEqual(yield* statOf("a"), 500)
      assert.strictEqual(yield* status(manage("GET", "/list?bucket=demo")), 200)
      yield* emulator.clearFaults
      yield* faults(Fault.on(["stat", "list"], Fault.status(500)))
      assert.strictEqual(yield* statOf("a"), 500)
      assert.strictEqual(yield* status(manage("GET", "/list?bucket=demo")), 500)
      assert.strictEqual(yield* status(send("GET", "/nothing")), 404)
      yield* emulator.clearFaults
      yield* faults(Fault.on("any", Fault.status(500)))
      assert.strictEqual(yield* status(send("GET", "/nothing")), 500)
    }))

  both("the nth and so many of them", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const statuses = Effect.replicateEffect(statOf("a"), 5)
      const run = (match: Fault.Match) =>
        Effect.zipRight(
          faults(Fault.on("stat", Fault.status(503), match)),
          Effect.zipLeft(statuses, emulator.clearFaults)
        )
      assert.deepStrictEqual(yield* run({}), [503, 503, 503, 503, 503])
      assert.deepStrictEqual(yield* run({ times: 2 }), [503, 503, 404, 404, 404])
      assert.deepStrictEqual(yield* run({ nth: 3 }), [404, 404, 503, 404, 404])
      assert.deepStrictEqual(yield* run({ nth: 2, times: 2 }), [404, 503, 503, 404, 404])
    }))

  both("a block, a key, or whatever a predicate says", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* faults(Fault.on(["mkblk", "bput"], Fault.status(500), { block: 1 }))
      assert.strictEqual(yield* status(mkblk({ order: 0, chunk })), 200)
      assert.strictEqual(yield* status(mkblk({ order: 1, chunk })), 500)
      yield* emulator.clearFaults
      const { ctx } = (yield* mkblk({ order: 1, size: 6, chunk })).json
      yield* faults(Fault.on("bput", Fault.status(500), { block: 1, times: 1 }))
      assert.strictEqual(yield* status(bput({ ctx, offset: 3, chunk })), 500)
      assert.strictEqual(yield* status(bput({ ctx, offset: 3, chunk })), 200)
      yield* emulator.clearFaults

      yield* faults(Fault.on("any", Fault.status(500), { key: "bad" }))
      const bad = { scope: "demo:bad" }
      assert.strictEqual(yield* statOf("bad"), 500)
      assert.strictEqual(yield* status(manage("POST", `/delete/${entry("demo", "bad")}`)), 500)
      assert.strictEqual(yield* status(send("GET", "/download/demo/bad")), 500)
      assert.strictEqual(yield* status(mkblk({ policy: bad, chunk })), 500)
      assert.strictEqual(yield* status(mkfile({ policy: bad, path: "3", ctxs: ["x"] })), 500)
      assert.strictEqual(yield* status(put(bad, "x")), 500)
      assert.strictEqual(yield* status(put({ scope: "demo:good" }, "x")), 200)
      assert.deepStrictEqual((yield* emulator.objects("demo")).map(({ key }) => key), ["good"])
      yield* emulator.clearFaults

      yield* faults(Fault.on("any", Fault.status(500), { when: ({ headers }) => headers["x-fail"] === "yes" }))
      assert.strictEqual(yield* status(send("GET", "/nothing", { headers: { "X-Fail": "yes" } })), 500)
      assert.strictEqual(yield* status(send("GET", "/nothing")), 404)
    }))

  it.effect("never show credentials to a predicate", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const seen: Array<Fault.Facts> = []
      yield* faults(Fault.on("any", Fault.status(500), { when: (facts) => seen.push({ ...facts }) > 0 }))
      yield* manage("GET", "/list?bucket=demo")
      assert.strictEqual(seen[0]?.headers["authorization"], "<redacted>")
    }).pipe(Effect.provide(inProcess())))
})

describe("a rule that can do nothing", () => {
  const refusal = (...rules: ReadonlyArray<Fault.Fault>) =>
    Effect.map(Effect.exit(faults(...rules)), (exit) => Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "added")

  it.effect("is a defect that tells what to use", () =>
    Effect.gen(function*() {
      // @ts-expect-error: a form's answer tells no checksum
      const ofForm = Fault.on("form", Fault.wrongChecksum())
      // @ts-expect-error: a chunk's answer tells no hash
      const ofChunk = Fault.on(["mkfile", "mkblk"], Fault.wrongHash)
      // @ts-expect-error: the answer of delete tells neither
      const ofDelete = Fault.on("delete", Fault.wrongHash)
      assert.include(
        yield* refusal(ofForm),
        "Fault.wrongChecksum is of mkblk, bput, not of form: use Fault.wrongHash"
      )
      assert.include(
        yield* refusal(ofChunk),
        "Fault.wrongHash is of form, append, mkfile, stat, list, download, not of mkblk: use Fault.wrongChecksum"
      )
      assert.include(yield* refusal(ofDelete), "not of delete: use Fault.corrupt")
      assert.include(
        yield* refusal(Fault.on("form", Fault.stall, { block: 1 })),
        "a fault of a block is of mkblk or bput, not of form"
      )
    }).pipe(Effect.provide(inProcess())))

  it.effect.each(
    [
      ["times is a whole number of 1 or more, not 0", Fault.on("any", Fault.stall, { times: 0 })],
      ["nth is a whole number of 1 or more, not 0", Fault.on("any", Fault.stall, { nth: 0 })],
      ["nth is a whole number of 1 or more, not Infinity", Fault.on("any", Fault.stall, { nth: Infinity })],
      ["block is a whole number of 0 or more, not -1", Fault.on("mkblk", Fault.stall, { block: -1 })],
      ["a status is 100 to 999, not 9990", Fault.on("any", Fault.status(9990))],
      ["download, not of list: use `when`", Fault.on("list", Fault.stall, { key: "a" })],
      // @ts-expect-error: what errors call it
      ["there is no operation upload: a form upload is \"form\"", Fault.on("upload", Fault.stall)]
    ] satisfies ReadonlyArray<[string, Fault.Fault]>
  )("is a defect: %s", ([told, rule]) =>
    Effect.gen(function*() {
      assert.include(yield* refusal(rule), told)
    }).pipe(Effect.provide(inProcess())))

  it.effect("brings no other into force", () =>
    Effect.gen(function*() {
      yield* refusal(Fault.on("any", Fault.status(500)), Fault.on("stat", Fault.stall, { block: 1 }))
      assert.strictEqual(yield* status(send("GET", "/nothing")), 404)
    }).pipe(Effect.provide(inProcess())))

  it.effect("is not one of all operations, or of some that it can act on", () =>
    Effect.gen(function*() {
      const action: Fault.Action = Fault.wrongChecksum("crc32")
      assert.strictEqual(
        yield* refusal(
          Fault.on("any", Fault.wrongHash),
          Fault.on("any", Fault.wrongChecksum()),
          Fault.on(Fault.checksumOperations, action, { block: 1 }),
          Fault.on(Fault.hashOperations, Fault.wrongHash),
          Fault.on(["mkblk", "form"], Fault.stall, { block: 1 }),
          Fault.on(["list", "stat"], Fault.stall, { key: "a" }),
          Fault.on("unknown", Fault.status(999), { nth: 2, times: Infinity })
        ),
        "added"
      )
    }).pipe(Effect.provide(inProcess())))
})

describe("what happens", () => {
  both("status: with the service's body or another, and headers", () =>
    Effect.gen(function*() {
      yield* faults(
        Fault.on("stat", Fault.status(503, { retryAfter: 7 }), { times: 1 }),
        Fault.on("stat", Fault.status(502, { body: "<html>", headers: { "content-type": "text/html" } }), { times: 1 })
      )
      const answer = yield* manage("GET", `/stat/${entry("demo", "a")}`)
      assert.deepStrictEqual(answer.json, { code: "503", message: "Injected Fault" })
      assert.strictEqual(answer.headers["retry-after"], "7")
      assert.isDefined(answer.headers["x-reqid"])
      assert.isDefined(answer.headers["date"])
    }))

  both("status: any number, and nothing is processed", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      for (const code of [400, 429, 503, 599, 631, 701]) {
        yield* faults(Fault.on("form", Fault.status(code)))
        assert.strictEqual(yield* status(put({ scope: "demo:key" }, "x")), code)
        yield* emulator.clearFaults
      }
      assert.deepStrictEqual(yield* emulator.objects("demo"), [])
    }))

  both("status: rules strike in their order", () =>
    Effect.gen(function*() {
      yield* faults(Fault.on("stat", Fault.status(500), { nth: 1 }), Fault.on("stat", Fault.status(501)))
      assert.deepStrictEqual([yield* statOf("a"), yield* statOf("a")], [500, 501])
    }))

  both("reset: no answer, nothing processed", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* faults(Fault.on("form", Fault.reset(), { times: 1 }))
      assert.deepStrictEqual(yield* broken(put({ scope: "demo:key" }, "x")), ["RequestError", "Transport"])
      assert.deepStrictEqual(yield* emulator.objects("demo"), [])
      assert.strictEqual(yield* status(put({ scope: "demo:key" }, "x")), 200)
      assert.deepStrictEqual((yield* emulator.requests).map(({ status }) => status), [undefined, 200])
    }))

  both("reset: in the middle of the body", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* faults(Fault.on("mkblk", Fault.reset({ after: 300_000 }), { times: 1 }))
      assert.deepStrictEqual(yield* broken(mkblk({ chunk: bytes(1_000_000) })), ["RequestError", "Transport"])
      const [request] = yield* emulator.requests
      assert.isAtLeast(request?.bytes ?? 0, 300_000)
      assert.deepStrictEqual(yield* emulator.blocks, [])
      assert.strictEqual(yield* status(mkblk({ chunk: bytes(1_000_000) })), 200)
    }))

  both("lostAnswer: processed, but not answered", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* faults(Fault.on("any", Fault.lostAnswer, { times: 2 }))
      assert.deepStrictEqual(yield* broken(mkblk({ chunk })), ["RequestError", "Transport"])
      assert.strictEqual((yield* emulator.blocks).length, 1)
      assert.deepStrictEqual(yield* broken(put({ scope: "demo:key" }, "x")), ["RequestError", "Transport"])
      assert.strictEqual(yield* statOf("key"), 200)
    }))

  both("delay: on the Clock", () =>
    Effect.gen(function*() {
      yield* faults(Fault.on("stat", Fault.delay("10 seconds")))
      const fiber = yield* Effect.fork(statOf("a"))
      yield* emulator(({ awaitRequests }) => awaitRequests())
      yield* TestClock.adjust("9 seconds")
      assert.isTrue(Option.isNone(yield* Fiber.poll(fiber)))
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* Fiber.join(fiber), 404)
    }))

  both("stall: until the client gives up", () =>
    Effect.gen(function*() {
      yield* faults(Fault.on("stat", Fault.stall, { times: 1 }))
      const fiber = yield* Effect.fork(statOf("a"))
      yield* emulator(({ awaitRequests }) => awaitRequests())
      yield* TestClock.adjust("365 days")
      assert.isTrue(Option.isNone(yield* Fiber.poll(fiber)))
      assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(fiber)))
      assert.strictEqual(yield* statOf("a"), 404)
    }))

  both("wrongChecksum: one, the other, or both", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const right = [support.crc32(chunk), support.md5(chunk)]
      const check = (of?: "crc32" | "checksum" | "both") =>
        Effect.gen(function*() {
          yield* faults(Fault.on("mkblk", Fault.wrongChecksum(of)))
          const { json } = yield* mkblk({ chunk })
          yield* emulator.clearFaults
          assert.match(json.checksum, /^[0-9a-f]{32}$/)
          assert.strictEqual(json.offset, 3)
          return [json.crc32 === right[0], json.checksum === right[1]]
        })
      assert.deepStrictEqual(yield* check("crc32"), [false, true])
      assert.deepStrictEqual(yield* check("checksum"), [true, false])
      assert.deepStrictEqual(yield* check(), [false, false])
      assert.strictEqual((yield* emulator.blocks).length, 3)
    }))

  both("wrongHash: wherever one is told", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const hash = etag(chunk)
      yield* faults(Fault.on("any", Fault.wrongHash))
      const [ctx] = [(yield* mkblk({ chunk })).json.ctx]
      const told = [
        (yield* mkfile({ path: "3", ctxs: [ctx] })).json.hash,
        unb64u((yield* put({ scope: "demo:form", returnBody: "n=$(fsize)" }, chunk)).text).split("hash=")[1],
        (yield* manage("GET", `/stat/${entry("demo", "key")}`)).json.hash,
        (yield* manage("GET", "/list?bucket=demo")).json.items[0].hash,
        (yield* send("HEAD", "/download/demo/key")).headers["etag"]?.slice(1, -1),
        unb64u(
          (yield* send("POST", "/append/0", {
            headers: { "Content-Type": "multipart/form-data; boundary=boundary" },
            body: support.multipart([
              ["token", support.uploadToken({ scope: "demo:log" })],
              ["file", chunk, "f.txt", "text/plain"]
            ])
          })).text
        ).split("hash=")[1]
      ]
      assert.strictEqual(new Set(told).size, 1)
      assert.notStrictEqual(told[0], hash)
      assert.match(told[0], /^F[A-Za-z0-9_-]{27}$/)
      assert.strictEqual(Option.getOrThrow(yield* emulator.object({ bucket: "demo", key: "key" })).etag, hash)
    }))

  both("garbage: a page in place of the service", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* faults(Fault.on("form", Fault.garbage))
      const answer = yield* put({ scope: "demo:key" }, "x")
      assert.strictEqual(answer.status, 200)
      assert.strictEqual(answer.headers["content-type"], "text/html")
      assert.isUndefined(answer.headers["x-reqid"])
      assert.match(answer.text, /^<!DOCTYPE html>/)
      assert.deepStrictEqual(yield* emulator.objects("demo"), [])
    }))

  both("truncate: some bytes, then a break", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const { uploadUrl } = yield* EmulatorAddress.EmulatorAddress
      const content = bytes(1_000_000)
      yield* emulator.putObject({ bucket: "demo", key: "key" }, content)
      const arrived = (after: number) =>
        Effect.gen(function*() {
          yield* faults(Fault.on("download", Fault.truncate(after), { times: 1 }))
          const response = yield* HttpClient.get(`${uploadUrl}/download/demo/key`)
          assert.strictEqual(response.headers["content-length"], "1000000")
          const pieces: Array<Uint8Array> = []
          const exit = yield* Effect.exit(Stream.runForEach(response.stream, (piece) =>
            Effect.sync(() => {
              pieces.push(piece)
            })))
          return { complete: Exit.isSuccess(exit), bytes: Buffer.concat(pieces) }
        })
      for (const after of [0, 1, 300_000, 999_999]) {
        const { bytes, complete } = yield* arrived(after)
        assert.isFalse(complete)
        assert.isAtMost(bytes.length, after)
        assert.strictEqual(Buffer.compare(bytes, content.subarray(0, bytes.length)), 0)
      }
      const whole = yield* arrived(1_000_000)
      assert.isTrue(whole.complete)
      assert.strictEqual(whole.bytes.length, 1_000_000)
    }))

  it.effect("truncate: all the bytes before the break arrive in process", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const emulator = yield* Emulator.Emulator
      yield* emulator.putObject({ bucket: "demo", key: "key" }, bytes(1_000_000))
      yield* faults(Fault.on("download", Fault.truncate(300_001)))
      const response = yield* HttpClient.get("http://wcs.test/download/demo/key")
      let length = 0
      const error = yield* Effect.flip(Stream.runForEach(response.stream, (piece) =>
        Effect.sync(() => {
          length += piece.length
        })))
      assert.strictEqual(length, 300_001)
      assert.strictEqual(error.reason, "Decode")
    }).pipe(Effect.provide(inProcess())))

  both("corrupt: one byte of the body", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const content = bytes(600_000)
      yield* emulator.putObject({ bucket: "demo", key: "key" }, content)
      yield* faults(Fault.on("download", Fault.corrupt(400_000), { times: 1 }))
      const first = yield* send("GET", "/download/demo/key")
      const different = Array.from(first.body.keys()).filter((i) => first.body[i] !== content[i])
      assert.deepStrictEqual(different, [400_000])
      assert.deepStrictEqual((yield* send("GET", "/download/demo/key")).body, content)
    }))

  both("skew: the date it tells, and what it thinks of deadlines", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const hour = 3_600_000
      yield* faults(Fault.on("any", Fault.skew({ ahead: "2 hours" })))
      const refused = yield* mkblk({ chunk })
      assert.deepStrictEqual(refused.json, { code: "401", message: "Token Expired" })
      assert.strictEqual(refused.headers["date"], new Date(now + 2 * hour).toUTCString())
      assert.strictEqual(yield* status(put({ scope: "demo:key" }, "x")), 401)
      assert.strictEqual(
        yield* status(mkblk({ policy: { scope: "demo:key", deadline: now + 3 * hour }, chunk })),
        200
      )
      yield* emulator.clearFaults
      yield* faults(Fault.on("any", Fault.skew({ behind: "2 hours" })))
      const accepted = yield* mkblk({ policy: { scope: "demo:key", deadline: now - hour }, chunk })
      assert.strictEqual(accepted.status, 200)
      assert.strictEqual(accepted.headers["date"], new Date(now - 2 * hour).toUTCString())
    }))

  it.effect("several at once", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const emulator = yield* Emulator.Emulator
      yield* faults(
        Fault.on("mkblk", Fault.delay("1 second")),
        Fault.on("mkblk", Fault.wrongChecksum("crc32")),
        Fault.on("mkblk", Fault.wrongChecksum("checksum"))
      )
      const fiber = yield* Effect.fork(mkblk({ chunk }))
      yield* TestClock.adjust("1 second")
      const { json } = yield* Fiber.join(fiber)
      assert.notStrictEqual(json.crc32, support.crc32(chunk))
      assert.notStrictEqual(json.checksum, support.md5(chunk))
      assert.strictEqual((yield* emulator.blocks).length, 1)
    }).pipe(Effect.provide(inProcess())))
})

it.effect("an answer that is lost is a typed error of handle", () =>
  Effect.gen(function*() {
    const emulator = yield* Emulator.Emulator
    yield* faults(Fault.on("any", Fault.lostAnswer))
    const error = yield* Effect.flip(emulator.handle(EmulatorRequest.make("GET", "/nothing")))
    assert.strictEqual(error._tag, "EmulatorDisconnect")
    assert.strictEqual(error.reason, "reset")
  }).pipe(Effect.provide(inProcess())))
