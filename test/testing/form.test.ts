import { HttpClient } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Logger, LogLevel, Option, Stream, TestClock } from "effect"
import type { EmulatorOptions } from "effect-wcs/testing"
import { Emulator, EmulatorAddress } from "effect-wcs/testing"
import * as support from "./support.ts"
import {
  b64u,
  both,
  bytes,
  entry,
  error,
  etag,
  form,
  inProcess,
  manage,
  now,
  put,
  sign,
  stored,
  unb64u,
  uploadToken
} from "./support.ts"

describe("a form upload", () => {
  both("answers the hash in Base64 and stores the object", () =>
    Effect.gen(function*() {
      const answer = yield* put({ scope: "demo:a/b.txt" }, "hello world")
      assert.strictEqual(answer.status, 200)
      assert.strictEqual(answer.text, "aGFzaD1GaXF1YkRYSlQ4LTBGZHZwWDBDTG5Pa2U2RWJ0")
      assert.deepStrictEqual((yield* manage("GET", `/stat/${entry("demo", "a/b.txt")}`)).json, {
        result: true,
        code: 200,
        message: "OK",
        name: "a/b.txt",
        fsize: 11,
        hash: "FiqubDXJT8-0FdvpX0CLnOke6Ebt",
        mimeType: "text/plain",
        putTime: now - now % 1000,
        expirationDate: ""
      })
    }))

  both("takes sizes around the etag's pieces, and none at all", () =>
    Effect.gen(function*() {
      for (const size of [0, 1, support.pieceSize, support.pieceSize + 1]) {
        const content = bytes(size)
        const answer = yield* put({ scope: `demo:${size}` }, content)
        assert.strictEqual(unb64u(answer.text), `hash=${etag(content)}`)
        assert.strictEqual(Buffer.compare((yield* stored(String(size))).content, content), 0)
      }
    }))

  both("takes its parts in any order, and ignores those that it does not know", () =>
    Effect.gen(function*() {
      const token = uploadToken({ scope: "demo", returnBody: "key=$(key)&fname=$(fname)&who=$(x:who)" })
      const answer = yield* form([
        ["desc", "free text"],
        ["file", "content", "目录 \\\"1\\\".png", "image/png"],
        ["other", "ignored", "other.bin"],
        ["x:who", "ann"],
        ["key", "目录/1"],
        ["token", token]
      ])
      assert.strictEqual(
        unb64u(answer.text),
        `key=目录/1&fname=目录 "1".png&who=ann&hash=${etag(Buffer.from("content"))}`
      )
      assert.strictEqual((yield* stored("目录/1")).info.mimeType, "image/png")
    }))

  both("reads what looks like a boundary as content", () =>
    Effect.gen(function*() {
      const content = "\r\n--boundar\r\n--bound\r\r\n-\r\n--\r\n"
      yield* put({ scope: "demo:tricky" }, content)
      assert.strictEqual((yield* stored("tricky")).content.toString(), content)
    }))

  both("refuses a form that is none", () =>
    Effect.gen(function*() {
      const post = (body: string, contentType: string) =>
        Effect.map(support.send("POST", "/file/upload", { headers: { "Content-Type": contentType }, body }), error)
      const type = "multipart/form-data; boundary=x"
      const token = uploadToken({ scope: "demo:key" })
      const field = `--x\r\nContent-Disposition: form-data; name="token"\r\n\r\n${token}\r\n`
      const file = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nab"
      assert.strictEqual((yield* post("a=1", "application/x-www-form-urlencoded"))[0], 400)
      assert.strictEqual((yield* post("", type))[0], 400)
      assert.strictEqual((yield* post(`${field}${file}`, type))[0], 400)
      assert.strictEqual((yield* post(`${field}--x\r\nContent-Type: a/b\r\n\r\nab\r\n--x--\r\n`, type))[0], 400)
      assert.strictEqual((yield* post(`${field}${file}\r\n${file}\r\n--x--\r\n`, type))[0], 400)
      assert.deepStrictEqual(yield* post(`${field}--x--\r\n`, type), [400, "File Required"])
      assert.deepStrictEqual(yield* post(`${file}\r\n--x--\r\n`, type), [401, "Authorization Required"])
      assert.deepStrictEqual(yield* (yield* Emulator.Emulator).objects("demo"), [])
    }))
})

