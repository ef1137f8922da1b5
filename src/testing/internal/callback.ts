import * as Effect from "effect/Effect"
import * as EmulatorResponse from "../EmulatorResponse.ts"
import type { Credentials } from "./credentials.ts"
import { type Refusal, refuse } from "./refusal.ts"
import type { Settings } from "./settings.ts"
import * as web from "./web.ts"

/**
 * Tells the customer's server of an upload and relays its answer; 579 when it cannot be told. The object stays stored
 * (protocol 4.4).
 */
export const relay = (
  url: string,
  callbackBody: string | undefined,
  expand: (template: string) => string
): Effect.Effect<EmulatorResponse.EmulatorResponse, Refusal, Settings | Credentials> =>
  web.deliver(url, expand(callbackBody ?? "")).pipe(
    Effect.mapBoth({
      onFailure: ({ text }) => refuse(579, `Callback Failed: ${text}`),
      // Without a callbackBody the client gets nothing (protocol 4.2).
      onSuccess: (text) =>
        EmulatorResponse.text(callbackBody === undefined ? "" : text, "application/json;charset=UTF-8")
    })
  )
