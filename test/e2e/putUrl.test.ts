import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Option } from "effect"
import { Etag, Uploader } from "effect-wcs"
import { Emulator } from "effect-wcs/testing"
import { createHash } from "node:crypto"
import { createServer, type RequestListener, type ServerResponse } from "node:http"
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib"
import { bytes, mebibyte, sha1 } from "../support/content.ts"
import * as recording from "../support/recording.ts"
import { bucket, content, service } from "./support/service.ts"
import { listening, webServer } from "./support/webServer.ts"

const target = { bucket, key: "film.bin" }
const small = bytes(100_000)
const large = bytes(8 * mebibyte + 1)

/** What came of an upload from a server that answers so. */
const upload = (listener: RequestListener, path = "/film.bin", options: Uploader.UploadOptions = {}) =>
  Effect.gen(function*() {
    const uploader = yield* Uploader.Uploader
    const emulator = yield* Emulator.Emulator
    yield* emulator.removeObject(target)
    yield* emulator.clearRequests
    const origin = yield* webServer(listener)
    return yield* uploader.putUrl(`${origin}${path}`, target, options)
  })

/** The upload fails so, and nothing is stored. */
const refused = (error: object, ...upload_: Parameters<typeof upload>) =>
  Effect.gen(function*() {
    assert.include(yield* Effect.flip(upload(...upload_)), error)
    const emulator = yield* Emulator.Emulator
    assert.isTrue(Option.isNone(yield* emulator.object(target)))
  })

/** The upload succeeds, and this is stored. */
const stored = (expected: Uint8Array, ...upload_: Parameters<typeof upload>) =>
  Effect.gen(function*() {
    const receipt = yield* upload(...upload_)
    assert.include(receipt, { size: expected.length, verified: "etag" })
    assert.strictEqual(sha1(yield* content(target.key)), sha1(expected))
    return receipt
  })

/** Sends with a length, or in pieces without one. */
const send = (response: ServerResponse, body: Uint8Array, how: "sized" | "chunked") => {
  if (how === "sized") response.setHeader("content-length", body.length)
  for (let at = 0; at < body.length; at += 1_000_003) response.write(body.subarray(at, at + 1_000_003))
  response.end()
}

