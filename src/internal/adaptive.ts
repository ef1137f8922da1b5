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

/** A limit that is at its largest to begin with, and never above it. */
export const make = (largest: number): Limit => {
  let limit = largest
  let running = 0
  /** How often it was halved: a request that left before the last halving does not halve it again. */
  let era = 0
  const waiting: Array<() => void> = []

  const admit = () => {
    while (running < Math.max(1, Math.floor(limit))) {
      const next = waiting.shift()
      if (next === undefined) return
      running += 1
      next()
    }
  }
  const enter = Effect.async<void>((resume) => {
    const admitted = () => resume(Effect.void)
    waiting.push(admitted)
    admit()
    return Effect.sync(() => {
      const place = waiting.indexOf(admitted)
      // One that was admitted, and is interrupted before it could begin, gives its place back.
      if (place >= 0) waiting.splice(place, 1)
      else leave()
    })
  })
  const leave = () => {
    running -= 1
    admit()
  }
  const slower = (sent: number, { _tag }: WcsError) => {
    if (sent < era || (_tag !== "WcsThrottled" && _tag !== "WcsTimeout")) return
    era += 1
    limit = Math.max(1, limit / 2)
  }
  const faster = () => {
    limit = Math.min(largest, limit + 1 / limit)
    admit()
  }

  return {
    current: () => Math.max(1, Math.floor(limit)),
    gate: (effect) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.zipRight(restore(enter), Effect.ensuring(restore(effect), Effect.sync(leave)))
      ),
    watch: (client) => ({
      ...client,
      execute: (request, options = {}) =>
        Effect.suspend(() => {
          let sent = era
          return client.execute(request, {
            ...options,
            onRetry: (error) => {
              slower(sent, error)
              sent = era
              return options.onRetry?.(error) ?? Effect.void
            }
          }).pipe(Effect.tapBoth({
            onFailure: (error) => Effect.sync(() => slower(sent, error)),
            onSuccess: () => Effect.sync(faster)
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
