/**
 * `WcsHttpClient` over any `HttpClient` of `@effect/platform`.
 *
 * @since 0.1.0
 */
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as Signature from "../domain/Signature.ts"
import type { UploadToken } from "../domain/UploadToken.ts"
import { type WcsError, WcsInvalidInput, WcsTimeout, WcsUndecodableAnswer } from "../domain/WcsError.ts"
import * as Refusals from "../domain/wire/Refusals.ts"
import type { Answer, Operation, WcsRequest } from "../domain/wire/WcsRequest.ts"
import { type Attempt, logged } from "../internal/attemptLog.ts"
import * as multipartForm from "../internal/multipartForm.ts"
import * as throttle from "../internal/throttle.ts"
import * as transport from "../internal/transport.ts"
import * as Retry from "../services/Retry.ts"
import { WcsAuth } from "../services/WcsAuth.ts"
import { WcsConfig, type WcsOptions } from "../services/WcsConfig.ts"
import { type ExecuteOptions, WcsHttpClient } from "../services/WcsHttpClient.ts"

/** Clocks that differ by less, in milliseconds, are as good as equal: `Date` has whole seconds and takes its time. */
const tolerableSkew = 10_000

const hosts = {
  upload: ["uploadUrl", "WCS_PUT_URL"],
  management: ["managementUrl", "WCS_MGR_URL"],
  download: ["downloadUrl", "WCS_DOWNLOAD_URL"]
} as const

const urlOf = (config: WcsOptions, request: WcsRequest<unknown>): Either.Either<URL, WcsInvalidInput> => {
  const [setting, variable] = hosts[request.host]
  const base = config[setting]?.replaceAll("{bucket}", encodeURIComponent(request.bucket ?? "")).replace(/\/$/, "")
  if (base === undefined) {
    return Either.left(new WcsInvalidInput({ input: setting, detail: `${request.operation} needs it (${variable})` }))
  }
  const url = `${base}${request.path}${request.query === "" ? "" : `?${request.query}`}`
  return URL.canParse(url)
    ? Either.right(new URL(url))
    : Either.left(new WcsInvalidInput({ input: setting, detail: `does not make a URL: ${base}` }))
}

/** What HTTP has no place for in a header's value: with it, one header could become two. */
const notInHeaders = /[^\t\u0020-\u007e\u0080-\u00ff]/

/** Whether the answer is what the callback's server said, which is not ours to judge (protocol 4.2). */
const isRelayed = (operation: Operation, token: UploadToken | undefined): boolean =>
  Boolean(token?.policy["callbackUrl"]) && (operation === "upload" || operation === "mkfile" || operation === "append")

/** Whether an attempt that failed so may have been carried out all the same. */
const isAmbiguous = ({ _tag }: WcsError): boolean =>
  _tag === "WcsNetworkError" || _tag === "WcsTimeout" || _tag === "WcsUndecodableAnswer" || _tag === "WcsServerFailure"

interface Headed {
  readonly headers: { readonly [name: string]: string | undefined }
}

