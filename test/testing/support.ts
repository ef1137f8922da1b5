import { FetchHttpClient, HttpBody, HttpClient, HttpClientRequest } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Option, type Stream, TestClock } from "effect"
import type { EmulatorOptions } from "effect-wcs/testing"
import { Emulator, EmulatorAddress, EmulatorClient } from "effect-wcs/testing"
import * as EmulatorNode from "effect-wcs/testing/node"
import { createHash, createHmac } from "node:crypto"
import { crc32 } from "node:zlib"
import { contentOf, emulator } from "../support/emulated.ts"

/** When every test begins. */
export const now = 1_767_323_045_678

export const accessKey = "test-access-key"
export const secretKey = "test-secret-key"
export const pieceSize = 4_194_304

/** Written by hand, so that a mistake of the library would show. */
export const b64u = (input: string | Uint8Array): string =>
  Buffer.from(input).toString("base64").replaceAll("+", "-").replaceAll("/", "_")

export const unb64u = (text: string): string => Buffer.from(text, "base64url").toString()

export const sign = (text: string | Uint8Array, key = secretKey): string =>
  b64u(createHmac("sha1", key).update(text).digest("hex"))

export const sha1 = (bytes: Uint8Array): Buffer => createHash("sha1").update(bytes).digest()
export const md5 = (bytes: Uint8Array): string => createHash("md5").update(bytes).digest("hex")
export { crc32 }

export const etag = (bytes: Uint8Array): string => {
  const pieces = []
  for (let at = 0; at === 0 || at < bytes.length; at += pieceSize) pieces.push(sha1(bytes.subarray(at, at + pieceSize)))
  return b64u(Buffer.concat(
    pieces.length === 1 ? [Buffer.of(0x16), pieces[0]!] : [
      Buffer.of(0x96),
      sha1(Buffer.concat(pieces))
    ]
  ))
}

/** Bytes that differ from place to place. */
export const bytes = (length: number): Uint8Array => {
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) bytes[i] = i * 31 + (i >> 8) * 17 + (i >> 16) * 13 + 7
  return bytes
}

export const uploadToken = (policy: { readonly [field: string]: unknown }): string => {
  const encoded = b64u(JSON.stringify({ deadline: String(now + 3_600_000), ...policy }))
  return `${accessKey}:${sign(encoded)}:${encoded}`
}

export const entry = (bucket: string, key: string): string => b64u(`${bucket}:${key}`)

export interface Answer {
  readonly status: number
  readonly headers: { readonly [name: string]: string | undefined }
  readonly text: string
  readonly body: Uint8Array
  readonly json: any
}

/** Status and message of a refusal. */
export const error = (answer: Answer) => {
  assert.strictEqual(answer.json.code, String(answer.status))
  return [answer.status, answer.json.message] as const
}

type Body = string | Uint8Array | Stream.Stream<Uint8Array, unknown>

const httpBody = (body: Body): HttpBody.HttpBody =>
  typeof body === "string"
    ? HttpBody.raw(body, { contentLength: Buffer.byteLength(body) })
    : body instanceof Uint8Array
    ? HttpBody.raw(body, { contentLength: body.length })
    : HttpBody.stream(body)

export const send = (method: "GET" | "POST" | "HEAD" | "PUT" | "OPTIONS", target: string, options: {
  readonly headers?: Record<string, string>
  readonly body?: Body
} = {}) =>
  Effect.gen(function*() {
    const { uploadUrl } = yield* EmulatorAddress.EmulatorAddress
    const request = HttpClientRequest.make(method)(`${uploadUrl}${target}`).pipe(
      options.body === undefined ? (self) => self : HttpClientRequest.setBody(httpBody(options.body)),
      HttpClientRequest.setHeaders(options.headers ?? {})
    )
    const response = yield* HttpClient.execute(request)
    const body = method === "HEAD" || response.status === 304
      ? new Uint8Array(0)
      : new Uint8Array(yield* response.arrayBuffer)
    const text = new TextDecoder().decode(body)
    const answer: Answer = {
      status: response.status,
      headers: response.headers,
      text,
      body,
      get json() {
        return JSON.parse(text)
      }
    }
    return answer
  })

/** A management request: signed over target and body. */
export const manage = (method: "GET" | "POST", target: string, body = "") =>
  send(method, target, {
    headers: { Authorization: `${accessKey}:${sign(`${target}\n${body}`)}` },
    ...(method === "POST" ? { body } : {})
  })

