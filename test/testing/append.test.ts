import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Stream, TestClock } from "effect"
import type { EmulatorOptions } from "effect-wcs/testing"
import { Emulator, EmulatorClient, EmulatorStorage, EmulatorStorageMemory } from "effect-wcs/testing"
import * as DigestWasm from "../../src/layers/DigestWasm.ts"
import * as support from "./support.ts"
import {
  b64u,
  both,
  bytes,
  entry,
  etag,
  inProcess,
  manage,
  now,
  pieceSize,
  send,
  unb64u,
  uploadToken
} from "./support.ts"

const append = (
  position: number | string,
  content: string | Uint8Array,
  policy: Record<string, unknown> = {},
  parts: ReadonlyArray<support.Part> = []
) =>
  send("POST", `/append/${position}`, {
    headers: { "Content-Type": "multipart/form-data; boundary=boundary" },
    body: support.multipart([
      ["token", uploadToken({ scope: "demo:log", ...policy })],
      ...parts,
      ["file", content, "a.log", "text/plain"]
    ])
  })

const told = ({ headers }: support.Answer) => [
  headers["x-wcs-object-type"],
  headers["x-wcs-next-append-position"]
]

/** What was refused, and where the next append goes instead. */
const refusal = (answer: support.Answer) => {
  assert.strictEqual(answer.json.code, String(answer.status))
  return [answer.status, answer.json.message, answer.headers["x-wcs-next-append-position"]]
}

const stat = (key = "log") => manage("GET", `/stat/${entry("demo", key)}`)

const stored = Effect.flatMap(Emulator.Emulator, (emulator) =>
  Effect.map(
    Stream.runCollect(emulator.content({ bucket: "demo", key: "log" })),
    (pieces) => Buffer.concat(Array.from(pieces))
  ))

const alone =
  (test: () => Effect.Effect<void, unknown, support.Services>, options?: EmulatorOptions.EmulatorOptions) => () =>
    Effect.provide(Effect.zipRight(TestClock.setTime(now), test()), inProcess(options))

