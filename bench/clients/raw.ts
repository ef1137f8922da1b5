/** The ceiling: sockets that write the same buffer again and again and wait for each answer. No file, no HTTP library. */
import { once } from "node:events"
import { connect } from "node:net"
import { begin, task } from "./measure.ts"

const { blockSize, concurrency, key, size, url } = task
const { hostname, port } = new URL(url)
const count = Math.ceil(size / blockSize)
const buffer = Buffer.alloc(blockSize, 0x5a)
let next = 0

const worker = async () => {
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  await once(socket, "connect")
  while (next < count) {
    const index = next++
    const length = Math.min(blockSize, size - index * blockSize)
    socket.cork()
    socket.write(
      `POST /mkblk/${length}/${index} HTTP/1.1\r\nkey: ${
        Buffer.from(key).toString("base64url")
      }\r\ncontent-length: ${length}\r\n\r\n`
    )
    socket.write(buffer.subarray(0, length))
    socket.uncork()
    const [answer] = await once(socket, "data")
    if (!String(answer).startsWith("HTTP/1.1 200")) throw new Error(String(answer))
  }
  socket.destroy()
}

const end = begin()
await Promise.all(Array.from({ length: concurrency }, worker))
end()
