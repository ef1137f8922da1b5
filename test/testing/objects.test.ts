import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, TestClock } from "effect"
import { Emulator } from "effect-wcs/testing"
import * as support from "./support.ts"
import { b64u, both, bytes, entry, etag, inProcess, manage, now, send, unb64u } from "./support.ts"

const seed = (...keys: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const emulator = yield* Emulator.Emulator
    for (const key of keys) {
      yield* emulator.putObject({ bucket: "demo", key }, key)
      yield* TestClock.adjust(1)
    }
  })

describe("stat", () => {
  both("refuses entries that are none", () =>
    Effect.gen(function*() {
      for (const path of ["!!!", b64u("demo"), b64u("demo:"), `${entry("demo", "abc").replaceAll("=", "%3D")}`]) {
        assert.strictEqual((yield* manage("GET", `/stat/${path}`)).status, 400, path)
      }
      yield* seed("a:b")
      assert.strictEqual((yield* manage("GET", `/stat/${entry("demo", "a:b")}`)).json.name, "a:b")
      assert.strictEqual((yield* manage("GET", `/stat/${entry("demo", "a:b").replaceAll("=", "")}`)).status, 200)
    }))
})

describe("delete", () => {
  both("removes an object, once", () =>
    Effect.gen(function*() {
      yield* seed("a", "b")
      const answer = yield* manage("POST", `/delete/${entry("demo", "a")}`)
      assert.deepStrictEqual(answer.json, { code: 200, message: "OK" })
      assert.deepStrictEqual((yield* manage("POST", `/delete/${entry("demo", "a")}`)).json, {
        code: "404",
        message: "File Not Found"
      })
      assert.strictEqual((yield* send("GET", "/download/demo/a")).status, 404)
      assert.strictEqual((yield* send("GET", "/download/demo/b")).text, "b")
    }))
})

