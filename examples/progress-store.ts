/** Keeps the records of uploads in a KeyValueStore of the program's own: `tsx examples/progress-store.ts FILE`. */
import { KeyValueStore } from "@effect/platform"
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer } from "effect"
import { ProgressStoreKeyValue, Uploader, Wcs, WcsAuthKeys, WcsConfigLayer } from "effect-wcs"
import { DigestNode, WcsNode } from "effect-wcs/node"

const [path = "movie.mp4"] = process.argv.slice(2)

const Records = Layer.provide(ProgressStoreKeyValue.layer, KeyValueStore.layerFileSystem("./upload-records"))

const Client = Wcs.layer.pipe(
  Layer.provide([WcsAuthKeys.layer, Records, WcsNode.layerHttpClient]),
  Layer.provide([DigestNode.layer, WcsConfigLayer.layerDefault()]),
  Layer.provide(NodeContext.layer)
)

const program = Effect.gen(function*() {
  const uploader = yield* Uploader.Uploader
  const receipt = yield* uploader.putFile(path, { bucket: "media", key: "kept.bin" }, { method: "block" })
  yield* Console.log(`stored ${receipt.size} bytes, ${receipt.blocks.resumed} blocks resumed`)
})

program.pipe(Effect.provide(Client), NodeRuntime.runMain)
