import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

/** Whole milliseconds since the epoch: a test's clock stands between two while a wait of no whole length ends. */
export const now: Effect.Effect<number> = Effect.map(Clock.currentTimeMillis, Math.floor)
