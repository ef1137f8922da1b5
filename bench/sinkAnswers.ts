/** What the sink answers. It hashes nothing: it is told beforehand what it will hold. */

/** An object as a service that holds it knows it. */
export interface Held {
  readonly size: number
  readonly blockSize: number
  /** Bytes of a request's body; a block is a whole number of them. */
  readonly chunkSize: number
  /** Of each chunk, in order. */
  readonly crc32: ReadonlyArray<number>
  readonly etag: string
}

/** Objects by key. */
export type Expected = { readonly [key: string]: Held }

export interface Head {
  readonly method: string
  readonly path: string
  /** A header by its name; empty where there is none. */
  readonly header: (name: string) => string
  /** The header `key`, decoded. */
  readonly key: string
  /** Bytes of the body. */
  readonly length: number
}

export interface Answer {
  readonly status: number
  readonly headers?: { readonly [name: string]: string }
  readonly body: string
  /** Whether the request's body was a part of an object. */
  readonly payload: boolean
  /** Zeros that are the body, in the place of `body`. */
  readonly zeros?: number
}

const json = (status: number, body: unknown, payload = false): Answer => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
  payload
})

const xml = (name: string, members: string): Answer => ({
  status: 200,
  headers: { "content-type": "application/xml" },
  body: `<?xml version="1.0" encoding="UTF-8"?><${name}>${members}</${name}>`,
  payload: false
})

/** What has no body. */
const empty = (status: number, headers: Answer["headers"] = {}, payload = false): Answer => ({
  status,
  headers,
  body: "",
  payload
})

const refused = (message: string) => json(400, { code: "400", message })

const chunk = (held: Held, index: number, offset: number, length: number): Answer => {
  const crc32 = held.crc32[(index * held.blockSize + offset) / held.chunkSize]
  if (crc32 === undefined) return refused("no chunk of the object begins there")
  return json(200, { ctx: `ctx-${index}-${offset + length}`, offset: offset + length, crc32 }, true)
}

const multipart = (head: Head, query: URLSearchParams): Answer => {
  if (head.method === "PUT") {
    return empty(200, { etag: `"${query.get("partNumber") ?? "whole"}"` }, true)
  }
  return query.has("uploads")
    ? xml("InitiateMultipartUploadResult", "<Bucket>bench</Bucket><Key>object</Key><UploadId>upload</UploadId>")
    : xml("CompleteMultipartUploadResult", "<Bucket>bench</Bucket><Key>object</Key><ETag>\"object\"</ETag>")
}

/** `@azure/storage-blob`: blocks, then their list. */
const azure = (query: URLSearchParams): Answer =>
  empty(201, { etag: "\"object\"", "x-ms-version": "2021-12-02" }, query.get("comp") === "block")

/** `@google-cloud/storage`: a session, then its parts; all but the last tell that they are not the last. */
const google = (head: Head): Answer => {
  const range = head.header("content-range")
  if (range === "") return empty(200, { location: `http://${head.header("host")}${head.path}&upload_id=upload` })
  const [, to = "*", total = "*"] = /^bytes \d+-(\d+|\*)\/(\d+|\*)$/.exec(range) ?? []
  return to === "*" || (total !== "*" && Number(to) === Number(total) - 1)
    ? json(200, { name: "object" }, true)
    : empty(308, { range: `bytes=0-${to}` }, true)
}

/** `qiniu`, parts of version 2. It compares each part's MD5 with the answer: it is told its own. */
const qiniu = (head: Head): Answer =>
  head.method === "PUT"
    ? json(200, { etag: "part", md5: head.header("content-md5") }, true)
    : json(200, { uploadId: "upload", expireAt: 2 ** 32, key: "object", hash: "object" })

/** `tus-js-client`: uploads are created, filled and put together. */
const tus = (head: Head): Answer =>
  head.method === "PATCH"
    ? empty(204, { "upload-offset": String(Number(head.header("upload-offset")) + head.length) }, true)
    : empty(201, { location: `${head.path}/upload` })

const described = (fsize: number, hash: string) => ({
  fsize,
  hash,
  mimeType: "application/octet-stream",
  putTime: "1700000000000",
  expirationDate: ""
})

/** An object is there to be downloaded when it consists of zeros. */
const stat = (expected: Expected, entry: string): Answer => {
  const [, key = ""] = Buffer.from(entry, "base64url").toString().split(":")
  const held = key.startsWith("zeros") ? expected[key] : undefined
  return held === undefined
    ? json(404, { code: "404", message: "there is no such object" })
    : json(200, { name: key, ...described(held.size, held.etag) })
}

/** A page of a bucket that is called after the number of its objects, as the service sends it (protocol 6.2). */
const page = (query: URLSearchParams): Answer => {
  const total = Number(query.get("bucket")?.split("-")[1])
  const from = Number(query.get("marker") ?? 0)
  const to = Math.min(total, from + Number(query.get("limit")))
  const items = Array.from({ length: to - from }, (_, i) => ({
    key: `folder/object-${String(from + i).padStart(9, "0")}`,
    putTime: 1_700_000_000_000,
    hash: "FgAAAAAAAAAAAAAAAAAAAAAAAAAA",
    fsize: "65536",
    mimeType: "application/octet-stream",
    expirationDate: ""
  }))
  return json(200, { marker: to < total ? String(to) : "", commonPrefixes: [], items })
}

export const answer = (expected: Expected, head: Head): Answer => {
  const [path = "", query = ""] = head.path.split("?")
  const [, operation, first = "", second = ""] = path.split("/")
  if (operation === "s3") return multipart(head, new URLSearchParams(query))
  if (operation === "azure") return azure(new URLSearchParams(query))
  if (operation === "upload") return google(head)
  if (operation === "buckets") return qiniu(head)
  if (operation === "tus") return tus(head)
  if (operation === "stat") return stat(expected, first)
  if (operation === "list") return page(new URLSearchParams(query))
  if (operation === "file") return json(200, { hash: expected["files"]?.etag }, true)
  if (operation === "download") {
    return { status: 200, body: "", payload: false, zeros: expected[first]?.size ?? 0 }
  }
  const held = expected[head.key]
  if (held === undefined) return refused(`nothing is known of the key ${head.key}`)
  switch (operation) {
    case "mkblk":
      return chunk(held, Number(second), 0, head.length)
    case "bput":
      return chunk(held, Number(first.split("-")[1]), Number(second), head.length)
    case "mkfile":
      return Number(first) === held.size
        ? json(200, { key: head.key, hash: held.etag })
        : refused(`the object has ${held.size} bytes`)
    default:
      return refused(`no such operation: ${head.method} ${path}`)
  }
}
