import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream, TestClock } from "effect"
import { Emulator, EmulatorOptions } from "effect-wcs/testing"
import * as support from "./support.ts"
import {
  b64u,
  both,
  bput,
  bytes,
  crc32,
  entry,
  error,
  etag,
  inProcess,
  manage,
  md5,
  mkblk,
  mkfile,
  now,
  pieceSize,
  stored
} from "./support.ts"

/** Sends content as blocks of one piece, each in one chunk. */
const blocksOf = (content: Uint8Array, blockSize = pieceSize) =>
  Effect.forEach(
    Array.from({ length: Math.ceil(content.length / blockSize) }, (_, order) => order),
    (order) =>
      Effect.map(
        mkblk({ order, chunk: content.subarray(order * blockSize, (order + 1) * blockSize) }),
        ({ json }): string => json.ctx
      )
  )

describe("mkblk and bput", () => {
  both("answer ctx, checksums and the offset within the block", () =>
    Effect.gen(function*() {
      const content = bytes(300_000)
      const first = yield* mkblk({ size: content.length, chunk: content.subarray(0, 100_000) })
      assert.strictEqual(first.status, 200)
      assert.match(first.json.ctx, /^[0-9a-f]{32}$/)
      assert.deepStrictEqual(first.json, {
        ctx: first.json.ctx,
        checksum: md5(content.subarray(0, 100_000)),
        crc32: crc32(content.subarray(0, 100_000)),
        offset: 100_000
      })
      const second = yield* bput({ ctx: first.json.ctx, offset: 100_000, chunk: content.subarray(100_000, 250_000) })
      const third = yield* bput({ ctx: second.json.ctx, offset: 250_000, chunk: content.subarray(250_000) })
      assert.deepStrictEqual(third.json, {
        ctx: third.json.ctx,
        checksum: md5(content.subarray(250_000)),
        crc32: crc32(content.subarray(250_000)),
        offset: 300_000
      })
      assert.strictEqual(new Set([first, second, third].map(({ json }) => json.ctx)).size, 3)
      const done = yield* mkfile({ path: "300000", ctxs: [third.json.ctx] })
      assert.deepStrictEqual(done.json, { key: "key", hash: etag(content) })
      assert.strictEqual(Buffer.compare((yield* stored("key")).content, content), 0)
    }))

  both("know the example of the protocol", () =>
    Effect.gen(function*() {
      const { json } = yield* mkblk({ chunk: Buffer.from("hello world") })
      assert.strictEqual(json.checksum, "5eb63bbbe01eeed093cb22bb8f5acdc3")
      assert.strictEqual(json.crc32, 222_957_957)
    }))

  both("refuse sizes, orders and chunks that cannot be", () =>
    Effect.gen(function*() {
      const chunk = Buffer.from("abc")
      const at = (path: string) =>
        support.send("POST", path, {
          headers: { Authorization: support.uploadToken({ scope: "demo:key" }) },
          body: chunk
        })
      for (const path of ["/mkblk/0/0", "/mkblk/-1/0", "/mkblk/x/0", "/mkblk/3/-1", "/mkblk/3/x", "/mkblk/2/0"]) {
        assert.strictEqual((yield* at(path)).status, 400, path)
      }
      assert.strictEqual((yield* mkblk({ size: 3, chunk: new Uint8Array(0) })).status, 400)
      assert.strictEqual((yield* at("/mkblk/3/0?chunk=0&chunks=1")).status, 200)
      assert.strictEqual((yield* (yield* Emulator.Emulator).blocks).length, 1)
    }))

  both(
    "want the newest ctx, the right offset and a chunk that fits; nothing changes otherwise",
    () =>
      Effect.gen(function*() {
        const chunk = Buffer.from("abc")
        const first = (yield* mkblk({ size: 9, chunk })).json.ctx
        const second = (yield* bput({ ctx: first, offset: 3, chunk })).json.ctx
        const wrong = [
          { ctx: first, offset: 3, chunk },
          { ctx: first, offset: 6, chunk },
          { ctx: "0".repeat(32), offset: 6, chunk },
          { ctx: second, offset: 3, chunk },
          { ctx: second, offset: 9, chunk },
          { ctx: second, offset: 6, chunk: Buffer.from("abcd") },
          { ctx: second, offset: 6, chunk: new Uint8Array(0) },
          { ctx: second, offset: 6, chunk, policy: { scope: "other:key" } }
        ]
        for (const request of wrong) {
          assert.deepStrictEqual(error(yield* bput(request)), [701, "Invalid ctx"])
        }
        const third = yield* bput({ ctx: second, offset: 6, chunk })
        assert.strictEqual(third.json.offset, 9)
        assert.deepStrictEqual(error(yield* bput({ ctx: third.json.ctx, offset: 9, chunk })), [701, "Invalid ctx"])
        assert.strictEqual((yield* mkfile({ path: "9", ctxs: [third.json.ctx] })).status, 200)
        assert.strictEqual((yield* stored("key")).content.toString(), "abcabcabc")
      }),
    { buckets: ["demo", "other"] }
  )

  it.effect("may answer a repeated chunk once more", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const chunk = Buffer.from("abc")
      const first = (yield* mkblk({ size: 9, chunk })).json.ctx
      const second = yield* bput({ ctx: first, offset: 3, chunk })
      assert.deepStrictEqual((yield* bput({ ctx: first, offset: 3, chunk })).json, second.json)
      assert.strictEqual((yield* bput({ ctx: first, offset: 3, chunk: Buffer.from("abd") })).status, 701)
      assert.strictEqual((yield* bput({ ctx: first, offset: 4, chunk })).status, 701)
      assert.strictEqual((yield* bput({ ctx: first, offset: 3, chunk: Buffer.from("ab") })).status, 701)
      const third = yield* bput({ ctx: second.json.ctx, offset: 6, chunk })
      assert.strictEqual(third.json.offset, 9)
      assert.strictEqual((yield* bput({ ctx: first, offset: 3, chunk })).status, 701)
    }).pipe(Effect.provide(inProcess({ strictness: { repeatedChunk: "repeat" } }))))

  it.effect("let one of two chunks win that come at once", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const { ctx } = (yield* mkblk({ size: 6, chunk: Buffer.from("abc") })).json
      const answers = yield* Effect.all(
        ["def", "ghi"].map((chunk) => bput({ ctx, offset: 3, chunk: Buffer.from(chunk) })),
        { concurrency: 2 }
      )
      assert.deepStrictEqual(answers.map(({ status }) => status).toSorted(), [200, 701])
    }).pipe(Effect.provide(inProcess())))

  both("want a Content-Length", () =>
    Effect.gen(function*() {
      const answer = yield* mkblk({ size: 3, chunk: Stream.make(Buffer.from("abc")) })
      assert.deepStrictEqual(error(answer), [411, "Length Required"])
    }))

  both("may do without a Content-Length", () =>
    Effect.gen(function*() {
      const answer = yield* mkblk({ size: 3, chunk: Stream.make(Buffer.from("abc")) })
      assert.strictEqual(answer.json.offset, 3)
    }), { strictness: { contentLength: "optional" } })

  it.effect("accept another UploadBatch, and may refuse it", () =>
    Effect.gen(function*() {
      const run = Effect.gen(function*() {
        yield* TestClock.setTime(now)
        const chunk = Buffer.from("abc")
        const { ctx } = (yield* mkblk({ size: 6, chunk })).json
        const other = yield* bput({ ctx, offset: 3, chunk, headers: { UploadBatch: "other" } })
        const own = other.status === 200 ? other : yield* bput({ ctx, offset: 3, chunk })
        const done = yield* mkfile({ path: "6", ctxs: [own.json.ctx], headers: { UploadBatch: "other" } })
        return [other.status, done.status]
      })
      assert.deepStrictEqual(yield* Effect.provide(run, inProcess()), [200, 200])
      assert.deepStrictEqual(
        yield* Effect.provide(run, inProcess({ strictness: EmulatorOptions.strictest })),
        [400, 400]
      )
    }))
})

