import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Layer, Schedule, Stream } from "effect"
import { Downloader, Retry, WcsConfigLayer } from "effect-wcs"
import { WcsNode } from "effect-wcs/node"
import type { Socket } from "node:net"
import { bytes, mebibyte } from "../support/content.ts"
import { peer } from "./support/peer.ts"

const object = { bucket: "media", key: "film.bin" }
const size = 64 * mebibyte

/** Begins to answer a download, with a body that is the caller's to send. */
const answer = (socket: Socket, body: (socket: Socket) => void) => {
  socket.resume().once("data", () => {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${size}\r\n\r\n`)
    body(socket)
  })
}

const clientOf = (port: number, settings: WcsConfigLayer.Options = {}) =>
  WcsNode.layerWithoutConfig.pipe(
    Layer.provide(WcsConfigLayer.layer({
      credentials: { accessKey: "AK", secretKey: "SK" },
      downloadUrl: `http://127.0.0.1:${port}`,
      stallTimeout: "500 millis",
      ...settings
    }))
  )

/** Sends without end, as fast as it is taken. */
const flood = (socket: Socket) => {
  const piece = bytes(mebibyte)
  const more = () => {
    while (!socket.destroyed && socket.write(piece));
  }
  socket.on("drain", more)
  more()
}

describe("the body of a download on Node's client", () => {
  for (
    const [what, end, expected] of [
      ["it stood still", () => {}, { _tag: "WcsTimeout", reason: "Stall", operation: "download" }],
      ["the connection broke", (socket: Socket) => void socket.end(), {
        _tag: "WcsNetworkError",
        operation: "download"
      }]
    ] as const
  ) {
    it.scopedLive(`gives what came before ${what}, and then says so`, () =>
      Effect.gen(function*() {
        const { port } = yield* peer((socket) =>
          answer(socket, (socket) => {
            socket.write(bytes(100_000))
            end(socket)
          })
        )
        let received = 0
        const error = yield* Downloader.Downloader.pipe(
          Effect.flatMap((downloader) =>
            Stream.runForEach(downloader.stream(object), (piece) => Effect.sync(() => received += piece.length))
          ),
          Effect.provide(clientOf(port)),
          Effect.flip
        )
        assert.deepInclude(error, expected)
        assert.strictEqual(received, 100_000)
      }))
  }

  it.scopedLive("waits for a slow reader, who holds a few MiB at most, and is no stall", () =>
    Effect.gen(function*() {
      const { port, sockets } = yield* peer((socket) => answer(socket, flood))
      const pieces = yield* Downloader.Downloader.pipe(
        Effect.flatMap((downloader) =>
          downloader.stream(object).pipe(
            Stream.chunks,
            Stream.tap(() => Effect.sleep("800 millis")),
            Stream.take(2),
            Stream.runCollect
          )
        ),
        Effect.provide(clientOf(port))
      )
      for (const piece of pieces) {
        const length = piece.pipe((parts) => [...parts].reduce((sum, { length }) => sum + length, 0))
        assert.isAtMost(length, 2 * mebibyte)
      }
      // What the systems of both sides keep is theirs: it is not the 64 MiB of the object.
      for (const socket of sockets) assert.isBelow(socket.bytesWritten - socket.writableLength, 40 * mebibyte)
    }))

  it.scopedLive("has the only connection, however often it was asked for in vain", () =>
    Effect.gen(function*() {
      let asked = 0
      const { port, sockets } = yield* peer((socket) => {
        asked += 1
        // The first ones hear nothing.
        if (asked > 2) answer(socket, flood)
        else socket.resume()
      })
      const open = yield* Downloader.Downloader.pipe(
        Effect.flatMap((downloader) =>
          downloader.stream(object).pipe(
            Stream.mapEffect(() =>
              Effect.delay(Effect.sync(() => [...sockets].filter((socket) => !socket.closed).length), "200 millis")
            ),
            Stream.take(1),
            Stream.runCollect
          )
        ),
        Retry.withSchedules({ request: Schedule.recurs(5) }),
        Effect.provide(clientOf(port, { requestTimeout: "300 millis" }))
      )
      assert.deepStrictEqual([...open], [1])
      assert.strictEqual(asked, 3)
    }))

  it.scopedLive("is given up with its connection when its reader stops", () =>
    Effect.gen(function*() {
      const closed = yield* Deferred.make<void>()
      const { port } = yield* peer((socket) => {
        socket.once("close", () => Deferred.unsafeDone(closed, Exit.void))
        answer(socket, flood)
      })
      yield* Effect.gen(function*() {
        const downloader = yield* Downloader.Downloader
        yield* Stream.runDrain(Stream.take(downloader.stream(object), 1))
        yield* Deferred.await(closed)
      }).pipe(Effect.provide(clientOf(port)))
    }))
})
