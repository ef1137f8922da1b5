/** Uploads what a folder has and the bucket has not: `tsx examples/sync-folder.ts FOLDER BUCKET [PREFIX]`. */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect } from "effect"
import { Uploader } from "effect-wcs"
import { WcsNode } from "effect-wcs/node"

const [folder = ".", bucket = "media", prefix] = process.argv.slice(2)

const program = Effect.gen(function*() {
  const uploader = yield* Uploader.Uploader
  const summary = yield* uploader.putDirectory(folder, { bucket, prefix }, {
    policy: { overwrite: true },
    filter: ({ path }) => !path.split("/").some((name) => name.startsWith("."))
  })
  for (const file of summary.files) {
    yield* Console.log(file._tag === "Failed" ? `${file.path}: ${file.error.message}` : `${file.path}: ${file._tag}`)
  }
})

program.pipe(Effect.provide(WcsNode.layer), NodeRuntime.runMain)
