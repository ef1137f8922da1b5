/** What the service tells a customer's server, and how that server reads it. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import type { Callbacks as Incoming, Task, UploadPolicy } from "effect-wcs"
import { CallbackBody, Callbacks, MediaPipeline, ReturnBody, Uploader } from "effect-wcs"
import type { EmulatorOptions } from "effect-wcs/testing"
import { inTime } from "../support/clock.ts"
import { at, files, given, keys, media, service, textOf } from "./support.ts"

const urls = ["http://cb.test:8080/n", "http://cb.test/n?x=1&y=a%20b", "https://cb.test/目录?中=文1+1#part"]

/** A customer's server: what it was told, and what it answers, at last with 200. */
const customer = (...statuses: ReadonlyArray<number>) => {
  const told: Array<Incoming.IncomingCallback> = []
  const web = ({ body = "", headers, url }: EmulatorOptions.WebRequest) =>
    Effect.sync((): EmulatorOptions.WebResponse => {
      const nth = told.push({ url, authorization: headers["authorization"], body }) - 1
      return { status: statuses[nth] ?? 200, body: JSON.stringify({ answer: nth }) }
    })
  return { told, web }
}

const callbacks = <A, E>(use: (callbacks: Callbacks.Callbacks["Type"]) => Effect.Effect<A, E>) =>
  Effect.flatMap(Callbacks.Callbacks, use)

const notifications = (told: ReadonlyArray<Incoming.IncomingCallback>) =>
  callbacks((callbacks) => Effect.forEach(told, callbacks.notification))

/** Waits until a task has told all that it has to tell. */
const toldOf = (status: Effect.Effect<Task.TaskStatus, unknown, any>) =>
  inTime(Effect.repeat(Effect.delay(status, "10 seconds"), {
    until: ({ state }) => state === "notified" || state === "notification-failed"
  }))

const transfers = ["a", "none", "b"].map((key) => ({ from: at(key), to: at(`${key}2`) }))

const given3 = given({ a: "1", b: "22" })

