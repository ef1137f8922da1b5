import { HttpClient, HttpClientError, type HttpClientRequest, HttpClientResponse } from "@effect/platform"
import { Clock, Effect, Layer, Stream } from "effect"
import { crc32, gzipSync } from "node:zlib"
import { WcsConfig } from "../../../src/services/WcsConfig.ts"
import { base64url, content, md5 } from "./content.ts"
import type { RecordedRequest, RecordedResponse, Target } from "./files.ts"
import { fill, type Setting } from "./setting.ts"
import { chunkOf, ctxOf, laneOf, type Step, stepOf } from "./steps.ts"

/** A request that was sent, whole. */
export interface Sent {
  readonly step: Step
  readonly target: Target
  readonly tls: boolean
  readonly method: string
  readonly path: string
  readonly query: string
  /** By lower-case name. */
  readonly headers: { readonly [name: string]: string }
  readonly body: Uint8Array
  /** By the test's clock, in milliseconds since the epoch. */
  readonly at: number
  /** Absent when no answer came. */
  readonly answer: RecordedResponse | undefined
}

const targets: { readonly [origin: string]: Target } = {
  "http://put.test": "put",
  "https://put-tls.test": "put",
  "http://mgr.test": "mgr",
  "https://mgr-tls.test": "mgr",
  "http://source.test": "source"
}

/** The whole body, or what is wrong with it: each has a length that is announced. */
const bodyOf = ({ body }: HttpClientRequest.HttpClientRequest): Effect.Effect<Uint8Array, string> => {
  switch (body._tag) {
    case "Empty":
      return Effect.succeed(new Uint8Array())
    case "Uint8Array":
      // A copy: the sender's memory is its own again once it has the answer.
      return Effect.sync(() => Uint8Array.from(body.body))
    case "Stream":
      return Stream.runCollect(body.stream).pipe(
        Effect.map((chunks) => Buffer.concat([...chunks])),
        Effect.mapError(String),
        Effect.filterOrFail(
          (bytes) => bytes.length === body.contentLength,
          (bytes) => `${bytes.length} bytes were sent, ${body.contentLength} were announced`
        )
      )
    default:
      return Effect.fail(`a body of the kind ${body._tag} has no length`)
  }
}

/** The hash of an answer replaced by the right one: the recorder's are invented. */
const withHash = (body: string, etag: string): string => {
  if (body === "") return body
  if (body.startsWith("{")) return JSON.stringify({ ...JSON.parse(body), hash: etag })
  return base64url(Buffer.from(body, "base64url").toString().replace(/hash=[^&]*/, `hash=${etag}`))
}

/** An answer to a step that is beyond the recording: what a service in good health says. */
const healthy = (setting: Setting, step: Step, stored: boolean): RecordedResponse => {
  const json = (status: number, value: unknown) => ({ status, body: JSON.stringify(value) })
  if (step === "stat") {
    return stored
      ? json(200, {
        code: 200,
        name: setting.key,
        fsize: setting.bytes.length,
        hash: setting.etag,
        mimeType: "text/plain",
        putTime: 1,
        expirationDate: ""
      })
      : json(404, { code: "404", message: "File Not Found" })
  }
  if (step === "form" || step === "mkfile") return json(200, { hash: setting.etag, key: setting.key })
  if (step === "list") return json(200, { items: [], marker: "" })
  if (step === "delete") return json(200, { code: 200, message: "OK" })
  if (laneOf(step) === undefined) throw new Error(`nothing is recorded for ${step}`)
  const { bytes, index, offset } = chunkOf(setting, step)
  return json(200, { ctx: ctxOf(index, offset + bytes.length) })
}