describe("mkfile", () => {
  both("joins blocks that came in any order", () =>
    Effect.gen(function*() {
      const content = bytes(2 * pieceSize + 5)
      const last = (yield* mkblk({ order: 2, chunk: content.subarray(2 * pieceSize) })).json.ctx
      const ctxs = yield* blocksOf(content.subarray(0, 2 * pieceSize))
      const done = yield* mkfile({ path: String(content.length), ctxs: [...ctxs, last] })
      assert.deepStrictEqual(done.json, { key: "key", hash: etag(content) })
      assert.match(done.json.hash, /^l/)
      assert.strictEqual(Buffer.compare((yield* stored("key")).content, content), 0)
    }))

  both("computes the etag over pieces of 4 MiB, whatever the size of the blocks", () =>
    Effect.gen(function*() {
      const content = bytes(3 * pieceSize + 1)
      const ctxs = yield* blocksOf(content, 2 * pieceSize)
      assert.strictEqual((yield* mkfile({ path: String(content.length), ctxs })).json.hash, etag(content))
    }))

  both("takes the key from the scope, the path or the header", () =>
    Effect.gen(function*() {
      const [ctx = ""] = yield* blocksOf(Buffer.from("abc"))
      const keyOf = (policy: Record<string, unknown>, path: string, headers: Record<string, string> = {}) =>
        Effect.map(
          mkfile({ policy: { overwrite: 1, ...policy }, path, ctxs: [ctx], headers }),
          (answer) => answer.status === 200 ? answer.json.key : error(answer)
        )
      const path = `3/key/${b64u("目/path")}`
      const header = { Key: b64u("header") }
      assert.strictEqual(yield* keyOf({ scope: "demo:scope" }, path, header), "scope")
      assert.strictEqual(yield* keyOf({ scope: "demo" }, path, header), "目/path")
      assert.strictEqual(yield* keyOf({ scope: "demo" }, "3/", header), "header")
      assert.deepStrictEqual(yield* keyOf({ scope: "demo", saveKey: "save" }, "3"), [400, "Key Required"])
      assert.deepStrictEqual(yield* keyOf({ scope: "demo" }, "3", { Key: b64u("/a") }), [400, "Invalid Key"])
      assert.deepStrictEqual(yield* keyOf({ scope: "demo" }, "3", { Key: "!" }), [400, "Invalid Key"])
      assert.deepStrictEqual(yield* keyOf({ scope: "demo" }, "3/key"), [400, "Invalid Path"])
      assert.deepStrictEqual(yield* keyOf({ scope: "demo" }, "3/what/YQ=="), [400, "Invalid Path"])
      assert.deepStrictEqual(yield* keyOf({ scope: "demo" }, "3/key/YQ%3D%3D"), [400, "Invalid Path"])
    }))

  both("refuses lists of ctx that do not make an object", () =>
    Effect.gen(function*() {
      const content = bytes(2 * pieceSize + 3)
      const [a = "", b = "", c = ""] = yield* blocksOf(content)
      const open = yield* mkblk({ order: 0, size: 6, chunk: Buffer.from("abc") })
      const closed = yield* bput({ ctx: open.json.ctx, offset: 3, chunk: Buffer.from("abc") })
      const half = yield* mkblk({ order: 1, size: pieceSize, chunk: Buffer.from("abc") })
      const small = yield* mkblk({ order: 0, chunk: Buffer.from("abc") })
      const size = String(content.length)
      const done = (...ctxs: ReadonlyArray<string>) => Effect.map(mkfile({ path: size, ctxs }), error)
      assert.deepStrictEqual(yield* done(), [401, "ctx can not be null"])
      assert.deepStrictEqual(yield* done(a, b, "0".repeat(32)), [701, "Invalid ctx"])
      assert.deepStrictEqual(yield* done(a, b, c, ""), [701, "Invalid ctx"])
      assert.deepStrictEqual(yield* done(a, half.json.ctx, c), [701, "Invalid ctx"])
      assert.deepStrictEqual(yield* done(open.json.ctx, b, c), [701, "Invalid ctx"])
      assert.deepStrictEqual(yield* done(b, a, c), [412, "Precondition Failed"])
      assert.deepStrictEqual(yield* done(a, a, c), [412, "Precondition Failed"])
      assert.deepStrictEqual(yield* done(a, c), [412, "Precondition Failed"])
      assert.deepStrictEqual(yield* done(a, b), [412, "Precondition Failed"])
      assert.deepStrictEqual(yield* done(small.json.ctx, b, c), [412, "Precondition Failed"])
      assert.deepStrictEqual(yield* done(closed.json.ctx), [412, "Precondition Failed"])
      assert.strictEqual((yield* mkfile({ path: "x", ctxs: [a, b, c] })).status, 400)
      assert.deepStrictEqual(yield* (yield* Emulator.Emulator).objects("demo"), [])
      assert.strictEqual((yield* mkfile({ path: size, ctxs: [a, b, c] })).status, 200)
    }))

  it.effect("may refuse bad blocks with 412", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      assert.strictEqual((yield* mkfile({ path: "3", ctxs: ["0".repeat(32)] })).status, 412)
    }).pipe(Effect.provide(inProcess({ strictness: { badBlock: 412 } }))))

  it.effect("may join what is there, as the service once did", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const content = bytes(pieceSize + 3)
      const [a = "", b = ""] = yield* blocksOf(content)
      const done = yield* mkfile({ path: String(content.length), ctxs: [a] })
      assert.strictEqual(done.json.hash, etag(content.subarray(0, pieceSize)))
      assert.strictEqual((yield* manage("GET", `/stat/${entry("demo", "key")}`)).json.fsize, pieceSize)
      const listed = (yield* manage("GET", "/list?bucket=demo")).json.items[0]
      assert.strictEqual(listed.fsize, String(content.length))
      assert.strictEqual((yield* mkfile({ path: String(content.length), ctxs: [b, a] })).status, 406)
      const policy = { scope: "demo:key", overwrite: 1 }
      assert.strictEqual((yield* mkfile({ policy, path: String(content.length), ctxs: [b, a] })).status, 412)
    }).pipe(Effect.provide(inProcess({ strictness: { missingBlocks: "accept" } }))))

  it.effect("keeps to fsizeLimit whatever size is declared", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const policy = { scope: "demo:key", fsizeLimit: 4 }
      const { ctx } = (yield* mkblk({ policy, chunk: Buffer.from("hello") })).json
      assert.strictEqual((yield* mkfile({ policy, path: "1", ctxs: [ctx] })).status, 401)
    }).pipe(Effect.provide(inProcess({ strictness: { missingBlocks: "accept" } }))))

  both(
    "leaves blocks as they are: the same list makes the object again, if the policy allows",
    () =>
      Effect.gen(function*() {
        const ctxs = yield* blocksOf(Buffer.from("abc"))
        assert.strictEqual((yield* mkfile({ path: "3", ctxs })).status, 200)
        assert.deepStrictEqual(error(yield* mkfile({ path: "3", ctxs })), [406, "File Already Exist"])
        const policy = { scope: "demo:key", overwrite: 1 }
        assert.strictEqual((yield* mkfile({ policy, path: "3", ctxs })).status, 200)
        assert.strictEqual((yield* stored("key")).content.toString(), "abc")
      })
  )

  it.effect("may use blocks up", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const policy = { scope: "demo:key", overwrite: 1 }
      const ctxs = yield* blocksOf(Buffer.from("abc"))
      assert.strictEqual((yield* mkfile({ policy, path: "3", ctxs })).status, 200)
      assert.strictEqual((yield* mkfile({ policy, path: "3", ctxs })).status, 701)
      assert.strictEqual((yield* stored("key")).content.toString(), "abc")
    }).pipe(Effect.provide(inProcess({ strictness: { usedBlocks: "remove" } }))))

  both("limits the size", () =>
    Effect.gen(function*() {
      const ctxs = yield* blocksOf(Buffer.from("abc"))
      assert.strictEqual((yield* mkfile({ policy: { scope: "demo:key", fsizeLimit: 2 }, path: "3", ctxs })).status, 401)
      assert.strictEqual((yield* mkfile({ policy: { scope: "demo:key", fsizeLimit: 3 }, path: "3", ctxs })).status, 200)
    }))

  both("stores type and retention, and answers a returnBody in JSON", () =>
    Effect.gen(function*() {
      const ctxs = yield* blocksOf(Buffer.from("abc"))
      const policy = { scope: "demo:key", returnBody: "size=$(fsize)&who=$(x:who)&none=$(x:none)&key=$(key)" }
      const done = yield* mkfile({
        policy,
        path: `3/x:who/${b64u("änn")}`,
        ctxs,
        headers: { MimeType: "video/mp4", Deadline: "2" }
      })
      assert.strictEqual(
        done.text,
        JSON.stringify({
          size: "3",
          who: "änn",
          none: "",
          key: "key",
          hash: etag(Buffer.from("abc"))
        })
      )
      const { info } = yield* stored("key")
      assert.strictEqual(info.mimeType, "video/mp4")
      assert.strictEqual(info.expiresAt, now + 2 * 86_400_000)
      assert.strictEqual((yield* mkfile({ path: `3/x:who/${b64u("a&b")}`, ctxs })).status, 400)
    }))

  it.effect("may answer a returnBody in Base64", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const ctxs = yield* blocksOf(Buffer.from("abc"))
      const done = yield* mkfile({ policy: { scope: "demo:key", returnBody: "size=$(fsize)" }, path: "3", ctxs })
      assert.deepStrictEqual(JSON.parse(support.unb64u(done.text)), {
        size: "3",
        key: "key",
        hash: etag(Buffer.from("abc"))
      })
    }).pipe(Effect.provide(inProcess({ strictness: { sliceReturnBody: "base64" } }))))

  both("stores the object although its callback fails", () =>
    Effect.gen(function*() {
      const ctxs = yield* blocksOf(Buffer.from("abc"))
      const policy = { scope: "demo:key", callbackUrl: "http://cb.test/", callbackBody: "k=$(key)" }
      assert.strictEqual((yield* mkfile({ policy, path: "3", ctxs })).status, 579)
      assert.strictEqual((yield* stored("key")).content.toString(), "abc")
    }), { web: () => Effect.fail("unreachable") })
})

