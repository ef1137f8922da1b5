import { FileSystem } from "@effect/platform"
import { NodeFileSystem } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import {
  Retention,
  ReturnBody,
  type Uploader,
  type UploadEvent,
  UploadPolicy,
  UploadToken,
  type WcsConfigLayer
} from "effect-wcs"
import { bytes, mebibyte } from "../support/content.ts"
import { append, form, service, target, text } from "./appendService.ts"
import { tokensOnly } from "./support.ts"

describe("an append", () => {
  it.effect("creates the object, then adds to its end, wherever that is", () =>
    Effect.gen(function*() {
      const { operations, run, state } = service()
      const first = yield* run(append("hello "))
      const second = yield* run(append("world"))
      assert.include(first, { ...target, position: 0, size: 6, nextPosition: 6 })
      assert.include(second, { position: 6, size: 5, nextPosition: 11 })
      assert.strictEqual(state.content, "hello world")
      assert.deepStrictEqual(operations(), ["stat", "append", "stat", "append"])
    }))

  it.effect("with a position is one request: a form for this one key", () =>
    Effect.gen(function*() {
      const { run, sent } = service({ content: "12345" })
      yield* run(
        append("678", {
          position: 5,
          custom: { who: "ann" },
          mimeType: "text/x-log",
          retention: Retention.days(3),
          trafficLimit: 7,
          policy: { callbackUrl: "http://cb.test/" }
        }),
        { policy: { overwrite: true } }
      )
      assert.lengthOf(sent, 1)
      const request = sent[0] ?? assert.fail("nothing was sent")
      assert.strictEqual(request.url.href, "http://up.test/append/5")
      assert.strictEqual(request.headers["x-wos-traffic-limit"], "7")
      const { token = "", ...fields } = form(request)
      const { policy } = yield* UploadToken.parse(token)
      assert.deepStrictEqual(fields, {
        key: target.key,
        mimeType: "text/x-log",
        deadline: "3",
        "x:who": "ann",
        file: "678"
      })
      assert.deepInclude(policy, { scope: "logs:2026/a.log", callbackUrl: "http://cb.test/" })
      assert.notProperty(policy, "overwrite")
    }))

  it.effect("of nothing creates an empty object, and changes nothing after that", () =>
    Effect.gen(function*() {
      const { operations, run, state } = service()
      assert.include(yield* run(append("")), { position: 0, size: 0, nextPosition: 0 })
      assert.strictEqual(state.content, "")
      assert.include(yield* run(append("")), { position: 0, nextPosition: 0 })
      assert.deepStrictEqual(operations(), ["stat", "append", "stat", "append"])
    }))

  it.effect("has a typed answer", () =>
    Effect.gen(function*() {
      const returnBody = ReturnBody.struct({ size: ReturnBody.fsize, who: ReturnBody.custom("who") })
      const { run } = service({
        answer: (length) =>
          new Response(Buffer.from(`size=${length}&who=ann`).toString("base64"), {
            headers: { "x-wcs-next-append-position": String(length), "x-reqid": "R1" }
          })
      })
      const receipt = yield* run((uploader) =>
        uploader.append(text("hello"), target, { policy: UploadPolicy.make({ returnBody }), custom: { who: "ann" } })
      )
      assert.deepStrictEqual({ ...receipt.body }, { size: 5, who: "ann" })
      assert.strictEqual(receipt.requestId, "R1")
    }))

  it.effect("tells how it goes", () =>
    Effect.gen(function*() {
      const events: Array<UploadEvent.UploadEvent["_tag"]> = []
      const { run } = service({ mishap: (nth) => nth === 0 ? "reset" : undefined })
      yield* run(append("hello", { onProgress: (event) => Effect.sync(() => void events.push(event._tag)) }))
      assert.deepStrictEqual(events, ["Planned", "Retrying", "Chunk", "Done"])
    }))
})

describe("a wrong position", () => {
  it.effect("is told with the right one", () =>
    Effect.gen(function*() {
      const { operations, run } = service({ content: "12345" })
      const error = yield* Effect.flip(run(append("6", { position: 4 })))
      assert.include(error, { _tag: "WcsWrongPosition", status: 409, nextPosition: 5 })
      assert.deepStrictEqual(operations(), ["append"])
    }))

  it.effect("is all there is in an object that is not appendable", () =>
    Effect.gen(function*() {
      const { operations, run } = service({ content: "12345", appendable: false })
      for (const position of [undefined, 5]) {
        const error = yield* Effect.flip(run(append("6", { position })))
        assert.include(error, { _tag: "WcsWrongPosition", nextPosition: undefined })
      }
      assert.deepStrictEqual(operations(), ["stat", "append"])
    }))
})

