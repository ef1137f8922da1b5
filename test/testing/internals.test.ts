import { assert, describe, it } from "@effect/vitest"
import { Chunk, Effect, Either, FastCheck, Stream } from "effect"
import type { EmulatorRequest } from "effect-wcs/testing"
import * as ReturnBody from "../../src/domain/ReturnBody.ts"
import { operations } from "../../src/testing/handlers/operations.ts"
import * as byteRange from "../../src/testing/internal/byteRange.ts"
import * as multipart from "../../src/testing/internal/multipart.ts"
import * as objectListing from "../../src/testing/internal/objectListing.ts"
import * as shelves from "../../src/testing/internal/shelf.ts"
import * as template from "../../src/testing/internal/template.ts"
import { utf8Order } from "../../src/testing/internal/utf8Order.ts"
import * as support from "./support.ts"

it.prop(
  "the order of text is that of its UTF-8 bytes",
  [FastCheck.string({ unit: "binary" }), FastCheck.string({ unit: "binary" })],
  ([a, b]) => utf8Order(a, b) === Buffer.compare(Buffer.from(a), Buffer.from(b))
)

it("has a handler for every operation", () => {
  const names: Record<Exclude<EmulatorRequest.OperationName, "unknown">, true> = {
    form: true,
    append: true,
    mkblk: true,
    bput: true,
    mkfile: true,
    stat: true,
    list: true,
    delete: true,
    move: true,
    copy: true,
    setdeadline: true,
    prefetch: true,
    "bucket/list": true,
    "bucket/stat": true,
    "bucket/statistics": true,
    "fmgr/move": true,
    "fmgr/copy": true,
    "fmgr/fetch": true,
    "fmgr/delete": true,
    "fmgr/deletePrefix": true,
    "fmgr/deletem3u8": true,
    "fmgr/setdeadline": true,
    "fmgr/compress": true,
    "fmgr/status": true,
    fops: true,
    "fops/status": true,
    imageDetect: true,
    imageInfo: true,
    exif: true,
    avinfo: true,
    avinfo2: true,
    "wslive/list": true,
    download: true,
    preflight: true
  }
  const handled: ReadonlyArray<string> = operations.map(({ name }) => name)
  assert.isEmpty(Object.keys(names).filter((name) => !handled.includes(name)), "handlers/operations.ts lacks these")
})

it("templates", () => {
  const values = new Map([["a", "1"], ["x:b", "$(a)"]])
  const expand = (text: string) => ReturnBody.expand(text, (name) => values.get(name))
  assert.strictEqual(expand("$(a)-$(x:b)-$(c)-$(a-$a"), "1-$(a)--$(a-$a")
  assert.deepStrictEqual(template.members("a=1&b=x=y&&c"), [["a", "1"], ["b", "x=y"], ["c", ""]])
})

it("ranges", () => {
  const range = (header: string, size = 10) => Either.getOrElse(byteRange.parse(header, size), () => "unsatisfiable")
  assert.deepStrictEqual(range("bytes = 1 - 2 "), { start: 1, end: 3 })
  assert.deepStrictEqual(range("bytes=-3"), { start: 7, end: 10 })
  assert.strictEqual(range("items=1-2"), undefined)
  assert.strictEqual(range("bytes=-0"), "unsatisfiable")
  assert.strictEqual(range("bytes=0-", 0), "unsatisfiable")
})

describe("listings", () => {
  const key = FastCheck.array(FastCheck.constantFrom("a", "b", "目", "\u{1F600}"), { minLength: 1, maxLength: 4 })
    .map((segments) => segments.join("/"))
  const objects = FastCheck.uniqueArray(key).map((keys) =>
    keys.toSorted(utf8Order).map((key) => ({
      bucket: "demo",
      key,
      content: { id: key, size: 0 },
      etag: "",
      mimeType: "",
      putTime: 0
    }))
  )

  it.prop(
    "pages put together are the whole, each name once",
    [objects, FastCheck.integer({ min: 1, max: 4 }), FastCheck.constantFrom(undefined, 0 as const, 1 as const)],
    ([objects, limit, mode]) => {
      const listing = { prefix: "", mode, startTime: undefined, endTime: undefined }
      const shelf = shelves.make()
      objects.forEach(shelf.put)
      const whole = objectListing.page(shelf.sorted(), { ...listing, after: undefined, limit: 1000 })
      const keys: Array<string> = []
      const folders: Array<string> = []
      let after: string | undefined
      for (;;) {
        const page = objectListing.page(shelf.sorted(), { ...listing, after, limit })
        keys.push(...page.objects.map(({ key }) => key))
        folders.push(...page.folders)
        if (page.marker === "") break
        after = Either.getOrThrow(objectListing.decodeMarker(page.marker))
      }
      assert.deepStrictEqual(keys, whole.objects.map(({ key }) => key))
      assert.deepStrictEqual(folders, whole.folders)
      if (mode === undefined) assert.deepStrictEqual(keys, objects.map(({ key }) => key))
    }
  )
})

