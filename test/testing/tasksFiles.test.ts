import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, TestClock } from "effect"
import { Emulator } from "effect-wcs/testing"
import { b64u, entry, etag, manage, now } from "./support.ts"
import { bytesOf, demo, given, keys, outcomes, runFmgr, textOf, urlOf, within } from "./tasksSupport.ts"

const resource = (key: string, to: string) => `resource/${entry("demo", key)}/bucket/${b64u(to)}`
const key = (key: string) => `key/${b64u(key)}`
const prefix = (prefix: string) => `prefix/${b64u(prefix)}`

const buckets = { buckets: ["demo", "other"] }

describe("copy", () => {
  it.effect("takes the key that is given, else the object's own, behind the prefix", () =>
    Effect.gen(function*() {
      yield* given({ "d/a.txt": "one" })
      const items = yield* runFmgr("copy", [
        resource("d/a.txt", "other"),
        `${resource("d/a.txt", "demo")}/${key("b")}`,
        `${resource("d/a.txt", "demo")}/${prefix("p")}`,
        `${resource("d/a.txt", "demo")}/${prefix("p/")}/${key("c d.txt")}`
      ])
      assert.deepStrictEqual(items.map(({ code, url }) => [code, url]), [
        [3, "http://wcs.test/download/other/d/a.txt"],
        [3, urlOf("b")],
        [3, urlOf("p/d/a.txt")],
        [3, urlOf("p/c%20d.txt")]
      ])
      assert.deepStrictEqual(yield* keys(), ["b", "d/a.txt", "p/c d.txt", "p/d/a.txt"])
      assert.strictEqual(yield* textOf("d/a.txt", "other"), "one")
      const { hash, fsize } = items[0]!
      assert.deepStrictEqual([hash, fsize], [etag(Buffer.from("one")), 3])
    }).pipe(within(buckets)))

  it.effect("replaces only when forced, and one that fails does not keep the others back", () =>
    Effect.gen(function*() {
      yield* given({ a: "new", b: "old", c: "old" })
      const commands = [
        `${resource("a", "demo")}/${key("b")}`,
        `${resource("none", "demo")}/${key("x")}`,
        `${resource("a", "demo")}/${key("d")}`
      ]
      assert.deepStrictEqual(outcomes(yield* runFmgr("copy", commands)), [
        [2, "File Already Exist"],
        [2, "File Not Found"],
        [3, null]
      ])
      assert.strictEqual(yield* textOf("b"), "old")
      assert.deepStrictEqual(outcomes(yield* runFmgr("copy", commands[0]!, "&force=1")), [[3, null]])
      assert.strictEqual(yield* textOf("b"), "new")
    }).pipe(within()))

  it.effect("needs another key in the same bucket, and one that can be stored", () =>
    Effect.gen(function*() {
      for (
        const command of [
          resource("a", "demo"),
          `${resource("a", "demo")}/${key("a")}`,
          `${resource("a", "demo")}/${key("x/")}`,
          `${resource("a", "demo")}/${prefix("..")}`
        ]
      ) {
        assert.strictEqual((yield* manage("POST", "/fmgr/copy", `fops=${command}`)).status, 400, command)
      }
    }).pipe(within()))
})

describe("move", () => {
  it.effect("leaves nothing behind, and everything when it fails", () =>
    Effect.gen(function*() {
      yield* given({ a: "1", b: "2", c: "3" })
      const items = yield* runFmgr("move", [
        `${resource("a", "other")}/${key("x")}`,
        `${resource("b", "demo")}/${key("c")}`
      ])
      assert.deepStrictEqual(outcomes(items), [[3, null], [2, "File Already Exist"]])
      assert.deepStrictEqual([yield* keys(), yield* keys("other")], [["b", "c"], ["x"]])
      assert.strictEqual(yield* textOf("x", "other"), "1")
      yield* runFmgr("move", `${resource("b", "demo")}/${key("c")}`, "&force=1")
      assert.deepStrictEqual([yield* keys(), yield* textOf("c")], [["c"], "2"])
    }).pipe(within(buckets)))
})

describe("delete", () => {
  it.effect("succeeds with what is not there", () =>
    Effect.gen(function*() {
      yield* given({ a: "1" })
      const items = yield* runFmgr("delete", [`bucket/${demo}/${key("a")}`, `bucket/${demo}/${key("none")}`])
      assert.deepStrictEqual(items.map(({ code, key }) => [code, key]), [[3, "a"], [3, "none"]])
      assert.deepStrictEqual(yield* keys(), [])
    }).pipe(within()))
})

