import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import * as Base64Url from "../../domain/Base64Url.ts"
import * as ReturnBody from "../../domain/ReturnBody.ts"
import type { Digest } from "../../services/Digest.ts"
import * as EmulatorResponse from "../EmulatorResponse.ts"
import type { EmulatorStorageError } from "../EmulatorStorage.ts"
import { Background } from "./background.ts"
import * as callback from "./callback.ts"
import type { Catalog } from "./catalog.ts"
import { Credentials, type Grant } from "./credentials.ts"
import * as mimeTypes from "./mimeTypes.ts"
import * as multipart from "./multipart.ts"
import type { Exchange, OperationError, OperationServices } from "./operation.ts"
import { refuse } from "./refusal.ts"
import { Settings } from "./settings.ts"
import * as uploads from "./upload.ts"

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
      return yield* callback.relay(policy.callbackUrl, policy.callbackBody, (text) => ReturnBody.expand(text, lookup))
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

/** What became of an upload, and the headers that tell of it. */
export interface Stored {
  readonly lookup: uploads.Lookup
  readonly headers: EmulatorResponse.EmulatorResponse["headers"]
}

/** Reads a form, takes its file in, stores what came, and answers; who is allowed to is known when all of it has come. */
export const handle = (
  exchange: Exchange,
  take: <E>(
    content: Stream.Stream<Uint8Array, E>
  ) => Effect.Effect<uploads.Staged, E | EmulatorStorageError, Catalog | Digest | Scope.Scope>,
  store: (upload: uploads.Upload) => Effect.Effect<Stored, OperationError, OperationServices>
): Effect.Effect<EmulatorResponse.EmulatorResponse, OperationError, OperationServices> =>
  Effect.gen(function*() {
    const background = yield* Background
    const credentials = yield* Credentials
    const { strictness } = yield* Settings
    const boundary = multipart.boundaryOf(exchange.request.headers["content-type"])
    if (boundary === undefined) return yield* refuse(400, "multipart/form-data Required")
    const { fields, file } = yield* multipart.read(exchange.body, boundary, (head, content) =>
      Effect.map(take(content), (staged) => ({ ...staged, head })))
    const grant = yield* credentials.upload(fields.get("token"), yield* exchange.serviceTime)
    const { policy } = grant

    const answer = Effect.gen(function*() {
      if (file === undefined) {
        return yield* refuse(400, "File Required")
      }
      const custom = new Map(
        Array.from(fields).filter(([name]) =>
          name.startsWith("x:")
        )
      )
      const { content, etag, head: { contentType = mimeTypes.unknown, fileName } } = file
      const arrived: uploads.Arrived = { grant, content, etag, custom, fileName }
      const saveKey = Effect.map(uploads.timeVariables, (time) => {
        const known = uploads.variables(exchange, arrived, 0)
        return policy.saveKey ? ReturnBody.expand(policy.saveKey, (name) => known(name) ?? time(name)) : fileName
      })
      const key = yield* uploads.chooseKey(grant, fields.get("key"), saveKey)
      yield* exchange.identify({ bucket: grant.bucket, key })
      yield* uploads.checkCustom(custom)
      const stored = store({
        ...arrived,
        key,
        mimeType: fields.get("mimeType") || (contentType === mimeTypes.unknown ? mimeTypes.fromName(key) : contentType),
        retention: fields.get("deadline") ?? fields.get("deleteAfterDays")
      })
      return yield* background.followUp(stored, ({ headers, lookup }) =>
        Effect.map(respond(policy, lookup), (response) => ({
          ...response,
          headers: { ...response.headers, ...headers }
        })))
    })
    const { returnUrl } = policy
    if (!returnUrl || strictness.returnUrl === "fields") {
      return yield* answer
    }
    return yield* Effect.catchTag(answer, "Refusal", ({ status, text }) =>
      Effect.succeed(redirect(returnUrl, urlQuery([["code", String(status)], ["message", text]]))))
  })
