/** What a program's own tests use: a client without keys, waiting for requests, mocks, and messages that help. */
import { assert, describe, it } from "@effect/vitest"
import { Cause, DateTime, Effect, Exit, Fiber, Layer, Option, Stream } from "effect"
import {
  Callbacks,
  type Entry,
  Objects,
  ReturnBody,
  Uploader,
  UploadPolicy,
  UploadTokens,
  WcsAuthTokens
} from "effect-wcs"
import { Emulator, EmulatorRequest, Fault, WcsTest } from "effect-wcs/testing"
import { bytes, mebibyte } from "../support/content.ts"
import { emulator } from "../support/emulated.ts"
import { inProcess } from "./support.ts"

const target = { bucket: "media", key: "incoming/a.txt" }

const Service = WcsTest.layer({ buckets: ["media"], files: { "a.txt": "hello", "b/c.txt": "" } })

const putFile = (path: string, to: Uploader.UploadTarget = target) =>
  Effect.flatMap(Uploader.Uploader, (uploader) => uploader.putFile(path, to))

describe("WcsTest.layerWithoutAuth", () => {
  const issue = Effect.gen(function*() {
    const tokens = yield* UploadTokens.UploadTokens
    return (yield* tokens.issue(target, { fsizeLimit: 5 })).text
  })
  const Client = Layer.provide(WcsTest.layerWithoutAuth(), WcsAuthTokens.layer({ issue: () => issue }))

  it.effect("uploads by the server's tokens, to the server's emulator", () =>
    Effect.gen(function*() {
      const { size } = yield* Effect.provide(putFile("a.txt"), Client)
      assert.strictEqual(size, 5)
      const objects = yield* Objects.Objects
      assert.strictEqual((yield* objects.stat(target)).size, 5)
    }).pipe(Effect.provide(Service)))

  it.effect("holds no key", () =>
    Effect.gen(function*() {
      const objects = Effect.flatMap(Objects.Objects, (objects) => objects.stat(target))
      const error = yield* Effect.flip(Effect.provide(objects, Client))
      assert.strictEqual(error._tag, "WcsMissingCredentials")
      const callback = Effect.flatMap(Callbacks.Callbacks, (callbacks) =>
        callbacks.verify({ url: "http://app.example/stored", body: "", authorization: undefined }))
      assert.strictEqual((yield* Effect.flip(Effect.provide(callback, Client)))._tag, "WcsMissingCredentials")
      assert.deepStrictEqual(
        yield* emulator(({ requests }) =>
          requests
        ),
        []
      )
    }).pipe(Effect.provide(Service)))

  it.effect("goes on with the records of the client before", () =>
    Effect.gen(function*() {
      const put = Effect.flatMap(Uploader.Uploader, (uploader) =>
        uploader.putBytes(bytes(9 * mebibyte), target, { method: "block" })).pipe(
          Effect.provide(Layer.provide(
            WcsTest.layerWithoutAuth({ concurrency: 1 }),
            WcsAuthTokens.layer({
              issue: () =>
                Effect.flatMap(UploadTokens.UploadTokens, (tokens) =>
                  Effect.map(tokens.issue(target), ({ text }) => text))
            })
          ))
        )
      const { addFault, awaitRequests, clearFaults } = yield* Emulator.Emulator
      yield* addFault(Fault.on("mkblk", Fault.stall, { block: 1 }))
      const first = yield* Effect.fork(put)
      yield* awaitRequests({ operation: "mkblk", count: 2 })
      yield* Fiber.interrupt(first)
      yield* clearFaults
      assert.deepStrictEqual((yield* put).blocks, { total: 3, sent: 2, resumed: 1 })
    }).pipe(Effect.provide(Service)))
})

