import { assert, describe, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import type { EmulatorOptions } from "effect-wcs/testing"
import { Emulator, Fault } from "effect-wcs/testing"
import type * as support from "./support.ts"
import { both, inProcess, manage, now, send, uploadToken } from "./support.ts"

const origin = "https://page.test"
const asked = "authorization,key,uploadbatch"
const allowed = (headers: support.Answer["headers"]) =>
  ["allow-origin", "allow-methods", "allow-headers", "expose-headers"].map((name) => headers[`access-control-${name}`])

const preflight = (target: string, headers: Record<string, string> = {}) =>
  send("OPTIONS", target, {
    headers: {
      Origin: origin,
      "Access-Control-Request-Method": "POST",
      "Access-Control-Request-Headers": asked,
      ...headers
    }
  })

const within = (options: EmulatorOptions.EmulatorOptions) => <A, E>(test: Effect.Effect<A, E, support.Services>) =>
  Effect.provide(Effect.zipRight(TestClock.setTime(now), test), inProcess(options))

describe("a page of another origin", () => {
  both("may ask before it uploads or downloads", () =>
    Effect.gen(function*() {
      for (const target of ["/file/upload", "/mkblk/1/0", "/bput/0/1", "/mkfile/1/key/a", "/append/0"]) {
        const answer = yield* preflight(target)
        assert.deepStrictEqual([answer.status, ...allowed(answer.headers)], [200, "*", "POST", asked, "*"], target)
        assert.isString(answer.headers["x-reqid"])
      }
      const download = yield* preflight("/download/demo/a/b?op=exif")
      assert.deepStrictEqual(allowed(download.headers), ["*", "GET, HEAD", asked, "*"])
      const { requests } = yield* Emulator.Emulator
      assert.strictEqual((yield* requests)[0]?.operation, "preflight")
    }))

  it.effect("may not manage, and has to name itself", () =>
    Effect.gen(function*() {
      const none = Array(4).fill(undefined)
      for (
        const target of ["/stat/a", "/list", "/bucket/list", "/fops", "/nothing", "/file/upload/x", "/download/demo"]
      ) {
        const answer = yield* preflight(target)
        assert.deepStrictEqual([answer.status, ...allowed(answer.headers)], [404, ...none], target)
      }
      assert.strictEqual((yield* send("OPTIONS", "/file/upload")).status, 404)
      const listed = yield* send("GET", "/bucket/list", { headers: { Origin: origin } })
      assert.deepStrictEqual(allowed(listed.headers), none)
    }).pipe(within({})))

  it.effect("reads answers and refusals, those of faults as well", () =>
    Effect.gen(function*() {
      const { addFault } = yield* Emulator.Emulator
      const chunk = Buffer.from("x")
      const post = (policy: object) =>
        send("POST", "/mkblk/1/0", {
          headers: { Origin: origin, Authorization: uploadToken({ ...policy }) },
          body: chunk
        })
      yield* addFault(Fault.on("mkblk", Fault.status(503), { nth: 3 }), Fault.on("mkblk", Fault.garbage, { nth: 4 }))
      const seen = yield* Effect.forEach(
        [{ scope: "demo:key" }, { scope: "nowhere:key" }, { scope: "demo:key" }, { scope: "demo:key" }],
        (policy) => Effect.map(post(policy), ({ headers, status }) => [status, headers["access-control-allow-origin"]])
      )
      assert.deepStrictEqual(seen, [[200, "*"], [404, "*"], [503, "*"], [200, undefined]])
      const missing = yield* send("GET", "/download/demo/none", { headers: { Origin: origin } })
      assert.deepStrictEqual([missing.status, missing.headers["access-control-allow-origin"]], [404, "*"])
      const own = yield* manage("GET", "/bucket/list")
      assert.isUndefined(own.headers["access-control-allow-origin"])
    }).pipe(within({})))

  it.effect("is one of those that are allowed", () =>
    Effect.gen(function*() {
      const first = yield* preflight("/file/upload")
      assert.deepStrictEqual([first.headers["vary"], ...allowed(first.headers)], ["Origin", origin, "POST", asked, "*"])
      const other = yield* preflight("/file/upload", { Origin: "https://other.test" })
      assert.deepStrictEqual([other.headers["vary"], allowed(other.headers)[0]], ["Origin", undefined])
    }).pipe(within({ allowedOrigins: ["https://first.test", origin] })))
})
