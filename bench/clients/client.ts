/** This package's client, as a program makes it. */
import { WcsNode } from "effect-wcs/node"
import { task } from "./measure.ts"

export const ClientLive = WcsNode.layerOptions({
  credentials: { accessKey: "access-key", secretKey: "secret-key" },
  uploadUrl: task.url,
  managementUrl: task.url,
  downloadUrl: `${task.url}/download`,
  blockSize: task.blockSize,
  chunkSize: task.chunkSize,
  concurrency: task.concurrency,
  checks: task.checks,
  recordFolder: task.folder
})
