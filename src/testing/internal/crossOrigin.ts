import type { EmulatorSettings } from "../EmulatorOptions.ts"
import type { EmulatorRequest, OperationName } from "../EmulatorRequest.ts"
import type { EmulatorResponse } from "../EmulatorResponse.ts"

/** What pages ask of the upload and download hosts; management needs the secret key, which no page holds. */
const operations: ReadonlySet<OperationName> = new Set([
  "form",
  "append",
  "mkblk",
  "bput",
  "mkfile",
  "download",
  "imageInfo",
  "exif",
  "avinfo",
  "avinfo2",
  "preflight"
])

/** Lets a page of another origin read the answer. No cookie counts, so every header may be shown at once. */
export const headers = (
  { headers }: EmulatorRequest,
  operation: OperationName,
  { allowedOrigins }: EmulatorSettings
): EmulatorResponse["headers"] => {
  const origin = headers["origin"]
  if (origin === undefined || !operations.has(operation)) return {}
  const allowed = allowedOrigins.includes("*") ? "*" : allowedOrigins.find((allowed) => allowed === origin)
  return {
    ...(allowed !== "*" && { vary: "Origin" }),
    ...(allowed !== undefined && { "access-control-allow-origin": allowed, "access-control-expose-headers": "*" })
  }
}
