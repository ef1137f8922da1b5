/** The upload that one would write by hand: `http.request` or `https.request`, connections kept alive, each worker with its buffer. */
import { createHash } from "node:crypto"
import { open } from "node:fs/promises"
import * as Http from "node:http"
import * as Https from "node:https"
import { crc32 } from "node:zlib"
import { begin, task } from "./measure.ts"

const { blockSize, checks, chunkSize, concurrency, file, key, size, url } = task
const { Agent, request } = url.startsWith("https:") ? Https : Http
const agent = new Agent({ keepAlive: true, maxSockets: concurrency })

const headers = {
  authorization: "access-key:c2lnbmF0dXJlLXNpZ25hdHVyZS0tLQ==:eyJzY29wZSI6ImJlbmNoOm9iamVjdCJ9",
  uploadbatch: "bench",
  key: Buffer.from(key).toString("base64url")
}

const post = (path: string, contentType: string, body: Uint8Array): Promise<Record<string, unknown>> =>
  new Promise((resolve, reject) => {
    const sent = request(url + path, {
      agent,
      method: "POST",
      headers: { ...headers, "content-type": contentType, "content-length": body.length }
    }, (response) => {
      let text = ""
      response.setEncoding("utf8")
      response.on("data", (part: string) => {
        text += part
      })
      response.on("error", reject)
      response.on("end", () => {
        if (response.statusCode === 200) resolve(JSON.parse(text))
        else reject(new Error(`${path}: ${response.statusCode} ${text}`))
      })
    })
    sent.on("error", reject)
    sent.end(body)
  })

const same = (what: string, expected: unknown, actual: unknown) => {
  if (expected !== actual) throw new Error(`the ${what} should be ${String(expected)}, not ${String(actual)}`)
}

const upload = async () => {
  const source = await open(file)
  const count = Math.ceil(size / blockSize)
  const ctxs: Array<string> = []
  const pieces: Array<Uint8Array> = []
  let next = 0

  const worker = async () => {
    const buffer = Buffer.allocUnsafeSlow(blockSize)
    while (next < count) {
      const index = next++
      const length = Math.min(blockSize, size - index * blockSize)
      for (let filled = 0; filled < length;) {
        const { bytesRead } = await source.read(buffer, filled, length - filled, index * blockSize + filled)
        if (bytesRead === 0) throw new Error("the file became shorter")
        filled += bytesRead
      }
      const block = buffer.subarray(0, length)
      if (checks) pieces[index] = createHash("sha1").update(block).digest()
      for (let sent = 0; sent < length; sent += chunkSize) {
        const chunk = block.subarray(sent, sent + chunkSize)
        const expected = checks ? crc32(chunk) : undefined
        const path = sent === 0 ? `/mkblk/${length}/${index}` : `/bput/${ctxs[index]}/${sent}`
        const answer = await post(path, "application/octet-stream", chunk)
        same("offset", sent + chunk.length, answer["offset"])
        if (checks) same("crc32", expected, answer["crc32"])
        ctxs[index] = String(answer["ctx"])
      }
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))

  const answer = await post(`/mkfile/${size}`, "text/plain;charset=UTF-8", Buffer.from(ctxs.join(",")))
  if (checks) {
    const joined = createHash("sha1")
    for (const piece of pieces) joined.update(piece)
    same("etag", Buffer.concat([Buffer.of(0x96), joined.digest()]).toString("base64url"), answer["hash"])
  }
  await source.close()
}

const end = begin()
await upload()
end()
agent.destroy()