describe("list", () => {
  const query = (given: Record<string, string | number>) =>
    Effect.map(
      manage("GET", `/list?bucket=demo${Object.entries(given).map(([name, value]) => `&${name}=${value}`).join("")}`),
      (answer) => answer.status === 200 ? answer.json : answer.status
    )
  const keys = (page: any): ReadonlyArray<string> => page.items.map((item: any) => item.key)
  const names = (page: any): ReadonlyArray<string> => [...keys(page), ...page.commonPrefixes]

  const all = (given: Record<string, string | number>) =>
    Effect.gen(function*() {
      const pages: Array<{ keys: ReadonlyArray<string>; folders: ReadonlyArray<string> }> = []
      let marker = ""
      do {
        const page: any = yield* query(marker === "" ? given : { ...given, marker })
        pages.push({ keys: keys(page), folders: page.commonPrefixes })
        marker = page.marker
      } while (marker !== "")
      return pages
    })

  both("tells what it knows of each object", () =>
    Effect.gen(function*() {
      yield* seed("a.png")
      assert.deepStrictEqual(yield* query({}), {
        marker: "",
        commonPrefixes: [],
        items: [{
          key: "a.png",
          putTime: now,
          hash: etag(Buffer.from("a.png")),
          fsize: "5",
          mimeType: "image/png",
          expirationDate: ""
        }]
      })
    }))

  both("orders by the bytes of UTF-8", () =>
    Effect.gen(function*() {
      const given = ["b", "\u{1F600}", "ab", "\uFF21", "a", "B", "目", "a/b", "a-b", "\uE000"]
      yield* seed(...given)
      const expected = given.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      assert.deepStrictEqual(keys(yield* query({})), expected)
    }))

  both("pages with markers that say where they stand", () =>
    Effect.gen(function*() {
      const given = Array.from({ length: 7 }, (_, i) => `k${i}`)
      yield* seed(...given)
      const first: any = yield* query({ limit: 3 })
      assert.deepStrictEqual(keys(first), ["k0", "k1", "k2"])
      assert.strictEqual(unb64u(first.marker), "k2:-1")
      yield* manage("POST", `/delete/${entry("demo", "k2")}`)
      const second: any = yield* query({ limit: 3, marker: first.marker })
      assert.deepStrictEqual(keys(second), ["k3", "k4", "k5"])
      const encoded: any = yield* query({ limit: 3, marker: encodeURIComponent(second.marker) })
      assert.deepStrictEqual(keys(encoded), ["k6"])
      assert.strictEqual(encoded.marker, "")
      assert.deepStrictEqual(keys(yield* query({ marker: "" })), given.filter((key) => key !== "k2"))
    }))

  both("ends with an empty marker when the last page is full", () =>
    Effect.gen(function*() {
      yield* seed("a", "b")
      const page: any = yield* query({ limit: 2 })
      assert.strictEqual(page.marker, "")
    }))

  both("filters by prefix: a beginning without a mode, a folder with one", () =>
    Effect.gen(function*() {
      yield* seed("test", "test/1", "test/sub/2", "test123", "zoo")
      assert.deepStrictEqual(keys(yield* query({ prefix: b64u("test") })), ["test", "test/1", "test/sub/2", "test123"])
      assert.deepStrictEqual(keys(yield* query({ prefix: b64u("test/") })), ["test/1", "test/sub/2"])
      for (const prefix of ["test", "test/"]) {
        const page: any = yield* query({ prefix: b64u(prefix), mode: 0 })
        assert.deepStrictEqual(keys(page), ["test/1"])
        assert.deepStrictEqual(page.commonPrefixes, ["test/sub/"])
      }
      assert.deepStrictEqual(names(yield* query({ prefix: b64u("tes"), mode: 0 })), [])
      assert.deepStrictEqual(names(yield* query({ prefix: b64u("目录/") })), [])
    }))

  both("lists one level, files or folders first", () =>
    Effect.gen(function*() {
      yield* seed("a/1", "a/2", "b", "c/1/2", "d", "c")
      const page = (keys: ReadonlyArray<string>, folders: ReadonlyArray<string>) => ({ keys, folders })
      assert.deepStrictEqual(yield* all({ mode: 0 }), [page(["b", "c", "d"], ["a/", "c/"])])
      assert.deepStrictEqual(yield* all({ mode: 0, limit: 2 }), [
        page(["b", "c"], []),
        page(["d"], ["a/"]),
        page([], ["c/"])
      ])
      assert.deepStrictEqual(yield* all({ mode: 1, limit: 2 }), [
        page([], ["a/", "c/"]),
        page(["b", "c"], []),
        page(["d"], [])
      ])
      assert.deepStrictEqual(yield* all({ limit: 4 }), [page(["a/1", "a/2", "b", "c"], []), page(["c/1/2", "d"], [])])
    }))

  both("filters by time, both ends included", () =>
    Effect.gen(function*() {
      yield* seed("a", "b", "c", "d")
      assert.deepStrictEqual(keys(yield* query({ startTime: now + 1, endTime: now + 2 })), ["b", "c"])
      assert.deepStrictEqual(keys(yield* query({ startTime: now + 3 })), ["d"])
    }))

  both("refuses what it cannot read", () =>
    Effect.gen(function*() {
      for (
        const given of [
          { limit: 0 },
          { limit: 1001 },
          { limit: "" },
          { limit: "x" },
          { mode: 2 },
          { mode: "" },
          { marker: "!" },
          { marker: b64u("no end") },
          { prefix: "!" },
          { prefix: b64u("abcd").replaceAll("=", "%3D") },
          { startTime: "2026-01-01" },
          { endTime: "-1" }
        ]
      ) {
        assert.strictEqual(yield* query(given as Record<string, string>), 400, JSON.stringify(given))
      }
      assert.strictEqual((yield* manage("GET", "/list?limit=1")).status, 400)
      assert.deepStrictEqual(names(yield* query({ limit: 1000 })), [])
    }))
})

