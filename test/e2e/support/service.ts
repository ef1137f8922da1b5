import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import type { WcsConfigLayer } from "effect-wcs"
import { WcsNode } from "effect-wcs/node"
import { type EmulatorOptions, WcsTest } from "effect-wcs/testing"
import * as EmulatorNode from "effect-wcs/testing/node"
import { collect, emulator as inEmulator } from "../../downloader/support.ts"

export { inEmulator }

/** It shows up nowhere: see `quiet`. */
export const secretKey = "secret-key-of-the-end-to-end-tests"

export const bucket = "media"

/** A folder that is gone with the scope. */
export const folder = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())

/** An emulator on a port, and files. */
export const emulatorOf = (options: EmulatorOptions.EmulatorOptions = {}) =>
  Layer.orDie(Layer.merge(EmulatorNode.layer({ buckets: [bucket], secretKey, ...options }), NodeContext.layer))

/** One as it comes. */
export const emulator = emulatorOf()

/** A client of Node, with records of its own, over settings that lead to an emulator. */
export const client = (settings: WcsConfigLayer.Options = {}) =>
  Layer.unwrapScoped(
    Effect.map(folder, (recordFolder) =>
      Layer.provide(WcsNode.layerWithoutConfig, WcsTest.layerSettings({ recordFolder, ...settings })))
  ).pipe(Layer.orDie)

/** A client of Node and an emulator on a port. */
export const service = (settings?: WcsConfigLayer.Options) => Layer.provideMerge(client(settings), emulator)

/** What the emulator holds under a key. */
export const content = (key: string) => inEmulator((emulator) => collect(emulator.content({ bucket, key })))
