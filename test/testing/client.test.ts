import { HttpBody, HttpClient, HttpClientRequest } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, FastCheck, Fiber, Layer, Option, Stream, TestClock } from "effect"
import { Emulator, EmulatorAddress, EmulatorClient, Fault } from "effect-wcs/testing"
import * as support from "./support.ts"
import { bytes, entry, etag, inProcess, manage, multipart, now, pieceSize, send, uploadToken } from "./support.ts"

const upload = (body: HttpBody.HttpBody, headers: Record<string, string> = {}) =>
  HttpClient.execute(
    HttpClientRequest.post("http://anywhere.test/file/upload").pipe(
      HttpClientRequest.setBody(body),
      HttpClientRequest.setHeaders(headers)
    )
  )

const parts = multipart([["token", uploadToken({ scope: "demo:key", overwrite: 1 })], ["file", "hello world", "f.txt"]])
const type = "multipart/form-data; boundary=boundary"
const answer = "aGFzaD1GaXF1YkRYSlQ4LTBGZHZwWDBDTG5Pa2U2RWJ0"

describe("EmulatorClient", () => {
  it.effect("sends bodies of every kind", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const formData = new FormData()
      formData.append("token", uploadToken({ scope: "demo:key", overwrite: 1 }))
      formData.append("file", new Blob(["hello world"]), "目录.txt")
      const raw = (body: unknown) => HttpBody.raw(body, { contentType: type })
      const bodies = [
        HttpBody.uint8Array(parts, type),
        HttpBody.stream(Stream.fromIterable(Array.from(parts, (byte) => Uint8Array.of(byte))), type),
        HttpBody.stream(Stream.make(parts), type, parts.length),
        HttpBody.formData(formData),
        raw(new TextDecoder().decode(parts)),
        raw(parts),
        raw(new Uint8Array(parts).buffer),
        raw(new Blob([new Uint8Array(parts)])),
        raw(new Response(new Uint8Array(parts)).body),
        raw((async function*() {
          yield parts.subarray(0, 10)
          yield parts.subarray(10)
        })())
      ]
      for (const body of bodies) {
        assert.strictEqual(yield* (yield* upload(body)).text, answer)
      }
      assert.strictEqual((yield* upload(HttpBody.empty)).status, 400)
    }).pipe(Effect.provide(inProcess())))

  it.effect("breaks off when a body fails or ends before its length", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const emulator = yield* Emulator.Emulator
      const half = Stream.make(parts.subarray(0, parts.length - 5))
      for (
        const body of [
          HttpBody.stream(Stream.concat(half, Stream.fail("disk on fire")), type),
          HttpBody.stream(half, type, parts.length),
          HttpBody.stream(Stream.make(parts, Uint8Array.of(0)), type, parts.length)
        ]
      ) {
        const error = yield* Effect.flip(upload(body))
        assert.deepStrictEqual([error._tag, error.reason], ["RequestError", "Transport"])
      }
      assert.deepStrictEqual(yield* emulator.objects("demo"), [])
    }).pipe(Effect.provide(inProcess())))

  it.effect("pulls a body as it is stored, and stops when it is interrupted", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const emulator = yield* Emulator.Emulator
      let pulled = 0
      let finalized = false
      const endless = Stream.make(parts.subarray(0, parts.length - 20)).pipe(
        Stream.concat(Stream.repeatEffect(Effect.sync(() => {
          pulled++
          return bytes(1000)
        }))),
        Stream.tap(() => pulled > 100 ? Effect.never : Effect.void),
        Stream.ensuring(Effect.sync(() => {
          finalized = true
        }))
      )
      const fiber = yield* Effect.fork(upload(HttpBody.stream(endless, type)))
      yield* Effect.repeat(Effect.yieldNow(), { until: () => pulled > 100 })
      assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(fiber)))
      assert.isTrue(finalized)
      assert.deepStrictEqual(yield* emulator.objects("demo"), [])
    }).pipe(Effect.provide(inProcess())))

  it.effect("streams answers", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* emulator.putObject({ bucket: "demo", key: "key" }, bytes(3_000_000))
      const response = yield* HttpClient.get("http://wcs.test/download/demo/key")
      const first = yield* Stream.runHead(response.stream)
      assert.isBelow(Option.getOrThrow(first).length, 1_000_000)
    }).pipe(Effect.provide(inProcess())))

  it.effect("waits on the test's clock alone", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* emulator.addFault(Fault.on("any", Fault.delay("1 hour")))
      const fiber = yield* Effect.fork(send("GET", "/nothing"))
      yield* TestClock.adjust("59 minutes")
      assert.isTrue(Option.isNone(yield* Fiber.poll(fiber)))
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* Fiber.join(fiber)).status, 404)
    }).pipe(Effect.provide(inProcess())))

  it.effect("tells where it is", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* EmulatorAddress.EmulatorAddress, {
        uploadUrl: EmulatorClient.origin,
        managementUrl: EmulatorClient.origin,
        downloadUrl: `${EmulatorClient.origin}/download/{bucket}`,
        accessKey: "ak",
        secretKey: "sk",
        buckets: ["media"]
      })
    }).pipe(Effect.provide(inProcess({ accessKey: "ak", secretKey: "sk", buckets: ["media"] }))))

  it.effect("keeps two emulators apart", () =>
    Effect.gen(function*() {
      const put = Effect.flatMap(Emulator.Emulator, (emulator) =>
        Effect.zipRight(emulator.putObject({ bucket: "demo", key: "a" }, "x"), emulator.objects("demo")))
      const count = Effect.map(
        Effect.flatMap(Emulator.Emulator, ({ objects }) =>
          objects("demo")),
        ({ length }) => length
      )
      assert.strictEqual((yield* Effect.provide(put, Layer.fresh(Emulator.layerMemory()))).length, 1)
      assert.strictEqual(yield* Effect.provide(count, Layer.fresh(Emulator.layerMemory())), 0)
    }))
})

