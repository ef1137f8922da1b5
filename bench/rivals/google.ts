/**
 * `@google-cloud/storage`, `bucket.upload`, resumable: its default is one request for the whole file, which is faster
 * than one for each chunk. It was spared tokens, repeats and checksums.
 */
import { Storage } from "@google-cloud/storage"
import { begin, task } from "../clients/measure.ts"

const storage = new Storage({ apiEndpoint: task.url, projectId: "bench", retryOptions: { autoRetry: false } })

const end = begin()
await storage.bucket("bench").upload(task.file, { destination: task.key, resumable: true, validation: false })
end()