describe("a file task's notification", () => {
  for (const url of urls) {
    for (const callbackSignature of ["url", "path"] as const) {
      const { told, web } = customer()
      it.effect(`to ${url} is read, whether its ${callbackSignature} is signed`, () =>
        Effect.gen(function*() {
          yield* given3
          const id = yield* files((files) => files.copy(transfers, { notifyUrl: url }))
          const report = yield* inTime(files((files) => files.await(id)))
          const last = yield* toldOf(files((files) => files.status(id)))
          assert.strictEqual(last.state, "notified")
          assert.deepStrictEqual(
            (yield* notifications(told)).map(({ id, items, state }) => ({ id, items, state })),
            [{ id, items: report.items, state: "done" }]
          )
          assert.deepStrictEqual(report.items.map(({ state }) => state), ["succeeded", "failed", "succeeded"])
        }).pipe(Effect.provide(service({ web, strictness: { callbackSignature } }))))
    }
  }

  it.effect("comes for each command where it is to be separate", () => {
    const { told, web } = customer()
    return Effect.gen(function*() {
      yield* given3
      const id = yield* files((files) => files.move(transfers, { notifyUrl: urls[0], separate: true }))
      const { items, state } = yield* toldOf(files((files) => files.status(id)))
      assert.strictEqual(state, "notified")
      const each = yield* notifications(told)
      assert.deepStrictEqual(each.map(({ id, state }) => [id, state]), [[id, "done"], [id, "done"], [id, "done"]])
      assert.deepStrictEqual(each.map(({ items }) => items), items.map((item) => [item]))
    }).pipe(Effect.provide(service({ web, taskDuration: "1 minute" })))
  })

  it.effect("goes where the settings say unless the call says otherwise", () => {
    const { told, web } = customer()
    return Effect.gen(function*() {
      yield* given3
      for (const options of [{}, { notifyUrl: urls[1], separate: false }]) {
        const id = yield* files((files) => files.delete([at("a"), at("b")], options))
        yield* toldOf(files((files) => files.status(id)))
      }
      assert.deepStrictEqual(told.map(({ url }) => url), [urls[0], urls[0], urls[1]])
    }).pipe(Effect.provide(service({ web, settings: { tasks: { notifyUrl: urls[0]!, separate: true } } })))
  })

  it.effect("that nobody takes does not concern who waits for the task", () => {
    const { told, web } = customer(...Array.from({ length: 8 }, () => 500))
    return Effect.gen(function*() {
      yield* given3
      const id = yield* files((files) => files.copy(transfers, { notifyUrl: urls[0] }))
      assert.lengthOf((yield* inTime(files((files) => files.await(id)))).succeeded, 2)
      assert.strictEqual((yield* toldOf(files((files) => files.status(id)))).state, "notification-failed")
      assert.lengthOf((yield* inTime(files((files) => files.await(id)))).succeeded, 2)
      assert.lengthOf(told, 8)
    }).pipe(Effect.provide(service({ web, callbackInterval: "1 minute" })))
  })

  it.effect("that was changed on its way is told from the service's own", () => {
    const { told, web } = customer()
    return Effect.gen(function*() {
      const id = yield* files((files) => files.delete([at("a")], { notifyUrl: urls[0] }))
      yield* toldOf(files((files) => files.status(id)))
      const [request] = told
      const { authorization = "", body, url } = request!
      const changed: ReadonlyArray<readonly ["Forged" | "Unsigned", Incoming.IncomingCallback]> = [
        ["Forged", { ...request!, body: body.replace(/^./, (first) => first === "e" ? "f" : "e") }],
        ["Forged", { ...request!, url: `${url}?` }],
        ["Forged", { ...request!, authorization: authorization.toUpperCase() }],
        ["Unsigned", { ...request!, authorization: undefined }]
      ]
      for (const [reason, request] of changed) {
        const error = yield* Effect.flip(callbacks((callbacks) => callbacks.notification(request)))
        assert.include(error, { _tag: "WcsBadCallback", reason })
      }
    }).pipe(Effect.provide(service({ web })))
  })
})

describe("a media task's notification", () => {
  for (const separate of [false, true]) {
    const { told, web } = customer()
    it.effect(`tells its source${separate ? ", command by command" : ""}`, () =>
      Effect.gen(function*() {
        yield* given({ v: "film" })
        const pipeline = [MediaPipeline.raw("vframe/jpg/offset/1"), MediaPipeline.raw("vframe/jpg/offset/2")]
        const id = yield* media((media) => media.process(at("v"), pipeline, { notifyUrl: urls[2], separate }))
        const { items } = yield* toldOf(media((media) => media.status(id)))
        const each = yield* notifications(told)
        assert.deepStrictEqual(each.map(({ items }) => items), separate ? items.map((item) => [item]) : [items])
        for (const { source } of each) {
          assert.deepStrictEqual(source, Option.some({ bucket: "media", key: "v", size: Option.some(4) }))
        }
      }).pipe(Effect.provide(service({ web }))))
  }
})

