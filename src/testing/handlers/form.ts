import * as Effect from "effect/Effect"
import * as Base64Url from "../../domain/Base64Url.ts"
import * as EmulatorResponse from "../EmulatorResponse.ts"
import * as callback from "../internal/callback.ts"
import { Credentials, type Grant } from "../internal/credentials.ts"
import * as mimeTypes from "../internal/mimeTypes.ts"
import * as multipart from "../internal/multipart.ts"
import type { Exchange, Operation } from "../internal/operation.ts"
import { refuse } from "../internal/refusal.ts"
import { Settings } from "../internal/settings.ts"
import * as template from "../internal/template.ts"
import * as uploads from "../internal/upload.ts"

interface ReceivedFile extends uploads.Staged {
  readonly head: multipart.PartHead
}

/** `a=1&b=2`, as a URL's query has it. */
const urlQuery = (members: ReadonlyArray<readonly [string, string]>): string =>
  members.map((member) => member.map((text) => encodeURIComponent(text.toWellFormed())).join("=")).join("&")

/** What a header cannot hold is escaped. */
const redirect = (url: string, query: string): EmulatorResponse.EmulatorResponse =>
  EmulatorResponse.empty(303, {
    location: `${url.toWellFormed().replace(/[^!-~]/gu, encodeURIComponent)}${url.includes("?") ? "&" : "?"}${query}`
  })

const plain = (members: ReadonlyArray<readonly [string, string]>): string =>
  members.map(([name, value]) => `${name}=${value}`).join("&")

/** The answer of an upload that succeeded (protocol 4.2, 4.3). */
const respond = (policy: Grant["policy"], lookup: uploads.Lookup) =>
  Effect.gen(function*() {
    const { strictness } = yield* Settings
    if (policy.callbackUrl) {
      return yield* callback.relay(policy.callbackUrl, policy.callbackBody, (text) => template.expand(text, lookup))
    }
    if (policy.returnUrl) {
      const told = uploads.returned(policy, lookup, policy.returnBody ? ["hash"] : ["bucket", "key", "hash"])
      return redirect(
        policy.returnUrl,
        urlQuery(strictness.returnUrl === "fields" ? told : [["upload_ret", Base64Url.encode(plain(told))]])
      )
    }
    return EmulatorResponse.text(Base64Url.encode(plain(uploads.returned(policy, lookup, ["hash"]))))
  })

const store = (exchange: Exchange, grant: Grant, { fields }: multipart.Form<ReceivedFile>, file: ReceivedFile) =>
  Effect.gen(function*() {
    const { policy } = grant
    const custom = new Map(Array.from(fields).filter(([name]) => name.startsWith("x:")))
    const { content, etag, head: { contentType = mimeTypes.unknown, fileName } } = file
    const arrived: uploads.Arrived = { grant, content, etag, custom, fileName }
    const saveKey = Effect.map(uploads.timeVariables, (time) => {
      const known = uploads.variables(exchange, arrived, 0)
      return policy.saveKey ? template.expand(policy.saveKey, (name) => known(name) ?? time(name)) : fileName
    })
    const key = yield* uploads.chooseKey(grant, fields.get("key"), saveKey)
    yield* exchange.identify({ key })
    yield* uploads.checkCustom(custom)
    yield* uploads.checkSize(grant, content.size)
    const lookup = yield* uploads.commit(exchange, {
      ...arrived,
      key,
      mimeType: fields.get("mimeType") || (contentType === mimeTypes.unknown ? mimeTypes.fromName(key) : contentType),
      retention: fields.get("deadline") ?? fields.get("deleteAfterDays")
    })
    return yield* respond(policy, lookup)
  })

/**
 * A form upload (protocol 5.1, 19.17).
 *
 * @since 0.1.0
 * @category operations
 */
export const form: Operation = {
  name: "form",
  methods: ["POST"],
  path: /^\/file\/upload$/,
  handle: (exchange) =>
    Effect.gen(function*() {
      const credentials = yield* Credentials
      const { strictness } = yield* Settings
      const boundary = multipart.boundaryOf(exchange.request.headers["content-type"])
      if (boundary === undefined) return yield* refuse(400, "multipart/form-data Required")
      const read = yield* multipart.read(exchange.body, boundary, (head, content) =>
        Effect.map(uploads.stage(content), (staged): ReceivedFile => ({ ...staged, head })))
      const grant = yield* credentials.upload(read.fields.get("token"), yield* exchange.serviceTime)
      const { returnUrl } = grant.policy
      const stored = read.file === undefined
        ? refuse(400, "File Required")
        : store(exchange, grant, read, read.file)
      if (!returnUrl || strictness.returnUrl === "fields") {
        return yield* stored
      }
      return yield* Effect.catchTag(stored, "Refusal", ({ status, text }) =>
        Effect.succeed(redirect(returnUrl, urlQuery([["code", String(status)], ["message", text]]))))
    })
}
