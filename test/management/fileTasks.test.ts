/** File tasks from their start to their end: what is seen on the way, and what they did. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Schedule, TestClock } from "effect"
import type { FileManager, Task, WcsError } from "effect-wcs"
import { Polling, Retention } from "effect-wcs"
import type { EmulatorOptions } from "effect-wcs/testing"
import { Fault } from "effect-wcs/testing"
import { createHash } from "node:crypto"
import { inTime } from "../support/clock.ts"
import { at, bytesOf, emulator, files, followFiles, given, keys, now, operations, service, textOf } from "./support.ts"

const contents = {
  "a": "1",
  "b": "22",
  "c": "333",
  "dir/1": "4444",
  "dir/2": "55555",
  "live/1.ts": "ts",
  "live/a.m3u8": "#EXTM3U\n1.ts\nhttp://other.test/2.ts\n"
}
const before = Object.keys(contents)

const without = (...gone: ReadonlyArray<string>) => before.filter((key) => !gone.includes(key))

/** A server to fetch from. */
const web = ({ url }: EmulatorOptions.WebRequest) =>
  Effect.succeed(url.endsWith("/gone") ? { status: 404, body: "" } : { status: 200, body: `content of ${url}` })

const slow = { web, fetchHosts: ["src.test"], taskDelay: "30 seconds", taskDuration: "30 seconds" } as const

interface Case {
  readonly action: string
  readonly start: (files: FileManager.FileManager["Type"]) => Effect.Effect<Task.PersistentId, WcsError.WcsError>
  readonly items: ReadonlyArray<"succeeded" | "failed">
  readonly after: ReadonlyArray<string>
}

const transfers = [
  { from: at("a"), to: at("a2") },
  { from: at("none"), to: at("n2") },
  { from: at("b"), to: { bucket: "media", prefix: "to" } }
]

const cases: ReadonlyArray<Case> = [
  {
    action: "copy",
    start: ({ copy }) => copy(transfers),
    items: ["succeeded", "failed", "succeeded"],
    after: [...before, "a2", "to/b"]
  },
  {
    action: "copy onto what is there",
    start: ({ copy }) => copy([{ from: at("a"), to: at("b") }, { from: at("a"), to: at("d") }]),
    items: ["failed", "succeeded"],
    after: [...before, "d"]
  },
  {
    action: "move",
    start: ({ move }) => move(transfers),
    items: ["succeeded", "failed", "succeeded"],
    after: [...without("a", "b"), "a2", "to/b"]
  },
  {
    action: "move onto what is there, by force",
    start: ({ move }) => move([{ from: at("a"), to: at("b") }], { force: true }),
    items: ["succeeded"],
    after: without("a")
  },
  {
    action: "fetch",
    start: ({ fetch }) =>
      fetch([
        { url: "http://src.test/x%20y?q=1", to: { bucket: "media" } },
        { url: new URL("http://src.test/gone"), to: at("gone") },
        { url: "http://src.test/z", to: { bucket: "media", key: "z", prefix: "to/" } }
      ]),
    items: ["succeeded", "failed", "succeeded"],
    after: [...before, "to/z", "x y"]
  },
  {
    action: "delete",
    start: ({ delete: remove }) => remove([at("a"), at("none"), at("b")]),
    items: ["succeeded", "succeeded", "succeeded"],
    after: without("a", "b")
  },
  {
    action: "deletePrefix",
    start: ({ deletePrefix }) =>
      deletePrefix([{ bucket: "media", prefix: "dir", output: at("list") }, { bucket: "media", prefix: "none/" }]),
    items: ["succeeded", "succeeded"],
    after: [...without("dir/1", "dir/2"), "list"]
  },
  {
    action: "deleteM3u8",
    start: ({ deleteM3u8 }) => deleteM3u8([at("live/a.m3u8")]),
    items: ["succeeded"],
    after: without("live/1.ts", "live/a.m3u8")
  },
  {
    action: "deleteM3u8 without segments",
    start: ({ deleteM3u8 }) => deleteM3u8([{ ...at("live/a.m3u8"), segments: false }]),
    items: ["succeeded"],
    after: without("live/a.m3u8")
  },
  {
    action: "setDeadline",
    start: ({ setDeadline }) =>
      setDeadline([{ bucket: "media", prefix: "dir", retention: Retention.asSoonAsPossible }]),
    items: ["succeeded"],
    after: without("dir/1", "dir/2")
  },
  {
    action: "setDeadline of the bucket",
    start: ({ setDeadline }) =>
      setDeadline([{ bucket: "media", wholeBucket: true, retention: Retention.asSoonAsPossible }]),
    items: ["succeeded"],
    after: []
  },
  {
    action: "compress",
    start: ({ compress }) =>
      compress([
        { bucket: "media", keys: ["a", "dir/"], saveAs: at("one.zip") },
        { bucket: "media", keys: ["a", "none"], saveAs: at("two.zip") },
        { bucket: "media", keyList: "live/1.ts", saveAs: at("three.zip") }
      ]),
    items: ["succeeded", "failed", "failed"],
    after: [...before, "one.zip"]
  }
]

