/** Asynchronous tasks over a recording client: what is sent, when it is sent again, how long is waited. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Option, Schedule, TestClock } from "effect"
import { FileManager, Media, MediaPipeline, Polling, Retry } from "effect-wcs"
import * as recording from "../support/recording.ts"

const object = { bucket: "b", key: "k" }
const elsewhere = { from: object, to: { bucket: "c" } }
const accepted = () => Response.json({ persistentId: "2001" })
const document = (code: number, items: ReadonlyArray<unknown> = []) =>
  Response.json({ id: "2001", code, desc: "", items })

const files = <A, E>(use: (files: FileManager.FileManager["Type"]) => Effect.Effect<A, E>) =>
  Effect.flatMap(FileManager.FileManager, use)
const media = <A, E>(use: (media: Media.Media["Type"]) => Effect.Effect<A, E>) => Effect.flatMap(Media.Media, use)

const at = (reply: (nth: number) => recording.Reply, options = {}) => {
  const { layer, sent } = recording.client((_, nth) => reply(nth))
  return { sent, layer: recording.services(layer, options) }
}

const bodies = (sent: ReadonlyArray<recording.Sent>) => sent.map(({ body }) => Buffer.from(body).toString())

/** Runs an effect with waits that pass by themselves. */
const waiting = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(effect)
    yield* TestClock.adjust("2 hours")
    return yield* Fiber.join(fiber)
  })

describe("a start", () => {
  it.effect("joins its commands, and takes what it does not say from the settings", () => {
    const { layer, sent } = at(accepted, { tasks: { notifyUrl: "http://n.test/", force: true, separate: true } })
    return Effect.gen(function*() {
      assert.strictEqual(yield* files((files) => files.delete([object, { bucket: "b", key: "l" }])), "2001")
      yield* files((files) =>
        files.delete([object], { force: false, separate: false, notifyUrl: "http://m.test/?a=1" })
      )
      assert.deepStrictEqual(bodies(sent), [
        "fops=bucket/Yg==/key/aw==;bucket/Yg==/key/bA==&notifyURL=aHR0cDovL24udGVzdC8=&separate=1&force=1",
        "fops=bucket/Yg==/key/aw==&notifyURL=aHR0cDovL20udGVzdC8_YT0x&separate=0&force=0"
      ])
      assert.isTrue(sent.every(({ headers }) => headers["authorization"]?.startsWith(`${recording.accessKey}:`)))
    }).pipe(Effect.provide(layer))
  })

  it.effect("with nothing to do, or one bad command among good ones, sends nothing", () => {
    const { layer, sent } = at(accepted)
    return Effect.gen(function*() {
      assert.include(yield* Effect.flip(files((files) => files.copy([]))), {
        _tag: "WcsInvalidInput",
        input: "commands"
      })
      assert.include(yield* Effect.flip(files((files) => files.delete([object, { bucket: "b", key: "" }]))), {
        _tag: "WcsInvalidInput",
        input: "key"
      })
      assert.include(yield* Effect.flip(files((files) => files.delete([object], { notifyUrl: "n.test" }))), {
        _tag: "WcsInvalidInput",
        input: "notifyUrl"
      })
      assert.include(yield* Effect.flip(media((media) => media.process(object, []))), {
        _tag: "WcsInvalidInput",
        input: "pipeline"
      })
      assert.isEmpty(sent)
    }).pipe(Effect.provide(layer))
  })

  const starts: ReadonlyArray<
    readonly [
      what: string,
      sends: number,
      Effect.Effect<string, unknown, FileManager.FileManager | Media.Media>
    ]
  > = [
    ["a move", 1, files((files) => files.move([elsewhere], { force: true }))],
    ["a copy", 1, files((files) => files.copy([elsewhere]))],
    ["a copy that replaces its target", 1, files((files) => files.copy([elsewhere], { force: true }))],
    ["a fetch", 1, files((files) => files.fetch([{ url: "http://a.test/", to: object }]))],
    ["a deletion", 4, files((files) => files.delete([object]))],
    ["a media command", 1, media((media) => media.process(object, MediaPipeline.raw("avthumb/mp4")))],
    [
      "a media command that replaces its target",
      1,
      media((media) => media.process(object, MediaPipeline.raw("avthumb/mp4"), { force: true }))
    ]
  ]
  for (const [what, sends, start] of starts) {
    for (const reply of ["reset", 500] as const) {
      it.effect(`whose fate is unknown (${reply}) is sent ${sends === 1 ? "once" : "again"}: ${what}`, () => {
        const { layer, sent } = at(() => typeof reply === "number" ? new Response("", { status: reply }) : reply)
        return Effect.gen(function*() {
          yield* Effect.flip(waiting(start))
          assert.lengthOf(sent, sends)
        }).pipe(Effect.provide(layer))
      })
    }
    it.effect(`that was throttled is sent again: ${what}`, () => {
      const { layer, sent } = at((nth) => nth < 2 ? new Response("", { status: 503 }) : accepted())
      return Effect.gen(function*() {
        assert.strictEqual(yield* waiting(start), "2001")
        assert.lengthOf(sent, 3)
      }).pipe(Effect.provide(layer))
    })
  }
})

