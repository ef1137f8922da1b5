import { Error, FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Option } from "effect"
import type { UploadRecord } from "../../src/domain/UploadRecord.ts"
import type { WcsProgressError } from "../../src/domain/WcsError.ts"
import * as ProgressStoreDirectory from "../../src/layers/ProgressStoreDirectory.ts"
import * as WcsConfigLayer from "../../src/layers/WcsConfigLayer.ts"
import { ProgressStore } from "../../src/services/ProgressStore.ts"
import { block, idOf, manifest } from "./contract.ts"

const id = idOf("upload")
const before = [block(0), block(1), block(2)]
const other = { ...manifest, source: "file:/home/ann/movie.mp4:1767323046000" }

const crashed = new Error.SystemError({ module: "FileSystem", method: "any", reason: "Unknown", description: "crash" })

/** The files of a program that is killed at its n-th change, in the midst of it where that can be. */
const killedAt = (n: number, fs: FileSystem.FileSystem): FileSystem.FileSystem => {
  let changes = 0
  const change = <A>(whole: Effect.Effect<A, Error.PlatformError>, half: Effect.Effect<unknown, Error.PlatformError>) =>
    Effect.suspend(() => {
      changes++
      if (changes < n) return whole
      return changes === n ? Effect.zipRight(Effect.ignore(half), crashed) : crashed
    })
  return {
    ...fs,
    makeDirectory: (path, options) => change(fs.makeDirectory(path, options), Effect.void),
    rename: (from, to) => change(fs.rename(from, to), Effect.void),
    writeFileString: (path, text, options) =>
      change(fs.writeFileString(path, text, options), fs.writeFileString(path, text.slice(0, -3), options)),
    open: (path, options) =>
      Effect.flatMap(fs.open(path, options), (file) =>
        Effect.succeed({
          ...file,
          sync: change(file.sync, Effect.void),
          writeAll: (bytes: Uint8Array) => change(file.writeAll(bytes), file.writeAll(bytes.subarray(0, -3)))
        })),
    remove: (path, options) =>
      change(
        fs.remove(path, options),
        Effect.flatMap(fs.readDirectory(path), ([name = ""]) => fs.remove(`${path}/${name}`))
      )
  }
}

type Store = ProgressStore["Type"]

/** Whether a record is the old one with some of its blocks, or one that is begun anew. */
const isWhole = (record: Option.Option<UploadRecord>) =>
  Option.match(record, {
    onNone: () => true,
    onSome: ({ blocks, finishing, manifest: mine }) =>
      mine?.source === other.source
        ? blocks.length === 0 && !finishing
        : mine?.source === manifest.source &&
          blocks.every((known) => before.some((old) => old.ctx === known.ctx || known.ctx === "ctx-3"))
  })

describe("ProgressStoreDirectory: a program that is killed", () => {
  const changes: Readonly<Record<string, (store: Store) => Effect.Effect<void, WcsProgressError>>> = {
    begin: (store) => store.begin(id, other),
    accept: (store) => store.accept(id, block(3)),
    finishing: (store) => store.finishing(id),
    refused: (store) => store.refused(id),
    forget: (store) => store.forget(id)
  }
  for (const [name, change] of Object.entries(changes)) {
    it.scoped(`fault 18: in ${name} leaves no mixed record`, () =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        let n = 0
        let killed = true
        while (killed) {
          n++
          const folder = yield* fs.makeTempDirectoryScoped()
          const storeOn = (fs: FileSystem.FileSystem) =>
            Layer.build(ProgressStoreDirectory.layer({ folder })).pipe(
              Effect.provideService(FileSystem.FileSystem, fs),
              Effect.provide(WcsConfigLayer.layer()),
              Effect.flatMap((context) => Effect.provide(ProgressStore, context))
            )
          const store = yield* storeOn(fs)
          yield* store.begin(id, manifest)
          yield* Effect.forEach(before, (block) => store.accept(id, block))
          yield* store.finishing(id)
          killed = (yield* Effect.exit(change(yield* storeOn(killedAt(n, fs)))))._tag === "Failure"
          const left = yield* store.load(id)
          assert.isTrue(isWhole(left), `killed at change ${n}: ${JSON.stringify(Option.getOrNull(left))}`)
          // What is left can be worked with.
          yield* store.accept(id, block(4))
          yield* store.finishing(id)
          assert.isTrue((yield* Effect.map(store.load(id), Option.getOrThrow)).finishing)
        }
        assert.isAbove(n, 1)
      }).pipe(Effect.provide(NodeContext.layer)))
  }
})
