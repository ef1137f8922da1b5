/** Names and values cannot become headers, fields, parameters or lines of their own. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, FastCheck, Option, Stream } from "effect"
import {
  Downloader,
  FileManager,
  Media,
  Objects,
  Retention,
  Uploader,
  UploadRecord,
  type WcsError,
  WcsHttpClient
} from "effect-wcs"
import * as Uploads from "../../src/domain/wire/Uploads.ts"
import * as multipartForm from "../../src/internal/multipartForm.ts"
import { at } from "../management/support.ts"
import * as recording from "../support/recording.ts"

const runs = { fastCheck: { numRuns: 15 } }

/** Text that means something to a header, a form, a query, a path or a policy. */
const hostile = FastCheck.array(
  FastCheck.oneof(
    FastCheck.constantFrom(
      "\r\n",
      "\n",
      "\r",
      "\0",
      "\u0085",
      "\u2028",
      "X-Injected: 1",
      "\r\nAuthorization: x\r\n\r\n",
      "\"; name=\"token",
      "\r\n--effect-wcs",
      "&overwrite=1",
      "#",
      "?a=b",
      "%0d%0a",
      "%2e%2e/",
      "../",
      "=",
      "/",
      ":",
      "\ud800",
      "é"
    ),
    FastCheck.string({ maxLength: 4 })
  ),
  { maxLength: 4 }
).map((parts) => parts.join(""))

/** What ends a line, or a text in C. */
const breaks = /[\r\n\0]/

/** The head of each part of a form. */
const heads = ({ body, headers }: recording.Sent): ReadonlyArray<string> => {
  const boundary = /boundary=(.*)$/.exec(headers["content-type"] ?? "")?.[1] ?? ""
  return Buffer.from(body).toString("latin1").split(`--${boundary}`).slice(1, -1)
    .map((part) => part.slice(2, part.indexOf("\r\n\r\n")))
}

