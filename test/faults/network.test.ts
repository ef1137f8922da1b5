import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Option, Schedule } from "effect"
import { Retry, Uploader, UploadEvent, type WcsError } from "effect-wcs"
import { ConnectionFault, Emulator, EmulatorAddress, Fault } from "effect-wcs/testing"
import { FaultProxy } from "effect-wcs/testing/node"
import dns from "node:dns"
import { vi } from "vitest"
import { bucket, client, content as contentOf, emulator } from "../e2e/support/service.ts"
import { webServer } from "../e2e/support/webServer.ts"
import { bytes, mebibyte, sha1 } from "../support/content.ts"
import { quick, throughProxy, until, watched } from "./support.ts"

const target = { bucket, key: "film.bin" }
const content = bytes(9 * mebibyte)

/** Sends three blocks, one after another, and is asked for what happened. */
const upload = (...faults: ReadonlyArray<ConnectionFault.ConnectionFault>) =>
  Effect.gen(function*() {
    const proxy = yield* FaultProxy.FaultProxy
    const uploader = yield* Uploader.Uploader
    yield* proxy.addFault(...faults)
    const { events, options } = watched({ method: "block", concurrency: 1 })
    const result = yield* Effect.either(quick(uploader.putBytes(content, target, options)))
    const requests = yield* Effect.flatMap(Emulator.Emulator, ({ requests }) => requests)
    return {
      result,
      retries: events.filter(UploadEvent.UploadEvent.$is("Retrying")),
      connections: yield* proxy.connections,
      mkblk: requests.flatMap(({ block, operation, status }) => operation === "mkblk" ? [[block, status]] : []),
      mkfile: requests.filter(({ operation }) => operation === "mkfile").length
    }
  })

const arrived = Effect.gen(function*() {
  assert.strictEqual(sha1(yield* contentOf(target.key)), sha1(content))
})

const nothing = Effect.gen(function*() {
  const { object } = yield* Emulator.Emulator
  assert.isTrue(Option.isNone(yield* object(target)))
})

const { cutAnswer, flip, on, reset, swallow, withhold } = ConnectionFault

describe("a connection", () => {
  it.scopedLive("fault 1: is reset in the middle of a block: that block alone is sent again, on a new connection", () =>
    Effect.gen(function*() {
      const { connections, mkblk, result, retries } = yield* upload(on(reset({ after: 2 * mebibyte }), { nth: 2 }))
      assert.include(Object(result), { _tag: "Right" })
      assert.deepStrictEqual(retries.map(({ block, error }) => [block, error._tag]), [[1, "WcsNetworkError"]])
      assert.deepStrictEqual(mkblk.filter(([, status]) => status === 200), [[0, 200], [1, 200], [2, 200]])
      assert.lengthOf(connections, 5)
      yield* arrived
    }).pipe(Effect.provide(throughProxy())))

  for (const [what, after] of [["before the answer", 0], ["after the answer's head", "head"]] as const) {
    it.scopedLive(`fault 2: ends when the block is stored, ${what}: the block is sent again`, () =>
      Effect.gen(function*() {
        const { mkblk, result, retries } = yield* upload(on(cutAnswer({ after }), { nth: 2 }))
        assert.include(Object(result), { _tag: "Right" })
        assert.deepStrictEqual(retries.map(({ block, error }) => [block, error._tag]), [[1, "WcsNetworkError"]])
        assert.deepStrictEqual(mkblk, [[0, 200], [1, 200], [1, 200], [2, 200]])
        yield* arrived
      }).pipe(Effect.provide(throughProxy())))
  }

  it.scopedLive("fault 30: changes a byte once: the block is sent again", () =>
    Effect.gen(function*() {
      const { result, retries } = yield* upload(on(flip(3 * mebibyte), { nth: 2 }))
      assert.include(Object(result), { _tag: "Right" })
      assert.deepInclude(retries.map(({ block, error }) => ({ block, ...Object(error) }))[0], {
        block: 1,
        _tag: "WcsIntegrityError",
        check: "crc32"
      })
      yield* arrived
    }).pipe(Effect.provide(throughProxy())))

  it.scopedLive("fault 30: changes a byte each time: an integrity error that says so, and no object", () =>
    Effect.gen(function*() {
      const { mkblk, mkfile, result } = yield* upload(on(flip(3 * mebibyte)))
      const error = result._tag === "Left" ? result.left : assert.fail("no failure")
      assert.include(error, { _tag: "WcsIntegrityError", check: "crc32" })
      assert.deepStrictEqual(mkblk, Array(4).fill([0, 200]))
      assert.strictEqual(mkfile, 0)
      yield* nothing
    }).pipe(Effect.provide(throughProxy())))

  it.scopedLive("fault 25: stands still and the upload is interrupted: sockets are closed at once, and no mkfile is sent", () =>
    Effect.gen(function*() {
      const { addFault, connections } = yield* FaultProxy.FaultProxy
      const uploader = yield* Uploader.Uploader
      yield* addFault(on(swallow({ after: mebibyte })))
      const fiber = yield* Effect.fork(uploader.putBytes(content, target, { method: "block", concurrency: 3 }))
      yield* until(
        Effect.map(connections, (all) => all.length === 3 && all.every(({ received }) => received > mebibyte))
      )
      // Long before any time-out of a request could end it.
      const exit = yield* Effect.timeout(Fiber.interrupt(fiber), "10 seconds")
      assert.isTrue(Exit.isInterrupted(exit))
      yield* until(Effect.map(connections, (all) => all.every(({ open }) => !open)))
      const { requests } = yield* Emulator.Emulator
      assert.isFalse((yield* requests).some(({ operation }) => operation === "mkfile"))
      assert.lengthOf(yield* connections, 3)
      yield* nothing
    }).pipe(Effect.provide(throughProxy({ requestTimeout: "1 hour" }))))

  it.scopedLive("fault 26: is silent after mkfile and the upload is interrupted: the next call finds the object by stat", () =>
    Effect.gen(function*() {
      const { addFault, connections } = yield* FaultProxy.FaultProxy
      const { clearRequests, object, requests } = yield* Emulator.Emulator
      const uploader = yield* Uploader.Uploader
      yield* addFault(on(withhold, { nth: 4 }))
      const put = quick(uploader.putBytes(content, target, { method: "block", concurrency: 1 }))
      const fiber = yield* Effect.fork(put)
      yield* until(Effect.map(object(target), Option.isSome))
      assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(fiber)))
      yield* until(Effect.map(connections, (all) => all.every(({ open }) => !open)))
      yield* clearRequests
      const receipt = yield* put
      assert.deepStrictEqual([receipt.verified, receipt.blocks.resumed], ["etag", 3])
      assert.deepStrictEqual((yield* requests).map(({ operation, status }) => [operation, status]), [
        ["mkfile", 406],
        ["stat", 200]
      ])
      yield* arrived
    }).pipe(Effect.provide(throughProxy({ requestTimeout: "1 hour" }))))
})