describe("the key", () => {
  both("is the scope's, then the form's, then the saveKey's, then the file name", () =>
    Effect.gen(function*() {
      const keyOf = (policy: Record<string, unknown>, ...parts: ReadonlyArray<support.Part>) =>
        Effect.map(
          form([
            ["token", uploadToken({ returnBody: "key=$(key)", overwrite: 1, ...policy })],
            ...parts,
            ["file", "x", "name.txt"]
          ]),
          (answer) => answer.status === 200 ? unb64u(answer.text).split("&")[0] : error(answer)
        )
      assert.strictEqual(yield* keyOf({ scope: "demo:scope", saveKey: "save" }, ["key", "form"]), "key=scope")
      assert.strictEqual(yield* keyOf({ scope: "demo", saveKey: "save" }, ["key", "form"]), "key=form")
      assert.strictEqual(
        yield* keyOf({ scope: "demo", saveKey: "save/$(x:who)-$(fsize)" }, ["x:who", "ann"]),
        "key=save/ann-1"
      )
      assert.strictEqual(
        yield* keyOf({ scope: "demo", saveKey: "$(year)/$(mon)/$(day)/$(fname)" }),
        "key=2026/01/02/name.txt"
      )
      assert.strictEqual(yield* keyOf({ scope: "demo" }), "key=name.txt")
      assert.deepStrictEqual(yield* keyOf({ scope: "demo", saveKey: "$(nothing)" }), [400, "Key Required"])
    }))

  both("follows the rules of keys", () =>
    Effect.gen(function*() {
      for (const key of ["/a", "a/", "a/../b", "a/./b", "k".repeat(1001), "目".repeat(334)]) {
        assert.deepStrictEqual(error(yield* put({ scope: `demo:${key}` }, "x")), [400, "Invalid Key"])
      }
      assert.strictEqual((yield* put({ scope: `demo:${"k".repeat(1000)}` }, "x")).status, 200)
      assert.strictEqual((yield* put({ scope: "demo:a:b" }, "x")).status, 200)
      assert.strictEqual((yield* stored("a:b")).info.size, 1)
    }))

  it.effect("may have to be the scope's", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const token = uploadToken({ scope: "demo:scope" })
      const answer = yield* form([["token", token], ["key", "form"], ["file", "x", "f"]])
      assert.deepStrictEqual(error(answer), [401, "Token Invalid"])
    }).pipe(Effect.provide(inProcess({ strictness: { conflictingKey: "refuse" } }))))
})

describe("the policy", () => {
  both("protects an object unless it says overwrite", () =>
    Effect.gen(function*() {
      yield* put({ scope: "demo:key" }, "one")
      assert.deepStrictEqual(error(yield* put({ scope: "demo:key" }, "two")), [406, "File Already Exist"])
      assert.deepStrictEqual(error(yield* put({ scope: "demo:key", overwrite: 0 }, "two")), [406, "File Already Exist"])
      assert.strictEqual((yield* stored("key")).content.toString(), "one")
      assert.strictEqual((yield* put({ scope: "demo:key", overwrite: 1 }, "two")).status, 200)
      assert.strictEqual((yield* stored("key")).content.toString(), "two")
    }))

  it.effect("lets one of two win that come at once", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const answers = yield* Effect.all(
        ["one", "two"].map((content) => put({ scope: "demo:key" }, content)),
        { concurrency: 2 }
      )
      assert.deepStrictEqual(answers.map(({ status }) => status).toSorted(), [200, 406])
    }).pipe(Effect.provide(inProcess())))

  both("limits the size", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* put({ scope: "demo:a", fsizeLimit: 3 }, "abc")).status, 200)
      assert.strictEqual((yield* put({ scope: "demo:b", fsizeLimit: 0 }, "abc")).status, 200)
      assert.strictEqual((yield* put({ scope: "demo:c", fsizeLimit: 2 }, "abc")).status, 401)
      assert.isTrue(Option.isNone(yield* (yield* Emulator.Emulator).object({ bucket: "demo", key: "c" })))
    }))

  it.effect("may limit the size with 413", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      assert.strictEqual((yield* put({ scope: "demo:c", fsizeLimit: 2 }, "abc")).status, 413)
    }).pipe(Effect.provide(inProcess({ strictness: { fsizeLimit: 413 } }))))

  both("expands a returnBody and tells the hash once", () =>
    Effect.gen(function*() {
      const hash = etag(Buffer.from("hello world"))
      const ask = (returnBody: string) =>
        Effect.map(put({ scope: "demo:a 1.png", overwrite: 1, returnBody }, "hello world"), ({ text }) => unb64u(text))
      assert.strictEqual(
        yield* ask("bucket=$(bucket)&key=$(key)&fsize=$(fsize)"),
        `bucket=demo&key=a 1.png&fsize=11&hash=${hash}`
      )
      assert.strictEqual(yield* ask("h=1&hash=$(hash)&m=$(mimeType)"), `h=1&hash=${hash}&m=text/plain`)
      assert.strictEqual(
        yield* ask("t=$(costTime)&ip=$(ip)&id=$(persistentId)&x=$(x:none)&n=$(unknown)"),
        `t=0&ip=127.0.0.1&id=&x=&n=&hash=${hash}`
      )
      const { uploadUrl } = yield* EmulatorAddress.EmulatorAddress
      const url = (yield* ask("url=$(url)")).slice("url=".length).split("&")[0] ?? ""
      assert.strictEqual(url, `${uploadUrl}/download/demo/a%201.png`)
      assert.strictEqual(yield* (yield* HttpClient.get(url)).text, "hello world")
    }))

  both("wants no & in a custom variable", () =>
    Effect.gen(function*() {
      const token = uploadToken({ scope: "demo:key" })
      assert.strictEqual((yield* form([["token", token], ["x:a", "1&2"], ["file", "x", "f"]])).status, 400)
    }))
})

