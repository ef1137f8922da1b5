import { Effect, Layer, Schedule } from "effect"
import { Retry, type Uploader, type UploadEvent, type WcsConfigLayer } from "effect-wcs"
import { FaultProxy } from "effect-wcs/testing/node"
import { client, emulator } from "../e2e/support/service.ts"

/** Repeats cost no time. */
export const quick = Retry.withSchedules({
  mkblk: Schedule.recurs(3),
  bput: Schedule.recurs(3),
  mkfile: Schedule.recurs(3),
  upload: Schedule.recurs(3),
  request: Schedule.recurs(3)
})

/** A client of Node, a proxy, and an emulator on a port. A connection carries one request. */
export const throughProxy = (settings: WcsConfigLayer.Options = {}) =>
  Layer.provideMerge(client({ keepAlive: false, ...settings }), Layer.provideMerge(FaultProxy.layer, emulator))

/** Options that collect an upload's events. */
export const watched = (options: Uploader.UploadOptions) => {
  const events: Array<UploadEvent.UploadEvent> = []
  return {
    events,
    options: {
      ...options,
      onProgress: (event: UploadEvent.UploadEvent) => Effect.sync(() => void events.push(event))
    }
  }
}

/** Waits for what has to come about. */
export const until = <E, R>(condition: Effect.Effect<boolean, E, R>) =>
  Effect.repeat(condition, { until: (holds) => holds, schedule: Schedule.spaced("5 millis") })
