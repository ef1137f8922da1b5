/**
 * `EmulatorStorage` in a directory: objects and blocks outlive the program.
 *
 * Layout: `emulator.json` marks the directory as an emulator's; `owner` names the one emulator that may change it, the last
 * that was started; `content/<id>` holds bytes, `objects/<hash>.json` and `blocks/<id>.json` hold records. No name is made
 * from a key.
 *
 * @since 0.1.0
 */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { makeFolder } from "../internal/makeFolder.ts"
import { reasonOf } from "../internal/reasonOf.ts"
import { Digest } from "../services/Digest.ts"
import { EmulatorStorage, EmulatorStorageError, StoredBlock, StoredObject } from "./EmulatorStorage.ts"
import * as contents from "./internal/contents.ts"
import { hexId } from "./internal/ids.ts"

const readSize = 256 * 1024

const Marker = Schema.parseJson(Schema.Struct({ format: Schema.Literal("effect-wcs/emulator/1") }))

const failed = (cause: PlatformError) =>
  new EmulatorStorageError({
    detail: cause._tag === "SystemError" ? `${reasonOf(cause)}: ${cause.pathOrDescriptor}` : cause.message,
    cause
  })

const io = <A, R>(effect: Effect.Effect<A, PlatformError, R>): Effect.Effect<A, EmulatorStorageError, R> =>
  Effect.mapError(effect, failed)

/**
 * The storage of a directory, which is made when it is not there. A directory that holds anything else is refused; that of
 * an emulator which still runs is taken over: from then on nothing can be changed by that one.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  directory: string
): Effect.Effect<
  EmulatorStorage["Type"],
  EmulatorStorageError,
  FileSystem.FileSystem | Path.Path | Digest
> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const digest = yield* Digest
    const contentPath = (id: string) => path.join(directory, "content", id)

    /** A file is replaced in one step: a crash leaves the old one or the new one. */
    const replace = (file: string, text: string) =>
      io(Effect.zipRight(fs.writeFileString(`${file}.tmp`, text), fs.rename(`${file}.tmp`, file)))

    const marker = path.join(directory, "emulator.json")
    yield* io(makeFolder(fs, directory))
    if (yield* io(fs.exists(marker))) {
      yield* Effect.flatMap(io(fs.readFileString(marker)), Schema.decode(Marker)).pipe(
        Effect.catchTag("ParseError", () =>
          Effect.fail(new EmulatorStorageError({ detail: `${marker} is of another format` })))
      )
    } else if (
      (yield* io(fs.readDirectory(directory))).some((name) =>
        name !== "emulator.json.tmp"
      )
    ) {
      return yield* new EmulatorStorageError({ detail: `${directory} is not empty and not an emulator's directory` })
    } else {
      yield* replace(marker, yield* Effect.orDie(Schema.encode(Marker)({ format: "effect-wcs/emulator/1" })))
    }
    for (const folder of ["content", "objects", "blocks"]) {
      yield* io(fs.makeDirectory(path.join(directory, folder), { recursive: true }))
    }

    const owner = path.join(directory, "owner")
    const self = yield* hexId
    yield* replace(owner, self)
    /** Two emulators would delete each other's bytes; a lock would outlive a crash. */
    const owned = <A>(change: Effect.Effect<A, EmulatorStorageError>) =>
      Effect.flatMap(io(fs.readFileString(owner)), (id) =>
        id === self
          ? change
          : new EmulatorStorageError({ detail: `${directory} has been taken over by another emulator` }))

    /** Records of one kind, one file each. */
    const records = <A, I>(folder: string, schema: Schema.Schema<A, I>, nameOf: (record: A) => string) => {
      const json = Schema.parseJson(schema)
      const fileOf = (record: A) => path.join(directory, folder, `${nameOf(record)}.json`)
      const read = (name: string) => {
        const file = path.join(directory, folder, name)
        return Effect.flatMap(io(fs.readFileString(file)), Schema.decode(json)).pipe(
          Effect.catchTag("ParseError", (cause) =>
            Effect.fail(new EmulatorStorageError({ detail: `${file} cannot be read`, cause })))
        )
      }
      return {
        all: Effect.gen(function*() {
          const names = yield* io(fs.readDirectory(path.join(directory, folder)))
          // A crash leaves them.
          const halves = names.filter((name) =>
            name.endsWith(".tmp")
          )
          yield* Effect.forEach(halves, (name) => io(fs.remove(path.join(directory, folder, name))), { discard: true })
          return yield* Effect.forEach(names.filter((name) => name.endsWith(".json")), read, { concurrency: 16 })
        }),
        save: (record: A) =>
          Effect.flatMap(Effect.orDie(Schema.encode(json)(record)), (text) => owned(replace(fileOf(record), text))),
        remove: (record: A) => owned(io(fs.remove(fileOf(record), { force: true })))
      }
    }
    const objects = records("objects", StoredObject, ({ bucket, key }) => {
      const hash = digest.sha1()
      hash.update(new TextEncoder().encode(`${bucket}:${key}`))
      return Encoding.encodeHex(hash.digest())
    })
    const blocks = records("blocks", StoredBlock, ({ id }) => id)

    return EmulatorStorage.of({
      load: Effect.gen(function*() {
        const loaded = yield* Effect.all({ objects: objects.all, blocks: blocks.all })
        const named = contents.named(loaded)
        const ids = yield* io(fs.readDirectory(path.join(directory, "content")))
        yield* Effect.forEach(
          ids.filter((id) => !named.has(id)),
          (id) => io(fs.remove(contentPath(id), { force: true })),
          { discard: true }
        )
        return loaded
      }),
      write: (id, bytes) =>
        Effect.scoped(Effect.gen(function*() {
          const file = yield* io(fs.open(contentPath(id), { flag: "wx" }))
          const size = yield* Stream.runFoldEffect(
            bytes instanceof Uint8Array ? Stream.make(bytes) : bytes,
            0,
            // Nothing cannot be written.
            (size, piece) =>
              piece.length === 0 ? Effect.succeed(size) : Effect.as(io(file.writeAll(piece)), size + piece.length)
          )
          return { id, size }
        })),
      read: (content, range = { start: 0, end: content.size }) =>
        Stream.fromIterable(contents.parts(content, range)).pipe(
          Stream.flatMap(({ end, id, start }) =>
            fs.stream(contentPath(id), {
              offset: start,
              bytesToRead: end - start,
              chunkSize: readSize,
              bufferSize: 2
            })
          ),
          Stream.mapError(failed)
        ),
      remove: (id) => io(fs.remove(contentPath(id), { force: true })),
      saveObject: objects.save,
      removeObject: objects.remove,
      saveBlock: blocks.save,
      removeBlock: blocks.remove
    })
  })

/**
 * Objects and blocks in a directory.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  directory: string
): Layer.Layer<EmulatorStorage, EmulatorStorageError, FileSystem.FileSystem | Path.Path | Digest> =>
  Layer.effect(EmulatorStorage, make(directory))
