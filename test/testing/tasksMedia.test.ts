import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { Emulator, type EmulatorOptions } from "effect-wcs/testing"
import { b64u, entry, etag, manage, put, send } from "./support.ts"
import {
  demo,
  ended,
  given,
  keys,
  outcomes,
  runFops,
  saveas,
  startFops,
  status,
  textOf,
  within
} from "./tasksSupport.ts"

const buckets = { buckets: ["demo", "other"] }

describe("media commands", () => {
  it.effect("leave a document of what would have been done", () =>
    Effect.gen(function*() {
      yield* given({ "v.mp4": "film" })
      const id = yield* startFops(
        "v.mp4",
        `vframe/jpg/offset/1|saveas/${entry("other", "frame.jpg")};avthumb/mp4/vb/64k`
      )
      yield* ended(id)
      const { items, ...task } = yield* status(id, "/status/get/prefop")
      assert.deepStrictEqual(task, {
        id,
        code: 3,
        desc: "fileOperateSucceed",
        separate: 0,
        inputbucket: "demo",
        inputkey: "v.mp4",
        inputfsize: 4
      })
      const source = { bucket: "demo", key: "v.mp4", hash: etag(Buffer.from("film")), fsize: 4 }
      const frame = JSON.stringify({ command: "vframe/jpg/offset/1", source })
      assert.strictEqual(yield* textOf("frame.jpg", "other"), frame)
      assert.deepStrictEqual([items[0].code, items[0].key, items[0].hash, items[0].fsize], [
        3,
        "frame.jpg",
        etag(Buffer.from(frame)),
        frame.length
      ])
      assert.match(items[1].key, /^fops\/[\da-f]{40}$/)
      assert.deepStrictEqual(JSON.parse(yield* textOf(items[1].key)), { command: "avthumb/mp4/vb/64k", source })
      const other = yield* (yield* Emulator.Emulator).objects("other")
      assert.strictEqual(other[0]?.mimeType, "application/json")
    }).pipe(within(buckets)))

  it.effect("run one after another in a pipe, by a function of the options", () => {
    const process: EmulatorOptions.EmulatorOptions["process"] = (command, { content, mimeType, size }) =>
      Effect.succeed({
        content: content.pipe(
          Stream.decodeText(),
          Stream.concat(Stream.make(` ${command}(${size} ${mimeType})`)),
          Stream.encodeText
        ),
        mimeType: `x/${command}`
      })
    return Effect.gen(function*() {
      yield* given({ "v.mp4": "film" })
      assert.deepStrictEqual(outcomes(yield* runFops("v.mp4", `a|b|c|${saveas("out")}`)), [[3, null]])
      assert.strictEqual(yield* textOf("out"), "film a(4 video/mp4) b(19 x/a) c(29 x/b)")
      const download = yield* send("GET", "/download/demo/out")
      assert.strictEqual(download.headers["content-type"], "x/c")
    }).pipe(within({ process }))
  })

  it.effect("fail one by one, whatever a function of the options does", () => {
    const process: EmulatorOptions.EmulatorOptions["process"] = (command) =>
      command === "fail"
        ? Effect.fail({ message: "no such codec" })
        : command === "die"
        ? Effect.die("a mistake")
        : command === "break"
        ? Effect.succeed({ content: Stream.fail("pipe"), mimeType: "text/plain" })
        : Effect.succeed({ content: "fine", mimeType: "text/plain\r\nx: y" })
    return Effect.gen(function*() {
      yield* given({ "v.mp4": "film", taken: "old" })
      const commands = ["fail", "die", "break", `fine|${saveas("taken")}`]
      const items = yield* runFops("v.mp4", [...commands, `fine|${saveas("out.txt")}`].join(";"))
      assert.deepStrictEqual(outcomes(items), [
        [2, "Processing Failed: no such codec"],
        [2, "Internal Server Error"],
        [2, "Processing Failed: pipe"],
        [2, "File Already Exist"],
        [3, null]
      ])
      assert.deepStrictEqual(yield* keys(), ["out.txt", "taken", "v.mp4"])
      const download = yield* send("GET", "/download/demo/out.txt")
      assert.deepStrictEqual([download.headers["content-type"], download.text], ["text/plain", "fine"])
      const forced = yield* runFops("v.mp4", `fine|${saveas("taken")}`, "&force=1")
      assert.deepStrictEqual([outcomes(forced), yield* textOf("taken")], [[[3, null]], "fine"])
    }).pipe(within({ process }))
  })

  it.effect("are for an object that is there", () =>
    Effect.gen(function*() {
      const answer = yield* manage("POST", "/fops", `bucket=${demo}&key=${b64u("none")}&fops=${b64u("vframe")}`)
      assert.deepStrictEqual([answer.status, answer.json.message], [404, "File Not Found"])
    }).pipe(within()))

  it.effect("save into buckets of the account, or none of them runs", () =>
    Effect.gen(function*() {
      yield* given({ v: "film" })
      for (const [bucket, status] of [["nowhere", 404], ["theirs", 401]] as const) {
        const fops = `vframe|${saveas("a")};vframe|saveas/${entry(bucket, "k")}`
        const answer = yield* manage("POST", "/fops", `bucket=${demo}&key=${b64u("v")}&fops=${b64u(fops)}`)
        assert.strictEqual(answer.status, status)
        assert.strictEqual((yield* put({ scope: "demo:w", persistentOps: fops }, "film")).status, status)
      }
      assert.deepStrictEqual(yield* (yield* Emulator.Emulator).tasks, [])
      assert.deepStrictEqual(yield* keys(), ["v"])
    }).pipe(within({ foreignBuckets: ["theirs"] })))

  it.effect("are separated by semicolons, and end with where they are saved", () =>
    Effect.gen(function*() {
      yield* given({ v: "film" })
      const post = (body: string) => Effect.map(manage("POST", "/fops", body), ({ status }) => status)
      const source = `bucket=${demo}&key=${b64u("v")}`
      for (
        const fops of [
          "",
          ";",
          "a;",
          "a||b",
          "|a",
          saveas("x"),
          `a|${saveas("x")}|b`,
          `a|${saveas("x")}|${saveas("y")}`,
          "a|saveas/!",
          `a|saveas/${b64u("demo")}`,
          `a|saveas/${entry("demo", "x/")}`,
          `a|${saveas("x")}/force/1`,
          "a b",
          "/a",
          "a/"
        ]
      ) {
        assert.strictEqual(yield* post(`${source}&fops=${b64u(fops)}`), 400, fops)
      }
      assert.strictEqual(yield* post(`${source}&fops=vframe/jpg/offset/1`), 400, "not in Base64")
      assert.strictEqual(yield* post(`key=${b64u("v")}&fops=${b64u("a")}`), 400, "no bucket")
      assert.strictEqual(yield* post(`${source}&fops=${b64u("a")}&notifyURL=&force=1&separate=1`), 200)
    }).pipe(within()))
})
