import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { Downloader, Objects, Uploader } from "effect-wcs"
import { Emulator, EmulatorAddress } from "effect-wcs/testing"
import { connect, createServer } from "node:net"
import { bytes, mebibyte } from "../support/content.ts"
import { bucket, client, emulator } from "./support/service.ts"
import { listening } from "./support/webServer.ts"

const target = { bucket, key: "film.bin" }

/** What a client does, the connections that it opens for it, and the requests that it sends. */
const counted = <A, E>(
  keepAlive: boolean,
  use: Effect.Effect<A, E, Uploader.Uploader | Downloader.Downloader | Objects.Objects>
) =>
  Effect.gen(function*() {
    const { requests } = yield* Emulator.Emulator
    const { uploadUrl } = yield* EmulatorAddress.EmulatorAddress
    let connections = 0
    const proxy = createServer((socket) => {
      connections += 1
      const far = connect(Number(new URL(uploadUrl).port), "127.0.0.1")
      socket.pipe(far)
      far.pipe(socket)
      socket.on("error", () => far.destroy()).on("close", () => far.destroy())
      // Its end travels through the pipe, after all that came before it.
      far.on("error", () => socket.destroy())
    })
    const origin = `http://127.0.0.1:${yield* listening(proxy)}`
    const settings = {
      uploadUrl: origin,
      managementUrl: origin,
      downloadUrl: `${origin}/download/{bucket}`,
      keepAlive
    }
    yield* Effect.provide(use, client(settings))
    return { connections, requests: (yield* requests).length }
  }).pipe(Effect.provide(emulator))

const upload = (concurrency: number) =>
  Effect.flatMap(
    Uploader.Uploader,
    (uploader) => uploader.putBytes(bytes(12 * mebibyte), target, { method: "block", chunkSize: mebibyte, concurrency })
  )

const errands = Effect.gen(function*() {
  const downloader = yield* Downloader.Downloader
  const objects = yield* Objects.Objects
  yield* upload(1)
  yield* objects.stat(target)
  yield* Stream.runDrain(objects.listAll({ bucket }))
  yield* Stream.runDrain(downloader.stream(target))
  yield* objects.delete(target)
})

describe("connections", () => {
  it.scopedLive("are used again, one after another", () =>
    Effect.gen(function*() {
      const { connections, requests } = yield* counted(true, errands)
      assert.strictEqual(requests, 12 + 1 + 4)
      // A socket may still be on its way back when the next request wants one.
      assert.isAtMost(connections, 2)
    }))

  it.scopedLive("are as many as blocks are in flight, and used again", () =>
    Effect.gen(function*() {
      const { connections, requests } = yield* counted(true, upload(3))
      assert.strictEqual(requests, 12 + 1)
      assert.isAtMost(connections, 6)
    }))

  it.scopedLive("are new ones each time when they are not to be kept", () =>
    Effect.gen(function*() {
      const { connections, requests } = yield* counted(false, errands)
      assert.strictEqual(connections, requests)
    }))
})