describe("await", () => {
  it.effect("asks until the end, and tells which commands failed", () => {
    const { layer, sent } = at((nth) =>
      nth < 4
        ? document(Math.min(nth, 1))
        : document(3, [{ cmd: "a", code: 3, key: "x" }, { cmd: "b", code: 2, error: "no such file" }, {
          cmd: "c",
          code: 4
        }])
    )
    return Effect.gen(function*() {
      const report = yield* waiting(files((files) => files.await("2001")))
      assert.deepStrictEqual(report.succeeded.map(({ command }) => command), ["a"])
      assert.deepStrictEqual(report.failed.map(({ command, state }) => [command, state]), [["b", "failed"], [
        "c",
        "unknown"
      ]])
      assert.lengthOf(sent, 5)
      assert.isTrue(
        sent.every(({ headers, url }) =>
          headers["authorization"] === undefined && url.href === "http://mgr.test/fmgr/status?persistentId=2001"
        )
      )
    }).pipe(Effect.provide(layer))
  })

  it.effect("waits between its questions, longer and longer", () => {
    const { layer, sent } = at(() => document(1))
    return Effect.gen(function*() {
      const fiber = yield* Effect.fork(files((files) => files.await("2001")))
      yield* TestClock.adjust("399 millis")
      assert.lengthOf(sent, 1)
      yield* TestClock.adjust("10 seconds")
      assert.isBelow(sent.length, 9)
      yield* TestClock.adjust("10 minutes")
      const before = sent.length
      yield* TestClock.adjust("1 minute")
      assert.isAtMost(sent.length - before, 5)
      yield* Fiber.interrupt(fiber)
    }).pipe(Effect.provide(layer))
  })

  it.effect("ends with WcsTaskPending when its schedule does", () => {
    const { layer, sent } = at(() => document(1))
    return Effect.gen(function*() {
      assert.include(yield* Effect.flip(waiting(files((files) => files.await("2001")))), {
        _tag: "WcsTaskPending",
        persistentId: "2001",
        state: "running"
      })
      const asked = sent.length
      yield* Effect.flip(
        waiting(
          media((media) =>
            media.await("2001", { schedule: Schedule.spaced("1 second").pipe(Schedule.upTo("5 seconds")) })
          )
        )
      )
      assert.isAtMost(sent.length - asked, 8)
      assert.strictEqual(sent.at(-1)?.url.pathname, "/status/get/prefop")
    }).pipe(Effect.provide(layer))
  })

  it.effect("asks for as long as is said, and a last time then", () => {
    const { layer, sent } = at(() => document(1))
    return Effect.gen(function*() {
      const pending = (seconds: number) =>
        Effect.fork(Effect.flip(files((files) => files.await("2001", { schedule: Polling.upTo(seconds * 1000) }))))
      yield* Fiber.join(yield* pending(0))
      assert.lengthOf(sent, 1)
      const fiber = yield* pending(100)
      yield* TestClock.adjust("99999 millis")
      const before = sent.length
      assert.isTrue(Option.isNone(yield* Fiber.poll(fiber)))
      yield* TestClock.adjust("1 millis")
      assert.include(yield* Fiber.join(fiber), { _tag: "WcsTaskPending", state: "running" })
      assert.lengthOf(sent, before + 1)
    }).pipe(Effect.provide(layer))
  })

  it.effect("gets over a failure of one question, and not over an unknown id", () => {
    const { layer } = at((nth) => nth === 1 ? "reset" : document(nth < 3 ? 1 : 3))
    const unknown = at(() => Response.json({ code: "404", message: "no such task" }, { status: 404 }))
    return Effect.gen(function*() {
      assert.isEmpty((yield* waiting(files((files) => files.await("2001")))).items)
      const error = yield* Effect.flip(
        Effect.provide(waiting(files((files) => files.await("2001"))), unknown.layer)
      )
      assert.include(error, { _tag: "WcsNotFound", operation: "fmgr/status" })
      assert.lengthOf(unknown.sent, 1)
    }).pipe(Effect.provide(layer))
  })

  for (const id of ["", "\ud800", "x".repeat(2000)]) {
    it.effect(`refuses the id ${JSON.stringify(id.slice(0, 9))}`, () => {
      const { layer, sent } = at(() => document(3))
      return Effect.gen(function*() {
        assert.include(yield* Effect.flip(files((files) => files.await(id))), {
          _tag: "WcsInvalidInput",
          input: "persistentId"
        })
        assert.isEmpty(sent)
      }).pipe(Effect.provide(layer))
    })
  }
})

it.effect("a schedule of the program's own takes the place of the settings'", () => {
  const { layer, sent } = at(() => "reset")
  return Effect.gen(function*() {
    yield* Effect.flip(
      Retry.withSchedules({ request: Schedule.recurs(1) })(files((files) => files.delete([object])))
    )
    assert.lengthOf(sent, 2)
  }).pipe(Effect.provide(layer))
})
