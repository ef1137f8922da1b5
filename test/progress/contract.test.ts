import { FileSystem, KeyValueStore } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import * as ProgressStoreDirectory from "../../src/layers/ProgressStoreDirectory.ts"
import * as ProgressStoreKeyValue from "../../src/layers/ProgressStoreKeyValue.ts"
import * as ProgressStoreMemory from "../../src/layers/ProgressStoreMemory.ts"
import * as WcsConfigLayer from "../../src/layers/WcsConfigLayer.ts"
import { contract } from "./contract.ts"

const temporary = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())

contract("memory", ProgressStoreMemory.layer)

contract(
  "a folder",
  Layer.unwrapScoped(Effect.map(temporary, (folder) => ProgressStoreDirectory.layer({ folder: `${folder}/a/b` }))).pipe(
    Layer.provide([NodeContext.layer, WcsConfigLayer.layer()])
  )
)

contract("a KeyValueStore in memory", Layer.provide(ProgressStoreKeyValue.layer, KeyValueStore.layerMemory))

contract(
  "a KeyValueStore on files",
  Layer.provide(
    ProgressStoreKeyValue.layer,
    Layer.unwrapScoped(Effect.map(temporary, KeyValueStore.layerFileSystem))
  ).pipe(Layer.provide(NodeContext.layer))
)
