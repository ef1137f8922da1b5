import * as Effect from "effect/Effect"
import type { WcsError } from "../domain/WcsError.ts"
import type { WcsHttpClient } from "../services/WcsHttpClient.ts"
import type { Engine } from "./engine.ts"

/** How many may run at once: one more for each round that goes well, half as many when the service cannot keep up. */
export interface Limit {
  readonly current: () => number
  readonly gate: Engine["gate"]
  /** The same client; the limit learns from how its requests end. */
  readonly watch: (client: WcsHttpClient["Type"]) => WcsHttpClient["Type"]
}

/** A limit that is at its largest, 1 or more, to begin with, and never above it. */
export const make = (largest: number): Limit => {
  const places = Effect.unsafeMakeSemaphore(largest)
  let limit = largest
  /** How often it was halved: a request that left before the last halving does not halve it again. */
  let era = 0
  const current = () => Math.floor(limit)

  const slower = (sent: number, { _tag }: WcsError) =>
    Effect.suspend(() => {
      if (sent < era || (_tag !== "WcsThrottled" && _tag !== "WcsTimeout")) return Effect.void
      era += 1
      limit = Math.max(1, limit / 2)
      return places.resize(current())
    })
  const faster = Effect.suspend(() => {
    limit = Math.min(largest, limit + 1 / limit)
    return places.resize(current())
  })

  return {
    current,
    gate: places.withPermits(1),
    watch: (client) => ({
      ...client,
      execute: (request, options = {}) =>
        Effect.suspend(() => {
          let sent = era
          return client.execute(request, {
            ...options,
            onRetry: (error) =>
              Effect.zipRight(
                slower(sent, error),
                Effect.suspend(() => {
                  sent = era
                  return options.onRetry?.(error) ?? Effect.void
                })
              )
          }).pipe(Effect.tapBoth({
            onFailure: (error) => slower(sent, error),
            onSuccess: () => faster
          }))
        })
    })
  }
}

/** The engine with such a limit, where the settings ask for it. */
export const apply = (engine: Engine, largest: number): Engine => {
  if (!engine.config.adaptiveConcurrency) return engine
  const limit = make(Math.max(1, largest))
  return { ...engine, client: limit.watch(engine.client), gate: (effect) => limit.gate(engine.gate(effect)) }
}
