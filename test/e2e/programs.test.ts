/** The programs of `examples/`, each in its own process against an emulator on a port. */
import { FileSystem } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { CallbackBody, Media, MediaPipeline, ReturnBody, Uploader } from "effect-wcs"
import { EmulatorAddress } from "effect-wcs/testing"
import { operations } from "../../src/testing/handlers/operations.ts"
import { bytes, mebibyte } from "../support/content.ts"
import * as etags from "../testing/support.ts"
import { environment, run, start } from "./support/processes.ts"
import { bucket, client, content, emulatorOf, folder, inEmulator } from "./support/service.ts"
import { freePort } from "./support/webServer.ts"

/** A home with a movie in its folder for work, and what a program needs to know. */
const home = (movie: string | Uint8Array = "hello world") =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const home = yield* folder
    yield* fs.makeDirectory(`${home}/work/deep`, { recursive: true })
    yield* fs.writeFile(`${home}/work/movie.mp4`, Buffer.from(movie))
    return { cwd: `${home}/work`, env: environment(yield* EmulatorAddress.EmulatorAddress, home) }
  })

/** Runs a program that is to succeed. */
const succeeds = (program: string, ...options: Parameters<typeof run> extends [string, infer O] ? [O] : never) =>
  Effect.map(run(program, ...options), ({ code, stderr, stdout }) => {
    assert.deepStrictEqual([code, stderr], [0, ""], stdout)
    return stdout
  })

const objects = Effect.map(
  inEmulator((emulator) => emulator.objects(bucket)),
  (objects) => objects.map(({ key }) => key)
)

