import * as Effect from "effect/Effect"
import type * as Types from "effect/Types"
import type { EmulatorRequest, OperationName, ReceivedRequest } from "../EmulatorRequest.ts"

/** A request as it is remembered; it changes until the request has been answered. */
export type Entry = Types.Mutable<ReceivedRequest>

/** The last requests, in the order in which they came. */
export interface Journal {
  readonly open: (request: EmulatorRequest, operation: OperationName, requestId: string, receivedAt: number) => Entry
  readonly entries: Effect.Effect<ReadonlyArray<ReceivedRequest>>
  readonly clear: Effect.Effect<void>
}

const withoutCredentials = (headers: EmulatorRequest["headers"]): EmulatorRequest["headers"] =>
  headers["authorization"] === undefined ? headers : { ...headers, authorization: "<redacted>" }

export const make = (size: number): Journal => {
  let entries: Array<Entry> = []
  const last = () => entries.slice(Math.max(entries.length - size, 0))
  return {
    open: ({ headers, method, path, query }, operation, requestId, receivedAt) => {
      const entry: Entry = {
        operation,
        method,
        path,
        query: query.replace(/(^|&)(token=)[^&]*/g, "$1$2<redacted>"),
        headers: withoutCredentials(headers),
        requestId,
        receivedAt,
        bucket: undefined,
        block: undefined,
        key: undefined,
        bytes: 0,
        status: undefined,
        hint: undefined
      }
      entries.push(entry)
      if (entries.length > 2 * size) entries = last()
      return entry
    },
    entries: Effect.sync(() => last().map((entry) => ({ ...entry }))),
    clear: Effect.sync(() => {
      entries = []
    })
  }
}