/** The recorded answer with right values in the places of invented ones. */
const corrected = (setting: Setting, step: Step, answer: RecordedResponse): RecordedResponse => {
  if (answer.status !== 200 || answer.body === undefined) return answer
  if (step === "form" || step === "mkfile") return { ...answer, body: withHash(answer.body, setting.etag) }
  if (!/^(?:mkblk|bput)/.test(step)) return answer
  const { bytes, offset } = chunkOf(setting, step)
  return {
    ...answer,
    body: JSON.stringify({
      ...JSON.parse(answer.body),
      crc32: crc32(bytes),
      checksum: md5(bytes),
      offset: offset + bytes.length
    })
  }
}

const toWeb = ({ body = "", body_gen: generated, gzip = false, headers = {}, status = 200 }: RecordedResponse) => {
  const bytes = generated === undefined ? Buffer.from(body) : content(generated.generator, generated.size)
  return new Response(gzip ? gzipSync(bytes) : Uint8Array.from(bytes), {
    status,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, fill(value)]))
  })
}

/** The answer without the compression that the request did not ask for. */
const plain = ({ gzip: _, headers, ...answer }: RecordedResponse): RecordedResponse => ({
  ...answer,
  headers: Object.fromEntries(Object.entries(headers ?? {}).filter(([name]) => !/^content-encoding$/i.test(name)))
})

/** A service that answers as recorded, and writes down every request that reaches it. */
export const make = (setting: Setting, recorded: ReadonlyArray<RecordedRequest>) => {
  const sent: Array<Sent> = []
  const asked = new Map<string, number>()
  let refused = 0
  let stored = !setting.method.endsWith("upload")

  const answerOf = (step: Step, target: Target, method: string, path: string, query: string): RecordedResponse => {
    const key = `${target} ${method} ${decodeURI(path)}?${decodeURIComponent(query)}`
    const nth = asked.get(key) ?? 0
    asked.set(key, nth + 1)
    const same = recorded.filter((request) =>
      key === `${request.target} ${request.method} ${decodeURI(request.path)}?${decodeURIComponent(request.query)}`
    )
    return corrected(setting, step, same[nth]?.response ?? healthy(setting, step, stored))
  }

  const client = (verifyTls: boolean) =>
    HttpClient.make((request, url) => {
      const broken = (what: string) =>
        new HttpClientError.RequestError({ request, reason: "Transport", cause: new Error(what) })
      const target = targets[url.origin]
      const tls = url.protocol === "https:"
      if (target === undefined || (tls && verifyTls)) {
        refused += 1
        return Effect.fail(
          broken(target === undefined ? `connect ECONNREFUSED ${url.host}` : "self-signed certificate")
        )
      }
      return Effect.gen(function*() {
        const at = yield* Clock.currentTimeMillis
        const [, path = "", query = ""] = /^https?:\/\/[^/]*([^?]*)\??(.*)$/.exec(url.href) ?? []
        const step = stepOf({ target, path })
        const recorded = answerOf(step, target, request.method, path, query)
        // A source of content may compress all the same.
        const answer = target === "source" || request.headers["accept-encoding"]?.includes("gzip")
          ? recorded
          : plain(recorded)
        const body = yield* Effect.mapError(bodyOf(request), broken)
        sent.push({
          step,
          target,
          tls,
          method: request.method,
          path,
          query,
          headers: {
            ...request.headers,
            ...(request.body.contentType && { "content-type": request.body.contentType })
          },
          body,
          at,
          answer: answer.action === undefined ? answer : undefined
        })
        if (answer.action === "stall") return yield* Effect.never
        if (answer.action !== undefined) return yield* broken("read ECONNRESET")
        if ((step === "form" || step === "mkfile") && (answer.status ?? 200) < 400) stored = true
        return HttpClientResponse.fromWeb(request, toWeb(answer))
      })
    })

  // Its certificates are self-signed: a client that checks them gets no further.
  const layer = Layer.effect(HttpClient.HttpClient, Effect.map(WcsConfig, ({ verifyTls }) => client(verifyTls)))
  return { layer, sent, refusals: () => refused }
}