describe("an answer that is lost", () => {
  const content = "12345"

  it.effect("is settled by stat: what was carried out is not sent again", () =>
    Effect.gen(function*() {
      const { operations, run, state } = service({ content, mishap: () => "lost" })
      const receipt = yield* run(append("678", {
        policy: { returnBody: "k=$(key)&n=$(fsize)&w=$(x:w)" },
        custom: { w: "ann" }
      }))
      assert.include(receipt, { position: 5, size: 3, nextPosition: 8 })
      assert.deepStrictEqual(receipt.body, { k: target.key, n: "8", w: "ann" })
      assert.strictEqual(state.content, "12345678")
      assert.deepStrictEqual(operations(), ["stat", "append", "stat", "download"])
    }))

  it.effect("is not settled by bytes of another, nor without a look at them", () =>
    Effect.gen(function*() {
      const fake = service({
        content,
        mishap: () => {
          fake.state.content = "12345abc"
          return "reset"
        }
      })
      const other = yield* Effect.flip(fake.run(append("678", { position: 5 })))
      assert.include(other, { _tag: "WcsWrongPosition", nextPosition: 8 })
      const { run } = service({ content, mishap: () => "lost" })
      const blind = yield* Effect.flip(run(append("678", { position: 5 }), { downloadUrl: undefined }))
      assert.include(blind, { _tag: "WcsNetworkError" })
    }))

  it.effect("of an append that was not carried out: it is sent again", () =>
    Effect.gen(function*() {
      for (const content of ["12345", undefined]) {
        const fake = service({ ...(content && { content }), mishap: (nth) => nth < 2 ? "reset" : undefined })
        yield* fake.run(append("678", { position: content?.length ?? 0 }))
        assert.strictEqual(fake.state.content, `${content ?? ""}678`)
        assert.deepStrictEqual(fake.operations(), ["append", "stat", "append", "stat", "append"])
      }
    }))

  it.effect("is an error with the right position when the object is another one by then", () =>
    Effect.gen(function*() {
      const fake = service({
        content,
        mishap: () => {
          fake.state.content = "1234567890"
          return "reset"
        }
      })
      const error = yield* Effect.flip(fake.run(append("678", { position: 5 })))
      assert.include(error, { _tag: "WcsWrongPosition", nextPosition: 10 })
      assert.deepStrictEqual(fake.operations(), ["append", "stat"])
    }))

  it.effect("is the error when stat cannot tell: nothing is sent again", () =>
    Effect.gen(function*() {
      const { operations, run, state } = service({
        content,
        mishap: () => "lost",
        stat: () => new Response("", { status: 500 })
      })
      const error = yield* Effect.flip(run(append("678", { position: 5 }), { retries: { connect: 2 } }))
      assert.include(error, { _tag: "WcsNetworkError", operation: "append" })
      assert.deepStrictEqual(operations(), ["append", "stat", "stat", "stat"])
      assert.strictEqual(state.content, "12345678")
    }))

  it.effect("that comes late all the same: the repeated append finds its own bytes", () =>
    Effect.gen(function*() {
      const fake = service({
        content,
        mishap: (nth) => {
          if (nth === 1) fake.state.content = "12345678"
          return nth === 0 ? "reset" : undefined
        }
      })
      assert.include(yield* fake.run(append("678", { position: 5 })), { position: 5, nextPosition: 8 })
      assert.strictEqual(fake.state.content, "12345678")
    }))

  it.effect("is not suspected where the service refused: another one's bytes are not taken for ours", () =>
    Effect.gen(function*() {
      const fake = service({
        content,
        mishap: (nth) => {
          if (nth === 1) fake.state.content = "12345abc"
          return nth === 0 ? new Response("", { status: 503 }) : undefined
        }
      })
      const error = yield* Effect.flip(fake.run(append("678", { position: 5 })))
      assert.include(error, { _tag: "WcsWrongPosition", nextPosition: 8 })
      assert.deepStrictEqual(fake.operations(), ["append", "append"])
    }))
})

describe("what the service says that it holds", () => {
  const says = (headers: { readonly [name: string]: string }) => () => new Response("", { headers })

  it.effect("must be what was sent", () =>
    Effect.gen(function*() {
      const { operations, run } = service({ answer: says({ "x-wcs-next-append-position": "4" }) })
      const error = yield* Effect.flip(run(append("hello", { position: 0 })))
      assert.include(error, { _tag: "WcsIntegrityError", check: "size", expected: "5", actual: "4" })
      assert.deepStrictEqual(operations(), ["append"])
    }))

  it.effect("is asked from stat where the answer does not tell", () =>
    Effect.gen(function*() {
      const { operations, run } = service({ answer: says({}) })
      assert.include(yield* run(append("hello", { position: 0 })), { nextPosition: 5 })
      assert.deepStrictEqual(operations(), ["append", "stat"])
      const cut = service({ answer: says({}), stat: () => Response.json({ fsize: 3, putTime: 0 }) })
      assert.include(yield* Effect.flip(cut.run(append("hello", { position: 0 }))), { check: "size", actual: "3" })
    }))
})

