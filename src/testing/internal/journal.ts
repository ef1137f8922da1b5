import * as Effect from "effect/Effect"
import type { EmulatorRequest, OperationName } from "../EmulatorRequest.ts"

/** A request as it is remembered; it changes until the request has been answered. */
export interface Entry {
  readonly operation: OperationName
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: { readonly [name: string]: string | undefined }
  readonly requestId: string
  readonly receivedAt: number
  bucket: string | undefined
  block: number | undefined
  key: string | undefined
  bytes: number
  status: number | undefined
}

/** The last requests, in the order in which they came. */
export interface Journal {
  readonly open: (request: EmulatorRequest, operation: OperationName, requestId: string, receivedAt: number) => Entry
  readonly entries: Effect.Effect<ReadonlyArray<Readonly<Entry>>>
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
        status: undefined
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