/** Nothing that was sent has a line, a header or a part more than it should. */
const inspect = (sent: ReadonlyArray<recording.Sent>) => {
  for (const request of sent) {
    assert.notMatch(request.url.href, breaks)
    assert.match(request.url.href, /^http:\/\/(up|mgr|down)\.test\/[^#]*$/)
    for (const [name, value] of Object.entries(request.headers)) {
      assert.match(name, /^[a-z-]+$/i)
      assert.notMatch(value, breaks, name)
      assert.match(
        name.toLowerCase(),
        /^(user-agent|accept-encoding|authorization|content-(type|length)|uploadbatch|key|mimetype|deadline|x-wos-traffic-limit|range|if-range)$/
      )
    }
    if (request.headers["content-type"]?.startsWith("multipart/")) {
      for (const head of heads(request)) {
        assert.match(
          head,
          /^Content-Disposition: form-data; name="[^"\r\n\0]*"(; filename="[^"\r\n\0]*"\r\nContent-Type: [^\r\n\0]*)?$/
        )
      }
    }
  }
}

const refused = (error: WcsError.WcsError) => error._tag === "WcsInvalidInput"

/** Asks over a client that answers nothing useful; whatever is refused was refused before anything was sent. */
const ask = <R>(call: Effect.Effect<unknown, WcsError.WcsError, R>) =>
  Effect.gen(function*() {
    const { layer, sent } = recording.client(() => new Response("no", { status: 400 }))
    const failure = yield* Effect.option(Effect.flip(call)).pipe(
      Effect.provide(recording.services(layer, { retries: { connect: 0 } }))
    )
    if (Option.exists(failure, refused)) assert.isEmpty(sent)
    inspect(sent)
    return sent
  })

const uploads = (options: Uploader.UploadOptions, location: Uploader.UploadTarget) =>
  Effect.flatMap(Uploader.Uploader, (uploader) =>
    Effect.all([
      Effect.ignore(uploader.putBytes(new Uint8Array(3), location, { ...options, method: "form" })),
      uploader.putBytes(new Uint8Array(3), location, { ...options, method: "block" })
    ]))

describe("a name or a value with anything in it", () => {
  const ways: ReadonlyArray<readonly [string, (text: string) => Effect.Effect<unknown>]> = [
    ["a key to store", (text) => ask(uploads({}, at(text)))],
    ["a bucket", (text) => ask(uploads({}, { bucket: text, key: "a" }))],
    ["a MIME type", (text) => ask(uploads({ mimeType: `text/plain;${text}` }, at("a")))],
    ["a custom variable", (text) => ask(uploads({ custom: { name: text } }, at("a")))],
    ["a custom variable's name", (text) => ask(uploads({ custom: { [text]: "value" } }, at("a")))],
    ["an upload id", (text) => ask(uploads({ uploadId: text }, at("a")))],
    [
      "a policy",
      (text) => ask(uploads({ policy: { returnBody: text, callbackUrl: `http://app.test/${text}` } }, at("a")))
    ],
    ["a key to read", (text) => ask(Effect.flatMap(Objects.Objects, (objects) => objects.stat(at(text))))],
    [
      "a key to download",
      (text) => ask(Effect.flatMap(Downloader.Downloader, (downloader) => Stream.runDrain(downloader.stream(at(text)))))
    ],
    ["a key to move to", (text) => ask(Effect.flatMap(Objects.Objects, (objects) => objects.move(at("a"), at(text))))],
    [
      "keys to prefetch",
      (text) => ask(Effect.flatMap(Objects.Objects, (objects) => objects.prefetch("media", [text])))
    ],
    [
      "a prefix to delete",
      (text) =>
        ask(Effect.flatMap(FileManager.FileManager, (files) => files.deletePrefix([{ bucket: "media", prefix: text }])))
    ],
    [
      "a URL to fetch",
      (text) =>
        ask(
          Effect.flatMap(FileManager.FileManager, (files) =>
            files.fetch([{ url: `http://src.test/${text}`, to: at(`a${text}`) }]))
        )
    ],
    [
      "a retention",
      (text) => ask(Effect.flatMap(Objects.Objects, (objects) => objects.setDeadline(at(text), Retention.days(1))))
    ]
  ]
  for (const [what, way] of ways) {
    it.effect.prop(`${what} is refused, or stays in its place`, [hostile], ([text]) => Effect.asVoid(way(text)), runs)
  }

  it.effect.prop(
    "a query's value is that value, and no other parameter",
    [hostile, hostile],
    ([prefix, marker]) =>
      Effect.gen(function*() {
        const list = Effect.flatMap(Objects.Objects, (objects) => objects.list({ bucket: "media", prefix, marker }))
        const image = { image: `http://src.test/${marker}`, type: "porn", bucket: "media" } as const
        const [listed] = yield* ask(list)
        const [detected] = yield* ask(Effect.flatMap(Media.Media, (media) => media.detect(image)))
        const names = (sent: recording.Sent | undefined) => [...sent?.url.searchParams.keys() ?? []].toSorted()
        if (listed !== undefined) {
          assert.includeMembers(["bucket", "limit", "marker", "mode", "prefix"], names(listed))
          assert.strictEqual(listed.url.searchParams.get("marker") ?? "", marker)
        }
        const fields = new URLSearchParams(Buffer.from(detected?.body ?? []).toString())
        if (detected !== undefined) assert.deepStrictEqual([...fields.keys()].toSorted(), ["bucket", "image", "type"])
      }),
    runs
  )
})

const block = { index: 0, offset: 0, size: 8 }
const context = {
  bucket: "media",
  key: "a",
  policy: {},
  custom: {},
  mimeType: undefined,
  retentionDays: undefined,
  trafficLimit: 0
}

describe("a request that a program makes by itself", () => {
  for (const value of ["a\r\nx-more: b", "a\nb", "a\u0000", "\u4e2d"]) {
    it.effect(`is not sent with ${JSON.stringify(value)} for a header`, () => {
      const { layer, sent } = recording.client(() => new Response("{}"))
      return Effect.gen(function*() {
        const client = yield* WcsHttpClient.WcsHttpClient
        const request = Uploads.mkblk(context, UploadRecord.UploadId.make("one"), block, new Uint8Array(8))
        const error = yield* Effect.flip(
          client.execute({ ...request, headers: { ...request.headers, "x-own": value } })
        )
        assert.include(error, { _tag: "WcsInvalidInput", input: "x-own" })
        assert.isEmpty(sent)
      }).pipe(Effect.provide(recording.services(layer)))
    })
  }
})

describe("what would not stay in its place", () => {
  const bad: ReadonlyArray<readonly [name: string, value: string]> = [
    ["", "value"],
    ["a=b", "value"],
    ["a&b", "value"],
    ["a\nb", "value"],
    ["\ud800", "value"],
    ["name", "a&b"],
    ["name", "a\r\nb"],
    ["name", "a\u0000"],
    ["name", "\ud800"]
  ]
  for (const [name, value] of bad) {
    for (const method of ["form", "block"] as const) {
      it.effect(`is no custom variable: ${JSON.stringify({ [name]: value })}, ${method}`, () => {
        const { layer, sent } = recording.client(() => new Response("{}"))
        return Effect.gen(function*() {
          const uploader = yield* Uploader.Uploader
          const put = uploader.putBytes(new Uint8Array(8), context, { method, custom: { [name]: value } })
          assert.include(yield* Effect.flip(put), { _tag: "WcsInvalidInput" })
          assert.isEmpty(sent)
        }).pipe(Effect.provide(recording.services(layer)))
      })
    }
  }

  it.effect("is escaped in the head of a form's part", () =>
    Effect.gen(function*() {
      const form = yield* multipartForm.make([["na\"me", "value"]], {
        _tag: "Form",
        fields: [],
        fileName: "a\"; filename=\"b\r\nx-more: c",
        contentType: "text/plain",
        content: new Uint8Array(0)
      })
      const text = form._tag === "Uint8Array" ? Buffer.from(form.body).toString() : assert.fail(form._tag)
      const names = [...text.matchAll(/name="([^"]*)"\r\n/g)].map(([, name]) => name)
      assert.deepStrictEqual(names, ["na%22me", "a%22; filename=%22b%0D%0Ax-more: c"])
    }))
})