describe("what goes up comes down", () => {
  it.effect.prop(
    "as a form, and in blocks however they are cut",
    [
      FastCheck.uint8Array({ maxLength: 5000 }),
      FastCheck.array(FastCheck.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 5 })
    ],
    ([content, cuts]) =>
      Effect.gen(function*() {
        yield* TestClock.setTime(now)
        yield* support.put({ scope: "demo:form" }, content)
        assert.deepStrictEqual((yield* send("GET", "/download/demo/form")).body, new Uint8Array(content))
        assert.strictEqual((yield* manage("GET", `/stat/${entry("demo", "form")}`)).json.hash, etag(content))
        if (content.length === 0) return

        let ctx = ""
        for (let offset = 0, i = 0; offset < content.length; i++) {
          const chunk = content.subarray(offset, offset + cuts[i % cuts.length]!)
          const answer = offset === 0
            ? yield* support.mkblk({ size: content.length, chunk })
            : yield* support.bput({ ctx, offset, chunk })
          offset += chunk.length
          ctx = answer.json.ctx
          assert.deepStrictEqual(answer.json, {
            ctx,
            checksum: support.md5(chunk),
            crc32: support.crc32(chunk),
            offset
          })
        }
        const done = yield* support.mkfile({ path: String(content.length), ctxs: [ctx] })
        assert.strictEqual(done.json.hash, etag(content))
        assert.deepStrictEqual((yield* send("GET", "/download/demo/key")).body, new Uint8Array(content))
      }).pipe(Effect.provide(inProcess())),
    { fastCheck: { numRuns: 25 } }
  )

  it.effect("in many blocks at once", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const content = bytes(5 * pieceSize + 1234)
      const ctxs = yield* Effect.forEach(
        [5, 3, 0, 1, 4, 2],
        (order) =>
          Effect.map(
            support.mkblk({ order, chunk: content.subarray(order * pieceSize, (order + 1) * pieceSize) }),
            ({ json }) => [order, json.ctx] as const
          ),
        { concurrency: 3 }
      )
      const sorted = ctxs.toSorted(([a], [b]) => a - b).map(([, ctx]) => ctx)
      const done = yield* support.mkfile({ path: String(content.length), ctxs: sorted })
      assert.strictEqual(done.json.hash, etag(content))
      assert.strictEqual(Buffer.compare((yield* send("GET", "/download/demo/key")).body, content), 0)
    }).pipe(Effect.provide(inProcess())))
})