describe("download", () => {
  const content = bytes(1000)
  const prepare = Effect.gen(function*() {
    const emulator = yield* Emulator.Emulator
    yield* emulator.putObject({ bucket: "demo", key: "dir/目 录+%.bin" }, content, { mimeType: "a/b" })
    yield* emulator.putObject({ bucket: "demo", key: "empty" }, "")
  })
  const path = `/download/demo/dir/${encodeURIComponent("目 录+%.bin")}`
  const range = (value: string, target = path) => send("GET", target, { headers: { Range: value } })

  both("answers the bytes and what is known of them, unsigned", () =>
    Effect.gen(function*() {
      yield* prepare
      const answer = yield* send("GET", path)
      assert.strictEqual(answer.status, 200)
      assert.deepStrictEqual(answer.body, content)
      const expected = {
        "content-type": "a/b",
        "content-length": "1000",
        "accept-ranges": "bytes",
        etag: `"${etag(content)}"`,
        "last-modified": new Date(now).toUTCString()
      }
      assert.deepInclude(answer.headers, expected)
      const head = yield* send("HEAD", path)
      assert.strictEqual(head.status, 200)
      assert.deepInclude(head.headers, expected)
      const empty = yield* send("GET", "/download/demo/empty")
      assert.deepStrictEqual([empty.status, empty.body.length, empty.headers["content-length"]], [200, 0, "0"])
      const encoded = yield* send("GET", `/download/demo/dir%2F${encodeURIComponent("目 录+%.bin")}?whatever=1`)
      assert.strictEqual(encoded.status, 200)
    }))

  both("answers 404 to what is not there", () =>
    Effect.gen(function*() {
      yield* prepare
      assert.deepStrictEqual((yield* send("GET", "/download/demo/none")).json, {
        code: "404",
        message: "File Not Found"
      })
      assert.strictEqual((yield* send("GET", "/download/nowhere/empty")).status, 404)
      assert.strictEqual((yield* send("HEAD", "/download/demo/none")).status, 404)
      assert.strictEqual((yield* send("GET", "/download/demo/%FF")).status, 400)
      assert.strictEqual((yield* send("POST", "/download/demo/empty")).status, 404)
    }))

  both("answers single ranges", () =>
    Effect.gen(function*() {
      yield* prepare
      for (
        const [header, start, end] of [
          ["bytes=0-0", 0, 1],
          ["bytes=0-99", 0, 100],
          ["bytes=500-", 500, 1000],
          ["bytes=900-5000", 900, 1000],
          ["bytes=-1", 999, 1000],
          ["bytes=-5000", 0, 1000]
        ] as const
      ) {
        const answer = yield* range(header)
        assert.strictEqual(answer.status, 206, header)
        assert.strictEqual(answer.headers["content-range"], `bytes ${start}-${end - 1}/1000`)
        assert.strictEqual(answer.headers["content-length"], String(end - start))
        assert.deepStrictEqual(answer.body, content.slice(start, end))
      }
    }))

  both("answers 416 to ranges that cannot be", () =>
    Effect.gen(function*() {
      yield* prepare
      for (const header of ["bytes=1000-", "bytes=5-4", "bytes=-0", "bytes=-", "bytes=a-b", "bytes=0-1,3-4"]) {
        const answer = yield* range(header)
        assert.strictEqual(answer.status, 416, header)
        assert.strictEqual(answer.headers["content-range"], "bytes */1000")
      }
      assert.strictEqual((yield* range("bytes=0-", "/download/demo/empty")).status, 416)
      assert.strictEqual((yield* range("lines=0-1")).status, 200)
    }))

  both("answers 304 to a client that has it", () =>
    Effect.gen(function*() {
      yield* prepare
      const ask = (headers: Record<string, string>) =>
        Effect.map(send("GET", path, { headers }), ({ status }) => status)
      const tag = `"${etag(content)}"`
      assert.strictEqual(yield* ask({ "If-None-Match": tag }), 304)
      assert.strictEqual(yield* ask({ "If-None-Match": `"x", W/${tag}` }), 304)
      assert.strictEqual(yield* ask({ "If-None-Match": "*" }), 304)
      assert.strictEqual(yield* ask({ "If-None-Match": "\"x\"" }), 200)
      assert.strictEqual(yield* ask({ "If-Modified-Since": new Date(now).toUTCString() }), 304)
      assert.strictEqual(yield* ask({ "If-Modified-Since": new Date(now - 1000).toUTCString() }), 200)
      assert.strictEqual(
        yield* ask({ "If-None-Match": "\"x\"", "If-Modified-Since": new Date(now).toUTCString() }),
        200
      )
      assert.strictEqual((yield* send("GET", path, { headers: { "If-None-Match": tag } })).headers["etag"], tag)
    }))

  both("answers all of it to a client that holds the beginning of another", () =>
    Effect.gen(function*() {
      yield* prepare
      const ask = (condition: string) =>
        Effect.map(
          send("GET", path, { headers: { Range: "bytes=500-", "If-Range": condition } }),
          ({ status }) => status
        )
      assert.strictEqual(yield* ask(`"${etag(content)}"`), 206)
      assert.strictEqual(yield* ask("\"x\""), 200)
      assert.strictEqual(yield* ask(new Date(now).toUTCString()), 206)
      assert.strictEqual(yield* ask(new Date(now - 1000).toUTCString()), 200)
    }))
})

