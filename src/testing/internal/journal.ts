import type { EmulatorRequest, OperationName } from "../EmulatorRequest.ts"

/** A request as it is remembered: changed until it has been answered. */
export interface Entry {
  readonly operation: OperationName
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: { readonly [name: string]: string | undefined }
  readonly requestId: string
  readonly receivedAt: number
  block: number | undefined
  key: string | undefined
  bytes: number
  status: number | undefined
}

/** The headers without credentials. */
export const redact = (headers: EmulatorRequest["headers"]): EmulatorRequest["headers"] =>
  headers["authorization"] === undefined ? headers : { ...headers, authorization: "<redacted>" }

/** The query without credentials. */
export const redactQuery = (query: string): string => query.replace(/(^|&)(token=)[^&]*/g, "$1$2<redacted>")