describe("append", () => {
  both("creates an object and lets it grow", () =>
    Effect.gen(function*() {
      const first = yield* append(0, "hello ")
      assert.strictEqual(first.status, 200)
      assert.strictEqual(unb64u(first.text), `hash=${etag(Buffer.from("hello "))}`)
      assert.deepStrictEqual(told(first), ["Appendable", "6"])
      yield* TestClock.adjust("10 seconds")
      const second = yield* append(6, "world")
      assert.strictEqual(unb64u(second.text), `hash=${etag(Buffer.from("hello world"))}`)
      assert.deepStrictEqual(told(second), ["Appendable", "11"])
      const described = yield* stat()
      assert.deepStrictEqual(told(described), ["Appendable", "11"])
      assert.deepInclude(described.json, {
        fsize: 11,
        hash: etag(Buffer.from("hello world")),
        mimeType: "text/plain",
        putTime: now - now % 1000 + 10_000
      })
      for (const method of ["GET", "HEAD"] as const) {
        assert.deepStrictEqual(told(yield* send(method, "/download/demo/log")), ["Appendable", "11"])
      }
      const part = yield* send("GET", "/download/demo/log", { headers: { Range: "bytes=4-7" } })
      assert.strictEqual(part.text, "o wo")
      assert.deepStrictEqual(told(part), ["Appendable", "11"])
    }))

  both("says nothing of it for other objects", () =>
    Effect.gen(function*() {
      yield* support.put({ scope: "demo:log" }, "x")
      assert.deepStrictEqual(told(yield* stat()), [undefined, undefined])
      assert.deepStrictEqual(told(yield* send("GET", "/download/demo/log")), [undefined, undefined])
    }))

  both("goes to the end and nowhere else", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(refusal(yield* append(1, "x")), [409, "PositionNotEqualToLength", "0"])
      yield* append(0, "abc")
      for (const position of [0, 2, 4]) {
        assert.deepStrictEqual(refusal(yield* append(position, "x")), [409, "PositionNotEqualToLength", "3"])
      }
      for (const position of ["-1", "x", "1.0", "9".repeat(16)]) {
        assert.deepStrictEqual(refusal(yield* append(position, "x")), [400, "Invalid Position", undefined])
      }
      assert.strictEqual((yield* stored).toString(), "abc")
      yield* support.put({ scope: "demo:log", overwrite: 1 }, "abc")
      for (const position of [0, 3]) {
        const answer = yield* append(position, "x")
        assert.deepStrictEqual(refusal(answer), [409, "PositionNotEqualToLength", undefined])
        assert.strictEqual(answer.headers["x-emulator-hint"], "the object is not appendable")
      }
      assert.strictEqual((yield* stored).toString(), "abc")
    }))

  both("of nothing creates, and changes nothing after", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(told(yield* append(0, "")), ["Appendable", "0"])
      assert.deepStrictEqual(told(yield* append(0, "abc")), ["Appendable", "3"])
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(told(yield* append(3, "", { deadline: String(now + 7_200_000) })), ["Appendable", "3"])
      assert.strictEqual((yield* stat()).json.putTime, now - now % 1000)
    }))

  it.effect(
    "has the etag of all its bytes, however they came",
    alone(() =>
      Effect.gen(function*() {
        const content = bytes(2 * pieceSize + 7)
        let position = 0
        for (const size of [1, pieceSize - 1, 3, pieceSize - 4, 8]) {
          const answer = yield* append(position, content.subarray(position, position + size))
          position += size
          assert.strictEqual(unb64u(answer.text), `hash=${etag(content.subarray(0, position))}`, String(position))
        }
        assert.strictEqual(Buffer.compare(yield* stored, content), 0)
        const part = yield* send("GET", "/download/demo/log", { headers: { Range: `bytes=0-${pieceSize}` } })
        assert.strictEqual(Buffer.compare(part.body, content.subarray(0, pieceSize + 1)), 0)
      })
    )
  )

  it.effect(
    "may have a hash that is something else",
    alone(() =>
      Effect.gen(function*() {
        yield* append(0, "hello ")
        const answer = unb64u((yield* append(6, "world")).text)
        assert.match(answer, /^hash=F[\w-]{27}$/)
        assert.notStrictEqual(answer, `hash=${etag(Buffer.from("hello world"))}`)
        assert.strictEqual(`hash=${(yield* stat()).json.hash}`, answer)
      }), { strictness: { appendedHash: "other" } })
  )

  /** A storage that takes a second before it reads, so that all who ask have asked before the first is done. */
  const slow = Layer.effect(
    EmulatorStorage.EmulatorStorage,
    Effect.map(EmulatorStorageMemory.make, (storage) => ({
      ...storage,
      read: (...given: Parameters<typeof storage.read>) =>
        Stream.unwrap(Effect.as(Effect.sleep("1 second"), storage.read(...given)))
    }))
  )

  it.effect.each([0, 5])("is one at a time: of many at position %i one wins", (position) =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const emulator = yield* Emulator.Emulator
      const appendAll = (position: number, contents: ReadonlyArray<string>) =>
        Effect.gen(function*() {
          const fiber = yield* Effect.fork(
            Effect.forEach(contents, (content) => append(position, content), { concurrency: "unbounded" })
          )
          yield* TestClock.adjust("1 second")
          return yield* Fiber.join(fiber)
        })
      if (position > 0) yield* appendAll(0, ["start"])
      const contents = ["a", "bb", "ccc", "dddd", "eeeee"]
      const answers = yield* appendAll(position, contents)
      const won = answers.findIndex(({ status }) => status === 200)
      const size = position + contents[won]!.length
      assert.deepStrictEqual(
        answers.map((answer) => answer.status === 200 ? told(answer) : refusal(answer)),
        contents.map((_, at) =>
          at === won ? ["Appendable", String(size)] : [409, "PositionNotEqualToLength", String(size)]
        )
      )
      const [object] = yield* emulator.objects("demo")
      assert.strictEqual(object?.size, size)
      assert.strictEqual(object?.etag, etag(Buffer.from(`${position > 0 ? "start" : ""}${contents[won]}`)))
    }).pipe(Effect.provide(
      Layer.provideMerge(EmulatorClient.layer, Emulator.layer().pipe(Layer.provide([slow, DigestWasm.layer])))
    )))

  it.effect(
    "is not in the way of a new deadline",
    alone(() =>
      Effect.gen(function*() {
        const day = 86_400_000
        const expiresAt = Effect.map(
          Effect.flatMap(Emulator.Emulator, (emulator) => emulator.objects("demo")),
          ([object]) => object?.expiresAt
        )
        yield* append(0, "a", {}, [["deadline", "2"]])
        assert.strictEqual(yield* expiresAt, now + 2 * day)
        yield* append(1, "b")
        assert.strictEqual(yield* expiresAt, now + 2 * day)
        yield* append(2, "c", {}, [["deleteAfterDays", "5"]])
        assert.strictEqual(yield* expiresAt, now + 5 * day)
        yield* manage("POST", "/setdeadline", `bucket=${b64u("demo")}&key=${b64u("log")}&deadline=1`)
        yield* append(3, "d")
        assert.strictEqual(yield* expiresAt, now + day)
        assert.strictEqual((yield* append(4, "e", {}, [["deadline", "x"]])).status, 400)
        yield* append(4, "e", {}, [["deadline", "-1"]])
        assert.strictEqual(yield* expiresAt, undefined)
        assert.strictEqual((yield* stored).toString(), "abcde")
      })
    )
  )

  it.effect(
    "is allowed and answered as a form is",
    alone(() =>
      Effect.gen(function*() {
        const answer = yield* append(0, "abc", {
          scope: "demo",
          returnBody: "key=$(key)&size=$(fsize)&type=$(mimeType)&who=$(x:who)"
        }, [["key", "log"], ["x:who", "ann"], ["mimeType", "a/b"]])
        assert.strictEqual(unb64u(answer.text), `key=log&size=3&type=a/b&who=ann&hash=${etag(Buffer.from("abc"))}`)
        const more = yield* append(3, "d", { returnBody: "size=$(fsize)&type=$(mimeType)" }, [["mimeType", "c/d"]])
        assert.strictEqual(unb64u(more.text), `size=4&type=a/b&hash=${etag(Buffer.from("abcd"))}`)
        const redirected = yield* append(4, "e", { returnUrl: "http://shop.example/" })
        assert.deepStrictEqual([redirected.status, ...told(redirected)], [303, "Appendable", "5"])
        const called = yield* append(5, "f", { callbackUrl: "http://shop.example/" })
        assert.strictEqual(called.status, 579)
        const fops = "avthumb/mp4"
        const started = yield* append(6, "g", { persistentOps: fops, returnBody: "id=$(persistentId)" })
        const [task] = yield* (yield* Emulator.Emulator).tasks
        assert.strictEqual(unb64u(started.text).split("&")[0], `id=${task?.id}`)
        assert.strictEqual(task?.items[0]?.cmd, fops)
        assert.strictEqual((yield* stored).toString(), "abcdefg")
      })
    )
  )

  both("obeys the policy", () =>
    Effect.gen(function*() {
      const body = (token: string) => support.multipart([["token", token], ["file", "x", "f"]])
      const with_ = (token: string) =>
        Effect.map(
          send("POST", "/append/0", {
            headers: { "Content-Type": "multipart/form-data; boundary=boundary" },
            body: body(token)
          }),
          ({ status }) => status
        )
      assert.strictEqual(yield* with_(""), 401)
      assert.strictEqual(yield* with_(uploadToken({ scope: "demo:log", deadline: String(now) })), 401)
      assert.strictEqual(yield* with_(`${uploadToken({ scope: "demo:log" })}x`), 401)
      assert.strictEqual(yield* with_(uploadToken({ scope: "nowhere:log" })), 404)
      assert.strictEqual(yield* with_(uploadToken({ scope: "demo:log/" })), 400)
      assert.strictEqual((yield* append(0, "x", {}, [["x:a", "b&c"]])).status, 400)
      assert.strictEqual((yield* append(0, "x", {}, [["mimeType", "目"]])).status, 400)
      assert.strictEqual((yield* send("POST", "/append/0", { body: "x" })).status, 400)
      assert.deepStrictEqual(yield* (yield* Emulator.Emulator).objects("demo"), [])
      // The limit is that of the object, not of the request.
      yield* append(0, "abc", { fsizeLimit: 4 })
      assert.strictEqual((yield* append(3, "de", { fsizeLimit: 4 })).status, 401)
      assert.strictEqual((yield* append(3, "d", { fsizeLimit: 4 })).status, 200)
      // It replaces nothing.
      assert.strictEqual((yield* append(0, "x", { overwrite: 1 })).status, 409)
    }))

  it.effect(
    "is bounded by itself, and not as other requests are",
    alone(() =>
      Effect.gen(function*() {
        assert.strictEqual((yield* append(0, bytes(2000))).status, 200)
        assert.deepStrictEqual(refusal(yield* append(2000, bytes(2001))), [413, "Request Entity Too Large", undefined])
        assert.strictEqual((yield* support.put({ scope: "demo:a" }, bytes(2000))).status, 413)
        assert.strictEqual((yield* stored).length, 2000)
      }), { maxBodySize: 1000, maxAppendSize: 2000 })
  )

  it.effect(
    "goes on in a copy and in what was moved, each for itself",
    alone(() =>
      Effect.gen(function*() {
        yield* append(0, "abc")
        yield* manage("POST", `/copy/${entry("demo", "log")}/${entry("demo", "copy")}`)
        assert.strictEqual((yield* append(3, "d", { scope: "demo:copy" })).status, 200)
        assert.strictEqual((yield* append(3, "efg")).status, 200)
        yield* manage("POST", `/move/${entry("demo", "copy")}/${entry("demo", "moved")}`)
        assert.strictEqual((yield* append(4, "h", { scope: "demo:moved" })).status, 200)
        assert.strictEqual((yield* stored).toString(), "abcefg")
        yield* manage("POST", `/delete/${entry("demo", "log")}`)
        assert.strictEqual((yield* send("GET", "/download/demo/moved")).text, "abcdh")
      })
    )
  )
})