describe("a program that may not ask stat", () => {
  const cases: Readonly<Record<string, readonly [WcsConfigLayer.Options, typeof tokensOnly | undefined]>> = {
    "for it holds upload tokens only": [{}, tokensOnly],
    "for it knows no management domain": [{ managementUrl: undefined }, undefined]
  }
  for (const [name, [settings, auth]] of Object.entries(cases)) {
    it.effect(`${name}, appends at a position that it is given`, () =>
      Effect.gen(function*() {
        const { operations, run } = service({ answer: () => new Response("") })
        assert.include(yield* run(append("hello", { position: 0 }), settings, auth), { nextPosition: 5 })
        assert.deepStrictEqual(operations(), ["append"])
      }))

    it.effect(`${name}, needs a position`, () =>
      Effect.gen(function*() {
        const { run, sent } = service()
        const error = yield* Effect.flip(run(append("hello"), settings, auth))
        assert.include(error, { _tag: "WcsInvalidInput", input: "position" })
        assert.isEmpty(sent)
      }))

    it.effect(`${name}, repeats nothing that may have been carried out`, () =>
      Effect.gen(function*() {
        const { operations, run } = service({ mishap: () => "lost" })
        const error = yield* Effect.flip(run(append("hello", { position: 0 }), settings, auth))
        assert.strictEqual(error._tag, "WcsNetworkError")
        assert.deepStrictEqual(operations(), ["append"])
      }))
  }

  it.effect("repeats what was surely not carried out", () =>
    Effect.gen(function*() {
      const { operations, run } = service({
        mishap: (nth) => nth === 0 ? new Response("", { status: 503 }) : undefined
      })
      yield* run(append("hello", { position: 0 }), {}, tokensOnly)
      assert.deepStrictEqual(operations(), ["append", "append"])
    }))
})

describe("refused before anything is sent", () => {
  const cases: Readonly<Record<string, readonly [Uploader.AppendOptions, Partial<typeof target>]>> = {
    position: [{ position: -1 }, {}],
    key: [{}, { key: "/a" }],
    bucket: [{}, { bucket: "" }],
    mimeType: [{ mimeType: "text" }, {}],
    retention: [{ retention: Retention.days(0.5) }, {}],
    "policy.fsizeLimit": [{ policy: { fsizeLimit: 4 } }, {}]
  }
  for (const [input, [options, at]] of Object.entries(cases)) {
    it.effect(`a wrong ${input}`, () =>
      Effect.gen(function*() {
        const { run, sent } = service()
        const error = yield* Effect.flip(
          run((uploader) => uploader.append(text("hello"), { ...target, ...at }, options))
        )
        assert.include(error, { _tag: "WcsInvalidInput", input })
        assert.isEmpty(sent)
      }))
  }
})

describe("a file", () => {
  const file = Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    return { fs, path: `${yield* fs.makeTempDirectoryScoped()}/a.log` }
  })

  it.scoped("larger than a chunk flows through, and may be sent again", () =>
    Effect.gen(function*() {
      const { fs, path } = yield* file
      const content = bytes(3 * mebibyte)
      yield* fs.writeFile(path, content)
      const { run, state } = service({ mishap: (nth) => nth === 0 ? "reset" : undefined })
      let chunks = 0
      const receipt = yield* run((uploader) =>
        uploader.appendFile(path, target, {
          onProgress: (event) => Effect.sync(() => void (chunks += event._tag === "Chunk" ? 1 : 0))
        }), { chunkSize: mebibyte })
      assert.include(receipt, { position: 0, size: content.length })
      assert.isTrue(Buffer.from(content).equals(Buffer.from(state.content ?? "", "latin1")))
      assert.isAbove(chunks, 2)
    }).pipe(Effect.provide(NodeFileSystem.layer)))

  it.scoped("that is not there, or has more than 2 GiB, is refused before anything is sent", () =>
    Effect.gen(function*() {
      const { fs, path } = yield* file
      const { run, sent } = service()
      const put = Effect.flip(run((uploader) => uploader.appendFile(path, target)))
      assert.include(yield* put, { _tag: "WcsFileError", reason: "NotFound" })
      yield* fs.writeFileString(path, "")
      yield* fs.truncate(path, 2 ** 31 + 1)
      assert.include(yield* put, { _tag: "WcsInvalidInput", input: "size" })
      assert.isEmpty(sent)
    }).pipe(Effect.provide(NodeFileSystem.layer)))

  it.scoped("that grows meanwhile is added as long as it was", () =>
    Effect.gen(function*() {
      const { fs, path } = yield* file
      yield* fs.writeFileString(path, "hello")
      const { run, state } = service()
      const { size } = yield* run((uploader) =>
        uploader.appendFile(path, target, {
          onProgress: (event) =>
            event._tag === "Chunk" ? Effect.orDie(fs.writeFileString(path, " world", { flag: "a" })) : Effect.void
        })
      )
      assert.deepStrictEqual([size, state.content], [5, "hello"])
    }).pipe(Effect.provide(NodeFileSystem.layer)))
})
