import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Base64Url from "../../domain/Base64Url.ts"
import type { CallbackResponse } from "../EmulatorOptions.ts"
import * as EmulatorResponse from "../EmulatorResponse.ts"
import { Credentials } from "./credentials.ts"
import { type Refusal, refuse } from "./refusal.ts"
import { Settings } from "./settings.ts"

const failed = refuse(579, "Callback Failed")

/** What the signature covers of the URL (protocol 2.5). */
const signedUrl = (url: string, covers: "url" | "path"): string =>
  covers === "url" || !URL.canParse(url) ? url : new URL(url).pathname + new URL(url).search

/**
 * Tells the customer's server of an upload and relays its answer: three attempts at once, five more after a wait each, a
 * minute for each attempt; 579 when none is answered with 200 (protocol 4.4). The object stays stored.
 */
export const relay = (
  url: string,
  callbackBody: string | undefined,
  expand: (template: string) => string
): Effect.Effect<EmulatorResponse.EmulatorResponse, Refusal, Settings | Credentials> =>
  Effect.gen(function*() {
    const { callback, callbackInterval, strictness } = yield* Settings
    const credentials = yield* Credentials
    if (callback === undefined) return yield* failed
    const body = Base64Url.encode(expand(callbackBody ?? ""))
    const authorization = yield* credentials.sign(`${signedUrl(url, strictness.callbackSignature)}\n${body}`)
    const response: CallbackResponse = yield* callback({ url, body, authorization }).pipe(
      Effect.timeoutFail({ duration: "60 seconds", onTimeout: () => failed }),
      Effect.filterOrFail(({ status }) => status === 200, () => failed),
      Effect.retry(
        Schedule.andThen(
          Schedule.recurs(2),
          Schedule.intersect(Schedule.spaced(callbackInterval), Schedule.recurs(5))
        )
      )
    )
    // Without a callbackBody the client gets nothing (protocol 4.2).
    return EmulatorResponse.text(callbackBody === undefined ? "" : response.body, "application/json;charset=UTF-8")
  })
