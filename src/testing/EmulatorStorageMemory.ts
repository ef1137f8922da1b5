/**
 * `EmulatorStorage` in memory.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { EmulatorStorage, EmulatorStorageError, type StoredBlock, type StoredObject } from "./EmulatorStorage.ts"
import * as contents from "./internal/contents.ts"

const pieceSize = 256 * 1024

/** Pieces of bytes, as copies: the sender may use its buffer again. */
const cut = (bytes: Uint8Array): Array<Uint8Array> => {
  if (bytes.length <= pieceSize) return [bytes.slice()]
  const pieces: Array<Uint8Array> = []
  for (let at = 0; at < bytes.length; at += pieceSize) pieces.push(bytes.slice(at, at + pieceSize))
  return pieces
}

/** A part of a run, piece by piece, as copies: what a reader does to them stays with the reader. */
function* slice(pieces: ReadonlyArray<Uint8Array>, { end, start }: contents.Part): Generator<Uint8Array> {
  let offset = 0
  for (const piece of pieces) {
    const from = Math.max(start - offset, 0)
    const to = Math.min(end - offset, piece.length)
    if (from < to) yield piece.slice(from, to)
    offset += piece.length
    if (offset >= end) return
  }
}

/**
 * An empty storage. What it holds lives as long as the value does.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<EmulatorStorage["Type"]> = Effect.sync(() => {
  const bytesOf = new Map<string, Array<Uint8Array>>()
  const buckets = new Map<string, Map<string, StoredObject>>()
  const blocks = new Map<string, StoredBlock>()
  const bucket = ({ bucket }: StoredObject): Map<string, StoredObject> => {
    const objects = buckets.get(bucket) ?? new Map<string, StoredObject>()
    buckets.set(bucket, objects)
    return objects
  }
  function* read(
    parts: ReadonlyArray<readonly [pieces: ReadonlyArray<Uint8Array>, part: contents.Part]>
  ): Generator<Uint8Array> {
    for (const [pieces, part] of parts) yield* slice(pieces, part)
  }
  return EmulatorStorage.of({
    load: Effect.sync(() => {
      const records = {
        objects: Array.from(buckets.values()).flatMap((objects) => Array.from(objects.values())),
        blocks: Array.from(blocks.values())
      }
      const named = contents.named(records)
      for (const id of bytesOf.keys()) {
        if (!named.has(id)) bytesOf.delete(id)
      }
      return records
    }),
    write: (id, bytes) =>
      Effect.suspend(() => {
        if (bytes instanceof Uint8Array) {
          bytesOf.set(id, cut(bytes))
          return Effect.succeed({ id, size: bytes.length })
        }
        const pieces: Array<Uint8Array> = []
        bytesOf.set(id, pieces)
        return Effect.map(
          Stream.runFold(bytes, 0, (size, input) => {
            pieces.push(...cut(input))
            return size + input.length
          }),
          (size) => ({ id, size })
        )
      }),
    // Who has begun to read goes on with what there was, whatever is deleted or replaced meanwhile.
    read: (content, range = { start: 0, end: content.size }) =>
      Option.match(
        Option.all(
          contents.parts(content, range).map((part) =>
            Option.map(Option.fromNullable(bytesOf.get(part.id)), (pieces) => [pieces, part] as const)
          )
        ),
        {
          onNone: () => Stream.fail(new EmulatorStorageError({ detail: "the bytes have gone" })),
          onSome: (parts) => Stream.suspend(() => Stream.fromIteratorSucceed(read(parts), 1))
        }
      ),
    remove: (id) => Effect.sync(() => void bytesOf.delete(id)),
    saveObject: (object) => Effect.sync(() => void bucket(object).set(object.key, object)),
    removeObject: (object) => Effect.sync(() => void bucket(object).delete(object.key)),
    saveBlock: (block) => Effect.sync(() => void blocks.set(block.id, block)),
    removeBlock: (block) => Effect.sync(() => void blocks.delete(block.id))
  })
})

/**
 * An empty storage in memory.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<EmulatorStorage> = Layer.effect(EmulatorStorage, make)
