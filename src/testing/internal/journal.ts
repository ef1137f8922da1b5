import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import type * as Types from "effect/Types"
import type { AwaitedRequests, EmulatorRequest, OperationName, ReceivedRequest } from "../EmulatorRequest.ts"

/** A request as it is remembered; it changes until the request has been answered. */
export type Entry = Types.Mutable<ReceivedRequest>

/** The last requests, in the order in which they came. */
export interface Journal {
  readonly open: (request: EmulatorRequest, operation: OperationName, requestId: string, receivedAt: number) => Entry
  /** Notes what has become known of a request. */
  readonly note: (entry: Entry, facts: Partial<Entry>) => void
  readonly entries: Effect.Effect<ReadonlyArray<ReceivedRequest>>
  /** Waits until so many requests are here, and gives them. */
  readonly awaited: (which: AwaitedRequests) => Effect.Effect<ReadonlyArray<ReceivedRequest>>
  readonly clear: Effect.Effect<void>
}

const withoutCredentials = (headers: EmulatorRequest["headers"]): EmulatorRequest["headers"] =>
  headers["authorization"] === undefined ? headers : { ...headers, authorization: "<redacted>" }

export const make = (size: number): Journal => {
  let entries: Array<Entry> = []
  /** Ends with the next change, where somebody waits for it. */
  let change: Deferred.Deferred<void> | undefined
  const last = () => entries.slice(Math.max(entries.length - size, 0))
  const copies = () => last().map((entry) => ({ ...entry }))

  const awaited: Journal["awaited"] = ({ count = 1, operation, when = () => true }) =>
    Effect.suspend(() => {
      const found = copies().filter((entry) =>
        (operation === undefined || entry.operation === operation) && when(entry)
      )
      if (found.length >= count) return Effect.succeed(found)
      change ??= Deferred.unsafeMake(FiberId.none)
      return Effect.zipRight(Deferred.await(change), awaited({ count, operation, when }))
    })

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
    note: (entry, facts) => {
      Object.assign(entry, facts)
      if (change) Deferred.unsafeDone(change, Effect.void)
      change = undefined
    },
    entries: Effect.sync(copies),
    awaited,
    clear: Effect.sync(() => {
      entries = []
    })
  }
}
