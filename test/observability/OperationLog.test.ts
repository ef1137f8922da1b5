import { Error, FileSystem } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Duration, Effect, HashMap, Layer, Logger, LogLevel, Redacted, TestClock } from "effect"
import { Objects, OperationLog } from "effect-wcs"
import { MemoryFileSystem, WcsTest } from "effect-wcs/testing"
import * as recording from "../support/recording.ts"

const folder = "/logs/wcs"
const evening = Date.parse("2026-01-31T23:59:59.120Z")
const today = `${folder}/wcs-2026-01-31.log`

const ours = Effect.annotateLogs({ package: "effect-wcs", module: "Test" })

/** What a file holds when the writer has had its turn. */
const lines = (path: string) =>
  Effect.gen(function*() {
    yield* Effect.yieldNow({ priority: 1 })
    const fs = yield* FileSystem.FileSystem
    return (yield* fs.readFileString(path)).split("\n").slice(0, -1)
  })

/** Records what reaches a program's own logger. */
const own = () => {
  const said: Array<string> = []
  const logger = Logger.make(({ message }) => {
    said.push([message].flat().map(String).join(" "))
  })
  return { said, layer: Logger.replace(Logger.defaultLogger, logger) }
}

describe("OperationLog.toLine", () => {
  const record = {
    annotations: HashMap.make(["status", 200], ["package", "effect-wcs"], ["path", "/stat/a b"]) as HashMap.HashMap<
      string,
      unknown
    >,
    cause: Cause.empty as Cause.Cause<unknown>,
    date: new Date(evening),
    logLevel: LogLevel.Debug,
    message: ["stat:", "done"] as unknown
  }
  const options = (over: Partial<typeof record>) => ({ ...record, ...over }) as Logger.Logger.Options<unknown>

  it("is a line as the vendor's, with the facts behind", () => {
    assert.strictEqual(
      OperationLog.toLine(options({})),
      `2026-01-31 23:59:59,120 - DEBUG - stat: done path="/stat/a b" pid=${process.pid} status=200`
    )
  })

  it("is an ERROR where something failed, at whatever level that was told", () => {
    assert.match(
      OperationLog.toLine(options({ annotations: HashMap.make(["error", "WcsNotFound"]) })),
      / - ERROR - stat/
    )
  })

  it("is no ERROR where stat finds nothing, as before an upload of what is new", () => {
    const annotations = HashMap.make(["error", "WcsNotFound"], ["operation", "stat"])
    assert.match(OperationLog.toLine(options({ annotations })), / - DEBUG - stat: done error=WcsNotFound/)
  })

  it("stays one line", () => {
    const line = OperationLog.toLine(
      options({ message: "a\n2026 - ERROR - b\u2028\u001b[31m", cause: Cause.fail("x\ny") })
    )
    for (const end of ["\n", "\u2028", "\u001b"]) assert.notInclude(line, end)
    assert.include(line, "a\\u000a2026")
  })

  it("holds no secret and no token", () => {
    const sign = "NTVjZWZmOThhYjUzNTVjZWZmOThhYjUzNTVjZWZmOThhYjUzNTVjZQ=="
    const message = `ak:${sign}:eyJzY29wZSI6ImEifQ== and ak:${sign} and hush-hush`
    const line = OperationLog.toLine(options({ message, annotations: HashMap.make(["x", "hush-hush"]) }), [
      Redacted.make("hush-hush"),
      Redacted.make("")
    ])
    assert.include(line, `<redacted> and <redacted> and <redacted> pid=${process.pid} x=<redacted>`)
    assert.notMatch(line, /hush|NTVj|eyJz/)
  })

  it("holds nothing of a URL that lets its holder in, however it is written", () => {
    const urls = ["https://ann:hush@h/a?sig=hush", "HTTPS://h/?hush", "htps://ann:hush@h/a?sig=hush", "ftp://hush@h/a"]
    const message = `none of ${urls.join(" ")}: /home/ann/https:/ann:hush@h/a?sig=hush, nor wcs://media/a@b?c`
    const line = OperationLog.toLine(options({ message, annotations: HashMap.make(["target", "media:/a?b"]) }))
    assert.notInclude(line, "hush")
    for (const kept of ["https://<redacted>@h/a?<redacted>", "wcs://media/a@b?c", "target=media:/a?b"]) {
      assert.include(line, kept)
    }
  })
})

