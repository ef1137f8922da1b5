import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Stream, TestClock } from "effect"
import { Emulator, type EmulatorOptions } from "effect-wcs/testing"
import { zipSync } from "fflate"
import { b64u, bytes, entry, etag, manage, md5, put } from "./support.ts"
import {
  bytesOf,
  demo,
  ended,
  given,
  keys,
  outcomes,
  runFmgr,
  startFmgr,
  textOf,
  urlOf,
  within
} from "./tasksSupport.ts"

type Page = string | Uint8Array | Partial<EmulatorOptions.WebResponse>

/** Other servers: what they have at which URL, and what they were asked. */
const internet = (pages: { readonly [url: string]: Page }) => {
  const asked: Array<string> = []
  const web = ({ url }: EmulatorOptions.WebRequest) =>
    Effect.suspend(() => {
      asked.push(url)
      const page = pages[url]
      const response = page === undefined
        ? { status: 404 }
        : page instanceof Uint8Array
        ? { body: Stream.make(page) }
        : typeof page === "string"
        ? { body: page }
        : page
      return Effect.succeed({ status: 200, body: "", ...response })
    })
  return { asked, web }
}

const fetchHosts = ["src.test"]

const fetch = (url: string, rest = "") => `fetchURL/${b64u(url)}/bucket/${demo}${rest}`
const key = (key: string) => `/key/${b64u(key)}`

const typeOf = (key: string) =>
  Effect.flatMap(
    Emulator.Emulator,
    ({ object }) => Effect.map(object({ bucket: "demo", key }), (found) => Option.getOrThrow(found).mimeType)
  )

