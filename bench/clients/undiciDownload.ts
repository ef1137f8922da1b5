/** `undici`, with a body that is written to a file as it comes. */
import { createWriteStream, statSync } from "node:fs"
import { join } from "node:path"
import { pipeline } from "node:stream/promises"
import { request } from "undici"
import { begin, task } from "./measure.ts"

const target = join(task.target, "object")
const end = begin()
const { body } = await request(`${task.url}/download/${task.key}`)
await pipeline(body, createWriteStream(target))
end()
const { size } = statSync(target)
if (size !== task.size) throw new Error(`${size} bytes were downloaded`)
