/** The rows of the table. */
import { spawnSync } from "node:child_process"
import { chunkSizes } from "./content.ts"

/** What a row carries: random bytes; zeros of the same size, of four or of eight times the size. */
export type Content = "random" | "zeros" | "zeros4" | "zeros8"

/** The work of a row, and what it is counted in. */
export const works = {
  upload: { title: "Uploads in blocks", unit: "MiB", many: "GiB", size: 1024 ** 2 },
  files: { title: "A folder of small files", unit: "MiB", many: "GiB", size: 1024 ** 2 },
  download: { title: "Downloads", unit: "MiB", many: "GiB", size: 1024 ** 2 },
  checksum: { title: "Checksums of a file", unit: "MiB", many: "GiB", size: 1024 ** 2 },
  list: { title: "Listings", unit: "1000 objects", many: "million objects", size: 1000 }
} as const

export interface Row {
  readonly name: string
  /** The program, below this folder. */
  readonly client: string
  readonly work: keyof typeof works
  readonly title: string
  readonly checks: boolean
  readonly content: Content
  /** Bytes of a request's body. */
  readonly chunkSize: number
  readonly tls: boolean
  /** Milliseconds by which the sink answers later. */
  readonly latency: number
  /** A program of the system, without which there is no such row. */
  readonly needs?: string
}

/** Whether the system has what a row needs. */
export const isPossible = ({ needs }: Row): boolean =>
  needs === undefined || spawnSync(needs, ["version"]).error === undefined

const row = (
  name: string,
  client: string,
  title: string,
  options: Partial<Row> = {}
): Row => ({
  name,
  client: `clients/${client}`,
  title,
  work: "upload",
  checks: true,
  content: "random",
  chunkSize: chunkSizes.block,
  tls: false,
  latency: 0,
  ...options
})

/** Another service's SDK, which does as little work as it can be asked for. */
const rival = (name: string, title: string): Row => ({
  ...row(name, name, title, { checks: false }),
  client: `rivals/${name}`
})

/** Whether a row needs packages that are not installed with the others. */
export const isRival = ({ client }: Row): boolean => client.startsWith("rivals/")

const loop = "`http.request` loop"
const eighth = { chunkSize: chunkSizes.eighth }
const checksum = { work: "checksum", content: "zeros4" } as const

export const rows: ReadonlyArray<Row> = [
  row("raw", "raw", "`net.Socket`, one buffer, no file", { checks: false }),
  row("loop", "loop", `${loop}, crc32 and etag`),
  row("ours", "ours", "effect-wcs, checks on"),
  row("loop-unchecked", "loop", `${loop}, no hashing`, { checks: false }),
  row("ours-unchecked", "ours", "effect-wcs, checks off", { checks: false }),
  row("stream", "stream", "effect-wcs, a stream of unknown length"),
  row("loop-tls", "loop", "`https.request` loop", { tls: true }),
  row("ours-tls", "ours", "effect-wcs over TLS", { tls: true }),
  row("loop-chunks", "loop", `${loop}, requests of 512 KiB`, eighth),
  row("ours-chunks", "ours", "effect-wcs, requests of 512 KiB", eighth),
  row("loop-50ms", "loop", `${loop}, answers 50 ms later`, { latency: 50 }),
  row("ours-50ms", "ours", "effect-wcs, answers 50 ms later", { latency: 50 }),
  row("loop-200ms", "loop", `${loop}, answers 200 ms later`, { latency: 200 }),
  row("ours-200ms", "ours", "effect-wcs, answers 200 ms later", { latency: 200 }),
  rival("aws", "`@aws-sdk/lib-storage`, 5 MiB parts"),
  rival("azure", "`@azure/storage-blob`, `uploadFile`"),
  rival("google", "`@google-cloud/storage`, one request"),
  rival("qiniu", "`qiniu`, one part after the other"),
  rival("tus", "`tus-js-client`, four requests"),
  row("loop-zeros", "loop", `${loop}, sparse file`, { content: "zeros" }),
  row("memory", "ours", "effect-wcs, sparse file", { content: "zeros" }),
  row("undici-files", "undiciFiles", "`undici`, the same bodies, 16 at once", { work: "files" }),
  row("files", "files", "effect-wcs, `putDirectory`, 16 at once", { work: "files" }),
  row("undici-download", "undiciDownload", "`undici`, body to file", {
    work: "download",
    content: "zeros",
    checks: false
  }),
  row("download", "download", "effect-wcs, etag checked", { work: "download", content: "zeros" }),
  row("download-unchecked", "download", "effect-wcs, not checked", {
    work: "download",
    content: "zeros",
    checks: false
  }),
  row("undici-list", "undiciList", "`undici` and `JSON.parse`, a loop", { work: "list" }),
  row("list", "list", "effect-wcs, `listAll`", { work: "list" }),
  row("openssl-etag", "openssl", "`openssl sha1`", { ...checksum, needs: "openssl" }),
  row("etag", "etag", "effect-wcs, `etagOfFile`", checksum),
  row("loop-crc64", "loopCrc64", "`hash-wasm`, a loop", checksum),
  row("crc64", "crc64", "effect-wcs, `crc64OfFile`", checksum),
  row("loop-zeros8", "loop", `${loop}, sparse, 8 times the size`, { content: "zeros8" }),
  row("memory8", "ours", "effect-wcs, sparse, 8 times the size", { content: "zeros8" })
]