describe("stale blocks", () => {
  both("come with age", () =>
    Effect.gen(function*() {
      const policy = { scope: "demo:key", deadline: String(now + 100 * 86_400_000) }
      const { ctx } = (yield* mkblk({ policy, chunk: Buffer.from("abc") })).json
      yield* TestClock.adjust("1 day")
      const young = (yield* mkblk({ policy, chunk: Buffer.from("abc"), size: 6 })).json.ctx
      yield* TestClock.adjust("29 days")
      assert.strictEqual((yield* mkfile({ policy, path: "3", ctxs: [ctx] })).status, 701)
      assert.strictEqual((yield* bput({ policy, ctx: young, offset: 3, chunk: Buffer.from("abc") })).status, 200)
      yield* TestClock.adjust("1 day")
      assert.deepStrictEqual(yield* (yield* Emulator.Emulator).blocks, [])
    }))

  both("come when a test says so", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const first = (yield* mkblk({ order: 0, chunk: bytes(pieceSize) })).json.ctx
      const second = (yield* mkblk({ order: 1, chunk: Buffer.from("abc") })).json.ctx
      yield* emulator.expireBlocks(({ order }) => order === 0)
      assert.deepStrictEqual((yield* emulator.blocks).map(({ ctx, order, received }) => ({ ctx, order, received })), [
        { ctx: second, order: 1, received: 3 }
      ])
      assert.strictEqual((yield* mkfile({ path: String(pieceSize + 3), ctxs: [first, second] })).status, 701)
      yield* emulator.expireBlocks()
      assert.deepStrictEqual(yield* emulator.blocks, [])
    }))
})
