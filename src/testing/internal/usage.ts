import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { OperationName } from "../EmulatorRequest.ts"
import type { EmulatorResponse } from "../EmulatorResponse.ts"
import type { Entry } from "./journal.ts"
import * as serviceDay from "./serviceDay.ts"

/** What is counted of a bucket on a day. */
export interface Count {
  readonly requests: number
  readonly bytes: number
}

export type Direction = "upload" | "download"

/**
 * What the emulator has seen since it began: for each bucket and day the requests that succeeded, and their bytes: of
 * uploads those of the requests, of downloads those of the answers, both as far as they came.
 */
export class Usage extends Context.Tag("effect-wcs/testing/internal/usage")<Usage, {
  /** Counts a request that has been answered, and the answer as it is read. */
  readonly count: (request: Entry, response: EmulatorResponse) => EmulatorResponse
  readonly on: (bucket: string, direction: Direction, day: number) => Count
}>() {}

const directions: { readonly [name in OperationName]?: Direction } = {
  form: "upload",
  append: "upload",
  mkblk: "upload",
  bput: "upload",
  mkfile: "upload",
  download: "download",
  imageInfo: "download",
  exif: "download",
  avinfo: "download",
  avinfo2: "download"
}

export const make = (buckets: ReadonlyArray<string>): Usage["Type"] => {
  const counts = new Map<string, { requests: number; bytes: number }>()
  const name = (bucket: string, direction: Direction, day: number): string => `${direction}/${day}/${bucket}`

  const counterFor = ({ bucket, operation, receivedAt, status = 599 }: Entry) => {
    const direction = directions[operation]
    if (direction === undefined || status >= 400 || bucket === undefined || !buckets.includes(bucket)) return undefined
    const key = name(bucket, direction, serviceDay.of(receivedAt))
    const counter = counts.get(key) ?? { requests: 0, bytes: 0 }
    counts.set(key, counter)
    return { counter, direction }
  }

  return {
    count: (request, response) => {
      const found = counterFor(request)
      if (found === undefined) return response
      const { counter, direction } = found
      const { body } = response
      counter.requests++
      if (direction === "upload") counter.bytes += request.bytes
      else if (body instanceof Uint8Array) counter.bytes += body.length
      else {
        const counted = Stream.tap(body, (bytes) =>
          Effect.sync(() => {
            counter.bytes += bytes.length
          }))
        return { ...response, body: counted }
      }
      return response
    },
    on: (bucket, direction, day) => counts.get(name(bucket, direction, day)) ?? { requests: 0, bytes: 0 }
  }
}