/**
 * Sends request values with the platform's `HttpClient`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<
  WcsHttpClient["Type"],
  never,
  WcsConfig | WcsAuth | HttpClient.HttpClient
> = Effect.gen(function*() {
  const config = yield* WcsConfig
  const auth = yield* WcsAuth
  const platform = yield* HttpClient.HttpClient
  const exchange = transport.exchanges.get(platform)
  const client = platform.pipe(
    // URLs and headers in the built-in span would hold tokens, and it would be sent along; the spans here are our own.
    HttpClient.withTracerDisabledWhen(() => true)
  )
  const throttles = { upload: throttle.make(), management: throttle.make(), download: throttle.make() }
  /** The service's clock less ours, once it is known to matter. */
  let skew = 0
  const now = Effect.map(Clock.currentTimeMillis, (local) => local + skew)

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

  /** The upload token of an attempt. Who issues it has a time of its own. */
  const tokenOf = (
    { authorization }: WcsRequest<unknown>,
    renew: boolean
  ): Effect.Effect<UploadToken | undefined, WcsError> =>
    authorization._tag === "Upload"
      ? Effect.flatMap(now, (now) => auth.uploadToken({ ...authorization, now, renew }))
      : Effect.succeed(undefined)

  /** An attempt's request, signed. */
  const prepare = Effect.fnUntraced(function*(request: WcsRequest<unknown>, token: UploadToken | undefined) {
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

  /** The error of a refusal. A clock that turns out to be wrong is corrected on the way. */
  const refuse = (
    request: WcsRequest<unknown>,
    refusal: ReturnType<typeof Refusals.refusal>,
    { headers }: Headed,
    deadline: number | undefined
  ): Effect.Effect<never, WcsError> =>
    Effect.gen(function*() {
      const local = yield* Clock.currentTimeMillis
      const date = Date.parse(headers["date"] ?? "")
      const theirs = Number.isNaN(date) ? local + skew : date
      const expired = refusal.status === 401 && deadline !== undefined &&
        (deadline <= theirs || /token expired/i.test(refusal.detail))
      if (expired && Math.abs(theirs - local - skew) > tolerableSkew) {
        skew = theirs - local
        yield* Effect.logWarning(
          `the clock here is off by ${Math.round(-skew / 1000)} s: the service's is used for tokens`
        )
          .pipe(Effect.annotateLogs({ package: "effect-wcs", module: "WcsHttpClient" }))
      }
      return yield* Refusals.toError(request.operation, refusal, {
        expired,
        nextPosition: Refusals.nextPosition({ headers })
      })
    })

  /** The whole answer. Not every client bounds what it reads, so that it is done here. */
  const readAnswer = (
    operation: Operation,
    response: HttpClientResponse.HttpClientResponse
  ): Effect.Effect<Answer, WcsError> =>
    Effect.suspend(() => {
      const decoder = new TextDecoder()
      const { headers, status } = response
      let text = ""
      let size = 0
      return response.stream.pipe(
        Stream.catchAll((error) =>
          error._tag === "ResponseError" && error.reason === "EmptyBody"
            ? Stream.empty
            : Stream.fail(transport.fromHttp(operation)(error))
        ),
        Stream.runForEach((bytes) => {
          size += bytes.length
          if (size > transport.largestAnswer) {
            return Effect.fail(transport.fromCause(operation)(new transport.TooLong({ status, headers })))
          }
          text += decoder.decode(bytes, { stream: true })
          return Effect.void
        }),
        Effect.map(() => ({ status, headers, text: text + decoder.decode() }))
      )
    })

  /** The answer to a request, bounded in time: a body that moves may be as slow as it likes. */
  const ask = (operation: Operation, http: HttpClientRequest.HttpClientRequest): Effect.Effect<Answer, WcsError> => {
    const { body, headers, method, url } = http
    if (exchange !== undefined && (body._tag === "Uint8Array" || body._tag === "Empty")) {
      const bytes = body._tag === "Empty" ? new Uint8Array(0) : body.body
      return Effect.mapError(exchange({ method, url, headers, bytes }, config), transport.fromCause(operation))
    }
    const size = ("contentLength" in body ? body.contentLength : undefined) ?? 0
    return Effect.flatMap(transport.watch(operation, size, config), ({ failure, moving }) => {
      const watched = body._tag === "Stream"
        ? HttpClientRequest.setBody(http, HttpBody.stream(moving(body.stream), body.contentType, size))
        : http
      return client.execute(watched).pipe(
        Effect.mapError(transport.fromHttp(operation)),
        Effect.flatMap((response) => readAnswer(operation, response)),
        // In a finalizer nothing is interruptible, and a race waits for its loser.
        Effect.raceFirst(Effect.interruptible(failure))
      )
    })
  }

  /** One attempt, from the signed request to the decoded answer. */
  const send = <A>(
    request: WcsRequest<A>,
    options: ExecuteOptions<A>,
    token: UploadToken | undefined,
    attempt: Attempt
  ): Effect.Effect<A, WcsError> =>
    Effect.gen(function*() {
      const { operation } = request
      const answer = yield* ask(operation, yield* prepare(request, token))
      attempt.answer = answer
      const success = answer.status >= 200 && answer.status < 300 ||
        answer.status === 303 && request.authorization._tag === "Upload"
      const refusal = success
        ? isRelayed(operation, token) ? undefined : Refusals.hidden(operation, answer)
        : Refusals.refusal(operation, answer)
      if (refusal !== undefined) return yield* refuse(request, refusal, answer, token?.deadline)
      const decoded = yield* Either.mapLeft(
        request.decode(answer),
        (detail) => new WcsUndecodableAnswer({ ...Refusals.refusal(operation, answer), detail: Refusals.clean(detail) })
      )
      if (options.verify) yield* options.verify(decoded)
      return decoded
    })

  const bounded = <A>(request: WcsRequest<A>, options: ExecuteOptions<A>, renew: boolean, number: number) => {
    const attempt: Attempt = { number }
    // A request that has no host needs no token.
    const run = Effect.zipRight(
      urlOf(config, request),
      Effect.flatMap(tokenOf(request, renew), (token) => send(request, options, token, attempt))
    )
    return throttles[request.host].pace(logged(request, attempt, run))
  }

  const execute = <A>(request: WcsRequest<A>, options: ExecuteOptions<A> = {}): Effect.Effect<A, WcsError> =>
    Effect.suspend(() => {
      const repeat = options.repeat ?? "always"
      let failure: WcsError | undefined
      let unsettled = false
      let attempts = 0
      const once = (renew: boolean) => Effect.suspend(() => bounded(request, options, renew, attempts += 1))
      const attempt = Effect.catchTag(
        once(false),
        "WcsTokenExpired",
        (error) => repeat === "never" ? Effect.fail(error) : once(true)
      )
      const settled = (options.settle ?? Effect.succeedNone).pipe(
        Effect.tapError(() =>
          Effect.sync(() => {
            unsettled = true
          })
        ),
        Effect.flatMap(Option.match({ onNone: () => attempt, onSome: Effect.succeed }))
      )
      return Effect.suspend(() =>
        failure === undefined
          ? attempt
          : Effect.zipRight(options.onRetry?.(failure) ?? Effect.void, isAmbiguous(failure) ? settled : attempt)
      ).pipe(
        Effect.tapError((error) =>
          Effect.sync(() => {
            failure = error
          })
        ),
        Retry.retry(request.operation, config.retries, {
          while: (error) => !unsettled && (repeat === "always" || (repeat === "refused" && !isAmbiguous(error)))
        }),
        Effect.withSpan(`wcs.${request.operation}`, { captureStackTrace: false })
      )
    })

  const open = (request: WcsRequest<unknown>) =>
    Effect.suspend(() => {
      const attempt: Attempt = { number: 1 }
      const run = Effect.gen(function*() {
        const { operation } = request
        const http = yield* prepare(request, undefined)
        const response = yield* Effect.mapError(client.execute(http), transport.fromHttp(operation))
        attempt.answer = response
        if (response.status >= 200 && response.status < 300) return response
        const { headers, status } = response
        const answer = yield* Effect.orElseSucceed(
          readAnswer(operation, response),
          () => ({ status, headers, text: "" })
        )
        return yield* refuse(request, Refusals.refusal(operation, answer), answer, undefined)
      }).pipe(
        Effect.timeoutFail({
          duration: config.requestTimeout,
          onTimeout: () =>
            new WcsTimeout({ operation: request.operation, reason: "Answer", after: config.requestTimeout })
        })
      )
      return Effect.map(throttles[request.host].pace(logged(request, attempt, run)), (response) => ({
        status: response.status,
        headers: response.headers,
        stream: response.stream.pipe(
          Stream.mapError(transport.fromHttp(request.operation)),
          Stream.timeoutFail(
            () => new WcsTimeout({ operation: request.operation, reason: "Stall", after: config.stallTimeout }),
            config.stallTimeout
          )
        )
      }))
    })

  return WcsHttpClient.of({ execute, open })
})

/**
 * `WcsHttpClient` over the `HttpClient` of the program.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<WcsHttpClient, never, WcsConfig | WcsAuth | HttpClient.HttpClient> = Layer.effect(
  WcsHttpClient,
  make
)
