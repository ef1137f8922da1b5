import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Stream } from "effect"
import { Retention, ReturnBody, Uploader, UploadEvent, UploadPolicy } from "effect-wcs"
import { Emulator, Fault, WcsTest } from "effect-wcs/testing"
import { bytes, mebibyte, sha1 } from "../support/content.ts"
import { contentOf, operations } from "../support/emulated.ts"

const target = { bucket: "media", key: "film.bin" }

const service = (options: Omit<WcsTest.Options, "buckets"> = {}) => WcsTest.layer({ buckets: ["media"], ...options })

const uploading = <A, E>(use: (uploader: Uploader.Uploader["Type"]) => Effect.Effect<A, E>) =>
  Effect.flatMap(Uploader.Uploader, use)

const stored = (key = target.key) => contentOf({ ...target, key })

/** Cuts bytes into a stream of pieces whose size has nothing to do with blocks. */
const flow = (content: Uint8Array, piece = 700_001) =>
  Stream.unfold(
    0,
    (at) => at >= content.length ? Option.none() : Option.some([content.subarray(at, at + piece), at + piece])
  )

describe("content of every size arrives as it is", () => {
  const sizes = [0, 1, 4 * mebibyte - 1, 4 * mebibyte, 4 * mebibyte + 1, 8 * mebibyte]
  for (const method of ["form", "block"] as const) {
    for (const size of sizes) {
      const content = bytes(size)
      const upload = {
        file: uploading((uploader) => uploader.putFile("a.bin", target, { method })),
        bytes: uploading((uploader) => uploader.putBytes(content, target, { method })),
        "stream of known length": uploading((uploader) => uploader.putStream(flow(content), target, { method, size })),
        "stream of unknown length": uploading((uploader) =>
          uploader.putStream(flow(content), target, { method: method === "form" ? "auto" : method })
        )
      }
      for (const [source, put] of Object.entries(upload)) {
        it.effect(`fault 31: ${source}, ${size} bytes, ${method}`, () =>
          Effect.gen(function*() {
            const receipt = yield* put
            assert.strictEqual(receipt.size, size)
            assert.strictEqual(receipt.verified, "etag")
            assert.strictEqual(sha1(yield* stored()), sha1(content))
          }).pipe(Effect.provide(service({ files: { "a.bin": content } }))))
      }
    }
  }
})

describe("form or blocks", () => {
  const choose = (size: number, options: Uploader.UploadOptions, settings = {}) =>
    Effect.gen(function*() {
      const receipt = yield* uploading((uploader) => uploader.putBytes(bytes(size), target, options))
      return receipt.method
    }).pipe(Effect.provide(service({ settings })))

  it.effect("by size, with the threshold in the settings", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* choose(mebibyte, {}), "form")
      assert.strictEqual(yield* choose(mebibyte, {}, { formLimit: mebibyte }), "form")
      assert.strictEqual(yield* choose(mebibyte + 1, {}, { formLimit: mebibyte }), "block")
      assert.strictEqual(yield* choose(1, {}, { formLimit: 0 }), "block")
    }))

  it.effect("an upload id means blocks, since only they can be resumed", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* choose(1, { uploadId: "mine" }), "block")
      assert.strictEqual(yield* choose(1, {}, { uploadId: "mine" }), "block")
    }))

  it.effect("an empty object is a form, whatever was asked for", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* choose(0, { method: "block", uploadId: "mine" }), "form")
    }))
})