describe("an upload", () => {
  const content = new TextEncoder().encode("hello world")
  const hard = "目录/a b #1.bin"

  const callbackBody = CallbackBody.struct({
    bucket: ReturnBody.bucket,
    key: ReturnBody.key,
    size: ReturnBody.fsize,
    etag: ReturnBody.hash,
    who: ReturnBody.custom("who")
  })

  const put = <Body>(method: "form" | "block", policy: UploadPolicy.UploadPolicy<Body>, key = hard) =>
    Effect.flatMap(
      Uploader.Uploader,
      (uploader) => uploader.putBytes(content, at(key), { method, policy, custom: { who: "ann = 李" } })
    )

  for (const method of ["form", "block"] as const) {
    for (const url of urls) {
      it.effect(`tells its callback to ${url}, and its client the answer (${method})`, () => {
        const { told, web } = customer()
        return Effect.gen(function*() {
          const receipt = yield* put(method, { callbackUrl: url, callbackBody })
          assert.deepStrictEqual(receipt.body, { answer: 0 })
          assert.strictEqual(receipt.verified, "etag")
          assert.lengthOf(told, 1)
          assert.deepStrictEqual(yield* callbacks((callbacks) => callbacks.upload(told[0]!, callbackBody)), {
            bucket: "media",
            key: hard,
            size: content.length,
            etag: receipt.etag!,
            who: "ann = 李"
          })
        }).pipe(Effect.provide(service({ web })))
      })
    }

    it.effect(`whose callback nobody takes is stored all the same (${method})`, () => {
      const { told, web } = customer(...Array.from({ length: 8 }, () => 403))
      return Effect.gen(function*() {
        const error = yield* Effect.flip(put(method, { callbackUrl: urls[0]!, callbackBody }))
        assert.include(error, { _tag: "WcsCallbackFailed", status: 579 })
        assert.lengthOf(told, 8)
        assert.deepStrictEqual(yield* keys(), [hard])
      }).pipe(Effect.provide(service({ web })))
    })

    it.effect(`starts the media commands of its policy, and tells their task (${method})`, () => {
      const { told, web } = customer()
      return Effect.gen(function*() {
        const { body } = yield* put(method, {
          persistentOps: [
            MediaPipeline.vframe({ format: "jpg", offset: 1 }).pipe(MediaPipeline.saveAs(at("frame & co", "archive"))),
            MediaPipeline.avthumb({ format: "mp4", watermark: { text: "© 1/2;3" } }).pipe(
              MediaPipeline.saveAs(at("film.mp4"))
            )
          ],
          persistentNotifyUrl: urls[2]!,
          separate: true,
          returnBody: ReturnBody.struct({ id: ReturnBody.persistentId, key: ReturnBody.key })
        })
        assert.strictEqual(body.key, hard)
        const report = yield* inTime(media((media) => media.await(body.id)))
        assert.deepStrictEqual(report.succeeded.map(({ key }) => Option.getOrThrow(key)), ["frame & co", "film.mp4"])
        assert.deepStrictEqual(
          report.source,
          Option.some({ bucket: "media", key: hard, size: Option.some(content.length) })
        )
        assert.strictEqual(JSON.parse(yield* textOf("frame & co", "archive")).source.key, hard)
        yield* toldOf(media((media) => media.status(body.id)))
        const each = yield* notifications(told)
        assert.deepStrictEqual(each.map(({ items }) => items), report.items.map((item) => [item]))
      }).pipe(Effect.provide(service({ web, taskDelay: "10 seconds", taskDuration: "10 seconds" })))
    })
  }

  it.effect("whose file has a name with members of its own cannot pass for another", () => {
    const { told, web } = customer()
    const sized = CallbackBody.struct({ size: ReturnBody.fsize, name: ReturnBody.fname })
    return Effect.gen(function*() {
      const policy = { callbackUrl: urls[0]!, callbackBody: sized }
      for (const name of ["a&size=1", "a&b", "b=c"]) {
        yield* Effect.flatMap(Uploader.Uploader, (uploader) => uploader.putFile(`/${name}`, at(name), { policy }))
      }
      const upload = (nth: number) => callbacks((callbacks) => callbacks.upload(told[nth]!, sized))
      for (const nth of [0, 1]) {
        assert.include(yield* Effect.flip(upload(nth)), { _tag: "WcsBadCallback", reason: "Undecodable" })
      }
      assert.strictEqual(yield* callbacks((callbacks) => callbacks.verify(told[0]!)), "size=3&name=a&size=1")
      assert.deepStrictEqual(yield* upload(2), { size: 5, name: "b=c" })
    }).pipe(Effect.provide(service({ web, files: { "/a&size=1": "one", "/a&b": "two", "/b=c": "three" } })))
  })

  it.effect("of a policy with commands that cannot be is refused before anything is sent", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(put("form", { persistentOps: MediaPipeline.raw("a;b") }))
      assert.include(error, { _tag: "WcsInvalidInput", input: "policy.persistentOps" })
    }).pipe(Effect.provide(service())))
})
