/** `undici`, with forms that are put together by hand around each file. */
import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { Agent, request } from "undici"
import { begin, task } from "./measure.ts"

const dispatcher = new Agent({ connections: 16 })
const boundary = "----------------------------boundary"
const token = "access-key:c2lnbmF0dXJlLXNpZ25hdHVyZS0tLQ==:eyJzY29wZSI6ImJlbmNoOm9iamVjdCJ9"
const part = (head: string) => `--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n`
const tail = Buffer.from(`\r\n--${boundary}--\r\n`)

const post = async (name: string) => {
  const bytes = await readFile(join(task.file, name))
  const head = `${part("name=\"token\"")}${token}\r\n${part("name=\"key\"")}${name}\r\n${
    part(`name="file"; filename="${name}"`)
  }`
  const { body, statusCode } = await request(`${task.url}/file/upload`, {
    dispatcher,
    method: "POST",
    headers: { "content-type": `multipart/form-data; boundary=${boundary}` },
    body: Buffer.concat([Buffer.from(head), bytes, tail])
  })
  const text = await body.text()
  if (statusCode !== 200) throw new Error(`${name}: ${statusCode} ${text}`)
}

const end = begin()
const names = await readdir(task.file)
let next = 0
const worker = async () => {
  for (let name = names[next++]; name !== undefined; name = names[next++]) await post(name)
}
await Promise.all(Array.from({ length: 16 }, worker))
end()
await dispatcher.close()
