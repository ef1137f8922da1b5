import { type FileSystem, HttpClient, Path } from "@effect/platform"
import { Clock, Context, Effect, identity, Layer } from "effect"
import {
  DigestWasm,
  type ProgressStore,
  ProgressStoreMemory,
  Wcs,
  type WcsAuth,
  WcsAuthKeys,
  WcsAuthTokens,
  type WcsConfigLayer
} from "effect-wcs"
import { Emulator, EmulatorClient, type EmulatorOptions, MemoryFileSystem, WcsTest } from "effect-wcs/testing"

type Auth = Layer.Layer<WcsAuth.WcsAuth, never, Layer.Layer.Context<typeof WcsAuthKeys.layer>>

/** Upload tokens that a server issues by the keys, and no other credentials. */
export const tokensOnly: Auth = Layer.unwrapEffect(
  Effect.map(WcsAuthKeys.make, (keys) =>
    WcsAuthTokens.layer({
      issue: ({ scope }) =>
        Clock.currentTimeMillis.pipe(
          Effect.flatMap((now) => keys.uploadToken({ scope, policy: {}, now, renew: false, size: undefined })),
          Effect.map(({ text }) => text)
        )
    }))
)

/** What a test puts in the place of the usual. */
export interface Parts {
  readonly files?: MemoryFileSystem.Options["files"]
  readonly fs?: Layer.Layer<FileSystem.FileSystem>
  readonly auth?: Auth
  readonly store?: Layer.Layer<ProgressStore.ProgressStore>
  /** Looks at the requests, or holds them up. */
  readonly http?: (client: HttpClient.HttpClient) => HttpClient.HttpClient
  readonly emulator?: EmulatorOptions.EmulatorOptions
  readonly settings?: WcsConfigLayer.Options
}

/** All services over an emulator in memory. */
export const services = (
  { auth = WcsAuthKeys.layer, emulator, files, fs, http = identity, settings, store = ProgressStoreMemory.layer }:
    Parts = {}
) =>
  Wcs.layer.pipe(
    Layer.provide(auth),
    Layer.provide(WcsTest.layerSettings(settings)),
    Layer.provide(Layer.map(
      EmulatorClient.layer,
      (context) => Context.add(context, HttpClient.HttpClient, http(Context.get(context, HttpClient.HttpClient)))
    )),
    Layer.provide([DigestWasm.layer, Path.layer]),
    Layer.provideMerge(Layer.mergeAll(
      Emulator.layerMemory({ buckets: ["media"], ...emulator }),
      fs ?? MemoryFileSystem.layer({ files: files ?? {} }),
      store
    ))
  )
