/**
 * `@azure/storage-blob`, `uploadFile`: blocks of 4 MiB, 4 at once, connections kept alive. `uploadStream` is slower. It
 * was spared signatures, repeats and checksums. That it reads 64 KiB at a time is no setting.
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
