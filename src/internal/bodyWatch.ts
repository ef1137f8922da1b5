import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { WcsTimeout } from "../domain/WcsError.ts"
import type { WcsOptions } from "../services/WcsConfig.ts"

/** Bytes of a stream that are handed on at once: a large piece takes its time to travel, and moves all the while. */
const piece = 256 * 1024

/** Bytes a second of a link that is slow, and not dead. */
const slowLink = 64 * 1024

/** Bytes that a system may take from a program before they are on the way. */
const systemBuffer = 4 * 1024 * 1024

/** How long bytes may travel of which nobody tells how far they are, in milliseconds. */
const travelTime = (bytes: number): number => Math.ceil((1000 * bytes) / slowLink)

const inPieces = (bytes: Uint8Array): ReadonlyArray<Uint8Array> =>
  bytes.length <= piece
    ? [bytes]
    : Array.from({ length: Math.ceil(bytes.length / piece) }, (_, i) => bytes.subarray(i * piece, (i + 1) * piece))

/**
 * How long an answer may take to a body that took so many milliseconds until its last byte was handed over. What the
 * system has taken may still be on its way: it gets the time of a slow link, or on a slower one twice the body's.
 */
export const answerTime = (requestTimeout: Duration.Duration, size: number, took: number): Duration.Duration =>
  Duration.sum(requestTimeout, Math.max(travelTime(Math.min(size, systemBuffer)), Math.ceil(2 * took)))

/** Watches a request's body on its way, and then for its answer. */
export interface Watch {
  /** A stream that tells how it moves. */
  readonly moving: <E>(bytes: Stream.Stream<Uint8Array, E>) => Stream.Stream<Uint8Array, E>
  /** Fails when the body stands still, or when its answer does not come. What moves is never too slow. */
  readonly failure: Effect.Effect<never, WcsTimeout>
}

/** A watch over a body of `size` bytes. One that does not tell how far it is has the time of a slow link. */
export const make = (
  operation: string,
  size: number,
  { requestTimeout, stallTimeout }: Pick<WcsOptions, "requestTimeout" | "stallTimeout">
): Effect.Effect<Watch> =>
  Effect.map(Effect.clock, (clock) => {
    // By a clock that nobody sets.
    const now = () => Number(clock.unsafeCurrentTimeNanos()) / 1e6
    const started = now()
    let last = started
    let phase: "unseen" | "moving" | "sent" = "unseen"
    const enter = (next: typeof phase) => {
      last = now()
      phase = next
    }
    const bounds = {
      unseen: () => Duration.sum(requestTimeout, travelTime(size)),
      moving: () => stallTimeout,
      sent: () => answerTime(requestTimeout, size, last - started)
    }
    const failure: Effect.Effect<never, WcsTimeout> = Effect.suspend(() => {
      const after = bounds[phase]()
      // A fraction of a millisecond is no time to sleep.
      const left = Math.ceil(last + Duration.toMillis(after) - now())
      return left > 0
        ? Effect.zipRight(Effect.sleep(left), failure)
        : new WcsTimeout({ operation, reason: phase === "moving" ? "Stall" : "Answer", after })
    })
    return {
      failure,
      moving: (bytes) =>
        Stream.suspend(() => {
          enter("moving")
          return bytes.pipe(
            Stream.mapConcat(inPieces),
            Stream.tap(() => Effect.sync(() => enter("moving"))),
            Stream.onEnd(Effect.sync(() => enter("sent")))
          )
        })
    }
  })
