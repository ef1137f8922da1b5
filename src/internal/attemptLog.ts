import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberRef from "effect/FiberRef"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import type { WcsError } from "../domain/WcsError.ts"
import * as Refusals from "../domain/wire/Refusals.ts"
import { type Answer, contentSize, type WcsRequest } from "../domain/wire/WcsRequest.ts"
import { outcomeOf } from "./metrics.ts"
import { withSpan } from "./spans.ts"

/** What an attempt has brought so far. */
export interface Attempt {
  /** Counted from 1. */
  readonly number: number
  answer?: Pick<Answer, "status" | "headers">
}

/** Bytes of content that a request carries. */
export const bytesSent = ({ body }: WcsRequest<unknown>): number => {
  switch (body._tag) {
    case "Bytes":
      return body.bytes.length
    case "Form":
      return contentSize(body.content)
    case "Text":
    case "Empty":
      return 0
  }
}

/** Bytes of content that a request carries, or that the answer to a download holds. */
const bytesOf = (request: WcsRequest<unknown>, answer: Attempt["answer"]): number =>
  request.operation === "download" ? Number(answer?.headers["content-length"] ?? 0) : bytesSent(request)

const outcome = ({ operation }: WcsRequest<unknown>, { answer }: Attempt, exit: Exit.Exit<unknown, WcsError>): string =>
  Exit.match(exit, {
    onSuccess: () => `${operation}: done (${answer?.status})`,
    onFailure: (cause) =>
      Option.match(Cause.failureOption(cause), {
        onSome: ({ message }) => message,
        onNone: () => `${operation}: ${Cause.isInterrupted(cause) ? "interrupted" : "a defect"}`
      })
  })

/** What a request is about: of an upload what its token covers. */
const targetOf = ({ authorization, target }: WcsRequest<unknown>) => {
  const text = authorization._tag === "Upload" ? authorization.scope : target
  return text === undefined ? {} : { target: text }
}

const errorOf = (exit: Exit.Exit<unknown, unknown>) =>
  Exit.isSuccess(exit) || Exit.isInterrupted(exit) ? {} : { error: outcomeOf(exit) }

/** Tells at level Debug how an attempt went. Where nobody listens nothing is put together. */
const logged = <A, R>(
  request: WcsRequest<unknown>,
  attempt: Attempt,
  run: Effect.Effect<A, WcsError, R>
): Effect.Effect<A, WcsError, R> =>
  FiberRef.getWith(FiberRef.currentMinimumLogLevel, (level) => {
    if (LogLevel.greaterThan(level, LogLevel.Debug)) return run
    return Effect.flatMap(Clock.currentTimeMillis, (start) =>
      Effect.onExit(run, (exit) =>
        Effect.flatMap(Clock.currentTimeMillis, (end) =>
          Effect.annotateLogs(Effect.logDebug(outcome(request, attempt, exit)), {
            package: "effect-wcs",
            module: "WcsHttpClient",
            operation: request.operation,
            path: request.path,
            ...targetOf(request),
            ...errorOf(exit),
            attempt: attempt.number,
            ...(attempt.answer && {
              status: attempt.answer.status,
              requestId: Refusals.requestId(attempt.answer) ?? "none"
            }),
            duration: `${end - start}ms`,
            bytes: bytesOf(request, attempt.answer)
          }))))
  })

/** Tells of an attempt: by a span where somebody traces, and at level Debug how it went. */
export const traced = <A, R>(
  request: WcsRequest<unknown>,
  attempt: Attempt,
  run: Effect.Effect<A, WcsError, R>
): Effect.Effect<A, WcsError, R> =>
  logged(request, attempt, run).pipe(
    withSpan("wcs.attempt", { kind: "client" }, () => ({
      "http.request.method": request.method,
      "http.response.status_code": attempt.answer?.status,
      "wcs.operation": request.operation,
      "wcs.attempt": attempt.number,
      "wcs.bytes": bytesOf(request, attempt.answer),
      "wcs.request_id": attempt.answer && Refusals.requestId(attempt.answer)
    }))
  )