describe("fetch", () => {
  it.effect("stores what other servers have, under the key that is given or the URL's path", () => {
    const { asked, web } = internet({
      "http://src.test/d/1%202.doc?x=1": "one",
      "http://src.test/%E4%B8%AD.png": { body: "png", headers: { "content-type": "image/x-png" } }
    })
    return Effect.gen(function*() {
      const items = yield* runFmgr("fetch", [
        fetch("http://src.test/d/1 2.doc?x=1"),
        fetch("http://src.test/中.png", key("a.jpg")),
        fetch("http://src.test/中.png", `${key("b.jpg")}/prefix/${b64u("p/")}`),
        fetch("http://src.test/none")
      ])
      assert.deepStrictEqual(outcomes(items), [[3, null], [3, null], [3, null], [2, "The Server Answers 404"]])
      assert.deepStrictEqual({ ...items[0] }, {
        cmd: items[0]!.cmd,
        code: 3,
        error: null,
        key: "d/1 2.doc",
        fsize: 3,
        hash: etag(Buffer.from("one")),
        url: urlOf("d/1%202.doc")
      })
      assert.deepStrictEqual(yield* keys(), ["a.jpg", "d/1 2.doc", "p/b.jpg"])
      assert.deepStrictEqual([yield* typeOf("a.jpg"), yield* textOf("p/b.jpg")], ["image/x-png", "png"])
      assert.strictEqual(asked[0], "http://src.test/d/1%202.doc?x=1")
    }).pipe(within({ web, fetchHosts }))
  })

  it.effect("asks no host that is not allowed, wherever the way leads", () => {
    const to = (location: string, status = 302) => ({ status, headers: { location } })
    const { asked, web } = internet({
      "http://src.test/in": to("http://169.254.169.254/secret"),
      "http://src.test/file": to("file:///etc/passwd"),
      "http://src.test/round": to("/round", 301),
      "http://src.test/nowhere": to("http://"),
      "http://src.test/on": to("next", 307),
      "http://src.test/next": to("//port.test:8080/end", 308),
      "http://port.test:8080/end": "end"
    })
    return Effect.gen(function*() {
      const forbidden = [
        "http://169.254.169.254/secret",
        "http://localhost/",
        "http://src.test.evil.test/",
        "http://src.test@evil.test/",
        "http://evil.test/#src.test",
        "http://port.test/end",
        "https://port.test/end",
        "http://port.test:8081/end"
      ]
      const refused = yield* runFmgr("fetch", forbidden.map((url) => fetch(url, key("x"))))
      for (const { code, error } of refused) {
        assert.strictEqual(code, 2)
        assert.match(error ?? "", /^The Host \S+ Is Not In fetchHosts$/)
      }
      assert.deepStrictEqual(asked, [])
      const ways = ["in", "file", "round", "nowhere", "on"].map((path) => fetch(`http://SRC.test/${path}`, key(path)))
      assert.deepStrictEqual(outcomes(yield* runFmgr("fetch", ways)), [
        [2, "The Host 169.254.169.254 Is Not In fetchHosts"],
        [2, "Not An HTTP URL"],
        [2, "The Server Redirects To Nowhere"],
        [2, "The Server Redirects To Nowhere"],
        [3, null]
      ])
      assert.strictEqual(asked.filter((url) => url.endsWith("/round")).length, 6)
      assert.isTrue(asked.every((url) => /^http:\/\/(src\.test\/|port\.test:8080\/end$)/.test(url)))
      assert.deepStrictEqual(yield* keys(), ["on"])
    }).pipe(within({ web, fetchHosts: ["src.test", "port.test:8080"] }))
  })

  it.effect("is allowed nothing unless it is told", () => {
    const { asked, web } = internet({ "http://src.test/a": "a" })
    return Effect.gen(function*() {
      assert.deepStrictEqual(outcomes(yield* runFmgr("fetch", fetch("http://src.test/a"))), [
        [2, "The Host src.test Is Not In fetchHosts"]
      ])
      assert.deepStrictEqual(asked, [])
    }).pipe(within({ web }))
  })

  it.effect("compares the MD5, in both ways of writing it", () => {
    const { web } = internet({ "http://src.test/a": "hello" })
    return Effect.gen(function*() {
      const right = md5(Buffer.from("hello"))
      const wrong = md5(Buffer.from("other"))
      const all = [right, b64u(right), right.toUpperCase(), wrong, b64u(wrong)]
      const items = yield* runFmgr(
        "fetch",
        all.map((md5, index) => fetch("http://src.test/a", `${key(String(index))}/md5/${md5}`))
      )
      assert.deepStrictEqual(outcomes(items), [
        [3, null],
        [3, null],
        [3, null],
        [2, "Another MD5"],
        [2, "Another MD5"]
      ])
      assert.deepStrictEqual(yield* keys(), ["0", "1", "2"])
    }).pipe(within({ web, fetchHosts }))
  })

  it.effect("replaces only when forced, and does not ask otherwise", () => {
    const { asked, web } = internet({ "http://src.test/a": "new" })
    return Effect.gen(function*() {
      yield* given({ a: "old" })
      assert.deepStrictEqual(outcomes(yield* runFmgr("fetch", fetch("http://src.test/a"))), [[2, "File Already Exist"]])
      assert.deepStrictEqual([asked, yield* textOf("a")], [[], "old"])
      yield* runFmgr("fetch", fetch("http://src.test/a"), "&force=1")
      assert.strictEqual(yield* textOf("a"), "new")
    }).pipe(within({ web, fetchHosts }))
  })

  it.effect("streams what is large, and stores nothing of what is too large, breaks or is encoded", () => {
    const large = bytes(5_000_000)
    const { web } = internet({
      "http://src.test/large": {
        body: Stream.range(0, 49).pipe(Stream.map((i) => large.subarray(i * 100_000, (i + 1) * 100_000)))
      },
      "http://src.test/endless": { body: Stream.repeatEffect(Effect.succeed(new Uint8Array(65_536))) },
      "http://src.test/broken": { body: Stream.concat(Stream.make(new Uint8Array(9)), Stream.fail("reset")) },
      "http://src.test/gzip": { body: "gzip", headers: { "content-encoding": "gzip" } },
      "http://src.test/empty": ""
    })
    return Effect.gen(function*() {
      const items = yield* runFmgr(
        "fetch",
        ["large", "endless", "broken", "gzip", "empty"].map((path) => fetch(`http://src.test/${path}`))
      )
      assert.deepStrictEqual(outcomes(items), [
        [3, null],
        [2, "The Source Is Too Large"],
        [2, "The Answer Broke Off"],
        [2, "The Answer Is Encoded"],
        [3, null]
      ])
      assert.deepStrictEqual([items[0]?.hash, items[4]?.fsize], [etag(large), 0])
      assert.isTrue((yield* bytesOf("large")).equals(large))
      assert.deepStrictEqual(yield* keys(), ["empty", "large"])
    }).pipe(within({ web, fetchHosts, maxBodySize: 6_000_000 }))
  })

  it.effect("waits a minute for an answer, and for each piece of it", () => {
    const slow = Stream.fromIterable(["a", "b", "c"]).pipe(
      Stream.tap(() => Effect.sleep("50 seconds")),
      Stream.encodeText
    )
    const { web: answer } = internet({
      "http://src.test/slow": { body: slow },
      "http://src.test/stuck": { body: Stream.concat(slow, Stream.never) }
    })
    const web = (request: EmulatorOptions.WebRequest) => request.url.endsWith("never") ? Effect.never : answer(request)
    return Effect.gen(function*() {
      const ids = yield* Effect.forEach(
        ["slow", "stuck", "never"],
        (path) => startFmgr("fetch", fetch(`http://src.test/${path}`))
      )
      const codes = Effect.flatMap(
        Emulator.Emulator,
        ({ tasks }) => Effect.map(tasks, (all) => all.map(({ items }) => items[0]?.code))
      )
      yield* TestClock.adjust("59 seconds")
      assert.deepStrictEqual(yield* codes, [1, 1, 1])
      yield* TestClock.adjust("1 seconds")
      assert.deepStrictEqual(yield* codes, [1, 1, 2])
      yield* TestClock.adjust("90 seconds")
      assert.deepStrictEqual(yield* codes, [3, 1, 2])
      yield* TestClock.adjust("60 seconds")
      assert.deepStrictEqual(yield* codes, [3, 2, 2])
      assert.deepStrictEqual(outcomes((yield* ended(ids[1]!)).items), [[2, "The Server Does Not Answer"]])
      assert.deepStrictEqual([yield* keys(), yield* textOf("slow")], [["slow"], "abc"])
    }).pipe(within({ web, fetchHosts }))
  })

  it.effect("unpacks an archive beside its key", () => {
    const zip = zipSync({ "a.txt": Buffer.from("1"), "e/b.txt": Buffer.from("2") })
    const hostile = zipSync({ "../../x": Buffer.from("1") })
    const { web } = internet({ "http://src.test/in.zip": zip, "http://src.test/bad.zip": hostile })
    return Effect.gen(function*() {
      const rest = `/prefix/${b64u("p")}/decompression/zip`
      const items = yield* runFmgr("fetch", ["in", "bad"].map((name) => fetch(`http://src.test/${name}.zip`, rest)))
      assert.deepStrictEqual(items.map(({ code, decompresslist }) => [code, decompresslist]), [
        [3, ["p/a.txt", "p/e/b.txt"]],
        [2, undefined]
      ])
      assert.deepStrictEqual(yield* keys(), ["p/a.txt", "p/bad.zip", "p/e/b.txt", "p/in.zip"])
      assert.strictEqual(yield* textOf("p/e/b.txt"), "2")
    }).pipe(within({ web, fetchHosts }))
  })

  it.effect("takes a playlist's segments along when it is to", () => {
    const playlist = "#EXTM3U\n1.ts?t=1\n\nsub/2.ts\nhttp://other.test/3.ts\n"
    const { asked, web } = internet({
      "http://src.test/live/a.m3u8": playlist,
      "http://src.test/live/1.ts?t=1": "1",
      "http://src.test/live/sub/2.ts": "2",
      "http://src.test/gone.m3u8": "1.ts",
      "http://src.test/a.txt": "1.ts"
    })
    return Effect.gen(function*() {
      const items = yield* runFmgr("fetch", [
        fetch("http://src.test/live/a.m3u8", `${key("x/b.m3u8")}/fetchTS/1`),
        fetch("http://src.test/live/a.m3u8", `${key("c.m3u8")}/fetchTS/0`),
        fetch("http://src.test/gone.m3u8", "/fetchTS/1"),
        fetch("http://src.test/a.txt", "/fetchTS/1")
      ])
      assert.deepStrictEqual(outcomes(items), [[3, null], [3, null], [2, "The Server Answers 404"], [3, null]])
      assert.deepStrictEqual(yield* keys(), ["a.txt", "c.m3u8", "gone.m3u8", "x/1.ts", "x/b.m3u8", "x/sub/2.ts"])
      assert.deepStrictEqual([yield* textOf("x/1.ts"), yield* textOf("x/sub/2.ts")], ["1", "2"])
      assert.isFalse(asked.some((url) => url.includes("other.test")))
    }).pipe(within({ web, fetchHosts }))
  })

  it.effect("wants a URL and a key", () =>
    Effect.gen(function*() {
      for (
        const command of [
          fetch("ftp://src.test/a"),
          fetch("src.test/a"),
          fetch("http://src.test/"),
          fetch("http://src.test/a/"),
          fetch("http://src.test/a", "/md5/123"),
          fetch("http://src.test/a", "/decompression/rar"),
          fetch("http://src.test/a", "/fetchTS/2"),
          `fetchURL/http:/bucket/${demo}`
        ]
      ) {
        assert.strictEqual((yield* manage("POST", "/fmgr/fetch", `fops=${command}`)).status, 400, command)
      }
    }).pipe(within({ fetchHosts })))
})

describe("without other servers", () => {
  it.effect("there is nothing to fetch and nobody to call, and nothing is waited for", () =>
    Effect.gen(function*() {
      const items = yield* runFmgr("fetch", fetch("http://src.test/a"))
      assert.deepStrictEqual(outcomes(items), [[2, "No Server Can Be Reached: the emulator has no option `web`"]])
      const answer = yield* put({ scope: `demo:k`, callbackUrl: "http://cb.test/", callbackBody: "k=$(key)" }, "x")
      assert.strictEqual(answer.status, 579)
      assert.strictEqual((yield* manage("GET", `/stat/${entry("demo", "k")}`)).status, 200)
    }).pipe(within({ fetchHosts, callbackInterval: "1 minute" })))

  it.effect("a callback's answer that does not end is a failure", () => {
    const { web } = internet({
      "http://cb.test/": { body: Stream.repeatEffect(Effect.succeed(new Uint8Array(65_536))) }
    })
    return Effect.gen(function*() {
      assert.strictEqual(
        (yield* put({ scope: "demo:k", callbackUrl: "http://cb.test/", callbackBody: "k" }, "x")).status,
        579
      )
    }).pipe(within({ web }))
  })
})