describe("examples", () => {
  it.scopedLive("upload.ts shows how far it is, and goes on after Ctrl-C", () =>
    Effect.gen(function*() {
      const movie = bytes(21 * mebibyte)
      const where = { ...yield* home(movie), arguments: ["movie.mp4", bucket, "movie.mp4"] }
      const stopped = yield* start("examples/upload.ts", where)
      yield* stopped.printed(/ %/)
      yield* stopped.kill("SIGINT")
      assert.include((yield* stopped.end).stdout, "stopped: run it again to go on")
      const stdout = yield* succeeds("examples/upload.ts", where)
      assert.match(stdout, /blocks are there already/)
      assert.include(stdout, `stored as ${etags.etag(movie)}`)
      assert.isTrue((yield* content("movie.mp4")).equals(movie))
    }).pipe(Effect.provide(emulatorOf())))

  it.scopedLive("list.ts counts objects and bytes", () =>
    Effect.gen(function*() {
      yield* inEmulator((emulator) =>
        Effect.forEach(Array.from({ length: 2345 }, (_, i) => `many/${i}`), (key) =>
          emulator.putObject({ bucket, key }, "ab"), { discard: true })
      )
      const stdout = yield* succeeds("examples/list.ts", { ...yield* home(), arguments: [bucket, "many/"] })
      assert.match(stdout, /^2345 objects, 4690 bytes; this process uses \d+ MiB\n$/)
    }).pipe(Effect.provide(emulatorOf())))

  it.scopedLive("token-server.ts and token-client.ts upload without a secret key", () =>
    Effect.gen(function*() {
      const where = yield* home()
      const server = yield* start("examples/token-server.ts", where)
      const [, address = ""] = yield* server.printed(/Listening on (http:\S+)/)
      const { WCS_ACCESS_KEY: _, WCS_SECRET_KEY: __, ...env } = where.env
      const stdout = yield* succeeds("examples/token-client.ts", {
        cwd: where.cwd,
        env,
        arguments: [address, "movie.mp4"]
      })
      assert.strictEqual(stdout, "stored incoming/movie.mp4, 11 bytes\n")
      const refused = yield* run("examples/token-client.ts", {
        cwd: where.cwd,
        env,
        arguments: [address, "missing.mp4"]
      })
      assert.strictEqual(refused.code, 1)
      assert.deepStrictEqual(yield* objects, ["incoming/movie.mp4"])
    }).pipe(Effect.provide(emulatorOf())))

  it.scopedLive("callback-server.ts hears of uploads and of tasks, and of nobody else", () =>
    Effect.gen(function*() {
      const where = yield* home()
      // The server has to know its public address before it runs: a port that was free a moment ago.
      const PORT = yield* freePort
      const PUBLIC_URL = `http://127.0.0.1:${PORT}`
      const server = yield* start("examples/callback-server.ts", {
        ...where,
        env: { ...where.env, PORT: String(PORT), PUBLIC_URL }
      })
      yield* server.printed(/Listening on/)
      const services = client()
      const receipt = yield* Effect.flatMap(Uploader.Uploader, (uploader) =>
        uploader.putBytes(bytes(5), { bucket, key: "a.bin" }, {
          custom: { who: "ann" },
          policy: {
            callbackUrl: `${PUBLIC_URL}/stored`,
            callbackBody: CallbackBody.struct({
              key: ReturnBody.key,
              size: ReturnBody.fsize,
              who: ReturnBody.custom("who")
            })
          }
        })).pipe(Effect.provide(services))
      assert.deepStrictEqual(receipt.body, { accepted: "a.bin" })
      yield* server.printed(/ann has stored a\.bin, 5 bytes\n/)
      yield* Effect.flatMap(Media.Media, (media) =>
        media.process({ bucket, key: "a.bin" }, MediaPipeline.raw("avthumb/mp4"), { notifyUrl: `${PUBLIC_URL}/task` }))
        .pipe(
          Effect.provide(services)
        )
      yield* server.printed(/task \S+: succeeded\n/)
      const forged = yield* Effect.promise(() =>
        fetch(`${PUBLIC_URL}/stored`, { method: "POST", body: "a2V5PWE=", headers: { authorization: "me:x" } })
      )
      assert.deepStrictEqual([
        forged.status,
        yield* Effect.promise(() =>
          forged.text()
        )
      ], [401, "Forged"])
    }).pipe(Effect.provide(emulatorOf())))

  it.scopedLive("transcode.ts waits for both results", () =>
    Effect.gen(function*() {
      yield* inEmulator((emulator) => emulator.putObject({ bucket, key: "movie.mp4" }, "frames"))
      const stdout = yield* succeeds("examples/transcode.ts", { ...yield* home(), arguments: [bucket, "movie.mp4"] })
      assert.match(stdout, /^task \S+ has started\nmade movie\.mp4\.jpg\nmade movie\.mp4\.small\.mp4\n$/)
    }).pipe(Effect.provide(emulatorOf())))

  it.scopedLive("sync-folder.ts sends what is new, once", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const where = { ...yield* home(), arguments: [".", bucket, "backup"] }
      yield* fs.writeFileString(`${where.cwd}/deep/a.txt`, "a")
      yield* fs.writeFileString(`${where.cwd}/.hidden`, "no")
      assert.strictEqual(yield* succeeds("examples/sync-folder.ts", where), "deep/a.txt: Stored\nmovie.mp4: Stored\n")
      yield* fs.writeFileString(`${where.cwd}/deep/a.txt`, "b")
      assert.strictEqual(
        yield* succeeds("examples/sync-folder.ts", where),
        "deep/a.txt: Stored\nmovie.mp4: Unchanged\n"
      )
      assert.deepStrictEqual(yield* objects, ["backup/deep/a.txt", "backup/movie.mp4"])
      assert.strictEqual((yield* content("backup/deep/a.txt")).toString(), "b")
    }).pipe(Effect.provide(emulatorOf())))

  it.scopedLive("progress-store.ts keeps its records where it says", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const where = yield* home(bytes(5 * mebibyte))
      const stdout = yield* succeeds("examples/progress-store.ts", { ...where, arguments: ["movie.mp4"] })
      assert.strictEqual(stdout, `stored ${5 * mebibyte} bytes, 0 blocks resumed\n`)
      assert.isTrue(yield* fs.exists(`${where.cwd}/upload-records`))
    }).pipe(Effect.provide(emulatorOf())))

  it.scopedLive("promise.ts stores a file and tells of one that is missing", () =>
    Effect.gen(function*() {
      assert.strictEqual(
        yield* succeeds("examples/promise.ts", { ...yield* home(), arguments: ["movie.mp4"] }),
        "stored as FiqubDXJT8-0FdvpX0CLnOke6Ebt\nWcsFileError\n"
      )
    }).pipe(Effect.provide(emulatorOf())))

  it.scopedLive("operations.ts sends every operation that there is", () =>
    Effect.gen(function*() {
      const stdout = yield* succeeds("examples/operations.ts", { ...yield* home(), arguments: [bucket] })
      const sent = new Set((yield* inEmulator((emulator) => emulator.requests)).map(({ operation }) => operation))
      // A preflight is a browser's.
      const all = operations.map(({ name }) => name).filter((name) => name !== "preflight")
      assert.isEmpty(all.filter((name) => !sent.has(name)), "examples/operations.ts does not send these")
      assert.deepStrictEqual([...sent].toSorted(), all.toSorted())
      assert.include(stdout, "uploaded; appended 7 bytes; a token for media:operations/theirs.jpg")
      assert.include(stdout, "1 x 1 pixels")
      assert.include(stdout, "tidied up, 0 failed")
      assert.notMatch(stdout, /[1-9] failed/)
      assert.isEmpty(yield* objects)
    }).pipe(Effect.provide(emulatorOf({ fetchHosts: ["127.0.0.1"] }))))
})