describe("retention", () => {
  both("deletes after so many days, and at once after none", () =>
    Effect.gen(function*() {
      const keep = (key: string, field: string, days: string) =>
        form([["token", uploadToken({ scope: `demo:${key}` })], [field, days], ["file", "x", "f"]])
      assert.strictEqual((yield* keep("none", "deadline", "0")).status, 200)
      assert.strictEqual((yield* keep("two", "deadline", "2")).status, 200)
      assert.strictEqual((yield* keep("three", "deleteAfterDays", "3")).status, 200)
      assert.strictEqual((yield* keep("ever", "deadline", "-1")).status, 200)
      assert.strictEqual((yield* keep("bad", "deadline", "soon")).status, 400)
      const keys = Effect.map(manage("GET", "/list?bucket=demo"), ({ json }) => json.items.map((item: any) => item.key))
      assert.deepStrictEqual(yield* keys, ["ever", "three", "two"])
      assert.strictEqual(
        (yield* manage("GET", `/stat/${entry("demo", "two")}`)).json.expirationDate,
        String(now + 2 * 86_400_000)
      )
      yield* TestClock.adjust("2 days")
      assert.deepStrictEqual(yield* keys, ["ever", "three"])
      assert.strictEqual((yield* manage("GET", `/stat/${entry("demo", "two")}`)).status, 404)
      yield* TestClock.adjust("365 days")
      assert.deepStrictEqual(yield* keys, ["ever"])
    }))
})

describe("the content type", () => {
  both("is the field's, then the part's, then the name's", () =>
    Effect.gen(function*() {
      const typeOf = (key: string, ...parts: ReadonlyArray<support.Part>) =>
        Effect.zipRight(
          form([["token", uploadToken({ scope: `demo:${key}` })], ...parts]),
          Effect.map(stored(key), ({ info }) => info.mimeType)
        )
      assert.strictEqual(yield* typeOf("a.png", ["mimeType", "a/b"], ["file", "x", "f", "c/d"]), "a/b")
      assert.strictEqual(yield* typeOf("b.png", ["file", "x", "f", "c/d"]), "c/d")
      assert.strictEqual(yield* typeOf("c.png", ["file", "x", "f", "application/octet-stream"]), "image/png")
      assert.strictEqual(yield* typeOf("d.MP4", ["file", "x", "f"]), "video/mp4")
      assert.strictEqual(yield* typeOf("e", ["file", "x", "f"]), "application/octet-stream")
      const token = uploadToken({ scope: "demo:f" })
      assert.deepStrictEqual(error(yield* form([["token", token], ["mimeType", "目"], ["file", "x", "f"]])), [
        400,
        "Invalid MimeType"
      ])
    }))
})

