import * as Effect from "effect/Effect"
import { UploadEvent } from "../domain/UploadEvent.ts"

/** Counts what the service holds and tells the caller, one event after another. */
export interface UploadProgress {
  readonly emit: (event: UploadEvent) => Effect.Effect<void>
  /** Bytes of a block that need not be sent. */
  readonly resumed: (block: number, bytes: number) => void
  readonly chunk: (block: number, bytes: number) => Effect.Effect<void>
  /** A block begins again from its first byte. */
  readonly restart: (block: number) => void
}

/**
 * A callback that is called one call after another. One that dies must not take the upload with it: that is logged, and
 * it is not called again.
 */
export const callback = <A>(
  given: ((value: A) => Effect.Effect<void>) | undefined
): Effect.Effect<(value: A) => Effect.Effect<void>> =>
  given === undefined ? Effect.succeed(() => Effect.void) : Effect.map(Effect.makeSemaphore(1), (inOrder) => {
    let call: typeof given | undefined = given
    return (value) =>
      Effect.suspend(() =>
        call === undefined ? Effect.void : Effect.catchAllDefect(inOrder.withPermits(1)(call(value)), (defect) => {
          call = undefined
          return Effect.logWarning("a callback of the upload failed and is not called again", defect)
        })
      )
  })

/** Counts for one upload. */
export const make = (
  onProgress: ((event: UploadEvent) => Effect.Effect<void>) | undefined
): Effect.Effect<UploadProgress> =>
  Effect.map(callback(onProgress), (emit) => {
    const held = new Map<number, number>()
    let total = 0
    let highest = 0
    const add = (block: number, bytes: number) => {
      held.set(block, (held.get(block) ?? 0) + bytes)
      total += bytes
      highest = Math.max(highest, total)
    }
    return {
      emit,
      resumed: add,
      chunk: (block, bytes) =>
        Effect.suspend(() => {
          add(block, bytes)
          return emit(UploadEvent.Chunk({ block, bytes, sent: highest }))
        }),
      restart: (block) => {
        total -= held.get(block) ?? 0
        held.delete(block)
      }
    }
  })
