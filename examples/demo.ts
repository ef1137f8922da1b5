/**
 * The main job, to watch: a file travels into WCS in blocks, is interrupted half-way, resumes, and comes back.
 *
 * `npm run demo` makes a file of 64 MiB, `npm run demo -- FILE` takes one. With WCS_PUT_URL set the far end is the real
 * service and WCS_BUCKET names the bucket; else it is an emulator on a port of this machine.
 */
import { FileSystem } from "@effect/platform"
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { SingleBar } from "cli-progress"
import { Config, Console, Data, Deferred, Effect, Layer, Option, Random, Stream } from "effect"
import { Checksums, Downloader, Objects, Uploader, type UploadEvent } from "effect-wcs"
import { WcsNode } from "effect-wcs/node"
import { Emulator, EmulatorAddress, Fault, WcsTest } from "effect-wcs/testing"
import * as EmulatorNode from "effect-wcs/testing/node"
import { randomBytes } from "node:crypto"

/** Something came out otherwise than it must. */
class DemoFailed extends Data.TaggedError("DemoFailed")<{ readonly message: string }> {}

const blockSize = 4 * 1024 * 1024

const must = (holds: boolean, message: string) => holds ? Effect.void : new DemoFailed({ message })

/** A progress bar; where there is no terminal it shows nothing. */
const progressBar = (size: number, label: string) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => {
        const bar = new SingleBar({ format: `${label} {bar} {percentage}% {value}/{total} bytes`, hideCursor: true })
        bar.start(size, 0)
        return bar
      }),
      (bar) => Effect.sync(() => bar.stop())
    ),
    (bar) => (bytes: number) => Effect.sync(() => bar.update(bytes))
  )

/** Uploads until `stopAfter` blocks are accepted, or to the end; tells how many this run sent. */
const upload = (path: string, target: Uploader.UploadTarget, size: number, label: string, stopAfter: number) =>
  Effect.scoped(Effect.gen(function*() {
    const uploader = yield* Uploader.Uploader
    const show = yield* progressBar(size, label)
    const enough = yield* Deferred.make<void>()
    let sent = 0
    const onProgress = (event: UploadEvent.UploadEvent): Effect.Effect<void> => {
      switch (event._tag) {
        case "Resumed":
          return show(event.bytes)
        case "Chunk":
          return show(event.sent)
        case "Block":
          sent += 1
          return sent === stopAfter ? Effect.asVoid(Deferred.succeed(enough, undefined)) : Effect.void
        case "Done":
          return show(size)
        default:
          return Effect.void
      }
    }
    // The race interrupts the upload when enough blocks are there.
    const receipt = yield* Effect.raceFirst(
      Effect.asSome(uploader.putFile(path, target, { method: "block", blockSize, onProgress })),
      Effect.as(Deferred.await(enough), Option.none())
    )
    return { receipt, sent }
  }))

const demo = (path: string, folder: string, bucket: string, canDownload: boolean) =>
  Effect.gen(function*() {
    const objects = yield* Objects.Objects
    const downloader = yield* Downloader.Downloader
    const checksums = yield* Checksums.Checksums
    const fs = yield* FileSystem.FileSystem

    const expected = yield* checksums.etagOfFile(path)
    const size = Number((yield* fs.stat(path)).size)
    const total = Math.ceil(size / blockSize)
    const target = { bucket, key: `effect-wcs-demo/${(yield* Random.nextIntBetween(0, 2 ** 32)).toString(16)}` }
    yield* Effect.addFinalizer(() => Effect.ignore(objects.delete(target)))
    yield* Console.log(`uploading ${path}: ${size} bytes in ${total} blocks, to ${bucket}/${target.key}`)

    let before = 0
    if (total > 1) {
      const first = yield* upload(path, target, size, "first run ", Math.floor(total / 2))
      yield* must(Option.isNone(first.receipt), "the first run was not interrupted")
      before = first.sent
      yield* Console.log(`first run:  interrupted, ${before} of ${total} blocks sent`)
    } else {
      yield* Console.log("first run:  left out, there is no half-way in a file this small")
    }

    const { receipt } = yield* upload(path, target, size, "second run", 0)
    const { blocks, etag } = yield* Option.match(receipt, {
      onNone: () => new DemoFailed({ message: "the second run did not end" }),
      onSome: Effect.succeed
    })
    yield* Console.log(`second run: ${blocks.resumed} blocks taken over, ${blocks.sent} sent`)
    yield* must(blocks.resumed >= before && blocks.resumed + blocks.sent === total, "a block was sent twice, or never")
    yield* must(etag === expected, `the object's etag is ${etag}, the file's ${expected}`)

    const listed = yield* Stream.runHead(objects.listAll({ bucket, prefix: target.key }))
    const found = yield* Option.match(listed, {
      onNone: () => new DemoFailed({ message: "the object is not in the listing" }),
      onSome: Effect.succeed
    })
    yield* Console.log(`listed:     ${found.key}, ${found.size} bytes, ${found.etag}`)
    yield* must(found.size === size && found.etag === expected, "the listing tells another size or etag")

    if (canDownload) {
      const copy = yield* Effect.scoped(Effect.flatMap(progressBar(size, "download  "), (show) =>
        downloader.toFile(target, `${folder}/copy`, {
          onProgress: ({ received }) => show(received)
        })))
      yield* must((yield* checksums.etagOfFile(copy.path)) === expected, "the download differs from the file")
      yield* Console.log(`downloaded: ${copy.size} bytes, equal to the file`)
    } else {
      yield* Console.log("downloaded: left out, WCS_DOWNLOAD_URL is not set")
    }
    yield* Console.log(`verified ${expected} ${size}`)
  })

/** The emulator, some 40 ms away, so that there is something to watch. */
const emulated = (folder: string) =>
  WcsNode.layerWithoutConfig.pipe(
    Layer.provide(WcsTest.layerSettings({ recordFolder: `${folder}/records` })),
    Layer.provideMerge(Layer.effectDiscard(Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const { uploadUrl } = yield* EmulatorAddress.EmulatorAddress
      yield* emulator.addFault(Fault.on("mkblk", Fault.delay("40 millis")))
      yield* Console.log(`a local WCS answers at ${uploadUrl}`)
    }))),
    Layer.provide(EmulatorNode.layer({ buckets: ["demo"], directory: `${folder}/wcs` }))
  )

const makeFile = (path: string) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const random = Stream.repeatEffect(Effect.sync(() => randomBytes(1024 * 1024)))
    yield* Stream.run(Stream.take(random, 64), fs.sink(path))
    return path
  })

const main = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const folder = yield* fs.makeTempDirectoryScoped({ prefix: "effect-wcs-demo-" })
  const given = Option.fromNullable(process.argv[2])
  const path = yield* Option.match(given, { onNone: () => makeFile(`${folder}/random.bin`), onSome: Effect.succeed })
  const real = Option.isSome(yield* Config.option(Config.string("WCS_PUT_URL")))
  const bucket = real ? yield* Config.string("WCS_BUCKET") : "demo"
  const canDownload = !real || Option.isSome(yield* Config.option(Config.string("WCS_DOWNLOAD_URL")))
  const job = Effect.scoped(demo(path, folder, bucket, canDownload))
  yield* real ? Effect.provide(job, WcsNode.layer) : Effect.provide(job, emulated(folder))
}).pipe(
  Effect.scoped,
  Effect.tapError((error) => Console.error(`demo: ${error.message}`)),
  Effect.provide(NodeContext.layer)
)

NodeRuntime.runMain(main, { disableErrorReporting: true })
