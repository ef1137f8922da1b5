import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import * as ProgressStoreDirectory from "../../src/layers/ProgressStoreDirectory.ts"
import * as WcsConfigLayer from "../../src/layers/WcsConfigLayer.ts"
import type { ProgressStore } from "../../src/services/ProgressStore.ts"
import { idOf } from "./contract.ts"

export const id = idOf("UPLOADIDexample0000000000000abcd")

/** Runs with a store on a new folder, and the folder. */
export const on = <A, E>(body: (folder: string, fs: FileSystem.FileSystem) => Effect.Effect<A, E, ProgressStore>) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const folder = `${yield* fs.makeTempDirectoryScoped()}/uploads`
    return yield* Effect.provide(
      body(folder, fs),
      Layer.provide(ProgressStoreDirectory.layer({ folder }), WcsConfigLayer.layer())
    )
  }).pipe(Effect.provide(NodeContext.layer), Effect.scoped)

/** Puts files, as another program may have left them. */
export const put = (folder: string, files: Readonly<Record<string, string>>) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    for (const [name, text] of Object.entries(files)) {
      const path = `${folder}/${name}`
      yield* fs.makeDirectory(path.slice(0, path.lastIndexOf("/")), { recursive: true })
      yield* fs.writeFileString(path, text)
    }
  }).pipe(Effect.provide(NodeContext.layer))

/** A block's file as the official SDK writes it. */
export const good = `{"offset": 0, "code": 200, "ctx": "c0", "size": 4194304}`
