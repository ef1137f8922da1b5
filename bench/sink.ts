/**
 * A server that reads, counts and discards. It speaks just enough HTTP/1.1 for clients that keep connections, send a
 * `content-length` or a chunked body, and wait for each answer; `Expect` is ignored.
 *
 * Its arguments are a JSON file, `Expected`; the milliseconds by which it answers later; and, for TLS, a file that holds a
 * certificate and its key. It listens on a port of its own on 127.0.0.1, which its first line tells:
 * `{"port": 1234}`. Each line of its standard input is answered with `Counts`, and it ends with it.
 */
import { readFileSync } from "node:fs"
import { createServer, type Server, type Socket } from "node:net"
import { createInterface } from "node:readline"
import { createServer as createTlsServer } from "node:tls"
import { type Answer, answer, type Expected, type Head } from "./sinkAnswers.ts"

/** What it has seen since it began. */
export interface Counts {
  readonly connections: number
  readonly requests: number
  /** Of bodies that were parts of objects. */
  readonly payloadBytes: number
  readonly cpuSeconds: number
}

const [, , expectedFile = "", latency = "0", certificate] = process.argv
const expected: Expected = JSON.parse(readFileSync(expectedFile, "utf8"))
const delay = Number(latency)
let connections = 0
let requests = 0
let payloadBytes = 0

const counts = (): Counts => {
  const { system, user } = process.cpuUsage()
  return { connections, requests, payloadBytes, cpuSeconds: (system + user) / 1e6 }
}

const headerOf = (head: string, name: string): string =>
  new RegExp(`^${name}: *([^\\r]*)`, "im").exec(head)?.[1]?.trim() ?? ""

const parse = (head: string): Head => {
  const [method = "", path = ""] = head.split(" ", 2)
  const header = (name: string) => headerOf(head, name)
  // WCS takes no body without a length, and no SDK but Google's sends one.
  if (header("transfer-encoding") !== "" && !path.startsWith("/upload/")) {
    throw new Error(`${method} ${path} came without a content-length`)
  }
  return {
    method,
    path,
    header,
    key: Buffer.from(header("key"), "base64url").toString(),
    length: Number(header("content-length"))
  }
}

const zeros = new Uint8Array(1024 * 1024)

/** Sends so many zeros, as fast as they are taken. */
const writeZeros = (socket: Socket, count: number): void => {
  const taken = socket.write(zeros.subarray(0, Math.min(count, zeros.length)))
  const left = count - zeros.length
  if (left <= 0) return
  if (taken) writeZeros(socket, left)
  else socket.once("drain", () => writeZeros(socket, left))
}

const text = ({ body, headers, status, zeros }: Answer): string =>
  [
    `HTTP/1.1 ${status} ${status === 200 ? "OK" : "No"}`,
    ...Object.entries(headers ?? {}).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${zeros ?? Buffer.byteLength(body)}`,
    "",
    body
  ].join("\r\n")

/** No head is longer, in bytes, and no line before a chunk. */
const longest = { head: 16_384, line: 64 }

const serve = (socket: Socket) => {
  let counted = false
  let unread = ""
  let head: Head | undefined
  /** Bytes that are still to come, of the body or of a chunk and the end of its line. */
  let left = 0
  /** Whether the body is over when they have come. */
  let last = true

  /** Adds to what was not read yet, up to a mark, and tells where to go on: nowhere while the mark is missing. */
  const readTo = (mark: string, most: number, bytes: Buffer, at: number) => {
    const before = unread.length
    unread += bytes.toString("latin1", at, at + most)
    const end = unread.indexOf(mark)
    if (end < 0) return undefined
    const text = unread.slice(0, end)
    unread = ""
    return { text, next: at + end + mark.length - before }
  }

  const reply = (head: Head) => {
    const answered = answer(expected, head)
    if (!counted) connections += 1
    counted = true
    requests += 1
    if (answered.payload) payloadBytes += head.length
    if (answered.zeros !== undefined) {
      socket.write(text(answered))
      return writeZeros(socket, answered.zeros)
    }
    return delay > 0 ? setTimeout(() => socket.write(text(answered)), delay) : socket.write(text(answered))
  }

  socket.setNoDelay(true)
  socket.on("error", () => socket.destroy())
  socket.on("data", (bytes) => {
    for (let at = 0; at < bytes.length;) {
      if (head === undefined) {
        const read = readTo("\r\n\r\n", longest.head, bytes, at)
        if (read === undefined) return
        head = parse(read.text)
        at = read.next
        left = head.length
        last = head.header("transfer-encoding") === ""
      }
      if (left === 0 && !last) {
        const read = readTo("\r\n", longest.line, bytes, at)
        if (read === undefined) return
        const size = Number.parseInt(read.text, 16)
        at = read.next
        left = size + 2
        last = size === 0
        head = { ...head, length: head.length + size }
      }
      const taken = Math.min(left, bytes.length - at)
      at += taken
      left -= taken
      if (left > 0) return
      if (!last) continue
      reply(head)
      head = undefined
    }
  })
}

const pem = certificate === undefined ? undefined : readFileSync(certificate)
const server: Server = pem === undefined ? createServer(serve) : createTlsServer({ cert: pem, key: pem }, serve)
server.listen(0, "127.0.0.1", () => {
  const address = server.address()
  console.log(JSON.stringify({ port: typeof address === "object" ? address?.port : undefined }))
})
createInterface({ input: process.stdin }).on("line", () => console.log(JSON.stringify(counts()))).on(
  "close",
  () => process.exit()
)