describe("OperationLog.layer", () => {
  it.effect("appends to a private file a day, and turns the page at midnight", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(evening)
      const { said, layer } = own()
      const log = Layer.provideMerge(OperationLog.layer({ folder }), layer)
      yield* Effect.gen(function*() {
        yield* ours(Effect.logDebug("before"))
        yield* Effect.logInfo("the program's own")
        assert.deepStrictEqual(yield* lines(today), [
          `2026-01-31 23:59:59,120 - DEBUG - before module=Test pid=${process.pid}`
        ])
        yield* TestClock.adjust("1 second")
        yield* ours(Effect.logInfo("after"))
      }).pipe(Effect.provide(log))
      // What was under way when the program ended is there, too.
      assert.deepStrictEqual(yield* lines(`${folder}/wcs-2026-02-01.log`), [
        `2026-02-01 00:00:00,120 - INFO - after module=Test pid=${process.pid}`
      ])
      yield* Effect.provide(ours(Effect.logInfo("again")), log)
      assert.lengthOf(yield* lines(`${folder}/wcs-2026-02-01.log`), 2)
      const fs = yield* FileSystem.FileSystem
      assert.deepStrictEqual(
        yield* Effect.forEach([folder, today], (path) => Effect.map(fs.stat(path), (_) => _.mode)),
        [
          0o700,
          0o600
        ]
      )
      // The program's own loggers hear what they heard before.
      assert.deepStrictEqual(said, ["the program's own", "after", "again"])
    }).pipe(Effect.provide(MemoryFileSystem.layer())))

  it.effect("a folder that cannot be written is told of once, and stops nothing", () =>
    Effect.gen(function*() {
      const { said, layer } = own()
      const broken = FileSystem.layerNoop({
        writeFileString: () =>
          new Error.SystemError({ reason: "NotFound", module: "FileSystem", method: "open", pathOrDescriptor: folder }),
        makeDirectory: () =>
          new Error.SystemError({
            reason: "PermissionDenied",
            module: "FileSystem",
            method: "makeDirectory",
            pathOrDescriptor: folder
          })
      })
      const turns = Effect.repeatN(
        Effect.zipRight(ours(Effect.logDebug("work")), Effect.yieldNow({ priority: 1 })),
        5
      )
      yield* Effect.provide(turns, Layer.provide(Layer.provideMerge(OperationLog.layer({ folder }), layer), broken))
      assert.deepStrictEqual(said, [
        `operations are not logged: the folder ${folder} (logger_folder) cannot be written: PermissionDenied`
      ])
    }))

  it.effect("tells what was left out where the disk cannot keep up", () =>
    Effect.gen(function*() {
      const { said, layer } = own()
      const moves = yield* Effect.makeLatch()
      let written = ""
      const slow = FileSystem.layerNoop({
        writeFileString: (_, text) =>
          Effect.zipRight(
            moves.await,
            Effect.sync(() => {
              written += text
            })
          )
      })
      yield* Effect.gen(function*() {
        yield* ours(Effect.repeatN(Effect.logDebug("work"), 10_099))
        yield* moves.open
      }).pipe(Effect.provide(Layer.provide(Layer.provideMerge(OperationLog.layer({ folder }), layer), slow)))
      const [missing = 0] = said.map((text) => Number(/^(\d+) lines of the operation log are missing$/.exec(text)?.[1]))
      assert.isAbove(missing, 0)
      assert.strictEqual(written.split("\n").length - 1 + missing, 10_100)
    }))
})

describe("attempts", () => {
  const location = { bucket: "media", key: "a.txt" }

  it.effect("each is a line with its facts, and no secret or token is in any", () =>
    Effect.gen(function*() {
      const { layer: http, sent } = recording.client((_, nth) =>
        nth === 0
          ? new Response("", { status: 503, headers: { "X-Reqid": "R1" } })
          : Response.json({ code: 404, message: `File Not Found ${recording.secretKey}` }, {
            status: 404,
            headers: { "X-Reqid": "R2" }
          })
      )
      const client = Layer.merge(
        recording.services(http),
        OperationLog.layer({ folder, secrets: [Redacted.make(recording.secretKey)] })
      )
      yield* Effect.gen(function*() {
        const objects = yield* Objects.Objects
        const fiber = yield* Effect.fork(Effect.flip(objects.stat(location)))
        yield* TestClock.adjust(Duration.minutes(1))
        assert.strictEqual((yield* fiber)._tag, "WcsNotFound")
      }).pipe(Effect.provide(client))
      const [first = "", second = "", ...others] = yield* lines(`${folder}/wcs-1970-01-01.log`)
      assert.deepStrictEqual(others, [])
      assert.lengthOf(sent, 2)
      assert.match(
        first,
        /^1970-01-01 00:00:00,000 - ERROR - stat: .*\(503\).* attempt=1 bytes=0 duration=0ms error=WcsThrottled module=WcsHttpClient operation=stat path="?\/stat\/[\w=-]+"? pid=\d+ requestId=R1 status=503 target=media:a\.txt$/
      )
      assert.match(
        second,
        /File Not Found <redacted>.* attempt=2 .* error=WcsNotFound .* requestId=R2 status=404 target=media:a\.txt$/
      )
      assert.notInclude(first + second, recording.secretKey)
      assert.notInclude(first + second, sent[0]?.headers["authorization"] ?? "none")
    }).pipe(Effect.provide(MemoryFileSystem.layer())))

  it.effect("where nobody listens nothing is put together", () =>
    Effect.gen(function*() {
      const { said, layer } = own()
      yield* Effect.flatMap(Objects.Objects, (objects) => Effect.either(objects.stat(location))).pipe(
        Effect.provide(Layer.merge(WcsTest.layer({ buckets: ["media"] }), layer))
      )
      assert.deepStrictEqual(said, [])
    }))
})
