/** The CRC-64 of a file by `hash-wasm`, with one buffer that is filled again and again. */
import { createCRC64 } from "hash-wasm"
import { open } from "node:fs/promises"
import { begin, task } from "./measure.ts"

const hash = await createCRC64()
const end = begin()
const source = await open(task.file)
const buffer = Buffer.allocUnsafeSlow(4 * 1024 * 1024)
let size = 0
for (;;) {
  const { bytesRead } = await source.read(buffer)
  if (bytesRead === 0) break
  hash.update(buffer.subarray(0, bytesRead))
  size += bytesRead
}
hash.digest()
await source.close()
end()
if (size !== task.size) throw new Error(`${size} bytes were read`)
