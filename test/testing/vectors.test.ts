import { HttpClient, HttpClientRequest } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import { Emulator } from "effect-wcs/testing"
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { etag, inProcess, unb64u } from "./support.ts"

// Requests that the official SDKs sent, byte for byte: the emulator takes all of them, unless they were signed wrongly.

interface Vectors {
  readonly cases: ReadonlyArray<any>
}

const load = (name: string): Vectors =>
  JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), "utf8"))

const generate = (generator: "g1" | "g2", offset: number, length: number): Uint8Array => {
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; at++) {
    const i = offset + at
    const g1 = i * 31 + (i >> 8) * 17 + 7
    bytes[at] = generator === "g1" ? g1 : g1 + (i >> 16) * 13 + (i >> 24) * 11
  }
  return bytes
}

const contentOf = (content: any): Uint8Array =>
  content.text === undefined
    ? generate(content.generator, content.offset ?? 0, content.length)
    : Buffer.from(content.text)

const bodyOf = (body: any): Uint8Array => {
  switch (body.kind) {
    case "none":
      return new Uint8Array(0)
    case "text":
      return Buffer.from(body.text)
    case "bytes":
      return generate(body.generator, body.offset, body.length)
    case "multipart": {
      const boundary = body.boundary_fixed_by_recorder
      const bytes = Buffer.concat([
        ...body.parts.flatMap((part: any) => [
          Buffer.from(
            `--${boundary}\r\n${
              part.headers.map(([name, value]: [string, string]) => `${name}: ${value}\r\n`).join("")
            }\r\n`
          ),
          part.content === undefined ? Buffer.from(part.text) : contentOf(part.content),
          Buffer.from("\r\n")
        ]),
        Buffer.from(`--${boundary}--\r\n`)
      ])
      if (body.total_sha1) assert.strictEqual(createHash("sha1").update(bytes).digest("hex"), body.total_sha1)
      return bytes
    }
    default:
      throw new Error(`a body of kind ${body.kind}`)
  }
}

/** Sends a recorded request, with this run's ctx in place of the recorded ones. */
const replay = (request: any, ctxs: Map<string, string>) =>
  Effect.gen(function*() {
    const renew = (text: string) => text.replace(/[^/,]+/g, (word) => ctxs.get(word) ?? word)
    const recorded = bodyOf(request.body)
    const body = request.path.startsWith("/mkfile") ? Buffer.from(renew(Buffer.from(recorded).toString())) : recorded
    const query = request.query === "" ? "" : `?${request.query}`
    const { "transfer-encoding": _, ...headers } = request.headers
    const http = HttpClientRequest.make(request.method)(`http://wcs.test${renew(request.path)}${query}`).pipe(
      (self) => request.method === "GET" ? self : HttpClientRequest.bodyUint8Array(self, body, ""),
      HttpClientRequest.setHeaders(headers)
    )
    const response = yield* HttpClient.execute(http)
    const text = yield* response.text
    if (/^\/(mkblk|bput)\//.test(request.path) && response.status === 200) {
      ctxs.set(JSON.parse(request.response.body).ctx, JSON.parse(text).ctx)
    }
    return { status: response.status, text }
  })

const parametersOf = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(text.split("&").map((pair) => [pair.split("=")[0]!, pair.slice(pair.indexOf("=") + 1)]))

/** The objects that have to be there for a request to succeed. */
const sourcesOf = ({ body, path }: any): ReadonlyArray<string> => {
  const source = /^\/(?:move|copy)\/([^/]+)\/[^/]+$/.exec(path)?.[1]
  if (source !== undefined) return [unb64u(source)]
  if (path !== "/setdeadline") return []
  const { bucket = "", key = "" } = parametersOf(body.text)
  return [`${unb64u(bucket)}:${unb64u(key)}`]
}

const bucketsOf = (request: any): ReadonlyArray<string> => {
  const { body, headers, path, query } = request
  const tokens = [headers.authorization ?? "", ...(body.parts ?? []).map((part: any) => part.text ?? "")]
  const scopes = tokens.flatMap((token) =>
    token.split(":").length === 3 ? [JSON.parse(unb64u(token.split(":")[2])).scope] : []
  )
  const entries = /^\/(?:stat|delete|move|copy)\/(.+)$/.exec(path)?.[1]?.split("/") ?? []
  const { bucket, name } = parametersOf(path === "/imageDetect" ? body.text : query)
  return [
    ...[...scopes, ...entries.map(unb64u), ...sourcesOf(request)].map((entry) => entry.split(":")[0]),
    ...(bucket === undefined ? [] : [decodeURIComponent(bucket)]),
    ...(name === undefined ? [] : unb64u(name).split("|"))
  ]
}

