import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Stream from "effect/Stream"
import { Inflate } from "fflate"
import * as Crc32 from "../../domain/Crc32.ts"
import { Digest } from "../../services/Digest.ts"
import { type Content, EmulatorStorage, type EmulatorStorageError } from "../EmulatorStorage.ts"
import { type Refusal, refuse } from "./refusal.ts"

// The sizes of an archive's directory count, as everywhere; a reader that goes by the headers between the files has to
// look for their marks inside of compressed data, and finds some there by chance.

/** A file in an archive. */
export interface Member {
  readonly name: string
  /** Bytes of the file. */
  readonly size: number
  /** Where its header is, and how many bytes its compressed content has. */
  readonly offset: number
  readonly packed: number
  readonly isDeflated: boolean
  readonly crc32: number
}

const mostMembers = 10_000
const mostDirectory = 16 * 1024 * 1024
const endSize = 22
const longestComment = 0xffff

/** What is inflated at once: at most about a thousand times as much comes out of it. */
const pieceSize = 8 * 1024

const damaged = refuse(400, "The Archive Is Damaged")
const unsupported = (what: string) => refuse(400, "The Archive Is Not Supported", what)

type Reading<A> = Effect.Effect<A, Refusal | EmulatorStorageError, EmulatorStorage>

/** A short part of a content. */
const part = (content: Content, start: number, size: number): Reading<DataView> =>
  Effect.gen(function*() {
    if (start < 0 || start + size > content.size) return yield* damaged
    const storage = yield* EmulatorStorage
    const bytes = new Uint8Array(size)
    const length = yield* Stream.runFold(storage.read(content, { start, end: start + size }), 0, (at, piece) => {
      bytes.set(piece, at)
      return at + piece.length
    })
    return length === size ? new DataView(bytes.buffer) : yield* damaged
  })

const utf8 = new TextDecoder("utf-8", { fatal: true })
const latin1 = new TextDecoder("latin1")

/** Names are UTF-8 where they say so; many are where they do not. */
const decodeName = (bytes: Uint8Array): string =>
  Either.getOrElse(Either.try(() => utf8.decode(bytes)), () => latin1.decode(bytes))

/** Where the directory is, from the mark at the archive's end, behind which only a comment stands. */
const findDirectory = (content: Content): Reading<{ count: number; offset: number; size: number }> =>
  Effect.gen(function*() {
    const start = Math.max(content.size - endSize - longestComment, 0)
    const tail = yield* part(content, start, content.size - start)
    for (let at = tail.byteLength - endSize; at >= 0; at--) {
      if (tail.getUint32(at, true) !== 0x0605_4b50) continue
      if (at + endSize + tail.getUint16(at + 20, true) !== tail.byteLength) continue
      const found = {
        count: tail.getUint16(at + 10, true),
        size: tail.getUint32(at + 12, true),
        offset: tail.getUint32(at + 16, true)
      }
      if (found.count === 0xffff || found.offset === 0xffff_ffff) return yield* unsupported("it is a ZIP64")
      return found
    }
    return yield* refuse(400, "Not A ZIP")
  })

/** The files of an archive. */
export const list = (content: Content): Reading<ReadonlyArray<Member>> =>
  Effect.gen(function*() {
    const { count, offset, size } = yield* findDirectory(content)
    if (count > mostMembers || size > mostDirectory) return yield* unsupported(`it has more than ${mostMembers} files`)
    const directory = yield* part(content, offset, size)
    const members: Array<Member> = []
    for (let at = 0; members.length < count;) {
      if (at + 46 > size || directory.getUint32(at, true) !== 0x0201_4b50) return yield* damaged
      const [flags, method] = [directory.getUint16(at + 8, true), directory.getUint16(at + 10, true)]
      const nameSize = directory.getUint16(at + 28, true)
      const next = at + 46 + nameSize + directory.getUint16(at + 30, true) + directory.getUint16(at + 32, true)
      if (next > size) return yield* damaged
      if (flags & 1) return yield* unsupported("a file is encrypted")
      if (method !== 0 && method !== 8) return yield* unsupported(`a file has the compression method ${method}`)
      members.push({
        name: decodeName(new Uint8Array(directory.buffer, at + 46, nameSize)),
        crc32: directory.getUint32(at + 16, true),
        packed: directory.getUint32(at + 20, true),
        size: directory.getUint32(at + 24, true),
        offset: directory.getUint32(at + 42, true),
        isDeflated: method === 8
      })
      at = next
    }
    return members
  })

const cut = (piece: Uint8Array): ReadonlyArray<Uint8Array> =>
  Array.from(
    { length: Math.ceil(piece.length / pieceSize) },
    (_, at) => piece.subarray(at * pieceSize, (at + 1) * pieceSize)
  )

/** Undoes deflate. */
const inflate = <E, R>(bytes: Stream.Stream<Uint8Array, E, R>): Stream.Stream<Uint8Array, E | Refusal, R> =>
  Stream.suspend(() => {
    let ready: Array<Uint8Array> = []
    const inflater = new Inflate((bytes) => void ready.push(bytes))
    const push = (piece: Uint8Array, isLast: boolean) =>
      Effect.try({
        try: () => {
          ready = []
          inflater.push(piece, isLast)
          return ready
        },
        catch: () => damaged
      })
    return bytes.pipe(
      Stream.mapConcat(cut),
      Stream.mapEffect((piece) => push(piece, false)),
      Stream.concat(Stream.fromEffect(Effect.suspend(() => push(new Uint8Array(0), true)))),
      Stream.flattenIterables
    )
  })

/** A file's bytes, which fail unless they are as many as the directory says, with the checksum that it has. */
export const read = (
  content: Content,
  member: Member
): Stream.Stream<Uint8Array, Refusal | EmulatorStorageError, EmulatorStorage | Digest> =>
  Stream.unwrap(Effect.gen(function*() {
    const storage = yield* EmulatorStorage
    const crc32 = (yield* Digest).crc32()
    const header = yield* part(content, member.offset, 30)
    if (header.getUint32(0, true) !== 0x0403_4b50) return yield* damaged
    const start = member.offset + 30 + header.getUint16(26, true) + header.getUint16(28, true)
    const end = start + member.packed
    if (end > content.size) return yield* damaged
    const packed = storage.read(content, { start, end })
    let left = member.size
    return (member.isDeflated ? inflate(packed) : packed).pipe(
      Stream.tap((bytes) => {
        left -= bytes.length
        if (left < 0) return damaged
        crc32.update(bytes)
        return Effect.void
      }),
      Stream.concat(
        Stream.suspend(() =>
          left === 0 && Crc32.toNumber(crc32.digest()) === member.crc32 ? Stream.empty : Stream.fail(damaged)
        )
      )
    )
  }))
