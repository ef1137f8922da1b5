import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Zip, ZipDeflate } from "fflate"
import { type Refusal, refuse } from "./refusal.ts"

/** A file to be packed. */
export interface Member<E, R> {
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** In milliseconds since the epoch. */
  readonly modified: number
  readonly bytes: Stream.Stream<Uint8Array, E, R>
}

const mostMembers = 65_535
const mostBytes = 0xffff_ffff

/** What an archive takes at most: deflate adds little to what it cannot make smaller, and every name stands twice. */
const bound = (members: ReadonlyArray<Member<unknown, unknown>>): number =>
  members.reduce((sum, { name, size }) => sum + size + size / 1000 + 6 * name.length + 200, 100)

/** The times that an archive can hold, with a day to spare for the time zone. */
const earliest = Date.UTC(1980, 0, 2)
const latest = Date.UTC(2099, 11, 30)

const changed = refuse(500, "An Object Changed While It Was Packed")

/**
 * A ZIP, made as it is read. Only one piece of one file is in memory at a time. What needs ZIP64, more than 65 535 files
 * or 4 GiB, is refused.
 */
export const pack = <E, R>(
  members: ReadonlyArray<Member<E, R>>
): Stream.Stream<Uint8Array, E | Refusal, R> =>
  Stream.suspend(() => {
    if (members.length > mostMembers || bound(members) > mostBytes) {
      return Stream.fail(refuse(413, "The Archive Would Be Too Large"))
    }
    let ready: Array<Uint8Array> = []
    const zip = new Zip((error, bytes) => {
      if (error) throw error
      ready.push(bytes)
    })
    /** What the archive has grown by. */
    const grown = Effect.sync(() => {
      const pieces = Chunk.unsafeFromArray(ready)
      ready = []
      return pieces
    })
    const add = ({ bytes, modified, name, size }: Member<E, R>) =>
      Stream.suspend(() => {
        const file = new ZipDeflate(name)
        file.mtime = Math.min(Math.max(modified, earliest), latest)
        zip.add(file)
        let left = size
        const end = Effect.suspend(() => {
          if (left !== 0) return changed
          file.push(new Uint8Array(0), true)
          return grown
        })
        return bytes.pipe(
          Stream.mapEffect((piece) => {
            left -= piece.length
            file.push(piece)
            return grown
          }),
          Stream.concat(Stream.fromEffect(end))
        )
      })
    const end = Effect.suspend(() => {
      zip.end()
      return grown
    })
    return Stream.fromIterable(members).pipe(
      Stream.flatMap(add),
      Stream.concat(Stream.fromEffect(end)),
      Stream.flattenChunks
    )
  })
