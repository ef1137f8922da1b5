import { assert, describe, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import { Emulator, EmulatorRequest } from "effect-wcs/testing"
import { createHmac } from "node:crypto"
import * as support from "./support.ts"
import {
  accessKey,
  b64u,
  both,
  entry,
  inProcess,
  manage,
  noBucket,
  now,
  put,
  send,
  sign,
  uploadToken
} from "./support.ts"

const stat = `/stat/${entry("demo", "a.txt")}`

const refused = (answer: support.Answer, status: number, message: string) => {
  assert.deepStrictEqual(answer.json, { code: String(status), message })
  assert.strictEqual(answer.status, status)
  assert.strictEqual(answer.headers["content-type"], "application/json;charset=UTF-8")
  assert.match(answer.headers["x-reqid"] ?? "", /^[0-9a-z]{20,}$/)
}

/** A token that the emulator may find fault with. */
const tokenOf = (policy: unknown): string => {
  const encoded = b64u(typeof policy === "string" ? policy : JSON.stringify(policy))
  return `${accessKey}:${sign(encoded)}:${encoded}`
}

const mkblkWith = (authorization: string | undefined) =>
  send("POST", "/mkblk/3/0", {
    headers: authorization === undefined ? {} : { Authorization: authorization },
    body: Buffer.from("abc")
  })

describe("management tokens", () => {
  both("accepts a signature over path, query, line feed and body", () =>
    Effect.gen(function*() {
      refused(yield* manage("GET", stat), 404, "File Not Found")
      assert.strictEqual((yield* manage("GET", "/list?bucket=demo&limit=2&prefix=ZGlyLw==&mode=1")).status, 200)
      refused(yield* manage("POST", `/delete/${entry("demo", "a.txt")}`), 404, "File Not Found")
    }))

  both("refuses what is missing, malformed, unknown or wrong", () =>
    Effect.gen(function*() {
      const good = sign(`${stat}\n`)
      const given = (authorization: string) => send("GET", stat, { headers: { Authorization: authorization } })
      refused(yield* send("GET", stat), 401, "Authorization Required")
      refused(yield* given("nonsense"), 401, "Token Format Invalid")
      refused(yield* given(`${accessKey}:${good}:more`), 401, "Token Format Invalid")
      refused(yield* given(`:${good}`), 401, "Token Format Invalid")
      refused(yield* given(`somebody:${good}`), 401, "AK/SK Not Found")
      refused(yield* given(`${accessKey}:${sign(`${stat}\n`, "other")}`), 401, "Token Invalid")
      refused(yield* given(`${accessKey}:${sign(stat)}`), 401, "Token Invalid")
      refused(yield* given(`${accessKey}:${good.slice(0, -2)}`), 401, "Token Invalid")
      refused(yield* given(`${accessKey}:${sign(`${stat}\nbody`)}`), 401, "Token Invalid")
    }))

  both("hints at a signature of the digest itself", () =>
    Effect.gen(function*() {
      const raw = b64u(createHmac("sha1", support.secretKey).update(`${stat}\n`).digest())
      const answer = yield* send("GET", stat, { headers: { Authorization: `${accessKey}:${raw}` } })
      refused(answer, 401, "Token Invalid")
      assert.match(answer.headers["x-emulator-hint"] ?? "", /hex/)
    }))

  both("signs octets: percent-encoded text is not what it stands for", () =>
    Effect.gen(function*() {
      const wire = "/list?bucket=demo&marker=%E7%9B%AE"
      refused(
        yield* send("GET", wire, {
          headers: { Authorization: `${accessKey}:${sign("/list?bucket=demo&marker=目\n")}` }
        }),
        401,
        "Token Invalid"
      )
      // Signed as sent; the marker is what is wrong then.
      refused(yield* manage("GET", wire), 400, "Invalid marker")
    }))

  it.effect("covers a body as it came", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const target = `/delete/${entry("demo", "a.txt")}`
      const ask = (body: string, signed: string) =>
        emulator.handle(EmulatorRequest.make("POST", target, {
          headers: { Authorization: `${accessKey}:${sign(`${target}\n${signed}`)}` },
          body
        }))
      assert.strictEqual((yield* ask("a=1", "a=1")).status, 404)
      assert.strictEqual((yield* ask("a=1", "a=2")).status, 401)
      assert.strictEqual((yield* ask("a=1", "")).status, 401)
    }).pipe(Effect.provide(inProcess())))
})

