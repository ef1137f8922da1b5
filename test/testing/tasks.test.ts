import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, TestClock } from "effect"
import { DigestWasm } from "effect-wcs"
import { Emulator, EmulatorClient, EmulatorStorageMemory } from "effect-wcs/testing"
import {
  accessKey,
  b64u,
  entry,
  form,
  manage,
  mkblk,
  mkfile,
  multipart,
  now,
  put,
  send,
  unb64u,
  uploadToken
} from "./support.ts"
import * as tasks from "./tasksSupport.ts"
import { demo, given, keys, outcomes, startFmgr, status, within } from "./tasksSupport.ts"

const remove = (key: string) => `bucket/${demo}/key/${b64u(key)}`
const copy = (from: string, to: string) => `resource/${entry("demo", from)}/bucket/${demo}/key/${b64u(to)}`

describe("a task", () => {
  it.effect("waits, runs its commands one after another, and is done", () =>
    Effect.gen(function*() {
      yield* given({ a: "1", b: "2" })
      const commands = [copy("a", "c"), copy("none", "d"), copy("b", "e")]
      const id = yield* startFmgr("copy", commands)
      const codes = Effect.map(status(id), ({ code, items }) => [code, ...items.map((item: any) => item.code)])
      assert.deepStrictEqual(yield* codes, [0, 0, 0, 0])
      yield* TestClock.adjust("999 millis")
      assert.deepStrictEqual(yield* codes, [0, 0, 0, 0])
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(yield* codes, [1, 1, 0, 0])
      assert.deepStrictEqual(yield* keys(), ["a", "b"])
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(yield* codes, [1, 3, 1, 0])
      assert.deepStrictEqual(yield* keys(), ["a", "b", "c"])
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(yield* codes, [1, 3, 2, 1])
      yield* TestClock.adjust("10 seconds")
      const { hash, ...first } = (yield* status(id)).items[0]
      assert.match(hash, /^F/)
      assert.deepStrictEqual(first, {
        cmd: commands[0],
        code: 3,
        desc: "fileOperateSucceed",
        error: null,
        fsize: 1,
        key: "c",
        url: tasks.urlOf("c")
      })
      assert.deepStrictEqual(yield* codes, [3, 3, 2, 3])
      assert.deepStrictEqual(yield* keys(), ["a", "b", "c", "e"])
      yield* TestClock.adjust("1 day")
      assert.deepStrictEqual(yield* codes, [3, 3, 2, 3])
    }).pipe(within({ taskDelay: "1 second", taskDuration: "10 seconds" })))

  it.effect("needs no time where none is asked for", () =>
    Effect.gen(function*() {
      yield* given({ a: "1" })
      const id = yield* startFmgr("delete", remove("a"))
      assert.deepStrictEqual(outcomes((yield* tasks.ended(id)).items), [[3, null]])
      assert.deepStrictEqual(yield* keys(), [])
    }).pipe(within()))

  it.effect("is remembered with what it was told, the last ones when there are many", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const url = b64u("http://cb.test/n")
      const first = yield* startFmgr("delete", remove("a"), `&notifyURL=${url}`)
      yield* tasks.ended(first)
      assert.deepStrictEqual(yield* emulator.tasks, [{
        id: first,
        operation: "fmgr/delete",
        code: 5,
        separate: false,
        notifyUrl: "http://cb.test/n",
        input: undefined,
        items: [{ cmd: remove("a"), code: 3, error: null, key: "a" }]
      }])
      const later: Array<string> = []
      for (const key of ["b", "c"]) {
        later.push(yield* startFmgr("delete", remove(key)))
        yield* tasks.ended(later.at(-1)!)
      }
      assert.deepStrictEqual((yield* emulator.tasks).map(({ id }) => id), later)
      assert.strictEqual((yield* send("GET", `/fmgr/status?persistentId=${first}`)).status, 404)
    }).pipe(within({ logSize: 2 })))

  it.effect("ends with the emulator", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const storage = yield* Layer.build(Layer.merge(EmulatorStorageMemory.layer, DigestWasm.layer))
      const live = Layer.provideMerge(EmulatorClient.layer, Emulator.layer({ taskDuration: "1 minute" }))
      const stored = Effect.scoped(Effect.provide(
        Effect.zipRight(given({ a: "1" }), Effect.zipRight(startFmgr("delete", remove("a")), TestClock.adjust(1))),
        live
      ))
      yield* Effect.provide(stored, storage)
      yield* TestClock.adjust("1 hour")
      const after = Effect.all([keys(), Effect.flatMap(Emulator.Emulator, ({ tasks }) => tasks)])
      assert.deepStrictEqual(yield* Effect.provide(Effect.provide(after, live), storage), [["a"], []])
    }).pipe(Effect.scoped))
})