describe("returnUrl", () => {
  const policy = { scope: "demo:a b", returnUrl: "http://shop.test/done?id=1" }
  const hash = etag(Buffer.from("x"))

  it.effect("redirects with fields", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const answer = yield* put(policy, "x")
      assert.strictEqual(answer.status, 303)
      assert.strictEqual(answer.text, "")
      assert.strictEqual(answer.headers["location"], `http://shop.test/done?id=1&bucket=demo&key=a%20b&hash=${hash}`)
      assert.deepStrictEqual(error(yield* put(policy, "x")), [406, "File Already Exist"])
      const escaped = yield* put({ ...policy, overwrite: 1, returnUrl: "http://shop.test/目\r\n" }, "x")
      assert.match(escaped.headers["location"] ?? "", /^http:\/\/shop\.test\/%E7%9B%AE%0D%0A\?bucket=demo&/)
      const named = yield* put(
        { ...policy, overwrite: 1, returnUrl: "http://shop.test", returnBody: "n=$(fsize)" },
        "x"
      )
      assert.strictEqual(named.headers["location"], `http://shop.test?n=1&hash=${hash}`)
    }).pipe(Effect.provide(inProcess())))

  it.effect("redirects with upload_ret, and with code and message", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const location = (answer: support.Answer) => new URL(answer.headers["location"] ?? "").searchParams
      const done = yield* put({ ...policy, returnBody: "n=$(fsize)" }, "x")
      assert.strictEqual(unb64u(location(done).get("upload_ret") ?? ""), `n=1&hash=${hash}`)
      const failed = yield* put(policy, "x")
      assert.strictEqual(failed.status, 303)
      assert.deepStrictEqual(Object.fromEntries(location(failed)), {
        id: "1",
        code: "406",
        message: "File Already Exist"
      })
    }).pipe(Effect.provide(inProcess({ strictness: { returnUrl: "upload_ret" } }))))
})