layer(service({ formLimit: mebibyte }), { excludeTestServices: true })("a URL", (it) => {
  describe("is uploaded as it answers", () => {
    for (const how of ["sized", "chunked"] as const) {
      for (const size of [0, 1, mebibyte, mebibyte + 1, 4 * mebibyte, 8 * mebibyte, 8 * mebibyte + 1]) {
        it.scoped(`${size} bytes, ${how}`, () =>
          Effect.gen(function*() {
            const receipt = yield* stored(bytes(size), (_, response) => send(response, bytes(size), how))
            assert.strictEqual(receipt.method, size > mebibyte ? "block" : "form")
          }))
      }
    }

    it.scoped("as one form, when it tells its length", () =>
      Effect.gen(function*() {
        const receipt = yield* stored(large, (_, response) => send(response, large, "sized"), "/", { method: "form" })
        assert.strictEqual(receipt.method, "form")
      }))

    it.scoped("with none of our credentials, and not packed", () =>
      Effect.gen(function*() {
        const headers: Array<unknown> = []
        yield* stored(small, (request, response) => {
          headers.push(request.headers.authorization, request.headers["accept-encoding"], request.method, request.url)
          send(response, small, "sized")
        }, "/a%20b?c=d%26#e")
        assert.deepStrictEqual(headers, [undefined, "identity", "GET", "/a%20b?c=d%26"])
      }))
  })

  describe("that is packed all the same is unpacked", () => {
    for (
      const [encoding, pack] of [["gzip", gzipSync], ["x-gzip", gzipSync], ["GZIP", gzipSync], [
        "deflate",
        deflateSync
      ]] as const
    ) {
      for (const body of [small, large]) {
        it.scoped(`${encoding}, ${body.length} bytes`, () =>
          stored(body, (_, response) => {
            response.setHeader("content-encoding", encoding)
            send(response, pack(body), "sized")
          }))
      }
    }

    it.scoped("unless nobody can: that is a typed error", () =>
      refused({ _tag: "WcsRefused", operation: "source" }, (_, response) => {
        response.setHeader("content-encoding", "br")
        send(response, brotliCompressSync(small), "sized")
      }))

    for (const body of [small, large]) {
      it.scoped(`unless the pack of ${body.length} bytes is broken: that is a typed error`, () =>
        refused({ _tag: "WcsNetworkError", operation: "source" }, (_, response) => {
          response.setHeader("content-encoding", "gzip")
          send(response, gzipSync(body).subarray(0, -9), "sized")
        }))
    }
  })

  describe("that redirects is followed", () => {
    for (const status of [301, 302, 303, 307, 308]) {
      it.scoped(`with ${status}, to an absolute or a relative place`, () =>
        Effect.gen(function*() {
          for (const absolute of [true, false]) {
            yield* stored(small, (request, response) => {
              if (request.url === "/there") return send(response, small, "sized")
              const origin = absolute ? `http://${request.headers.host}` : ""
              response.writeHead(status, { location: `${origin}/there` }).end("moved")
            })
          }
        }))
    }

    it.scoped("up to five times", () =>
      Effect.gen(function*() {
        const hops = (most: number): RequestListener => (request, response) => {
          const hop = Number(request.url?.slice(1))
          if (hop === most) send(response, small, "sized")
          else response.writeHead(302, { location: `/${hop + 1}` }).end()
        }
        yield* stored(small, hops(5), "/0")
        yield* refused({ _tag: "WcsRefused", status: 302 }, hops(6), "/0")
      }))

    for (const location of ["http://[", "http://", "ftp://127.0.0.1/x", "file:///etc/hostname", "data:,x"]) {
      it.scoped(`unless it leads nowhere, as ${location} does: that is a typed error`, () =>
        Effect.gen(function*() {
          const exit = yield* Effect.either(upload((_, response) => response.writeHead(302, { location }).end()))
          assert.strictEqual(exit._tag, "Left")
          const emulator = yield* Emulator.Emulator
          assert.isTrue(Option.isNone(yield* emulator.object(target)))
        }))
    }
  })

  describe("that does not answer with content is a typed error, and nothing is sent", () => {
    for (const status of [304, 400, 401, 403, 404, 500, 503]) {
      it.scoped(`status ${status}`, () =>
        Effect.gen(function*() {
          yield* refused({ _tag: "WcsRefused", operation: "source", status }, (_, response) => {
            response.writeHead(status).end(status === 304 ? undefined : "an explanation")
          })
          assert.isEmpty(yield* Effect.flatMap(Emulator.Emulator, (emulator) => emulator.requests))
        }))
    }

    it.scoped("nobody listens", () =>
      Effect.gen(function*() {
        const port = yield* Effect.scoped(listening(createServer()))
        const uploader = yield* Uploader.Uploader
        const error = yield* Effect.flip(uploader.putUrl(`http://127.0.0.1:${port}/`, target))
        assert.include(error, { _tag: "WcsNetworkError", operation: "source" })
      }))

    for (
      const url of ["", "film.bin", "/film.bin", "//127.0.0.1/", "ftp://127.0.0.1/", "file:///etc/hostname", "http://["]
    ) {
      it.scoped(`${url || "nothing"} is no URL`, () =>
        Effect.gen(function*() {
          const uploader = yield* Uploader.Uploader
          assert.include(yield* Effect.flip(uploader.putUrl(url, target)), { _tag: "WcsInvalidInput", input: "url" })
        }))
    }
  })

  describe("whose connection breaks in the middle leaves nothing", () => {
    for (const how of ["sized", "chunked"] as const) {
      for (const body of [small, large]) {
        it.scoped(`${how}, ${body.length} bytes`, () =>
          refused({ _tag: "WcsNetworkError", operation: "source" }, (_, response) => {
            if (how === "sized") response.setHeader("content-length", body.length)
            response.write(body.subarray(0, -9), () => response.destroy())
          }))
      }
    }

    it.scoped("as one form", () =>
      refused(
        { _tag: "WcsNetworkError", operation: "source" },
        (_, response) => {
          response.setHeader("content-length", large.length)
          response.write(large.subarray(0, -9), () => response.destroy())
        },
        "/",
        { method: "form" }
      ))
  })
})

layer(service({ requestTimeout: "1 second", stallTimeout: "1 second" }), { excludeTestServices: true })(
  "a URL that goes silent",
  (it) => {
    it.scoped("before it answers is a typed error", () =>
      refused({ _tag: "WcsTimeout", operation: "source" }, () => {}))

    it.scoped("in the middle is a typed error, and nothing is stored", () =>
      refused({ _tag: "WcsTimeout", operation: "source" }, (_, response) => {
        response.setHeader("content-length", small.length)
        response.write(small.subarray(0, -9))
      }))
  }
)

describe("a URL that answers without a body", () => {
  it.effect("is empty content, also where the client has no body to give", () => {
    const hash = Etag.fromBytes(new Uint8Array(0), () => createHash("sha1"))
    const { layer } = recording.client(({ url }) =>
      url.host === "src.test" ? new Response(null, { status: 204 }) : Response.json({ hash, key: target.key })
    )
    return Effect.gen(function*() {
      const uploader = yield* Uploader.Uploader
      const receipt = yield* uploader.putUrl("http://src.test/none", target)
      assert.include(receipt, { size: 0, etag: hash, verified: "etag" })
    }).pipe(Effect.provide(recording.services(layer)))
  })
})