describe("answers", () => {
  const returnBody = ReturnBody.struct({ size: ReturnBody.fsize, who: ReturnBody.custom("who"), name: ReturnBody.key })
  for (const method of ["form", "block"] as const) {
    for (const sliceReturnBody of ["json", "base64"] as const) {
      it.effect(`${method}: a returnBody types the receipt (${sliceReturnBody} for blocks)`, () =>
        Effect.gen(function*() {
          const { body } = yield* uploading((uploader) =>
            uploader.putBytes(bytes(9), target, {
              method,
              policy: UploadPolicy.make({ returnBody }),
              custom: { who: "ann +ü/=" }
            })
          )
          assert.deepStrictEqual({ ...body }, { size: 9, who: "ann +ü/=", name: target.key })
        }).pipe(Effect.provide(service({ strictness: { sliceReturnBody } }))))
    }

    it.effect(`${method}: an object whose answer does not fit the returnBody is stored all the same`, () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(uploading((uploader) =>
          uploader.putBytes(bytes(9), target, {
            method,
            policy: UploadPolicy.make({
              callbackUrl: "http://cb.test/",
              callbackBody: "key=$(key)",
              returnBody: ReturnBody.struct({ size: ReturnBody.fsize })
            })
          })
        ))
        assert.strictEqual(error._tag, "WcsUndecodableAnswer")
        assert.include(error.message, "the object is stored")
        assert.lengthOf(yield* stored(), 9)
      }).pipe(Effect.provide(service({ web: () => Effect.succeed({ status: 200, body: "{}" }) }))))

    it.effect(`${method}: an answer without a hash is verified by stat`, () =>
      Effect.gen(function*() {
        const receipt = yield* uploading((uploader) =>
          uploader.putBytes(bytes(9), target, {
            method,
            policy: { callbackUrl: "http://cb.test/", callbackBody: "key=$(key)" }
          })
        )
        assert.strictEqual(receipt.verified, "etag")
        assert.include(yield* operations, "stat")
      }).pipe(Effect.provide(service({ web: () => Effect.succeed({ status: 200, body: "" }) }))))

    it.effect(`${method}: MIME type, retention and the policy arrive`, () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const put = uploading((uploader) =>
          uploader.putBytes(bytes(9), target, { method, mimeType: "video/mp4", retention: Retention.days(3) })
        )
        yield* put
        const object = Option.getOrThrow(yield* emulator.object(target))
        assert.strictEqual(object.mimeType, "video/mp4")
        assert.strictEqual(object.expiresAt, 3 * 86_400_000)
        assert.strictEqual((yield* Effect.flip(put))._tag, "WcsAlreadyExists")
      }).pipe(Effect.provide(service())))
  }

  for (const returnUrl of ["fields", "upload_ret"] as const) {
    it.effect(`the redirect of a returnUrl is read (${returnUrl})`, () =>
      Effect.gen(function*() {
        const put = uploading((uploader) =>
          uploader.putBytes(bytes(9), target, { policy: { returnUrl: "http://return.test/r", returnBody: "k=$(key)" } })
        )
        const receipt = yield* put
        assert.include(receipt.body, { k: target.key })
        assert.strictEqual(receipt.verified, "etag")
        assert.strictEqual((yield* Effect.flip(put))._tag, "WcsAlreadyExists")
      }).pipe(Effect.provide(service({ strictness: { returnUrl } }))))
  }

  it.effect("a saveKey names the object", () =>
    Effect.gen(function*() {
      const receipt = yield* uploading((uploader) =>
        uploader.putBytes(bytes(9), { bucket: "media" }, {
          policy: { saveKey: "by-$(x:who).bin" },
          custom: { who: "ann" }
        })
      )
      assert.strictEqual(receipt.key, "by-ann.bin")
      assert.lengthOf(yield* stored("by-ann.bin"), 9)
    }).pipe(Effect.provide(service())))
})