describe("forms", () => {
  const read = (body: Stream.Stream<Uint8Array, string>, boundary = "boundary") =>
    Effect.scoped(
      multipart.read(body, boundary, (head, content) =>
        Effect.map(
          Stream.runCollect(content),
          (pieces) => ({ head, content: Buffer.concat(Chunk.toReadonlyArray(pieces)) })
        ))
    )

  const cut = (bytes: Uint8Array, sizes: ReadonlyArray<number>) => {
    const pieces: Array<Uint8Array> = []
    for (let at = 0, i = 0; at < bytes.length; i++) {
      const size = sizes[i % sizes.length]!
      pieces.push(bytes.subarray(at, at + size))
      at += size
    }
    return Stream.fromIterable(pieces)
  }

  // Content that is full of beginnings of the boundary.
  const tricky = FastCheck.array(
    FastCheck.constantFrom("\r", "\n", "\r\n", "-", "--", "\r\n--bound", "--boundary", "x")
  )
    .map((parts) => Buffer.from(parts.join("")))
    .filter((content) => !content.includes("\r\n--boundary"))

  it.effect.prop(
    "come out as they went in, wherever they are cut",
    [tricky, tricky, FastCheck.array(FastCheck.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 4 })],
    ([content, field, sizes]) =>
      Effect.gen(function*() {
        const form = support.multipart([
          ["first", field.toString()],
          ["file", content, "目录.txt", "a/b"],
          ["last", "目"]
        ])
        const body = Stream.concat(Stream.make(Buffer.from("preamble\r\n")), cut(form, sizes))
        const { fields, file } = yield* read(Stream.concat(body, Stream.make(Buffer.from("epilogue"))))
        assert.strictEqual(fields.get("first"), field.toString())
        assert.strictEqual(fields.get("last"), "目")
        assert.deepStrictEqual(file?.head, { name: "file", fileName: "目录.txt", contentType: "a/b" })
        assert.strictEqual(Buffer.compare(file!.content, content), 0)
      })
  )

  it.effect("have file names in every spelling", () =>
    Effect.gen(function*() {
      const nameOf = (disposition: string) =>
        Effect.map(
          read(Stream.make(Buffer.from(
            `--boundary\r\nContent-Disposition: form-data; name="file"${disposition}\r\n\r\n\r\n--boundary--`
          ))),
          ({ file }) => file?.head.fileName
        )
      assert.strictEqual(yield* nameOf("; filename=plain.txt"), "plain.txt")
      assert.strictEqual(yield* nameOf("; filename=\"a \\\"b\\\" \\\\c; d=e.txt\""), "a \"b\" \\c; d=e.txt")
      assert.strictEqual(yield* nameOf("; filename=\"x\"; filename*=UTF-8''%E7%9B%AE.txt"), "目.txt")
      assert.strictEqual(yield* nameOf("; filename=\"x\"; filename*=UTF-8''%FF"), "x")
      assert.strictEqual(yield* nameOf(""), undefined)
    }))

  it.effect("that break off are refused, not waited for", () =>
    Effect.gen(function*() {
      const form = support.multipart([["token", "t"], ["file", "content", "f"]])
      for (let length = 0; length < form.length - 2; length++) {
        const error = yield* Effect.flip(read(Stream.make(form.subarray(0, length))))
        assert.strictEqual(typeof error === "string" ? error : error.status, 400, String(length))
      }
      const failed = yield* Effect.flip(read(Stream.concat(Stream.make(form.subarray(0, 150)), Stream.fail("broken"))))
      assert.strictEqual(failed, "broken")
    }))

  it.effect("hold a bounded number of bytes in fields, however many they are", () =>
    Effect.gen(function*() {
      const field = "x".repeat(400_000)
      const fields = (count: number) => support.multipart(Array.from({ length: count }, (_, at) => [`f${at}`, field]))
      assert.strictEqual((yield* read(Stream.make(fields(2)))).fields.size, 2)
      const error = yield* Effect.flip(read(Stream.make(fields(3))))
      assert.strictEqual(typeof error === "string" ? error : error.text, "Malformed Form: its fields are too long")
    }))

  it("have boundaries, quoted or not", () => {
    assert.strictEqual(multipart.boundaryOf("multipart/form-data; boundary=abc"), "abc")
    assert.strictEqual(multipart.boundaryOf("Multipart/Form-Data; charset=utf-8; boundary=\"a b:c\""), "a b:c")
    assert.isUndefined(multipart.boundaryOf("multipart/mixed; boundary=abc"))
    assert.isUndefined(multipart.boundaryOf(undefined))
  })
})
