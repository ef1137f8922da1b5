/**
 * `EmulatorStorage` in memory.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { EmulatorStorage, type StoredBlock, type StoredObject } from "./EmulatorStorage.ts"

const pieceSize = 256 * 1024

const objectId = (object: StoredObject): string => `${object.bucket}:${object.key}`

/** The bytes between two offsets, piece by piece, as copies: what a reader does to them stays with the reader. */
function* slice(pieces: ReadonlyArray<Uint8Array>, start: number, end: number): Generator<Uint8Array> {
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
  const contents = new Map<string, Array<Uint8Array>>()
  const objects = new Map<string, StoredObject>()
  const blocks = new Map<string, StoredBlock>()
  return EmulatorStorage.of({
    load: Effect.sync(() => {
      const records = { objects: Array.from(objects.values()), blocks: Array.from(blocks.values()) }
      const named = new Set([
        ...records.objects.map(({ content }) => content.id),
        ...records.blocks.flatMap(({ chunks }) => chunks.map(({ id }) => id))
      ])
      for (const id of contents.keys()) {
        if (!named.has(id)) contents.delete(id)
      }
      return records
    }),
    write: (id, bytes) =>
      Effect.suspend(() => {
        const pieces: Array<Uint8Array> = []
        contents.set(id, pieces)
        return Effect.map(
          Stream.runFold(bytes, 0, (size, input) => {
            // Copies: the sender may use its buffer again.
            for (let at = 0; at < input.length; at += pieceSize) pieces.push(input.slice(at, at + pieceSize))
            return size + input.length
          }),
          (size) => ({ id, size })
        )
      }),
    read: (content, range = { start: 0, end: content.size }) =>
      Stream.suspend(() =>
        Stream.fromIteratorSucceed(slice(contents.get(content.id) ?? [], range.start, range.end), 1)
      ),
    remove: (id) => Effect.sync(() => void contents.delete(id)),
    saveObject: (object) => Effect.sync(() => void objects.set(objectId(object), object)),
    removeObject: (object) => Effect.sync(() => void objects.delete(objectId(object))),
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