const operations = [
  "stat",
  "delete",
  "move",
  "copy",
  "setdeadline",
  "list",
  "bucket",
  "imageDetect",
  "wslive",
  "file/upload",
  "mkblk",
  "bput",
  "mkfile"
]
const known = new RegExp(`^/(${operations.join("|")})(/|$)`)

const emulatorFor = (requests: ReadonlyArray<any>) =>
  inProcess({
    accessKey: "AKexample0001",
    secretKey: "SKexample0001secret",
    // `b` is the one that persistentOps save into.
    buckets: Array.from(new Set(["b", ...requests.flatMap(bucketsOf)]))
  })

const replayAll = (requests: ReadonlyArray<any>, expected: (request: any) => number) =>
  Effect.gen(function*() {
    yield* TestClock.setTime(1_767_323_045_000)
    const emulator = yield* Emulator.Emulator
    for (const [bucket = "", ...key] of requests.flatMap(sourcesOf).map((source) => source.split(":"))) {
      yield* emulator.putObject({ bucket, key: key.join(":") }, "")
    }
    const ctxs = new Map<string, string>()
    for (const request of requests) {
      const { status, text } = yield* replay(request, ctxs)
      const wrong = request.auth?.differs_from_wire === true
      assert.strictEqual(status, wrong ? 401 : expected(request), `${request.method} ${request.path}: ${text}`)
    }
  })

const run = (name: string, expected: (request: any) => number) => {
  for (const { id, parity, records_before, requests: all = [] } of load(name).cases) {
    const requests = all.filter(({ path, target }: any) => known.test(path) && target !== "source")
    // What the recorder did to a client is no business of the emulator's, nor is what another run left.
    const clean = records_before === undefined && id !== "node_resume.p009.record-resume" &&
      requests.every(({ response }: any) => response.action === undefined && response.status < 400)
    if (parity !== "exact" || requests.length === 0 || !clean) continue
    it.effect(
      id,
      () =>
        replayAll(requests, (request) => refused[id] ?? expected(request)).pipe(Effect.provide(emulatorFor(requests)))
    )
  }
}

const policyOf = ({ body, headers }: any) =>
  JSON.parse(unb64u((headers.authorization ?? body.parts[0].text).split(":")[2]))

/** What a strict service refuses although an SDK sends it. */
const refused: Readonly<Record<string, number>> = {
  "stat.p015.empty-key": 400,
  "delete.p015.empty-key": 400,
  // Source and target are the same.
  "move.p008.empty-dstkey": 406,
  "copy.p008.empty-dstkey": 406,
  // Types that are not documented, and positions before the first one.
  "bucket_stat.p004.many": 400,
  "bucket_stat.p006.storage-two": 400,
  "bucket_statistics.p004.storage": 400,
  "wslive.p004.start-limit": 400,
  "simple_upload.p011.key-slashes": 400,
  "policy.p013.all": 400,
  "policy.p017.deadline-0-file": 401
}

describe("objects", () => run("objects", ({ path }) => /^\/(stat|delete)/.test(path) ? 404 : 200))
describe("buckets", () => run("buckets", () => 200))
describe("listings", () =>
  run("list", ({ query }) =>
    // Markers that another service made, times that are none.
    /(startTime|endTime)=(?!\d+(&|$))|marker=[^&]/.test(query) ? 400 : 200))
describe("forms and policies", () =>
  run("upload", (request) => {
    if (!/upload|mkblk|bput|mkfile/.test(request.path)) return 404
    if (/mkblk|bput/.test(request.path)) return 200
    const policy = policyOf(request)
    return policy.callbackUrl ? 579 : policy.returnUrl && request.path === "/file/upload" ? 303 : 200
  }))
describe("block uploads", () => run("multipart", () => 200))
describe("the Node SDK", () =>
  run("node", ({ path }) => path.startsWith("/stat") || path.startsWith("/delete") ? 404 : 200))

it.effect("what a block upload of the Python SDK stores is its file", () => {
  const vector = load("multipart").cases.find(({ id }) => id.startsWith("multipart.p014."))
  return Effect.gen(function*() {
    const emulator = yield* Emulator.Emulator
    yield* replayAll(vector.requests, () => 200)
    const { generator, size } = vector.files["f.bin"]
    const content = generate(generator, 0, size)
    const [object] = yield* emulator.objects(vector.call.args.bucket)
    assert.strictEqual(object?.key, vector.call.args.key)
    assert.strictEqual(object?.size, size)
    assert.strictEqual(object?.etag, etag(content))
  }).pipe(Effect.provide(emulatorFor(vector.requests)))
})
