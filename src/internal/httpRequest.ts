import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import { invalid } from "../domain/Input.ts"
import * as Signature from "../domain/Signature.ts"
import type { UploadToken } from "../domain/UploadToken.ts"
import { WcsInvalidInput } from "../domain/WcsError.ts"
import type { WcsRequest } from "../domain/wire/WcsRequest.ts"
import type { WcsAuth } from "../services/WcsAuth.ts"
import type { WcsOptions } from "../services/WcsConfig.ts"
import * as multipartForm from "./multipartForm.ts"

const settings = { upload: "uploadUrl", management: "managementUrl", download: "downloadUrl" } as const

const variables = { upload: "WCS_PUT_URL", management: "WCS_MGR_URL", download: "WCS_DOWNLOAD_URL" }

/** Refuses what needs a host that no setting names. */
export const noHost = (host: WcsRequest<unknown>["host"], needs: string): Either.Either<never, WcsInvalidInput> =>
  invalid(settings[host], `is not set, and ${needs} needs it (in the environment: ${variables[host]})`)

/** Where a request goes, by the settings. */
export const urlOf = (config: WcsOptions, request: WcsRequest<unknown>): Either.Either<URL, WcsInvalidInput> => {
  const setting = settings[request.host]
  const base = config[setting]?.replaceAll("{bucket}", encodeURIComponent(request.bucket ?? "")).replace(/\/$/, "")
  if (base === undefined) {
    return noHost(request.host, request.host === "upload" ? "an upload" : request.operation)
  }
  const url = `${base}${request.path}${request.query === "" ? "" : `?${request.query}`}`
  return URL.canParse(url)
    ? Either.right(new URL(url))
    : invalid(setting, `does not make a URL: ${base}`)
}

/** What HTTP has no place for in a header's value: with it, one header could become two. */
const notInHeaders = /[^\t\u0020-\u007e\u0080-\u00ff]/

const httpBody = (body: WcsRequest<unknown>["body"], token: Redacted.Redacted | undefined) => {
  switch (body._tag) {
    case "Empty":
      return Effect.succeed(HttpBody.empty)
    case "Text":
      return Effect.succeed(HttpBody.text(body.text, body.contentType))
    case "Bytes":
      return Effect.succeed(HttpBody.uint8Array(body.bytes))
    case "Form":
      return multipartForm.make(token ? [["token", Redacted.value(token)], ...body.fields] : body.fields, body)
  }
}

/** An attempt's request, signed. */
export const make = Effect.fnUntraced(function*(
  config: WcsOptions,
  auth: WcsAuth["Type"],
  request: WcsRequest<unknown>,
  token: UploadToken | undefined
) {
  const { authorization, body, operation } = request
  const url = yield* urlOf(config, request)
  const signed = authorization._tag === "Management"
    ? yield* auth.management(
      operation,
      Signature.managementText({
        path: url.pathname,
        query: url.search.slice(1),
        body: body._tag === "Text" ? body.text : ""
      })
    )
    : body._tag === "Form"
    ? undefined
    : token?.text
  const headers = {
    "user-agent": "effect-wcs",
    // What is stored, and not a packed form of it; and no transport here unpacks what it did not ask for.
    "accept-encoding": "identity",
    ...request.headers,
    ...(signed && { authorization: Redacted.value(signed) })
  }
  const bad = Object.entries(headers).find(([, value]) => notInHeaders.test(value))
  if (bad !== undefined) {
    return yield* new WcsInvalidInput({
      input: bad[0],
      detail: `${operation} cannot send it: a header has no control character, and nothing beyond Latin-1`
    })
  }
  return HttpClientRequest.make(request.method)(url.href, { headers }).pipe(
    HttpClientRequest.setBody(yield* httpBody(body, token?.text))
  )
})