describe("awaitRequests", () => {
  const ask = (path: string) =>
    Effect.flatMap(Emulator.Emulator, ({ handle }) => Effect.ignore(handle(EmulatorRequest.make("GET", path))))
  const operations = Effect.map<
    ReadonlyArray<EmulatorRequest.ReceivedRequest>,
    ReadonlyArray<string>
  >((requests) => requests.map(({ operation, path }) => `${operation} ${path}`))

  it.effect("gives those that have come, and waits for those that have not", () =>
    Effect.gen(function*() {
      const { awaitRequests } = yield* Emulator.Emulator
      yield* ask("/list")
      assert.deepStrictEqual(yield* operations(awaitRequests()), ["list /list"])
      const two = yield* Effect.fork(operations(awaitRequests({ operation: "stat", count: 2 })))
      yield* Effect.yieldNow()
      yield* ask("/stat/a")
      yield* ask("/list")
      yield* Effect.yieldNow()
      assert.isTrue(Option.isNone(yield* Fiber.poll(two)))
      yield* ask("/stat/b")
      assert.deepStrictEqual(yield* Fiber.join(two), ["stat /stat/a", "stat /stat/b"])
    }).pipe(Effect.provide(inProcess())))

  it.effect("counts a request that stalls, and with `when` only an answer", () =>
    Effect.gen(function*() {
      const { addFault, awaitRequests, clearFaults } = yield* Emulator.Emulator
      yield* addFault(Fault.on("list", Fault.stall))
      const answered = yield* Effect.fork(awaitRequests({ operation: "list", when: ({ status }) => status === 401 }))
      const stalled = yield* Effect.fork(ask("/list"))
      assert.lengthOf(yield* awaitRequests({ operation: "list" }), 1)
      yield* Fiber.interrupt(stalled)
      assert.isTrue(Option.isNone(yield* Fiber.poll(answered)))
      yield* clearFaults
      yield* ask("/list")
      assert.deepStrictEqual((yield* Fiber.join(answered)).map(({ status }) => status), [401])
    }).pipe(Effect.provide(inProcess())))

  it.effect("sees with `when` how much of a body has been read, also of a request that breaks off", () =>
    Effect.gen(function*() {
      const { addFault, awaitRequests, handle } = yield* Emulator.Emulator
      yield* addFault(Fault.on("mkblk", Fault.reset({ after: 3 })))
      const read = yield* Effect.fork(awaitRequests({ when: ({ bytes }) => bytes >= 3 }))
      yield* Effect.yieldNow()
      yield* Effect.flip(handle(EmulatorRequest.make("POST", "/mkblk/4/0", { body: "four" })))
      yield* Effect.yieldNow()
      assert.isTrue(Option.isSome(yield* Fiber.poll(read)))
    }).pipe(Effect.provide(inProcess())))

  it.effect("may be given up, and waited for by several", () =>
    Effect.gen(function*() {
      const { awaitRequests, clearRequests } = yield* Emulator.Emulator
      const waiting = yield* Effect.forEach([1, 2, 3], () => Effect.fork(awaitRequests()))
      yield* Effect.yieldNow()
      assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(waiting[0]!)))
      yield* ask("/list")
      assert.lengthOf(yield* Fiber.join(waiting[1]!), 1)
      assert.lengthOf(yield* Fiber.join(waiting[2]!), 1)
      yield* clearRequests
      const next = yield* Effect.fork(awaitRequests())
      yield* Effect.yieldNow()
      assert.isTrue(Option.isNone(yield* Fiber.poll(next)))
      yield* Fiber.interrupt(next)
    }).pipe(Effect.provide(inProcess())))
})

describe("bytes and text", () => {
  it.effect("are what an object holds", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const location = { bucket: "demo", key: "a" }
      yield* emulator.putObject(location, "日本語")
      assert.strictEqual(yield* emulator.text(location), "日本語")
      yield* emulator.putObject(location, bytes(3 * mebibyte))
      assert.deepStrictEqual(yield* emulator.bytes(location), new Uint8Array(bytes(3 * mebibyte)))
    }).pipe(Effect.provide(inProcess())))

  it.effect("are a defect where there is none, which tells what is there", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const missing = (bucket: string) =>
        Effect.map(
          Effect.exit(emulator.text({ bucket, key: "a" })),
          (exit) => Exit.isFailure(exit) ? Cause.pretty(exit.cause) : ""
        )
      assert.include(yield* missing("demo"), "no object a in the bucket demo, which has none")
      yield* Effect.forEach(["b", "c", "d", "e", "f", "g"], (key) => emulator.putObject({ bucket: "demo", key }, ""))
      assert.include(yield* missing("demo"), "which has b c d e f and 1 more")
    }).pipe(Effect.provide(inProcess())))
})

