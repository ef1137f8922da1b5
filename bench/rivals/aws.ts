/**
 * `@aws-sdk/lib-storage`, from a stream of the file, with as little work as it can be asked for: it hashes nothing. A
 * part has 5 MiB, the least that it takes. With `Expect` it would open a connection for each part: it sends none. The
 * stream reads 512 KiB at a time: it copies each part together, and pieces of 64 KiB, the default, cost more.
 */
import { S3Client } from "@aws-sdk/client-s3"
import { Upload } from "@aws-sdk/lib-storage"
import { createReadStream } from "node:fs"
import { begin, task } from "../clients/measure.ts"

const client = new S3Client({
  endpoint: `${task.url}/s3`,
  region: "us-east-1",
  forcePathStyle: true,
  credentials: { accessKeyId: "access-key", secretAccessKey: "secret-key" },
  requestChecksumCalculation: "WHEN_REQUIRED",
  expectContinueHeader: false
})

client.middlewareStack.add(
  (next) => (call) => {
    const { request } = call
    if (typeof request === "object" && request !== null && "headers" in request) {
      Object.assign(request.headers as object, { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" })
    }
    return next(call)
  },
  { step: "build", name: "unsignedPayload" }
)

const end = begin()
await new Upload({
  client,
  params: { Bucket: "bench", Key: task.key, Body: createReadStream(task.file, { highWaterMark: 512 * 1024 }) },
  queueSize: task.concurrency,
  partSize: 5 * 1024 * 1024
}).done()
end()
client.destroy()
