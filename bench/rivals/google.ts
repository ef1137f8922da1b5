/**
 * `@google-cloud/storage`, from a stream of the file to `createWriteStream`, resumable: the whole file in one request,
 * which is its default. Chunks would each be a request, one after the other, and `bucket.upload` reads 64 KiB at a time:
 * both are slower. It was spared tokens, repeats and checksums.
 */
import { Storage } from "@google-cloud/storage"
import { createReadStream } from "node:fs"
import { pipeline } from "node:stream/promises"
import { begin, task } from "../clients/measure.ts"

const storage = new Storage({ apiEndpoint: task.url, projectId: "bench", retryOptions: { autoRetry: false } })
const object = storage.bucket("bench").file(task.key)

const end = begin()
await pipeline(
  createReadStream(task.file, { highWaterMark: task.blockSize }),
  object.createWriteStream({ resumable: true, validation: false })
)
end()
