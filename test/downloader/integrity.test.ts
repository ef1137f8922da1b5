import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Either, Exit, Fiber, Layer } from "effect"
import type { Downloader, WcsError } from "effect-wcs"
import { Emulator, EmulatorClient, Fault } from "effect-wcs/testing"
import { bytes, mebibyte, sha1 } from "../support/content.ts"
import * as recording from "../support/recording.ts"
import * as etags from "../testing/support.ts"
import {
  clientInMemory,
  clientOver,
  content,
  credentials,
  emulator,
  filesIn,
  location,
  ranges,
  read,
  service,
  serviceOver,
  store,
  target,
  toFile
} from "./support.ts"

/** Fails for good, before the next call or in its course, and leaves nothing. */
const refused = (check: "etag" | "size") =>
  Effect.gen(function*() {
    assert.include(yield* Effect.flip(toFile()), { _tag: "WcsIntegrityError", operation: "download", check })
    assert.isEmpty(yield* filesIn("/"))
  })

describe("an object that is not what was asked for never becomes the file", () => {
  for (const at of [0, 4 * mebibyte, content.length - 1]) {
    it.effect(`because byte ${at} changed on the way`, () =>
      Effect.gen(function*() {
        yield* store()
        yield* emulator((emulator) => emulator.addFault(Fault.on("download", Fault.corrupt(at), { nth: 1 })))
        yield* refused("etag")
        assert.lengthOf(yield* ranges, 1)
        assert.include(yield* toFile(), { resumed: 0, verified: "etag" })
      }).pipe(Effect.provide(service())))
  }

  it.effect("because it changed on the way after a break", () =>
    Effect.gen(function*() {
      yield* store()
      yield* emulator((emulator) =>
        emulator.addFault(
          Fault.on("download", Fault.truncate(3_000_000), { nth: 1 }),
          Fault.on("download", Fault.corrupt(5), { nth: 2 })
        )
      )
      yield* refused("etag")
    }).pipe(Effect.provide(service())))

  it.effect("because it is described otherwise than it is answered", () =>
    Effect.gen(function*() {
      yield* store()
      yield* emulator((emulator) => emulator.addFault(Fault.on("stat", Fault.wrongHash)))
      yield* refused("etag")
    }).pipe(Effect.provide(service())))

  it.effect("because something on the way answers for the service", () =>
    Effect.gen(function*() {
      yield* store()
      yield* emulator((emulator) => emulator.addFault(Fault.on("download", Fault.garbage)))
      yield* Effect.flip(toFile())
      assert.isEmpty(yield* filesIn("/"))
    }).pipe(Effect.provide(service())))

  for (
    const [how, error, other] of [
      ["another", { _tag: "WcsIntegrityError", check: "etag" }, bytes(content.length, 2)],
      ["a longer", { _tag: "WcsIntegrityError", check: "etag" }, bytes(content.length + 1)],
      ["a shorter", { _tag: "WcsRefused", status: 416 }, bytes(9)]
    ] as const
  ) {
    it.effect(`because ${how} object took its place while it was fetched`, () =>
      Effect.gen(function*() {
        const { addFault, putObject } = yield* Emulator.Emulator
        yield* store()
        yield* addFault(Fault.on("download", Fault.truncate(3_000_000), { nth: 1 }))
        const replace = yield* Effect.once(Effect.orDie(putObject(location, other)))
        assert.include(yield* Effect.flip(toFile({ onProgress: () => replace })), error)
        assert.isEmpty(yield* filesIn("/"), "nothing will ever be made of a part of an object that is gone")
        assert.include(yield* toFile(), { resumed: 0, verified: "etag" })
        assert.strictEqual(sha1(yield* read(target)), sha1(other))
      }).pipe(Effect.provide(service())))
  }
})

describe("what an answer's headers tell", () => {
  const etag = etags.etag(content)
  const size = String(content.length)

  /** A download without credentials from a service that answers with these headers. */
  const downloaded = (headers: Record<string, string>) =>
    Effect.provide(toFile(), clientInMemory(recording.client(() => new Response(content, { headers })).layer))

  for (
    const [what, headers, verified] of [
      ["a quoted etag", { etag: `"${etag}"` }, "etag"],
      ["an etag without quotes", { etag }, "etag"],
      ["no etag", { "content-length": size }, "size"],
      ["an etag of another kind", { etag: `"${"0".repeat(32)}"`, "content-length": size }, "size"],
      ["the etag of an appended object", {
        etag: `"${etags.etag(new Uint8Array())}"`,
        "content-length": size,
        "x-wcs-object-type": "Appendable"
      }, "size"],
      ["nothing", {}, "none"]
    ] as const
  ) {
    it.effect(`${what}: verified by ${verified}`, () =>
      Effect.gen(function*() {
        assert.include(yield* downloaded(headers), { size: content.length, verified, etag })
      }))
  }

  it.effect("the length of what is longer: an error", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(downloaded({ "content-length": "9" }))
      assert.include(error, { _tag: "WcsIntegrityError", check: "size", expected: "9", actual: size })
    }))
})