export const mkblk = (
  options: {
    readonly policy?: Record<string, unknown>
    readonly order?: number
    readonly size?: number
    readonly chunk: Body
    readonly headers?: Record<string, string>
  }
) =>
  send("POST", `/mkblk/${options.size ?? (options.chunk as Uint8Array).length}/${options.order ?? 0}`, {
    headers: {
      Authorization: uploadToken(options.policy ?? { scope: "demo:key" }),
      UploadBatch: "batch",
      ...options.headers
    },
    body: options.chunk
  })

export const bput = (
  options: {
    readonly policy?: Record<string, unknown>
    readonly ctx: string
    readonly offset: number
    readonly chunk: Uint8Array
    readonly headers?: Record<string, string>
  }
) =>
  send("POST", `/bput/${options.ctx}/${options.offset}`, {
    headers: {
      Authorization: uploadToken(options.policy ?? { scope: "demo:key" }),
      UploadBatch: "batch",
      ...options.headers
    },
    body: options.chunk
  })

export const mkfile = (
  options: {
    readonly policy?: Record<string, unknown>
    readonly path: string
    readonly ctxs: ReadonlyArray<string>
    readonly headers?: Record<string, string>
  }
) =>
  send("POST", `/mkfile/${options.path}`, {
    headers: {
      Authorization: uploadToken(options.policy ?? { scope: "demo:key" }),
      UploadBatch: "batch",
      ...options.headers
    },
    body: options.ctxs.join(",")
  })

export type Part =
  | readonly [name: string, value: string]
  | readonly [name: string, value: string | Uint8Array, fileName: string, contentType?: string]

export const multipart = (parts: ReadonlyArray<Part>, boundary = "boundary"): Uint8Array =>
  Buffer.concat([
    ...parts.flatMap(([name, value, fileName, contentType]) => [
      Buffer.from(
        `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${
          fileName === undefined ? "" : `; filename="${fileName}"`
        }\r\n${contentType === undefined ? "" : `Content-Type: ${contentType}\r\n`}\r\n`
      ),
      Buffer.from(value),
      Buffer.from("\r\n")
    ]),
    Buffer.from(`--${boundary}--\r\n`)
  ])

export const form = (parts: ReadonlyArray<Part>) =>
  send("POST", "/file/upload", {
    headers: { "Content-Type": "multipart/form-data; boundary=boundary" },
    body: multipart(parts)
  })

/** A form upload as the Python SDK sends it: token, then file. */
export const put = (
  policy: { readonly [field: string]: unknown },
  content: string | Uint8Array,
  fileName = "file.txt"
) => form([["token", uploadToken(policy)], ["file", content, fileName, "text/plain"]])

/** What an object is and holds. */
export const stored = (key: string, bucket = "demo") =>
  emulator((emulator) =>
    Effect.all({
      info: Effect.map(emulator.object({ bucket, key }), Option.getOrThrow),
      content: contentOf({ bucket, key })
    })
  )

/** The message of a bucket that the account does not have. */
export const noBucket = (buckets = "demo") => `Bucket Not Found: the emulator's \`buckets\` are ${buckets}`

export type Services = Emulator.Emulator | EmulatorAddress.EmulatorAddress | HttpClient.HttpClient

/** Everything in one fiber, no socket. */
export const inProcess = (options: EmulatorOptions.EmulatorOptions = {}): Layer.Layer<Services> =>
  Layer.provideMerge(EmulatorClient.layer, Emulator.layerMemory(options))

/** A server on the loopback interface, under the test's clock. */
export const onPort = (options: EmulatorOptions.EmulatorOptions = {}): Layer.Layer<Services> =>
  Layer.mergeAll(EmulatorNode.layer(options), FetchHttpClient.layer).pipe(Layer.orDie)

/** The same test in process and on a port. */
export const both = (
  name: string,
  test: () => Effect.Effect<void, unknown, Services>,
  options?: EmulatorOptions.EmulatorOptions
) =>
  describe.each([["in process", inProcess], ["on a port", onPort]] as const)("%s", (_, layer) => {
    it.effect(name, () => Effect.provide(Effect.zipRight(TestClock.setTime(now), test()), layer(options)))
  })
