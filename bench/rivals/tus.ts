/**
 * `tus-js-client`, from a stream of the file: a quarter of it in each of four requests, connections kept alive. With a
 * `chunkSize` each chunk would be a request of its own, which is slower. It was spared repeats and a record of the
 * upload. That it reads 64 KiB at a time is no setting: whatever stream it is given, it opens the file anew.
 */
import { createReadStream } from "node:fs"
import { Agent } from "node:http"
import { DefaultHttpStack, Upload } from "tus-js-client"
import { begin, task } from "../clients/measure.ts"

const agent = new Agent({ keepAlive: true })

const end = begin()
await new Promise<void>((resolve, reject) => {
  new Upload(createReadStream(task.file), {
    endpoint: `${task.url}/tus`,
    httpStack: new DefaultHttpStack({ agent }),
    parallelUploads: task.concurrency,
    retryDelays: null,
    onSuccess: () => resolve(),
    onError: reject
  }).start()
})
end()
agent.destroy()
