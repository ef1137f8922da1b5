import * as Duration from "effect/Duration"
import * as Redacted from "effect/Redacted"
import type { WcsOptions } from "../../../src/services/WcsConfig.ts"

/** Settings for a test that needs little more than credentials. */
export const options = (accessKey: string, secretKey: string): WcsOptions => ({
  credentials: { accessKey, secretKey: Redacted.make(secretKey) },
  verifyTls: true,
  keepAlive: true,
  blockSize: 4_194_304,
  chunkSize: 4_194_304,
  concurrency: 4,
  totalConcurrency: 0,
  formLimit: 20 * 1024 * 1024,
  retries: { connect: 3, mkblk: 3, bput: 3, mkfile: 3 },
  connectTimeout: Duration.seconds(10),
  requestTimeout: Duration.seconds(40),
  stallTimeout: Duration.seconds(40),
  uploadTimeout: Duration.zero,
  adaptiveConcurrency: false,
  onBusy: "refuse",
  tokenLifetime: Duration.hours(2),
  trafficLimit: 0,
  checks: true,
  policy: {},
  list: { limit: 1000 },
  tasks: {}
})