describe("upload tokens", () => {
  both("accepts the token bare and after UpToken, its deadline as text and as a number", () =>
    Effect.gen(function*() {
      const policy = { scope: "demo:key", deadline: now + 1000 }
      for (const token of [tokenOf(policy), `UpToken ${tokenOf({ ...policy, deadline: String(now + 1000) })}`]) {
        assert.strictEqual((yield* mkblkWith(token)).status, 200)
      }
    }))

  both("refuses what is missing, malformed, unknown or wrong", () =>
    Effect.gen(function*() {
      const good = uploadToken({ scope: "demo:key" })
      const [, signature, encoded] = good.split(":")
      refused(yield* mkblkWith(undefined), 401, "Authorization Required")
      refused(yield* mkblkWith("nonsense"), 401, "Token Format Invalid")
      refused(yield* mkblkWith(`${accessKey}:${signature}`), 401, "Token Format Invalid")
      refused(yield* mkblkWith(`Bearer ${good}`), 401, "AK/SK Not Found")
      refused(yield* mkblkWith(`somebody:${signature}:${encoded}`), 401, "AK/SK Not Found")
      refused(yield* mkblkWith(`${accessKey}:${signature}:${encoded}=`), 401, "Token Invalid")
      refused(yield* mkblkWith(tokenOf("{not json")), 401, "Token Format Invalid")
      refused(yield* mkblkWith(tokenOf(["demo"])), 401, "Token Format Invalid")
      refused(yield* mkblkWith(tokenOf({ deadline: now + 1000 })), 401, "Token Format Invalid")
      refused(yield* mkblkWith(tokenOf({ scope: "demo:key" })), 401, "ExpireTime Is Null")
      refused(yield* mkblkWith(tokenOf({ scope: "demo:key", deadline: "NaN" })), 401, "Token Format Invalid")
    }))

  it.effect("has fields of the right type, and flags that are 0 or 1, or it is told which are wrong", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      for (
        const fields of [
          { overwrite: 2 },
          { overwrite: true },
          { overwrite: "1", separate: "yes" },
          { fsizeLimit: -1 },
          { fsizeLimit: [1] },
          { returnBody: 1 },
          { callbackUrl: {} }
        ]
      ) {
        const answer = yield* mkblkWith(uploadToken({ scope: "demo:secret-key", ...fields }))
        refused(answer, 401, "Token Format Invalid")
        const wrong = Object.entries(fields).flatMap(([name, value]) => value === "1" ? [] : [name])
        assert.match(answer.headers["x-emulator-hint"] ?? "", new RegExp(`; not so: ${wrong.join(", ")}$`))
      }
      for (
        const fields of [{ overwrite: "0", separate: 1, fsizeLimit: "0" }, { overwrite: null, instant: {}, more: [] }]
      ) {
        assert.strictEqual((yield* mkblkWith(uploadToken({ scope: "demo:key", ...fields }))).status, 200)
      }
    }).pipe(Effect.provide(inProcess())))

  both("expires at its deadline, at every step", () =>
    Effect.gen(function*() {
      const policy = { scope: "demo:key", deadline: String(now + 1000) }
      const chunk = Buffer.from("abc")
      const { ctx } = (yield* support.mkblk({ policy, chunk, size: 6 })).json
      yield* TestClock.adjust(999)
      const next = yield* support.bput({ policy, ctx, offset: 3, chunk })
      assert.strictEqual(next.status, 200)
      yield* TestClock.adjust(1)
      refused(yield* support.mkblk({ policy, chunk }), 401, "Token Expired")
      refused(yield* support.bput({ policy, ctx: next.json.ctx, offset: 6, chunk }), 401, "Token Expired")
      refused(yield* support.mkfile({ policy, path: "6", ctxs: [next.json.ctx] }), 401, "Token Expired")
      refused(yield* put(policy, "x"), 401, "Token Expired")
    }))

  both("hints at a deadline in seconds", () =>
    Effect.gen(function*() {
      const answer = yield* mkblkWith(tokenOf({ scope: "demo", deadline: Math.floor(now / 1000) + 3600 }))
      refused(answer, 401, "Token Expired")
      const hint = answer.headers["x-emulator-hint"]
      assert.match(hint ?? "", /milliseconds/)
      const requests = yield* Effect.flatMap(Emulator.Emulator, ({ requests }) => requests)
      assert.strictEqual(requests.at(-1)?.hint, hint)
    }))

  both("wants the account's own bucket", () =>
    Effect.gen(function*() {
      refused(yield* mkblkWith(uploadToken({ scope: "nowhere:key" })), 404, noBucket())
      refused(yield* mkblkWith(uploadToken({ scope: "theirs:key" })), 401, "Bucket Access Denied")
      refused(yield* manage("GET", `/stat/${entry("theirs", "a")}`), 401, "Bucket Access Denied")
      refused(yield* manage("GET", "/list?bucket=nowhere"), 404, noBucket())
    }), { foreignBuckets: ["theirs"] })

  it.effect("may call a missing bucket 631", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      refused(yield* manage("GET", "/list?bucket=nowhere"), 631, noBucket())
    }).pipe(Effect.provide(inProcess({ strictness: { missingBucket: 631 } }))))

  it.effect("takes no policy that wants a redirect and a callback", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const urls = { returnUrl: "http://a.test/", callbackUrl: "http://b.test/" }
      assert.strictEqual((yield* mkblkWith(uploadToken({ scope: "demo:key", ...urls }))).status, 400)
    }).pipe(Effect.provide(inProcess())))
})

both("answers 404 in JSON to anything else", () =>
  Effect.gen(function*() {
    refused(yield* send("GET", "/nothing"), 404, "Resource Not Found")
    refused(yield* send("PUT", stat), 404, "Resource Not Found")
    refused(yield* send("POST", "/mkblk/1"), 404, "Resource Not Found")
  }))

both(
  "tells the Clock's date, another request id each time, and nothing of credentials in its log",
  () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const first = yield* manage("GET", stat)
      yield* TestClock.adjust("1 hour")
      const second = yield* manage("GET", `${stat}?token=secret`)
      assert.strictEqual(first.headers["date"], new Date(now).toUTCString())
      assert.strictEqual(second.headers["date"], new Date(now + 3_600_000).toUTCString())
      assert.notStrictEqual(first.headers["x-reqid"], second.headers["x-reqid"])
      const requests = yield* emulator.requests
      assert.deepStrictEqual(requests.map(({ operation, status }) => [operation, status]), [["stat", 404], [
        "stat",
        404
      ]])
      assert.strictEqual(requests[0]?.headers["authorization"], "<redacted>")
      assert.strictEqual(requests[1]?.query, "token=<redacted>")
      assert.strictEqual(requests[1]?.key, "a.txt")
      assert.strictEqual(requests[1]?.requestId, second.headers["x-reqid"])
      assert.notInclude(JSON.stringify(requests), sign(`${stat}\n`))
      yield* emulator.clearRequests
      assert.deepStrictEqual(yield* emulator.requests, [])
    })
)
