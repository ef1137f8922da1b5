import * as Effect from "effect/Effect"
import * as Random from "effect/Random"

/** 32 random lower-case hex digits, as a ctx has them (protocol 5.3.2). */
export const hexId: Effect.Effect<string> = Effect.map(
  Effect.replicateEffect(Random.nextIntBetween(0, 0x1_0000_0000), 4),
  (words) => words.map((word) => word.toString(16).padStart(8, "0")).join("")
)