describe("asking for a task", () => {
  it.effect("needs its id, in its own family, and no signature", () =>
    Effect.gen(function*() {
      yield* given({ a: "1" })
      const file = yield* startFmgr("delete", remove("b"))
      const media = yield* tasks.startFops("a", "vframe/jpg/offset/1")
      const codeOf = (target: string) => Effect.map(send("GET", target), ({ status }) => status)
      assert.strictEqual(yield* codeOf(`/fmgr/status?persistentId=${file}`), 200)
      assert.strictEqual(yield* codeOf(`/status/get/prefop?persistentId=${media}`), 200)
      assert.strictEqual(yield* codeOf(`/status/get/prefop?persistentId=${file}`), 404)
      assert.strictEqual(yield* codeOf(`/fmgr/status?persistentId=${media}`), 404)
      assert.strictEqual(yield* codeOf("/fmgr/status?persistentId=none"), 404)
      assert.strictEqual(yield* codeOf("/fmgr/status?id=1"), 400)
      assert.strictEqual(yield* codeOf("/status/get/prefop"), 400)
    }).pipe(within()))
})

describe("a request for a task", () => {
  const refused = (path: string, body: string) =>
    Effect.gen(function*() {
      const answer = yield* manage("POST", path, body)
      assert.deepStrictEqual((yield* (yield* Emulator.Emulator).tasks).length, 0)
      return [answer.status, answer.headers["x-emulator-hint"]]
    })

  it.effect("is signed", () =>
    Effect.gen(function*() {
      const body = `fops=${remove("a")}`
      const bare = yield* send("POST", "/fmgr/delete", { body })
      assert.deepStrictEqual(bare.json, { code: "401", message: "Authorization Required" })
      const other = { Authorization: `${accessKey}:${b64u("0".repeat(40))}` }
      assert.strictEqual((yield* send("POST", "/fmgr/delete", { body, headers: other })).status, 401)
      assert.strictEqual((yield* send("POST", "/fops", { body, headers: other })).status, 401)
      assert.deepStrictEqual(yield* (yield* Emulator.Emulator).tasks, [])
    }).pipe(within()))

  it.effect("is written as the service wants it, all of it", () =>
    Effect.gen(function*() {
      const good = remove("a")
      for (
        const [body, hint] of [
          ["", /^fops/],
          ["fops=", /^fops is empty/],
          [`fops=${good};`, /no value/],
          [`fops=${good}&force=2`, /^force is 0 or 1/],
          [`fops=${good}&separate=yes`, /^separate is 0 or 1/],
          [`fops=${good}&notifyURL=http://cb.test/`, /^notifyURL is text in URL-safe Base64/],
          [`fops=${good}&notifyURL=${b64u("ftp://cb.test/")}`, /^notifyURL is an http or https URL/],
          [`fops=${good}&speed=1`, /^speed is unexpected/],
          [`fops=bucket/${demo}`, /^key is missing/],
          [`fops=bucket/${demo}/key`, /^key has no value/],
          [`fops=${good}/key/${b64u("b")}`, /^key stands twice/],
          [`fops=${good}/size/1`, /^size is unexpected/],
          ["fops=bucket/demo!/key/YQ==", /^bucket is text in URL-safe Base64/],
          [`fops=bucket/${demo}/key/`, /^key a key is not empty/],
          [`fops=bucket/${demo.replaceAll("=", "%3D")}%3D/key/YQ==`, /^bucket/],
          [`fops=${good};bucket/${demo}`, /^key is missing/],
          [`fops=bucket/${demo}/ключ/YQ==`, /^key is missing|^\? is unexpected/]
        ] as const
      ) {
        const [status, given] = yield* refused("/fmgr/delete", body)
        assert.strictEqual(status, 400, body)
        assert.match(String(given), hint, body)
      }
    }).pipe(within()))

  it.effect("names buckets of the account", () =>
    Effect.gen(function*() {
      const there = (bucket: string) => `fops=resource/${entry("demo", "a")}/bucket/${b64u(bucket)}`
      assert.strictEqual((yield* refused("/fmgr/copy", there("nowhere")))[0], 404)
      assert.strictEqual((yield* refused("/fmgr/copy", there("foreign")))[0], 401)
      const from = `fops=resource/${entry("nowhere", "a")}/bucket/${demo}`
      assert.strictEqual((yield* refused("/fmgr/move", from))[0], 404)
      assert.strictEqual((yield* refused("/fops", `bucket=${b64u("nowhere")}&key=YQ==&fops=${b64u("vframe")}`))[0], 404)
    }).pipe(within({ foreignBuckets: ["foreign"] })))

  it.effect("names an action that there is", () =>
    Effect.gen(function*() {
      for (const path of ["/fmgr/rename", "/fmgr/Delete", "/fmgr/delete/x", "/fmgr/"]) {
        assert.deepStrictEqual((yield* refused(path, `fops=${remove("a")}`))[0], 404, path)
      }
    }).pipe(within()))
})

