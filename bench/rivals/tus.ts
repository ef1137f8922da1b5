/**
 * `tus-js-client`, from a stream of the file: a quarter of it by each of four uploads, connections kept alive. It was
 * spared repeats and a record of the upload.
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