describe("deletePrefix", () => {
  const objects = { "test/a": "1", "test/b/c": "2", test123: "3", test: "4", "tes/x": "5", "test0": "6", "test.": "7" }

  it.effect("deletes what is in the folder", () =>
    Effect.gen(function*() {
      for (const name of ["test", "test/"]) {
        yield* given(objects)
        const items = yield* runFmgr("deletePrefix", `bucket/${demo}/${prefix(name)}`)
        assert.deepStrictEqual(outcomes(items), [[3, null]])
        assert.deepStrictEqual(yield* keys(), ["tes/x", "test", "test.", "test0", "test123"])
      }
    }).pipe(within()))

  it.effect("writes a list of it", () =>
    Effect.gen(function*() {
      yield* given({ ...objects, "test/ü": "8", list: "old" })
      const [item] = yield* runFmgr("deletePrefix", `bucket/${demo}/${prefix("test")}/output/${entry("other", "list")}`)
      assert.strictEqual(item?.url, "http://wcs.test/download/other/list")
      assert.strictEqual(yield* textOf("list", "other"), "test/a\ntest/b/c\ntest/ü\n")
      const [none] = yield* runFmgr("deletePrefix", `bucket/${demo}/${prefix("none")}/output/${entry("demo", "list")}`)
      assert.deepStrictEqual([none?.code, none?.fsize], [3, 0])
      assert.strictEqual(yield* textOf("list"), "")
    }).pipe(within(buckets)))

  it.effect("wants a folder", () =>
    Effect.gen(function*() {
      for (const name of ["", "/", "//"]) {
        const answer = yield* manage("POST", "/fmgr/deletePrefix", `fops=bucket/${demo}/${prefix(name)}`)
        assert.strictEqual(answer.status, 400, name)
      }
    }).pipe(within()))
})

describe("deletem3u8", () => {
  const playlist = [
    "#EXTM3U",
    "#EXTINF:10,",
    "1.ts",
    "",
    "sub/2%20a.ts?token=1\r",
    "../up.ts",
    "http://wcs.test/download/demo/live/3.ts",
    "//wcs.test/live/4.ts",
    "missing.ts"
  ].join("\n")
  const objects = {
    "live/a.m3u8": playlist,
    "live/1.ts": "1",
    "live/sub/2 a.ts": "2",
    "up.ts": "3",
    "live/3.ts": "4",
    "live/4.ts": "5"
  }
  const command = `bucket/${demo}/${key("live/a.m3u8")}`

  it.effect("deletes the segments that have relative URLs", () =>
    Effect.gen(function*() {
      for (const rest of ["", "/deletets/1"]) {
        yield* given(objects)
        assert.deepStrictEqual(outcomes(yield* runFmgr("deletem3u8", command + rest)), [[3, null]])
        assert.deepStrictEqual(yield* keys(), ["live/3.ts", "live/4.ts"])
      }
    }).pipe(within()))

  it.effect("keeps the segments when told to; and nothing is as good as deleted", () =>
    Effect.gen(function*() {
      yield* given(objects)
      yield* runFmgr("deletem3u8", `${command}/deletets/0`)
      assert.deepStrictEqual(yield* keys(), Object.keys(objects).filter((key) => key !== "live/a.m3u8").toSorted())
      assert.deepStrictEqual(outcomes(yield* runFmgr("deletem3u8", command)), [[3, null]])
    }).pipe(within()))
})

describe("setdeadline", () => {
  const expiries = Effect.flatMap(
    Emulator.Emulator,
    ({ objects }) => Effect.map(objects("demo"), (all) => all.map(({ expiresAt, key }) => [key, expiresAt]))
  )
  const days = (days: number) => now + days * 86_400_000

  it.effect("sets it for a folder, for the bucket, for ever, for now", () =>
    Effect.gen(function*() {
      yield* given({ "d/a": "1", "d/b/c": "2", d2: "3" })
      yield* runFmgr("setdeadline", `bucket/${demo}/${prefix("d")}/deadline/3`)
      assert.deepStrictEqual(yield* expiries, [["d/a", days(3)], ["d/b/c", days(3)], ["d2", undefined]])
      yield* runFmgr("setdeadline", `bucket/${demo}/deleteAfterDays/5`)
      assert.deepStrictEqual(yield* expiries, [["d/a", days(5)], ["d/b/c", days(5)], ["d2", days(5)]])
      yield* runFmgr("setdeadline", `bucket/${demo}/${prefix("d/b/")}/deadline/-1`)
      yield* TestClock.adjust("5 days")
      assert.deepStrictEqual(yield* expiries, [["d/b/c", undefined]])
      assert.strictEqual(yield* textOf("d/b/c"), "2")
      yield* runFmgr("setdeadline", `bucket/${demo}/deadline/0`)
      assert.deepStrictEqual(yield* keys(), [])
    }).pipe(within()))

  it.effect("wants a number of days, once", () =>
    Effect.gen(function*() {
      for (const rest of ["", "/deadline/x", "/deadline/-2", "/deadline/1.5", "/deadline/1/deleteAfterDays/1"]) {
        const answer = yield* manage("POST", "/fmgr/setdeadline", `fops=bucket/${demo}${rest}`)
        assert.strictEqual(answer.status, 400, rest)
      }
    }).pipe(within()))
})

it.effect("what a task makes is what any client sees", () =>
  Effect.gen(function*() {
    const content = Buffer.alloc(5_000_000, "0123456789")
    yield* given({ "big.bin": content })
    yield* runFmgr("copy", `${resource("big.bin", "demo")}/${key("copy.png")}`)
    yield* runFmgr("delete", `bucket/${demo}/${key("big.bin")}`)
    const object = Option.getOrThrow(yield* (yield* Emulator.Emulator).object({ bucket: "demo", key: "copy.png" }))
    assert.deepStrictEqual([object.size, object.etag], [content.length, etag(content)])
    assert.isTrue((yield* bytesOf("copy.png")).equals(content))
    const stat = (yield* manage("GET", `/stat/${entry("demo", "copy.png")}`)).json
    assert.deepStrictEqual([stat.fsize, stat.hash], [content.length, etag(content)])
  }).pipe(within()))
