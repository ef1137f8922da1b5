/** What a person reads who runs an upload for the first time. */
import { NodeFileSystem } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Objects, Uploader, WcsError } from "effect-wcs"
import process from "node:process"
import { vi } from "vitest"
import { services } from "./support.ts"

const target = { bucket: "media", key: "film.bin" }

const told = <A>(use: (uploader: Uploader.Uploader["Type"]) => Effect.Effect<A, WcsError.WcsError>) =>
  Effect.flatMap(Uploader.Uploader, (uploader) => Effect.map(Effect.flip(use(uploader)), ({ message }) => message))

describe("the message of", () => {
  it.effect("what is not there names the place where it was looked for", () =>
    Effect.gen(function*() {
      const file = (path: string) => told((uploader) => uploader.putFile(path, target))
      assert.strictEqual(
        yield* file("films/../none.mp4"),
        `films/../none.mp4: there is no such file: ${process.cwd()}/none.mp4`
      )
      assert.strictEqual(yield* file("/none/none.mp4"), "/none/none.mp4: there is no such file")
      assert.strictEqual(
        yield* told((uploader) => uploader.putDirectory("none", { bucket: "media" })),
        `none: there is no such folder: ${process.cwd()}/none`
      )
    }).pipe(Effect.provide(services({ fs: NodeFileSystem.layer }))))

  it.effect("what is not there says no more where the working directory is gone", () =>
    Effect.gen(function*() {
      const cwd = vi.spyOn(process, "cwd").mockImplementation(() => {
        throw new Error("ENOENT: no such file or directory, uv_cwd")
      })
      yield* Effect.addFinalizer(() => Effect.sync(() => cwd.mockRestore()))
      assert.strictEqual(yield* told(({ putFile }) => putFile("none.mp4", target)), "none.mp4: there is no such file")
      assert.strictEqual(
        yield* told(({ putDirectory }) => putDirectory("none", { bucket: "media" })),
        "none: there is no such folder"
      )
    }).pipe(Effect.scoped, Effect.provide(services({ fs: NodeFileSystem.layer }))))

  it.effect("a host that is not set says what needs it, and its name in the environment", () =>
    Effect.gen(function*() {
      const upload = "uploadUrl: is not set, and an upload needs it (in the environment: WCS_PUT_URL)"
      assert.strictEqual(yield* told((uploader) => uploader.putFile("/in/b.txt", target)), upload)
      assert.strictEqual(yield* told((uploader) => uploader.putFile("/in/b.txt", target, { method: "block" })), upload)
      assert.strictEqual(yield* told((uploader) => uploader.putDirectory("/in", { bucket: "media" })), upload)
      const { stat } = yield* Objects.Objects
      assert.strictEqual(
        (yield* Effect.flip(stat(target))).message,
        "managementUrl: is not set, and stat needs it (in the environment: WCS_MGR_URL)"
      )
    }).pipe(
      Effect.provide(
        services({ files: { "/in/b.txt": "b" }, settings: { uploadUrl: undefined, managementUrl: undefined } })
      )
    ))

  it("a signature that is refused says which key to look at; what a key may not do does not", () => {
    const refused = (status: number, detail: string) =>
      new WcsError.WcsUnauthorized({ operation: "mkblk", status, code: String(status), detail }).message
    assert.strictEqual(
      refused(401, "Token Invalid"),
      "mkblk: credentials refused (401): Token Invalid; check the secret key (WCS_SECRET_KEY)"
    )
    assert.strictEqual(refused(403, "Forbidden"), "mkblk: credentials refused (403): Forbidden")
    assert.strictEqual(
      refused(401, "Bucket Access Denied"),
      "mkblk: credentials refused (401): Bucket Access Denied"
    )
    assert.strictEqual(refused(401, "AK/SK Not Found"), "mkblk: credentials refused (401): AK/SK Not Found")
  })
})
