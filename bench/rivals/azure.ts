/**
 * `@azure/storage-blob`, `uploadFile`: blocks of 4 MiB, connections kept alive. It was spared credentials (so it signs
 * nothing), repeats and checksums.
 */
import { AnonymousCredential, BlockBlobClient } from "@azure/storage-blob"
import { begin, task } from "../clients/measure.ts"

const client = new BlockBlobClient(`${task.url}/azure/bench/${task.key}`, new AnonymousCredential(), {
  keepAliveOptions: { enable: true },
  retryOptions: { maxTries: 1 }
})

const end = begin()
await client.uploadFile(task.file, {
  blockSize: task.blockSize,
  concurrency: task.concurrency,
  maxSingleShotSize: task.blockSize
})
end()
