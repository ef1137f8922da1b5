import * as Chunk from "effect/Chunk"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { IncomingMessage } from "node:http"
import { clearImmediate, clearTimeout, setImmediate, setTimeout } from "node:timers"
import * as transport from "./transport.ts"

/** Bytes that wait for their reader before the connection is told to wait. */
const mostWaiting = 1024 * 1024

/**
 * Puts parts together in one buffer, which is used again and again. The parts end before anyone waits: garbage that is
 * young is cheap, and what has survived is found again only when all that lives is looked at.
 */
const lender = (): (parts: Array<Uint8Array>) => Chunk.Chunk<Uint8Array> => {
  let buffer = new Uint8Array(mostWaiting)
  return (parts) => {
    const size = parts.reduce((sum, { length }) => sum + length, 0)
    if (size > buffer.length) buffer = new Uint8Array(size)
    let filled = 0
    for (const part of parts) {
      buffer.set(part, filled)
      filled += part.length
    }
    return Chunk.of(buffer.subarray(0, size))
  }
}

/**
 * The body of an answer. A pull takes all that has come since the last one: a fast connection is read in few steps, and
 * nothing waits for more. What was read before a break is given before its error. It can be read once; with `lend` a piece
 * is good until the next one is pulled.
 */
export const make = (
  response: IncomingMessage,
  { lend, onRead, stallTimeout }: transport.OpenLimits
): Stream.Stream<Uint8Array, transport.ExchangeFailed> => {
  const chunkOf = lend ? lender() : Chunk.unsafeFromArray<Uint8Array>
  let parts: Array<Uint8Array> = []
  let size = 0
  let end: Option.Option<transport.ExchangeFailed> | undefined
  /** Tells who waits for bytes that something has come. */
  let wake = () => {}

  const ended = (how: Option.Option<transport.ExchangeFailed>) => {
    end ??= how
    wake()
  }
  const fail = (cause: unknown) => ended(Option.some(new transport.ExchangeFailed({ cause })))
  response.on("error", fail).once("end", () => ended(Option.none()))

  const pull = Effect.async<Chunk.Chunk<Uint8Array>, Option.Option<transport.ExchangeFailed>>((resume) => {
    const give = () => {
      if (parts.length === 0) return resume(Effect.fail(end ?? Option.none()))
      const chunk = chunkOf(parts)
      onRead(size)
      parts = []
      size = 0
      resume(Effect.succeed(chunk))
      if (response.isPaused()) response.resume()
    }
    if (parts.length > 0 || end !== undefined) return give()
    const timer = setTimeout(() => {
      fail(new transport.GivenUp({ reason: "Stall", after: stallTimeout }))
    }, Duration.toMillis(stallTimeout))
    const stop = () => {
      clearTimeout(timer)
      wake = () => {}
    }
    let immediate: NodeJS.Immediate | undefined
    wake = () => {
      stop()
      // The system has more of it in most cases, and Node takes that before it comes to this.
      immediate = setImmediate(give)
    }
    return Effect.sync(() => {
      stop()
      clearImmediate(immediate)
    })
  })

  return Stream.suspend(() => {
    response.on("data", (part: Uint8Array) => {
      parts.push(part)
      size += part.length
      if (size >= mostWaiting) response.pause()
      wake()
    })
    return Stream.repeatEffectChunkOption(pull)
  })
}