describe("streams", () => {
  it.effect("fault 32: a stream's own error comes back, and nothing is stored", () =>
    Effect.gen(function*() {
      const broken = Stream.concat(flow(bytes(9 * mebibyte)), Stream.fail("broken pipe" as const))
      for (const options of [{}, { size: 20 * mebibyte }, { method: "form", size: 20 * mebibyte }] as const) {
        const error = yield* Effect.flip(uploading((uploader) => uploader.putStream(broken, target, options)))
        assert.strictEqual(error, "broken pipe")
      }
      const emulator = yield* Emulator.Emulator
      assert.isEmpty(yield* emulator.objects("media"))
    }).pipe(Effect.provide(service())))

  it.effect("a stream of another length than it said is refused, and nothing is stored", () =>
    Effect.gen(function*() {
      for (const method of ["form", "block"] as const) {
        for (const size of [0, 8, 10, 5 * mebibyte]) {
          const error = yield* Effect.flip(
            uploading((uploader) => uploader.putStream(flow(bytes(9)), target, { method, size }))
          )
          assert.include(error, { _tag: "WcsInvalidInput", input: "size" })
        }
      }
      const emulator = yield* Emulator.Emulator
      assert.isEmpty(yield* emulator.objects("media"))
    }).pipe(Effect.provide(service())))

  it.effect("with an upload id the same content goes on where it stopped", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const content = bytes(9 * mebibyte)
      yield* emulator.addFault(Fault.on("mkblk", Fault.status(400), { block: 2, nth: 1 }))
      const put = uploading((uploader) =>
        uploader.putStream(flow(content), target, { uploadId: "flow", concurrency: 1 })
      )
      yield* Effect.flip(put)
      const receipt = yield* put
      assert.deepStrictEqual(receipt.blocks, { total: 3, sent: 1, resumed: 2 })
      assert.strictEqual(sha1(yield* stored()), sha1(content))
    }).pipe(Effect.provide(service())))

  it.effect("with an upload id other content does not make a mixed object", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const other = bytes(9 * mebibyte, 2)
      yield* emulator.addFault(Fault.on("mkblk", Fault.status(400), { block: 2, nth: 1 }))
      const put = (content: Uint8Array) =>
        uploading((uploader) => uploader.putStream(flow(content), target, { uploadId: "flow", concurrency: 1 }))
      yield* Effect.flip(put(bytes(9 * mebibyte)))
      const receipt = yield* put(other)
      assert.strictEqual(receipt.blocks.resumed, 0)
      assert.strictEqual(sha1(yield* stored()), sha1(other))
    }).pipe(Effect.provide(service())))
})

describe("bounds", () => {
  /** The most requests that were on their way at once. */
  const inFlight = (concurrency: number, totalConcurrency: number, uploads: number) =>
    Effect.gen(function*() {
      let now = 0
      let most = 0
      const counting = Fault.on(["mkblk"], Fault.delay(0), {
        when: () => {
          now += 1
          most = Math.max(most, now)
          return false
        }
      })
      const emulator = yield* Emulator.Emulator
      yield* emulator.addFault(counting)
      yield* uploading((uploader) =>
        Effect.forEach(Array.from({ length: uploads }, (_, i) => i), (i) =>
          uploader.putBytes(bytes(12 * mebibyte), { ...target, key: `${i}` }, {
            method: "block",
            concurrency,
            onProgress: (event) =>
              Effect.sync(() => {
                if (event._tag === "Chunk") {
                  now -= 1
                }
              })
          }), { concurrency: "unbounded" })
      )
      return most
    }).pipe(Effect.provide(service({ settings: { totalConcurrency } })))

  it.effect("blocks of one upload", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* inFlight(2, 0, 1), 2)
      assert.strictEqual(yield* inFlight(0, 0, 1), 1)
    }))

  it.effect("blocks of all uploads", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* inFlight(3, 2, 3), 2)
    }))
})

describe("events", () => {
  it.effect("come in order, and what was sent never falls", () =>
    Effect.gen(function*() {
      const events: Array<UploadEvent.UploadEvent> = []
      yield* uploading((uploader) =>
        uploader.putBytes(bytes(9 * mebibyte), target, {
          method: "block",
          chunkSize: mebibyte,
          onProgress: (event) => Effect.sync(() => void events.push(event))
        })
      )
      assert.strictEqual(events[0]?._tag, "Planned")
      assert.strictEqual(events.at(-1)?._tag, "Done")
      const sent = events.filter(UploadEvent.UploadEvent.$is("Chunk")).map((event) => event.sent)
      assert.deepStrictEqual(sent, sent.toSorted((a, b) => a - b))
      assert.strictEqual(sent.at(-1), 9 * mebibyte)
      assert.lengthOf(events.filter(UploadEvent.UploadEvent.$is("Block")), 3)
    }).pipe(Effect.provide(service())))

  it.effect("fault 27: a callback that dies does not take the upload with it", () =>
    Effect.gen(function*() {
      let calls = 0
      const receipt = yield* uploading((uploader) =>
        uploader.putBytes(bytes(9), target, {
          onProgress: () => {
            calls += 1
            return Effect.die("a bug of the caller's")
          }
        })
      )
      assert.strictEqual(receipt.verified, "etag")
      assert.strictEqual(calls, 1)
    }).pipe(Effect.provide(service())))
})