describe("persistentOps", () => {
  const ops = `vframe/jpg/offset/1|${tasks.saveas("frame.jpg")}`
  const policy = { scope: "demo:v.mp4", persistentOps: ops, returnBody: "id=$(persistentId)&key=$(key)" }

  it.effect("start a task after a form upload", () =>
    Effect.gen(function*() {
      const answer = new URLSearchParams(unb64u((yield* put(policy, "film")).text))
      const id = answer.get("id") ?? ""
      assert.strictEqual(answer.get("key"), "v.mp4")
      assert.deepStrictEqual(outcomes((yield* tasks.ended(id)).items), [[3, null]])
      const { inputbucket, inputfsize, inputkey, items } = yield* status(id, "/status/get/prefop")
      assert.deepStrictEqual([inputbucket, inputkey, inputfsize], ["demo", "v.mp4", 4])
      assert.deepStrictEqual([items[0].cmd, items[0].key], [ops, "frame.jpg"])
      assert.include(yield* keys(), "frame.jpg")
    }).pipe(within()))

  it.effect("start a task after mkfile", () =>
    Effect.gen(function*() {
      const { ctx } = (yield* mkblk({ policy, chunk: Buffer.from("film") })).json
      const { id } = (yield* mkfile({ policy, path: "4", ctxs: [ctx] })).json
      assert.deepStrictEqual(outcomes((yield* tasks.ended(id)).items), [[3, null]])
      assert.include(yield* keys(), "frame.jpg")
    }).pipe(within()))

  it.effect("start a task after an append", () =>
    Effect.gen(function*() {
      const answer = yield* send("POST", "/append/0", {
        headers: { "Content-Type": "multipart/form-data; boundary=boundary" },
        body: multipart([["token", uploadToken(policy)], ["file", "film", "f"]])
      })
      const id = new URLSearchParams(unb64u(answer.text)).get("id") ?? ""
      assert.deepStrictEqual(outcomes((yield* tasks.ended(id)).items), [[3, null]])
      assert.include(yield* keys(), "frame.jpg")
    }).pipe(within()))

  it.effect("are notified of, and replace results where the upload may replace", () => {
    const told: Array<string> = []
    const web = ({ url }: { readonly url: string }) => Effect.sync(() => ({ status: (told.push(url), 200), body: "" }))
    return Effect.gen(function*() {
      const last = Effect.flatMap(
        Emulator.Emulator,
        (emulator) => Effect.flatMap(emulator.tasks, (all) => tasks.ended(all.at(-1)!.id))
      )
      const told2 = { ...policy, persistentNotifyUrl: "http://cb.test/done" }
      yield* put(told2, "film")
      assert.deepStrictEqual((yield* last).code, 6)
      yield* put({ ...told2, scope: "demo:w.mp4" }, "film")
      assert.deepStrictEqual(outcomes((yield* last).items), [[2, "File Already Exist"]])
      yield* put({ ...told2, overwrite: 1 }, "film")
      assert.deepStrictEqual(outcomes((yield* last).items), [[3, null]])
      assert.deepStrictEqual(told, Array(3).fill("http://cb.test/done"))
    }).pipe(within({ web }))
  })

  it.effect("are read before anything is stored", () =>
    Effect.gen(function*() {
      for (const wrong of [{ persistentOps: "a||b" }, { persistentOps: "vframe", persistentNotifyUrl: "cb.test" }]) {
        const answer = yield* form([["token", uploadToken({ scope: "demo:v", ...wrong })], ["file", "film", "f"]])
        assert.strictEqual(answer.status, 400)
      }
      assert.deepStrictEqual(yield* keys(), [])
      assert.deepStrictEqual(yield* (yield* Emulator.Emulator).tasks, [])
    }).pipe(within()))
})