describe("inspection", () => {
  it.effect("shows, adds and removes objects", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const emulator = yield* Emulator.Emulator
      const location = { bucket: "demo", key: "a.txt" }
      const put = yield* emulator.putObject(location, "hello", { retentionDays: 1 })
      const expected = {
        ...location,
        size: 5,
        etag: etag(Buffer.from("hello")),
        mimeType: "text/plain",
        putTime: now,
        expiresAt: now + 86_400_000
      }
      assert.deepStrictEqual(put, expected)
      assert.deepStrictEqual(yield* emulator.objects("demo"), [expected])
      yield* emulator.putObject(location, "other")
      assert.strictEqual(Option.getOrThrow(yield* emulator.object(location)).expiresAt, undefined)
      assert.isTrue(yield* emulator.removeObject(location))
      assert.isFalse(yield* emulator.removeObject(location))
      const refused = yield* Effect.flip(emulator.putObject({ bucket: "demo", key: "/a" }, ""))
      assert.strictEqual(refused._tag, "WcsInvalidInput")
    }).pipe(Effect.provide(inProcess())))

  it.effect("have a type that no name can make anything else of", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      for (const key of ["a.constructor", "a.__proto__", "constructor", "a.PNG"]) {
        const { mimeType } = yield* emulator.putObject({ bucket: "demo", key }, "x")
        assert.strictEqual(mimeType, key === "a.PNG" ? "image/png" : "application/octet-stream")
      }
    }).pipe(Effect.provide(inProcess())))

  it.effect("remembers the last requests", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      for (const n of [1, 2, 3, 4, 5]) yield* send("GET", `/${n}`)
      assert.deepStrictEqual((yield* emulator.requests).map(({ path }) => path), ["/3", "/4", "/5"])
    }).pipe(Effect.provide(inProcess({ logSize: 3 }))))

  it.effect("counts the bytes that came", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const emulator = yield* Emulator.Emulator
      yield* support.mkblk({ chunk: bytes(1000), order: 3 })
      const [request] = yield* emulator.requests
      assert.deepInclude(request, {
        operation: "mkblk",
        method: "POST",
        path: "/mkblk/1000/3",
        block: 3,
        key: "key",
        bytes: 1000,
        status: 200,
        receivedAt: now
      })
    }).pipe(Effect.provide(inProcess())))
})
