import { assert, describe, it } from "@effect/vitest"
import { Effect, Logger, LogLevel, TestClock } from "effect"
import { Emulator, type EmulatorOptions } from "effect-wcs/testing"
import { createHmac } from "node:crypto"
import { b64u, unb64u } from "./support.ts"
import { demo, ended, given, startFmgr, startFops, status, within } from "./tasksSupport.ts"

const url = "http://cb.test:8080/n?x=1&y=中"
const notifyURL = `&notifyURL=${b64u(url)}`

const remove = (key: string) => `bucket/${demo}/key/${b64u(key)}`
const copy = (from: string) => `resource/${b64u(`demo:${from}`)}/bucket/${demo}/key/${b64u(`${from}2`)}`

/** A customer's server: what it was told, and what it answers one after another, at last 200. */
const server = (...statuses: ReadonlyArray<number>) => {
  const told: Array<EmulatorOptions.WebRequest> = []
  const web = (request: EmulatorOptions.WebRequest) =>
    Effect.sync(() => ({ status: statuses[told.push(request) - 1] ?? 200, body: "" }))
  return { told, web }
}

const read = ({ body }: EmulatorOptions.WebRequest) => JSON.parse(unb64u(body ?? ""))

const task = Effect.flatMap(Emulator.Emulator, ({ tasks }) => Effect.map(tasks, (all) => all[0]))

/** The signature by another implementation than the library's. */
const signature = (text: string) =>
  Buffer.from(createHmac("sha1", "test-secret-key").update(text).digest("hex")).toString("base64")

describe("a notification", () => {
  it.effect("is the status of the task that is done, signed", () => {
    const { told, web } = server()
    return Effect.gen(function*() {
      yield* given({ a: "1" })
      const id = yield* startFmgr("copy", [copy("a"), copy("none")], notifyURL)
      yield* ended(id)
      const { body = "", headers, ...request } = told[0]!
      assert.deepStrictEqual(request, { method: "POST", url })
      assert.deepStrictEqual(headers, {
        "content-type": "text/plain",
        authorization: `test-access-key:${signature(`${url}\n${body}`)}`
      })
      assert.match(body, /^[\w-]+={0,2}$/)
      const seen = yield* status(id)
      assert.deepStrictEqual(seen.items.map(({ code }: any) => code), [3, 2])
      assert.strictEqual(seen.code, 6)
      assert.deepStrictEqual(read(told[0]!), { ...seen, code: 3, desc: "fileOperateSucceed" })
      assert.lengthOf(told, 1)
    }).pipe(within({ web }))
  })

  it.effect("may be signed by its path", () => {
    const { told, web } = server()
    return Effect.gen(function*() {
      yield* ended(yield* startFmgr("delete", remove("a"), notifyURL))
      const text = `/n?x=1&y=%E4%B8%AD\n${told[0]?.body}`
      assert.strictEqual(told[0]?.headers["authorization"], `test-access-key:${signature(text)}`)
    }).pipe(within({ web, strictness: { callbackSignature: "path" } }))
  })

  it.effect("tells a media task's source", () => {
    const { told, web } = server()
    return Effect.gen(function*() {
      yield* given({ v: "film" })
      const id = yield* startFops("v", "vframe/jpg/offset/1", notifyURL)
      yield* ended(id)
      const { inputbucket, inputfsize, inputkey } = read(told[0]!)
      assert.deepStrictEqual([inputbucket, inputkey, inputfsize], ["demo", "v", 4])
      assert.deepStrictEqual(read(told[0]!).items, (yield* status(id, "/status/get/prefop")).items)
    }).pipe(within({ web }))
  })

  it.effect("comes once for each command where it is to be separate, as soon as that has ended", () => {
    const { told, web } = server()
    return Effect.gen(function*() {
      yield* given({ a: "1" })
      const commands = [copy("a"), copy("none"), remove("x")].slice(0, 2)
      const id = yield* startFmgr("copy", commands, `${notifyURL}&separate=1`)
      yield* TestClock.adjust("2 minutes")
      assert.deepStrictEqual([told.length, (yield* task)?.code], [1, 1])
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual([told.length, (yield* task)?.code], [2, 3])
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual([told.length, (yield* task)?.code], [2, 6])
      for (const [index, request] of told.entries()) {
        const { code, items, separate } = read(request)
        assert.deepStrictEqual([code, separate, items.length], [3, 1, 1])
        assert.deepStrictEqual(items[0], (yield* status(id)).items[index])
      }
    }).pipe(within({ web, taskDelay: "1 minute", taskDuration: "1 minute" }))
  })

  it.effect("is not sent where nobody is named", () => {
    const { told, web } = server()
    return Effect.gen(function*() {
      yield* given({ v: "film" })
      assert.strictEqual((yield* ended(yield* startFops("v", "vframe", "&notifyURL=&separate=1"))).code, 3)
      assert.strictEqual((yield* ended(yield* startFmgr("delete", remove("a"), "&separate=1"))).code, 3)
      assert.deepStrictEqual(told, [])
    }).pipe(within({ web }))
  })

  it.effect("shows each of its states", () => {
    const web = () => Effect.delay(Effect.succeed({ status: 200, body: "" }), "10 seconds")
    return Effect.gen(function*() {
      const id = yield* startFmgr("delete", remove("a"), notifyURL)
      const code = Effect.map(status(id), ({ code }) => code)
      for (const expected of [0, 1, 3, 4, 4]) {
        assert.strictEqual(yield* code, expected)
        yield* TestClock.adjust("5 seconds")
      }
      assert.strictEqual(yield* code, 6)
    }).pipe(within({ web, taskDelay: "5 seconds", taskDuration: "5 seconds" }))
  })
})