describe("a task", () => {
  for (const { action, after, items, start } of cases) {
    it.effect(`is seen from its start to its end: ${action}`, () =>
      Effect.gen(function*() {
        yield* TestClock.setTime(now)
        yield* given(contents)
        const id = yield* files(start)
        const { items: seen, report, states } = yield* followFiles(id)
        assert.deepStrictEqual(states, ["waiting", "running", "done"])
        // One command after the other.
        assert.deepStrictEqual(
          seen.map((line) => line.split(" ")),
          [
            items.map(() => "waiting"),
            ...items.map((_, nth) => items.map((end, i) => i < nth ? end : i === nth ? "running" : "waiting")),
            items
          ]
        )
        assert.strictEqual(report.id, id)
        assert.deepStrictEqual(report.items.map(({ state }) => state), [...items])
        assert.lengthOf(report.succeeded, items.filter((end) => end === "succeeded").length)
        for (const { error, state } of report.items) assert.strictEqual(Option.isSome(error), state === "failed")
        assert.deepStrictEqual(yield* keys(), after.toSorted())
        const { items: _, state } = yield* files((files) => files.status(id))
        assert.strictEqual(state, "done")
      }).pipe(Effect.provide(service(slow))))
  }

  it.effect("tells its commands, and what they made", () =>
    Effect.gen(function*() {
      yield* given(contents)
      const to = { bucket: "archive", key: "c2", prefix: "in/" }
      const id = yield* files((files) => files.copy([{ from: at("c"), to }]))
      const { succeeded: [item] } = yield* inTime(files((files) => files.await(id)))
      assert.strictEqual(item?.command, "resource/bWVkaWE6Yw==/bucket/YXJjaGl2ZQ==/key/YzI=/prefix/aW4=")
      const made = Option.getOrThrow(yield* emulator((emulator) => emulator.object(at("in/c2", "archive"))))
      assert.deepStrictEqual([item?.key, item?.size, item?.etag], [
        Option.some("in/c2"),
        Option.some(3),
        Option.some(made.etag)
      ])
      assert.match(Option.getOrThrow(item!.url), /^http.*\/archive\/in\/c2$/)
    }).pipe(Effect.provide(service())))

  it.effect("of a deletion leaves a list of what it deleted", () =>
    Effect.gen(function*() {
      yield* given(contents)
      const output = at("deleted", "archive")
      const id = yield* files((files) => files.deletePrefix([{ bucket: "media", prefix: "dir/", output }]))
      yield* inTime(files((files) => files.await(id)))
      assert.strictEqual(yield* textOf("deleted", "archive"), "dir/1\ndir/2\n")
    }).pipe(Effect.provide(service())))

  it.effect("of a fetch compares the content with its MD5", () =>
    Effect.gen(function*() {
      const fetch = (key: string, md5: string) => ({ url: "http://src.test/x", to: at(key), md5 })
      const id = yield* files((files) =>
        files.fetch([
          fetch("good", createHash("md5").update("content of http://src.test/x").digest("hex").toUpperCase()),
          fetch("bad", "0".repeat(32))
        ])
      )
      const report = yield* inTime(files((files) => files.await(id)))
      assert.deepStrictEqual(report.items.map(({ state }) => state), ["succeeded", "failed"])
      assert.strictEqual((yield* bytesOf("good")).toString(), "content of http://src.test/x")
      assert.deepStrictEqual(yield* keys(), ["good"])
    }).pipe(Effect.provide(service({ web, fetchHosts: ["src.test"] }))))

  it.effect("goes on while nobody waits for it", () =>
    Effect.gen(function*() {
      yield* given(contents)
      const id = yield* files((files) => files.delete([at("a"), at("b")]))
      const hasty = Schedule.intersect(Schedule.spaced("10 seconds"), Schedule.recurs(3))
      const error = yield* Effect.flip(inTime(files((files) => files.await(id, { schedule: hasty }))))
      assert.include(error, { _tag: "WcsTaskPending", operation: "fmgr/status", persistentId: id, state: "waiting" })
      assert.lengthOf(yield* operations, 1 + 4)
      yield* TestClock.adjust("10 minutes")
      assert.deepStrictEqual(yield* keys(), without("a", "b"))
      const report = yield* files((files) => files.await(id, { schedule: Polling.schedule }))
      assert.lengthOf(report.succeeded, 2)
    }).pipe(Effect.provide(service(slow))))

  it.effect("is still followed when a question of it fails", () =>
    Effect.gen(function*() {
      yield* given(contents)
      const id = yield* files((files) => files.delete([at("a")]))
      yield* emulator((emulator) =>
        emulator.addFault(
          Fault.on("fmgr/status", Fault.status(503), { nth: 2, times: 2 }),
          Fault.on("fmgr/status", Fault.reset(), { nth: 5 })
        )
      )
      assert.lengthOf((yield* inTime(files((files) => files.await(id)))).succeeded, 1)
    }).pipe(Effect.provide(service(slow))))

  it.effect("in a bucket that there is not is refused as a whole", () =>
    Effect.gen(function*() {
      yield* given(contents)
      const error = yield* Effect.flip(files((files) => files.delete([at("a"), at("b", "none")])))
      assert.include(error, { _tag: "WcsNotFound", operation: "fmgr/delete" })
      assert.deepStrictEqual(yield* keys(), before)
    }).pipe(Effect.provide(service())))

  it.effect("in a folder of nothing but slashes is refused before anything is sent", () =>
    Effect.gen(function*() {
      for (const prefix of ["", "/", "//"]) {
        const to = { bucket: "archive", prefix }
        const folder = { bucket: "media", prefix }
        const starts = [
          ["to.prefix", files((files) => files.copy([{ from: at("a"), to }]))],
          ["to.prefix", files((files) => files.fetch([{ url: "http://src.test/x", to }]))],
          ["prefix", files((files) => files.deletePrefix([folder]))],
          ["prefix", files((files) => files.setDeadline([{ ...folder, retention: Retention.asSoonAsPossible }]))]
        ] as const
        for (const [input, start] of starts) {
          assert.include(yield* Effect.flip(start), { _tag: "WcsInvalidInput", input })
        }
      }
      assert.isEmpty(yield* operations)
    }).pipe(Effect.provide(service())))

  it.effect("that nobody started is WcsNotFound", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(files((files) => files.await("2010none")))
      assert.include(error, { _tag: "WcsNotFound", operation: "fmgr/status" })
      assert.lengthOf(yield* operations, 1)
    }).pipe(Effect.provide(service())))
})
