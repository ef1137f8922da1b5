/** The rows of the table. */

/** What a row uploads: random bytes; zeros of the same size; zeros of eight times the size. */
export type Content = "random" | "zeros" | "zeros8"

export interface Row {
  readonly name: string
  readonly client: "raw" | "loop" | "ours" | "aws"
  readonly checks: boolean
  readonly content: Content
  readonly title: string
}

export const rows: ReadonlyArray<Row> = [
  { name: "raw", client: "raw", checks: false, content: "random", title: "`net.Socket`, one buffer, no file" },
  { name: "loop", client: "loop", checks: true, content: "random", title: "`http.request` loop, crc32 and etag" },
  { name: "ours", client: "ours", checks: true, content: "random", title: "effect-wcs, checks on" },
  {
    name: "loop-unchecked",
    client: "loop",
    checks: false,
    content: "random",
    title: "`http.request` loop, no hashing"
  },
  { name: "ours-unchecked", client: "ours", checks: false, content: "random", title: "effect-wcs, checks off" },
  { name: "aws", client: "aws", checks: false, content: "random", title: "`@aws-sdk/lib-storage`, 5 MiB parts" },
  { name: "memory", client: "ours", checks: true, content: "zeros", title: "effect-wcs, checks on, sparse file" },
  { name: "memory8", client: "ours", checks: true, content: "zeros8", title: "effect-wcs, checks on, 8 times the size" }
]