describe("a server that cannot be told", () => {
  it.effect("is tried three times at once and five times a minute apart", () => {
    const { told, web } = server(500, 503, 404, 302, 201, 500, 500, 500)
    return Effect.gen(function*() {
      yield* startFmgr("delete", remove("a"), notifyURL)
      const state = Effect.map(task, (task) => [told.length, task?.code])
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(yield* state, [3, 4])
      for (const attempts of [4, 5, 6, 7]) {
        yield* TestClock.adjust("59 seconds")
        assert.deepStrictEqual(yield* state, [attempts - 1, 4])
        yield* TestClock.adjust("1 seconds")
        assert.deepStrictEqual(yield* state, [attempts, 4])
      }
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* state, [8, 5])
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(yield* state, [8, 5])
      assert.deepStrictEqual((yield* task)?.items.map(({ code }) => code), [3])
    }).pipe(within({ web, callbackInterval: "1 minute" }))
  })

  it.effect("may have come round by the last attempt", () => {
    const { told, web } = server(500, 500, 500, 500, 500, 500, 500)
    return Effect.gen(function*() {
      assert.strictEqual((yield* ended(yield* startFmgr("delete", remove("a"), notifyURL))).code, 6)
      assert.strictEqual(told.length, 8)
      assert.strictEqual(new Set(told.map(({ body }) => body)).size, 1)
    }).pipe(within({ web }))
  })

  it.effect("spoils the whole when one of several is not taken", () => {
    const { told, web } = server(200, ...Array(8).fill(500), 200)
    return Effect.gen(function*() {
      const id = yield* startFmgr("delete", [remove("a"), remove("b"), remove("c")], `${notifyURL}&separate=1`)
      for (let i = 0; i < 6; i++) yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* ended(id)).code, 5)
      assert.strictEqual(told.length, 10)
    }).pipe(within({ web, taskDuration: "1 minute" }))
  })

  it.effect("is given a minute for each attempt", () => {
    const { told, web: answer } = server()
    const web = (request: EmulatorOptions.WebRequest) => Effect.zipRight(answer(request), Effect.never)
    return Effect.gen(function*() {
      yield* startFmgr("delete", remove("a"), notifyURL)
      const state = Effect.map(task, (task) => [told.length, task?.code])
      for (let attempts = 1; attempts <= 8; attempts++) {
        yield* TestClock.adjust("59999 millis")
        assert.deepStrictEqual(yield* state, [attempts, 4])
        yield* TestClock.adjust("1 millis")
      }
      assert.deepStrictEqual(yield* state, [8, 5])
    }).pipe(within({ web }))
  })

  it.effect("may be a mistaken function of the options", () => {
    const web = () => {
      throw new Error("mistaken")
    }
    return Effect.gen(function*() {
      assert.strictEqual((yield* ended(yield* startFmgr("delete", remove("a"), notifyURL))).code, 5)
    }).pipe(within({ web }), Logger.withMinimumLogLevel(LogLevel.None))
  })

  it.effect("may not be there at all", () =>
    Effect.gen(function*() {
      yield* startFmgr("delete", remove("a"), notifyURL)
      yield* TestClock.adjust(0)
      assert.strictEqual((yield* task)?.code, 5)
    }).pipe(within({ callbackInterval: "1 minute" })))
})
