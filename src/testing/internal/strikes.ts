import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as EmulatorResponse from "../EmulatorResponse.ts"
import type { Action } from "../Fault.ts"
import type { FaultPlan } from "./faultPlan.ts"
import type { Entry, Journal } from "./journal.ts"
import { type Exchange, Intercepted, type Subject } from "./operation.ts"
import { refuse, toResponse } from "./refusal.ts"
import * as tamper from "./tamper.ts"

/** What faults make of one request. */
export interface Strikes {
  /** Notes what the request is about, and lets the rules strike that this concerns. */
  readonly on: (subject: Subject, stage: "head" | "identified") => ReturnType<Exchange["identify"]>
  /** By how much the service's clock is ahead, in milliseconds. */
  readonly skew: () => number
  /** The answer as the faults leave it. */
  readonly finish: (
    response: EmulatorResponse.EmulatorResponse
  ) => Effect.Effect<EmulatorResponse.EmulatorResponse, EmulatorResponse.EmulatorDisconnect>
}

const page = "<!DOCTYPE html><html><head><title>Welcome</title></head><body>Please sign in.</body></html>"

const broken = new EmulatorResponse.EmulatorDisconnect({ reason: "reset" })

const refusal = (action: Extract<Action, { readonly _tag: "Status" }>): EmulatorResponse.EmulatorResponse => {
  const response = action.body === undefined
    ? toResponse(refuse(action.status, "Injected Fault"))
    : EmulatorResponse.text(action.body)
  return { ...response, status: action.status, headers: { ...response.headers, ...action.headers } }
}

/** Reads some of a body, to break off in the middle of it. */
const readSome = (body: Exchange["body"], length: number) =>
  length === 0 ? Effect.void : body.pipe(
    Stream.mapAccum(0, (before, bytes) => [before + bytes.length, before + bytes.length]),
    Stream.takeUntil((read) => read >= length),
    Stream.runDrain
  )

export const make = (plan: FaultPlan, journal: Journal, entry: Entry, body: Exchange["body"]): Strikes => {
  const later: Array<Action> = []
  let skew = 0

  const strike = (action: Action): ReturnType<Exchange["identify"]> => {
    switch (action._tag) {
      case "Skew":
        skew += action.millis
        return Effect.void
      case "Delay":
        return Effect.sleep(action.duration)
      case "Stall":
        return Effect.never
      case "Reset":
        return Effect.zipRight(readSome(body, action.after), Effect.fail(broken))
      case "Status":
        return Effect.fail(new Intercepted({ response: refusal(action), isService: true }))
      case "Garbage":
        return Effect.fail(new Intercepted({ response: EmulatorResponse.text(page, "text/html"), isService: false }))
      case "LostAnswer":
      case "WrongChecksum":
      case "WrongHash":
      case "Truncate":
      case "Corrupt":
        later.push(action)
        return Effect.void
    }
  }

  return {
    on: (subject, stage) =>
      Effect.suspend(() => {
        journal.note(entry, {
          bucket: subject.bucket ?? entry.bucket,
          block: subject.block ?? entry.block,
          key: subject.key ?? entry.key
        })
        return Effect.flatMap(plan.take(entry, stage), Effect.forEach(strike, { discard: true }))
      }),
    skew: () => skew,
    finish: (response) =>
      Effect.suspend(() =>
        later.some(({ _tag }) => _tag === "LostAnswer")
          ? Effect.fail(broken)
          : Effect.succeed(later.reduce(tamper.apply, response))
      )
  }
}