describe("callbackUrl", () => {
  const url = "http://cb.test/cb?x=1"
  const policy = { scope: "demo:key", callbackUrl: url, callbackBody: "bucket=$(bucket)&key=$(key)&fsize=$(fsize)" }
  const body = b64u("bucket=demo&key=key&fsize=11")

  const run = <A, E>(
    answers: ReadonlyArray<number>,
    options: EmulatorOptions.EmulatorOptions,
    test: (calls: Array<EmulatorOptions.WebRequest>) => Effect.Effect<A, E, support.Services>
  ) => {
    const calls: Array<EmulatorOptions.WebRequest> = []
    const web = (request: EmulatorOptions.WebRequest) =>
      Effect.sync(() => ({ status: answers[calls.push(request) - 1] ?? 500, body: "{\"ok\":true}" }))
    return Effect.provide(Effect.zipRight(TestClock.setTime(now), test(calls)), inProcess({ web, ...options }))
  }

  it.effect("is told, signed, and its answer relayed", () =>
    run([200], {}, (calls) =>
      Effect.gen(function*() {
        const answer = yield* put(policy, "hello world")
        assert.strictEqual(answer.status, 200)
        assert.deepStrictEqual(answer.json, { ok: true })
        const authorization = `test-access-key:${sign(`${url}\n${body}`)}`
        const headers = { "content-type": "text/plain", authorization }
        assert.deepStrictEqual(calls, [{ method: "POST", url, headers, body }])
      })))

  it.effect("may be signed by its path", () =>
    run([200], { strictness: { callbackSignature: "path" } }, (calls) =>
      Effect.gen(function*() {
        yield* put(policy, "hello world")
        assert.strictEqual(calls[0]?.headers["authorization"], `test-access-key:${sign(`/cb?x=1\n${body}`)}`)
      })))

  it.effect("answers nothing without a callbackBody", () =>
    run([200], {}, () =>
      Effect.gen(function*() {
        assert.strictEqual((yield* put({ ...policy, callbackBody: undefined }, "x")).text, "")
      })))

  it.effect("is tried eight times; then 579, and the object stays", () =>
    run([500, 201, 404], {}, (calls) =>
      Effect.gen(function*() {
        assert.strictEqual((yield* put(policy, "x")).status, 579)
        assert.strictEqual(calls.length, 8)
        assert.strictEqual((yield* stored("key")).content.toString(), "x")
      })))

  it.effect("is tried three times at once and then a minute apart", () =>
    run([500, 500, 500, 500, 200], { callbackInterval: "1 minute" }, (calls) =>
      Effect.gen(function*() {
        const upload = yield* Effect.fork(put(policy, "x"))
        yield* TestClock.adjust("59 seconds")
        assert.strictEqual(calls.length, 3)
        yield* TestClock.adjust("1 second")
        assert.strictEqual(calls.length, 4)
        yield* TestClock.adjust("1 minute")
        assert.strictEqual((yield* Fiber.join(upload)).status, 200)
      })))

  const mkfile = Effect.gen(function*() {
    const { ctx } = (yield* support.mkblk({ chunk: Buffer.from("hello") })).json
    return yield* support.mkfile({ policy, path: "5", ctxs: [ctx] })
  })

  describe.each([["in process", inProcess], ["on a port", support.onPort]] as const)("%s", (_, layer) => {
    it.effect.each([["form", put(policy, "hello")], ["mkfile", mkfile]] as const)(
      "is told of a %s even when the client does not wait for the answer",
      ([, upload]) =>
        Effect.gen(function*() {
          const [calling, left, told] = yield* Effect.all([
            Deferred.make<void>(),
            Deferred.make<void>(),
            Deferred.make<boolean>()
          ])
          const web = () =>
            Deferred.succeed(calling, undefined).pipe(
              Effect.zipRight(Deferred.await(left)),
              Effect.as({ status: 200, body: "" }),
              Effect.onExit((exit) => Deferred.succeed(told, Exit.isSuccess(exit)))
            )
          yield* Effect.gen(function*() {
            yield* TestClock.setTime(now)
            const client = yield* Effect.fork(upload)
            yield* Deferred.await(calling)
            yield* Fiber.interrupt(client)
            // On a port the server has seen by the next answer that the client is gone.
            yield* Effect.repeat(support.manage("GET", "/bucket/list"), { times: 3 })
            yield* Deferred.succeed(left, undefined)
            assert.isTrue(yield* Deferred.await(told))
            assert.strictEqual((yield* stored("key")).content.toString(), "hello")
          }).pipe(Effect.provide(layer({ web })))
        })
    )
  })

  it.effect("fails without a call when it is no HTTP URL", () =>
    run([], {}, (calls) =>
      Effect.gen(function*() {
        for (const callbackUrl of ["cb.test", "file:///etc/passwd", "http://", "/cb"]) {
          assert.strictEqual((yield* put({ ...policy, callbackUrl, overwrite: 1 }, "x")).status, 579)
        }
        assert.strictEqual((yield* stored("key")).info.size, 1)
        assert.deepStrictEqual(calls, [])
      })))

  it.effect("fails when the option's function is mistaken", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      assert.deepStrictEqual(error(yield* put(policy, "x")), [579, "Callback Failed: The Server Cannot Be Reached"])
    }).pipe(
      Effect.provide(inProcess({
        web: () => {
          throw new Error("mistaken")
        }
      })),
      Logger.withMinimumLogLevel(LogLevel.None)
    ))

  both("fails when there is nobody to call", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(error(yield* put(policy, "x")), [579, "Callback Failed: The Server Cannot Be Reached"])
      assert.strictEqual((yield* stored("key")).info.size, 1)
    }), { web: () => Effect.fail("unreachable") })
})

describe("bodies", () => {
  both("are bounded while they are read", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* put({ scope: "demo:a" }, bytes(1000))).status, 200)
      const declared = yield* put({ scope: "demo:b" }, bytes(3000))
      assert.deepStrictEqual(error(declared), [413, "Request Entity Too Large"])
      const body = support.multipart([["token", uploadToken({ scope: "demo:c" })], ["file", bytes(3000), "f"]])
      const streamed = yield* support.send("POST", "/file/upload", {
        headers: { "Content-Type": "multipart/form-data; boundary=boundary" },
        body: Stream.fromIterable([body.subarray(0, 1500), body.subarray(1500, 2500), body.subarray(2500)])
      })
      assert.strictEqual(streamed.status, 413)
      assert.strictEqual((yield* (yield* Emulator.Emulator).objects("demo")).length, 1)
    }), { maxBodySize: 2000 })
})
