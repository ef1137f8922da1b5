import { FileSystem } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { EmulatorAddress, Fault } from "effect-wcs/testing"
import { bytes, mebibyte } from "../support/content.ts"
import * as etags from "../testing/support.ts"
import { environment, run } from "./support/processes.ts"
import { bucket, content, emulator, folder, inEmulator } from "./support/service.ts"

const key = "2026/movie.mp4"

type Environment = (
  address: EmulatorAddress.EmulatorAddress["Type"],
  home: string
) => { readonly [name: string]: string }

/** The quickstart in a folder with its movie. */
const quickstart = (env: Environment, movie: string | Uint8Array = "hello world") =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const home = yield* folder
    yield* fs.makeDirectory(`${home}/work`)
    yield* fs.writeFile(`${home}/work/movie.mp4`, Buffer.from(movie))
    const address = yield* EmulatorAddress.EmulatorAddress
    return yield* run("examples/quickstart.ts", { cwd: `${home}/work`, env: env(address, home) })
  })

describe("examples/quickstart.ts", () => {
  it.scopedLive("uploads its movie and lists it, by the WCS_* variables", () =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* quickstart(environment)
      assert.deepStrictEqual([code, stderr], [0, ""])
      assert.strictEqual(
        stdout,
        `stored 11 bytes, etag FiqubDXJT8-0FdvpX0CLnOke6Ebt, 0 of 0 blocks from before\n${key} 11\n`
      )
      assert.strictEqual((yield* content(key)).toString(), "hello world")
    }).pipe(Effect.provide(emulator)))

  it.scopedLive("uploads its movie and lists it, by ~/.wcscfg", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const base = yield* folder
      const { accessKey, managementUrl, secretKey, uploadUrl } = yield* EmulatorAddress.EmulatorAddress
      yield* fs.writeFileString(
        `${base}/.wcscfg`,
        `access_key = ${accessKey}\nsecret_key = ${secretKey}\nput_url = ${uploadUrl}\nmgr_url = ${managementUrl}\n`
      )
      const { code, stdout } = yield* quickstart(() => ({ HOME: base }))
      assert.strictEqual(code, 0)
      assert.strictEqual(
        stdout,
        `stored 11 bytes, etag FiqubDXJT8-0FdvpX0CLnOke6Ebt, 0 of 0 blocks from before\n${key} 11\n`
      )
    }).pipe(Effect.provide(emulator)))

  it.scopedLive("uploads a movie that is too large for a form in blocks", () =>
    Effect.gen(function*() {
      const movie = bytes(5 * mebibyte)
      const { code, stdout } = yield* quickstart(
        (address, home) => ({ ...environment(address, home), WCS_MULTI_SIZE: "4" }),
        movie
      )
      assert.strictEqual(code, 0)
      assert.include(stdout, `stored ${movie.length} bytes, etag ${etags.etag(movie)}`)
    }).pipe(Effect.provide(emulator)))

  const failures: Readonly<Record<string, readonly [env: Environment, tag: string]>> = {
    "without settings": [(_, home) => ({ HOME: home }), "WCS_PUT_URL"],
    "with a wrong key": [
      (address, home) => ({ ...environment(address, home), WCS_SECRET_KEY: "wrong" }),
      "WcsUnauthorized"
    ],
    "with a setting that cannot be": [
      (address, home) => ({ ...environment(address, home), WCS_SECRET_KEY: address.secretKey, WCS_BLOCK_SIZE: "7" }),
      "WCS_BLOCK_SIZE"
    ]
  }
  for (const [how, [env, expected]] of Object.entries(failures)) {
    it.scopedLive(`${how} says what is wrong and exits with 1`, () =>
      Effect.gen(function*() {
        const { code, stderr, stdout } = yield* quickstart(env)
        assert.strictEqual(code, 1)
        assert.include(`${stdout}${stderr}`, expected)
        assert.isEmpty(yield* inEmulator((emulator) => emulator.objects(bucket)))
      }).pipe(Effect.provide(emulator)))
  }

  it.scopedLive("whose every request the service fails says so, and exits with 1", () =>
    Effect.gen(function*() {
      yield* inEmulator((emulator) => emulator.addFault(Fault.on("any", Fault.status(500))))
      const { code, stderr, stdout } = yield* quickstart((address, home) => ({
        ...environment(address, home),
        WCS_CONNECTION_RETRIES: "0"
      }))
      assert.strictEqual(code, 1)
      assert.include(`${stdout}${stderr}`, "WcsServerFailure")
    }).pipe(Effect.provide(emulator)))
})

describe("examples/demo.ts", () => {
  it.scopedLive("takes a file, interrupts, resumes, and ends with what it verified", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const home = yield* folder
      const movie = bytes(9 * mebibyte)
      yield* fs.writeFile(`${home}/movie.mp4`, movie)
      const { code, stderr, stdout } = yield* run("examples/demo.ts", {
        arguments: [`${home}/movie.mp4`],
        env: { HOME: home }
      })
      assert.strictEqual(code, 0, stderr)
      assert.strictEqual(stdout.trimEnd().split("\n").at(-1), `verified ${etags.etag(movie)} ${movie.length}`)
      assert.include(stdout, "1 blocks taken over, 2 sent")
      assert.deepStrictEqual(yield* fs.readDirectory(home), ["movie.mp4"])
    }).pipe(Effect.provide(emulator)))

  it.scopedLive("uses the service that WCS_* name, and leaves nothing there", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const home = yield* folder
      yield* fs.writeFile(`${home}/movie.mp4`, bytes(5 * mebibyte))
      const { code, stderr, stdout } = yield* run("examples/demo.ts", {
        arguments: [`${home}/movie.mp4`],
        env: { ...environment(yield* EmulatorAddress.EmulatorAddress, home), WCS_BUCKET: bucket }
      })
      assert.strictEqual(code, 0, stderr)
      assert.include(stdout, `verified ${etags.etag(bytes(5 * mebibyte))}`)
      const requests = yield* inEmulator((emulator) => emulator.requests)
      assert.includeMembers(requests.map(({ operation }) => operation), [
        "mkblk",
        "mkfile",
        "list",
        "download",
        "delete"
      ])
      assert.isEmpty(yield* inEmulator((emulator) => emulator.objects(bucket)))
    }).pipe(Effect.provide(emulator)))
})