describe("a mistake of the test", () => {
  it.effect("names the option of a bucket that is missing", () =>
    Effect.gen(function*() {
      const hint = "Bucket Not Found: the emulator's `buckets` are media"
      assert.include((yield* Effect.flip(putFile("a.txt", { bucket: "films", key: "a" }))).message, hint)
    }).pipe(Effect.provide(Service)))

  it.effect.each(
    [
      ["objects", ({ objects }, { bucket }) => objects(bucket)],
      ["object", ({ object }, location) => object(location)],
      ["content", ({ content }, location) => Stream.runDrain(content(location))],
      ["bytes", ({ bytes }, location) => bytes(location)],
      ["text", ({ text }, location) => text(location)],
      ["putObject", ({ putObject }, location) => putObject(location, "")],
      ["putObjects", ({ putObjects }, { bucket }) => putObjects(bucket, [])],
      ["removeObject", ({ removeObject }, location) => removeObject(location)]
    ] satisfies ReadonlyArray<
      [string, (emulator: Emulator.Emulator["Type"], at: Entry.ObjectLocation) => Effect.Effect<unknown, unknown>]
    >
  )("names the option of a bucket that is missing to %s", ([, use]) =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      for (const bucket of ["media", "theirs"]) {
        yield* emulator.putObject({ bucket, key: "a" }, "")
        yield* use(emulator, { bucket, key: "a" })
      }
      const exit = yield* Effect.exit(use(emulator, { bucket: "mdeia", key: "a" }))
      assert.include(
        Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "",
        "the emulator has no bucket mdeia: its `buckets` are media"
      )
    }).pipe(Effect.provide(inProcess({ buckets: ["media"], foreignBuckets: ["theirs"] }))))

  it.effect("names the option of a file that is missing", () =>
    Effect.gen(function*() {
      const { message } = yield* Effect.flip(putFile("c.txt"))
      assert.strictEqual(message, "c.txt: there is no such file (the option `files` has /a.txt /b/c.txt)")
    }).pipe(Effect.provide(Service)))

  it.effect("names files whatever their names", () =>
    Effect.gen(function*() {
      const { message } = yield* Effect.flip(putFile("c.txt"))
      assert.strictEqual(message, "c.txt: there is no such file (the option `files` has /a, b.txt)")
    }).pipe(Effect.provide(WcsTest.layer({ files: { "a, b.txt": "" } }))))
})

describe("what stands in for a service", () => {
  it.effect("a receipt fits the body that the program asks for", () =>
    Effect.gen(function*() {
      const uploader = yield* Uploader.Uploader
      const returnBody = ReturnBody.struct({ size: ReturnBody.fsize })
      const { body, key, ...rest } = yield* uploader.putFile("a", { bucket: "media" }, {
        policy: UploadPolicy.make({ returnBody })
      })
      assert.deepStrictEqual([body.size, key, rest.bucket, rest.verified], [12, "key", "media", "etag"])
      assert.strictEqual((yield* uploader.putBytes(bytes(1), target)).key, target.key)
    }).pipe(Effect.provide(Layer.mock(Uploader.Uploader, {
      putFile: (_, target) => Effect.succeed(WcsTest.receipt({ ...target, body: { size: 12 } })),
      putBytes: (_, target) => Effect.succeed(WcsTest.receipt(target))
    }))))

  it.effect("a receipt and an object are as those of the service", () =>
    Effect.gen(function*() {
      const target = { bucket: "demo", key: "key" }
      const uploader = yield* Uploader.Uploader
      const objects = yield* Objects.Objects
      const { body: _, ...told } = yield* uploader.putBytes(bytes(0), target, { mimeType: "application/octet-stream" })
      const { body: __, ...made } = WcsTest.receipt({ requestId: told.requestId })
      assert.deepStrictEqual(made, told)
      assert.deepStrictEqual(WcsTest.objectInfo(), { ...yield* objects.stat(target), putTime: DateTime.unsafeMake(0) })
    }).pipe(Effect.provide(WcsTest.layer())))
})
