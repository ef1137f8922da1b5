/** The services for code that speaks promises: one runtime, made once: `tsx examples/promise.ts FILE`. */
import { Effect, ManagedRuntime } from "effect"
import { Uploader, WcsError } from "effect-wcs"
import { WcsNode } from "effect-wcs/node"

const runtime = ManagedRuntime.make(WcsNode.layer)

const upload = (path: string, key: string): Promise<string | undefined> =>
  runtime.runPromise(Effect.gen(function*() {
    const uploader = yield* Uploader.Uploader
    const { etag } = yield* uploader.putFile(path, { bucket: "media", key })
    return etag
  }))

const [path = "movie.mp4"] = process.argv.slice(2)

try {
  console.log(`stored as ${await upload(path, "promised.mp4")}`)
  // Failures of the library are its own errors, wrapped by the runtime: `Effect.either` gives them as values.
  const missing = await runtime.runPromise(
    Effect.either(
      Effect.flatMap(
        Uploader.Uploader,
        (uploader) => uploader.putFile("missing.mp4", { bucket: "media", key: "missing.mp4" })
      )
    )
  )
  if (missing._tag === "Left" && WcsError.isWcsError(missing.left)) console.log(missing.left._tag)
} finally {
  await runtime.dispose()
}
