/** `undici` and `JSON.parse`, page after page. */
import { request } from "undici"
import { begin, task } from "./measure.ts"

interface Page {
  readonly marker: string
  readonly items: ReadonlyArray<{ readonly fsize: string }>
}

const end = begin(task.count)
let count = 0
let bytes = 0
for (let marker: string | undefined = "0"; marker !== undefined;) {
  const { body } = await request(`${task.url}/list?bucket=bench-${task.count}&limit=1000&marker=${marker}`)
  const page = JSON.parse(await body.text()) as Page
  for (const { fsize } of page.items) {
    count += 1
    bytes += Number(fsize)
  }
  marker = page.marker === "" ? undefined : page.marker
}
end()
if (count !== task.count || bytes === 0) throw new Error(`${count} objects were listed`)