describe("an answer to a Range", () => {
  /** A download that breaks after `cut` bytes and is answered so when it goes on. */
  const cut = 1_000_000
  const resumed = (checks: boolean, answer: () => Response) => {
    let pulls = 0
    const broken = new ReadableStream({
      pull: (controller) => {
        if (pulls++ === 0) controller.enqueue(content.subarray(0, cut))
        else controller.error(new Error("ECONNRESET"))
      }
    }, { highWaterMark: 0 })
    const headers = { "content-length": String(content.length), etag: etags.etag(content) }
    const { layer, sent } = recording.client((_, nth) =>
      nth === 0 ? new Response(broken, { headers }) : nth < 9 ? answer() : new Response(null, { status: 404 })
    )
    return Effect.gen(function*() {
      const exit = yield* Effect.either(toFile({ checks }))
      assert.isBelow(sent.length, 9, "it goes round in circles")
      return Either.isRight(exit) ? sha1(yield* read(target)) : "refused"
    }).pipe(Effect.provide(clientInMemory(layer)))
  }
  const from = (start: number) =>
    new Response(content.subarray(start), {
      status: 206,
      headers: { "content-range": `bytes ${start}-${content.length - 1}/${content.length}` }
    })

  for (const checks of [true, false]) {
    const name = checks ? "with checks" : "without checks"
    it.effect(`with the rest of the object is appended, ${name}`, () =>
      Effect.gen(function*() {
        assert.strictEqual(yield* resumed(checks, () => from(cut)), sha1(content))
      }))

    it.effect(`with the whole object takes the place of what has come, ${name}`, () =>
      Effect.gen(function*() {
        assert.strictEqual(yield* resumed(checks, () => new Response(content)), sha1(content))
      }))

    it.effect(`with another part than was asked for never makes a mixed file, ${name}`, () =>
      Effect.gen(function*() {
        for (const start of [cut - 1, cut + 1]) {
          assert.include(["refused", sha1(content)], yield* resumed(checks, () => from(start)))
        }
      }))
  }
})

describe("a download to a file that another one is busy with", () => {
  type Download = Effect.Effect<
    Downloader.DownloadReceipt,
    WcsError.WcsError,
    Downloader.Downloader | Emulator.Emulator | FileSystem.FileSystem
  >

  const clients: Readonly<Record<string, (download: Download) => Download>> = {
    "the same client": (download) => download,
    // As another process would: it shares the files and nothing else.
    "another client": Effect.provide(Layer.fresh(clientOver(EmulatorClient.layer, { credentials })))
  }

  /** Half-way through a download begins a second one, which moves on or stalls; then the first goes on. */
  const overlapping = (other: (download: Download) => Download, stalls: boolean, checks: boolean) =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped()
      const path = `${folder}/film.bin`
      yield* store()
      if (stalls) yield* emulator.addFault(Fault.on("download", Fault.stall, { nth: 2 }))
      const begun = yield* Deferred.make<void>()
      const moved = yield* Deferred.make<void>()
      const second = yield* Effect.fork(Effect.zipRight(
        Deferred.await(begun),
        other(toFile({ overwrite: true, checks, onProgress: () => Deferred.succeed(moved, undefined) }, path))
      ))
      // Not for ever: the second may rightly be waiting for the first.
      const rendezvous = yield* Effect.once(Effect.zipRight(
        Deferred.succeed(begun, undefined),
        Effect.timeoutOption(Deferred.await(moved), "500 millis")
      ))
      const first = yield* Effect.exit(toFile({
        overwrite: true,
        checks,
        onProgress: ({ received }) => received > content.length / 2 ? rendezvous : Effect.void
      }, path))
      const exits = [first, yield* stalls ? Fiber.interrupt(second) : Fiber.await(second)]
      assert.isTrue(exits.some(Exit.isSuccess), String(exits))
      assert.strictEqual(sha1(yield* read(path)), sha1(content))
      assert.deepStrictEqual(yield* filesIn(folder), ["film.bin"])
    })

  for (const [whose, other] of Object.entries(clients)) {
    for (const stalls of [false, true]) {
      for (const checks of [true, false]) {
        const how = `${stalls ? "stalls" : "moves"}, ${checks ? "with checks" : "without checks"}`
        it.scopedLive(`of ${whose}, which ${how}, leaves the object and nothing else`, () =>
          Effect.provide(overlapping(other, stalls, checks), serviceOver(NodeContext.layer)))
      }
    }
  }
})
