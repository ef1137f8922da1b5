/**
 * `WcsHttpClient` over any `HttpClient` of `@effect/platform`.
 *
 * @since 0.1.0
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as FiberRef from "effect/FiberRef"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import type { UploadToken } from "../domain/UploadToken.ts"
import { type WcsError, WcsUndecodableAnswer } from "../domain/WcsError.ts"
import * as Refusals from "../domain/wire/Refusals.ts"
import type { Operation, WcsRequest } from "../domain/wire/WcsRequest.ts"
import { type Attempt, bytesSent, traced } from "../internal/attemptLog.ts"
import * as httpAnswer from "../internal/httpAnswer.ts"
import * as httpRequest from "../internal/httpRequest.ts"
import * as metrics from "../internal/metrics.ts"
import { withSpan } from "../internal/spans.ts"
import * as throttle from "../internal/throttle.ts"
import * as transport from "../internal/transport.ts"
import * as Retry from "../services/Retry.ts"
import { WcsAuth } from "../services/WcsAuth.ts"
import { WcsConfig } from "../services/WcsConfig.ts"
import { type ExecuteOptions, type OpenOptions, WcsHttpClient } from "../services/WcsHttpClient.ts"
import * as WcsMetrics from "../services/WcsMetrics.ts"

/** Clocks that differ by less, in milliseconds, are as good as equal: `Date` has whole seconds and takes its time. */
const tolerableSkew = 10_000

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
  const client = platform.pipe(
    // URLs and headers in the built-in span would hold tokens, and it would be sent along; the spans here are our own.
    HttpClient.withTracerDisabledWhen(() => true)
  )
  const exchange = transport.exchanges.get(platform)
  const ask = httpAnswer.asks(client, exchange, config)
  const begin = httpAnswer.opens(client, exchange, config)
  const throttles = { upload: throttle.make(), management: throttle.make(), download: throttle.make() }
  /** The service's clock less ours, once it is known to matter. */
  let skew = 0
  const now = Effect.map(Clock.currentTimeMillis, (local) => local + skew)

  /** The upload token of an attempt. Who issues it has a time of its own. */
  const tokenOf = (
    { authorization }: WcsRequest<unknown>,
    renew: boolean
  ): Effect.Effect<UploadToken | undefined, WcsError> =>
    authorization._tag === "Upload"
      ? Effect.flatMap(now, (now) => auth.uploadToken({ ...authorization, now, renew }))
      : Effect.succeed(undefined)

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

  /** One attempt, from the signed request to the decoded answer. */
  const send = Effect.fnUntraced(function*<A>(
    request: WcsRequest<A>,
    options: ExecuteOptions<A>,
    token: UploadToken | undefined,
    attempt: Attempt
  ) {
    const { operation } = request
    const http = yield* httpRequest.make(config, auth, request, token)
    const answer = yield* ask(operation, http)
    attempt.answer = answer
    yield* metrics.add(WcsMetrics.sentBytes, bytesSent(request))
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

  /** One attempt in its turn, told of by its span and in the log. */
  const paced = <A>(request: WcsRequest<A>, options: ExecuteOptions<A>, renew: boolean, number: number) => {
    const attempt: Attempt = { number }
    // A request that has no host needs no token.
    const run = Effect.zipRight(
      httpRequest.urlOf(config, request),
      Effect.flatMap(tokenOf(request, renew), (token) => send(request, options, token, attempt))
    )
    return throttles[request.host].pace(traced(request, attempt, run))
  }

  const execute = <A>(request: WcsRequest<A>, options: ExecuteOptions<A> = {}): Effect.Effect<A, WcsError> =>
    Effect.suspend(() => {
      const repeat = options.repeat ?? "always"
      let failure: WcsError | undefined
      let unsettled = false
      let attempts = 0
      const once = (renew: boolean) => Effect.suspend(() => paced(request, options, renew, attempts += 1))
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
        withSpan(`wcs.${request.operation}`, undefined, () => ({ "wcs.attempts": attempts })),
        metrics.request(request.operation)
      )
    })

  const open = (request: WcsRequest<unknown>, { lend = false }: OpenOptions = {}) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function*() {
        // What fails, and is asked again within the same scope, gives its connection back at once.
        const own = yield* Scope.fork(yield* Effect.scope, ExecutionStrategy.sequential)
        const attempt: Attempt = { number: 1 }
        const tags = yield* FiberRef.get(FiberRef.currentMetricLabels)
        let wanted = false
        const onRead = (bytes: number) => {
          if (wanted) WcsMetrics.receivedBytes.unsafeUpdate(bytes, tags)
        }
        const run = Effect.gen(function*() {
          const { operation } = request
          const http = yield* httpRequest.make(config, auth, request, undefined)
          const opened = yield* begin(operation, http, { lend, onRead })
          attempt.answer = opened
          const { headers, status } = opened
          if (status >= 200 && status < 300) {
            wanted = true
            return opened
          }
          const answer = yield* Effect.orElseSucceed(
            httpAnswer.read(operation, opened),
            () => ({ status, headers, text: "" })
          )
          return yield* refuse(request, Refusals.refusal(operation, answer), answer, undefined)
        }).pipe(httpAnswer.inTime(request.operation, config))
        return yield* restore(Scope.extend(throttles[request.host].pace(traced(request, attempt, run)), own)).pipe(
          withSpan(`wcs.${request.operation}`),
          metrics.request(request.operation),
          Effect.onError((cause) => Scope.close(own, Exit.failCause(cause)))
        )
      })
    )

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