describe("something on the way", () => {
  it.scopedLive("fault 28: the first of two addresses is dead: the next one is used", () =>
    Effect.gen(function*() {
      const { uploadUrl } = yield* EmulatorAddress.EmulatorAddress
      const lookup = yield* Effect.acquireRelease(
        Effect.sync(() =>
          vi.spyOn(dns, "lookup").mockImplementation(
            ((_: string, __: unknown, done: (error: null, found: ReadonlyArray<dns.LookupAddress>) => void) =>
              done(null, [{ address: "127.0.0.2", family: 4 }, { address: "127.0.0.1", family: 4 }])) as never
          )
        ),
        (spy) => Effect.sync(() => spy.mockRestore())
      )
      const url = uploadUrl.replace("127.0.0.1", "several.test")
      // No repeat: it is the connection that goes on to the next address.
      const receipt = yield* Effect.flatMap(Uploader.Uploader, (uploader) => uploader.putBytes(content, target)).pipe(
        Retry.withSchedules({ mkblk: Schedule.stop, upload: Schedule.stop }),
        Effect.provide(client({ uploadUrl: url, managementUrl: url }))
      )
      assert.strictEqual(receipt.verified, "etag")
      assert.isAbove(lookup.mock.calls.length, 0)
      yield* arrived
    }).pipe(Effect.provide(emulator)))

  for (const status of [301, 302, 307, 308]) {
    it.scopedLive(`fault 29: a redirect (${status}) is not followed: no token goes there, and it is no success`, () =>
      Effect.gen(function*() {
        const asked: Array<string> = []
        const elsewhere = yield* webServer((request, response) => {
          asked.push(`${request.headers.authorization}`)
          response.end("{}")
        })
        const portal = yield* webServer((request, response) => {
          request.resume().on("end", () => response.writeHead(status, { location: `${elsewhere}/login` }).end())
        })
        const uploader = Effect.flatMap(Uploader.Uploader, (uploader) => uploader.putBytes(bytes(9), target))
        for (const settings of [{ formLimit: mebibyte }, { formLimit: 0 }]) {
          const error: WcsError.WcsError = yield* Effect.flip(
            Effect.provide(quick(uploader), client({ ...settings, uploadUrl: portal }))
          )
          assert.include(error, { _tag: "WcsRefused", status })
        }
        assert.isEmpty(asked)
        yield* nothing
      }).pipe(Effect.provide(emulator)))
  }

  it.scopedLive("fault 29: a page for every answer is an error, never a success", () =>
    Effect.gen(function*() {
      const { addFault } = yield* Emulator.Emulator
      const uploader = yield* Uploader.Uploader
      yield* addFault(Fault.on("any", Fault.garbage))
      for (const method of ["form", "block"] as const) {
        const error = yield* Effect.flip(
          quick(uploader.putBytes(bytes(9), target, { method }))
        )
        assert.include(error, { _tag: "WcsUndecodableAnswer", status: 200 })
      }
      yield* nothing
    }).pipe(Effect.provide(throughProxy())))
})
