import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FastCheck, Layer, Stream } from "effect"
import { Emulator, EmulatorClient } from "effect-wcs/testing"
import { unzipSync, zipSync } from "fflate"
import { pack } from "../../src/testing/internal/taskZip.ts"
import { b64u, bytes, manage } from "./support.ts"
import { bytesOf, demo, given, keys, outcomes, runFmgr, runFops, saveas, textOf, within } from "./tasksSupport.ts"

const compress = (keysToPack: ReadonlyArray<string>, to = "out.zip") =>
  `bucket/${demo}/keys/${keysToPack.map(b64u).join("|")}/${saveas(to)}`

const namesOf = (zip: Uint8Array) => Object.keys(unzipSync(zip)).toSorted()

const utf8 = (files: { readonly [name: string]: string }) =>
  zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)])))

/** Changes a ZIP with one file: offsets in its directory entry. */
const tamper = (zip: Uint8Array, change: (directory: DataView, file: DataView) => void): Uint8Array => {
  const copy = zip.slice()
  const at = Buffer.from(copy).indexOf("PK\x01\x02")
  change(new DataView(copy.buffer, at), new DataView(copy.buffer))
  return copy
}

describe("compress", () => {
  it.effect("packs objects and folders under their keys", () =>
    Effect.gen(function*() {
      const big = bytes(1_000_000)
      yield* given({ "a.txt": "hello", "目录/b.txt": "ü", "d/x": big, "d/e/y": "", dz: "not this" })
      const [item] = yield* runFmgr("compress", compress(["a.txt", "目录/b.txt", "d/", "a.txt"]))
      assert.deepStrictEqual([item?.code, item?.error, item?.key], [3, null, "out.zip"])
      const zip = yield* bytesOf("out.zip")
      assert.strictEqual(item?.fsize, zip.length)
      const files = unzipSync(zip)
      assert.deepStrictEqual(Object.keys(files).toSorted(), ["a.txt", "d/e/y", "d/x", "目录/b.txt"])
      assert.strictEqual(Buffer.from(files["目录/b.txt"]!).toString(), "ü")
      assert.isTrue(Buffer.from(files["d/x"]!).equals(big))
      const object = (yield* (yield* Emulator.Emulator).objects("demo")).find(({ key }) => key === "out.zip")
      assert.strictEqual(object?.mimeType, "application/zip")
    }).pipe(within()))

  it.effect("reads a list of keys, unless keys are given", () =>
    Effect.gen(function*() {
      yield* given({ a: "1", "b c": "2", "d/e": "3", list: "b c\r\nd/\n\n" })
      const listed = `bucket/${demo}/keyList/${b64u("list")}/${saveas("1.zip")}`
      const both = `bucket/${demo}/keys/${b64u("a")}/keyList/${b64u("list")}/${saveas("2.zip")}`
      const php = `bucket/${demo}/keylist/${b64u("list")}/${saveas("3.zip")}`
      assert.deepStrictEqual(outcomes(yield* runFmgr("compress", [listed, both, php])), [[3, null], [3, null], [
        3,
        null
      ]])
      assert.deepStrictEqual(namesOf(yield* bytesOf("1.zip")), ["b c", "d/e"])
      assert.deepStrictEqual(namesOf(yield* bytesOf("2.zip")), ["a"])
      assert.deepStrictEqual(namesOf(yield* bytesOf("3.zip")), ["b c", "d/e"])
    }).pipe(within()))

  it.effect("fails for what is not there, and for a target that is", () =>
    Effect.gen(function*() {
      yield* given({ a: "1", "taken.zip": "old", blank: "\n" })
      const items = yield* runFmgr("compress", [
        compress(["a", "none"]),
        compress(["none/"]),
        compress(["a"], "taken.zip"),
        `bucket/${demo}/keyList/${b64u("nolist")}/${saveas("x.zip")}`,
        `bucket/${demo}/keyList/${b64u("blank")}/${saveas("x.zip")}`,
        compress(["a"], "good.zip")
      ])
      assert.deepStrictEqual(outcomes(items), [
        [2, "File Not Found"],
        [2, "File Not Found"],
        [2, "File Already Exist"],
        [2, "File Not Found"],
        [2, "Nothing To Pack"],
        [3, null]
      ])
      assert.deepStrictEqual(yield* keys(), ["a", "blank", "good.zip", "taken.zip"])
      assert.strictEqual(yield* textOf("taken.zip"), "old")
      yield* runFmgr("compress", compress(["a"], "taken.zip"), "&force=1")
      assert.deepStrictEqual(namesOf(yield* bytesOf("taken.zip")), ["a"])
      for (const wrong of [`bucket/${demo}/${saveas("x")}`, `bucket/${demo}/keys/YQ==||YQ==/${saveas("x")}`]) {
        assert.strictEqual((yield* manage("POST", "/fmgr/compress", `fops=${wrong}`)).status, 400, wrong)
      }
    }).pipe(within()))

  it.effect("streams: what is read first comes out before the rest is read", () =>
    Effect.gen(function*() {
      let read = 0
      const endless = Stream.repeatEffect(Effect.sync(() => bytes(65_536).map((byte) => byte ^ read++)))
      const member = { name: "endless", size: 2 ** 31, modified: 0, bytes: endless }
      yield* Stream.runDrain(Stream.take(pack([member]), 10))
      assert.isBelow(read, 65_536 * 100)
    }))

  it.effect("is refused what a ZIP cannot hold", () =>
    Effect.gen(function*() {
      const member = { name: "a", size: 0, modified: 0, bytes: Stream.empty }
      for (const members of [[{ ...member, size: 2 ** 32 }], Array.from({ length: 65_536 }, () => member)]) {
        assert.strictEqual((yield* Effect.flip(Stream.runDrain(pack(members)))).status, 413)
      }
      const short = yield* Effect.flip(Stream.runDrain(pack([{ ...member, size: 1 }])))
      assert.strictEqual(short.text, "An Object Changed While It Was Packed")
    }))
})

describe("decompression", () => {
  it.effect("unpacks into the folder that is named, or beside the archive, and lists what it unpacked", () =>
    Effect.gen(function*() {
      yield* given({ "d/in.zip": utf8({ "a.txt": "1", "e/ü.mp4": "2", "e/": "" }) })
      const items = yield* runFops(
        "d/in.zip",
        [
          `decompression/zip/dir/${b64u("un/packed")}|${saveas("list.txt")}`,
          "decompression/zip"
        ].join(";")
      )
      assert.deepStrictEqual(items.map(({ code, decompresslist }) => [code, decompresslist]), [
        [3, ["un/packed/a.txt", "un/packed/e/ü.mp4"]],
        [3, ["d/a.txt", "d/e/ü.mp4"]]
      ])
      assert.strictEqual(yield* textOf("list.txt"), "un/packed/a.txt\nun/packed/e/ü.mp4\n")
      assert.deepStrictEqual([yield* textOf("d/a.txt"), yield* textOf("un/packed/e/ü.mp4")], ["1", "2"])
      const made = yield* (yield* Emulator.Emulator).objects("demo")
      assert.strictEqual(made.find(({ key }) => key === "d/e/ü.mp4")?.mimeType, "video/mp4")
    }).pipe(within()))

  const files = FastCheck.dictionary(
    FastCheck.stringMatching(/^[a-zé ü]{1,8}(\/[a-z\u4e00-\u4e10.]{3,8}){0,2}$/),
    FastCheck.uint8Array({ maxLength: 300 }),
    { minKeys: 1, maxKeys: 6, noNullPrototype: true }
  )

  it.effect.prop("gives back what compress packed", [files], ([files]) =>
    Effect.gen(function*() {
      yield* given(Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`in/${name}`, bytes])))
      assert.deepStrictEqual(outcomes(yield* runFmgr("compress", compress(["in/"]))), [[3, null]])
      const [item] = yield* runFops("out.zip", `decompression/zip/dir/${b64u("out")}`)
      assert.deepStrictEqual(
        item?.decompresslist?.toSorted(),
        Object.keys(files).map((name) => `out/in/${name}`).toSorted()
      )
      for (const [name, bytes] of Object.entries(files)) {
        assert.deepStrictEqual(new Uint8Array(yield* bytesOf(`out/in/${name}`)), bytes)
      }
    }).pipe(within()), { fastCheck: { numRuns: 20 } })

  it.scoped("works in a directory as in memory", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* fs.makeTempDirectoryScoped()
      const round = Effect.gen(function*() {
        yield* given({ "in/a": bytes(700_000), "in/empty": "" })
        yield* runFmgr("compress", compress(["in/"]))
        assert.deepStrictEqual(outcomes(yield* runFops("out.zip", `decompression/zip/dir/${b64u("un")}`)), [[3, null]])
        assert.isTrue((yield* bytesOf("un/in/a")).equals(bytes(700_000)))
        assert.strictEqual(yield* textOf("un/in/empty"), "")
      })
      const emulator = Layer.provideMerge(EmulatorClient.layer, Emulator.layerDirectory(directory))
      yield* Effect.provide(round, emulator)
    }).pipe(Effect.provide(NodeContext.layer)))

  it.effect("is not misled by marks of the format inside of files", () =>
    Effect.gen(function*() {
      const marks = Buffer.from("PK\x03\x04PK\x07\x08PK\x01\x02PK\x05\x06".repeat(50))
      const inner = zipSync({ marks }, { level: 0 })
      yield* given({ marks, "inner.zip": inner })
      yield* runFmgr("compress", compress(["marks", "inner.zip"]))
      const stored = zipSync({ "inner.zip": inner, marks }, { level: 0, comment: "PK\x05\x06 and more" })
      yield* given({ "stored.zip": stored })
      assert.deepStrictEqual(outcomes(yield* runFops("stored.zip", `decompression/zip/dir/${b64u("s")}`)), [[3, null]])
      assert.deepStrictEqual(outcomes(yield* runFops("out.zip", `decompression/zip/dir/${b64u("o")}`)), [[3, null]])
      for (const folder of ["s", "o"]) {
        assert.isTrue((yield* bytesOf(`${folder}/inner.zip`)).equals(inner))
        assert.isTrue((yield* bytesOf(`${folder}/marks`)).equals(marks))
      }
    }).pipe(within()))

  const refuses = (name: string, zip: Uint8Array, error: string | RegExp, options = {}) =>
    it.effect(`stores nothing of ${name}`, () =>
      Effect.gen(function*() {
        yield* given({ "in.zip": zip })
        const [item] = yield* runFops("in.zip", `decompression/zip/dir/${b64u("un")}|${saveas("list.txt")}`)
        assert.strictEqual(item?.code, 2)
        assert.match(item?.error ?? "", error instanceof RegExp ? error : new RegExp(`^${error}`))
        assert.deepStrictEqual(yield* keys(), ["in.zip"])
      }).pipe(within(options)))

  for (const hostile of ["../x", "a/../../x", "/x", "..\\x", "a\\..\\..\\x", ".", "a/./b", "a\nb"]) {
    const zip = utf8({ "good.txt": "1", [hostile]: "2" })
    refuses(`an archive with the file ${JSON.stringify(hostile)}`, zip, "The Archive Has A File That Cannot Be Stored")
  }
  const good = utf8({ "a.txt": "hello hello hello" })
  const stored = zipSync({ a: Buffer.from("hello") }, { level: 0 })
  refuses("what is no archive", Buffer.from("hello"), "Not A ZIP")
  refuses("an empty object", Buffer.from(""), "Not A ZIP")
  refuses("an archive cut at its end", good.slice(0, -1), "Not A ZIP")
  refuses("an archive cut at its beginning", good.slice(10), "The Archive Is Damaged")
  refuses("a damaged file", tamper(stored, (_, file) => file.setUint8(31, 0)), "The Archive Is Damaged")
  refuses("damaged compressed data", tamper(good, (_, file) => file.setUint8(35, 0xff)), "The Archive Is Damaged")
  refuses(
    "a file that is larger than it says",
    tamper(good, (directory) => directory.setUint32(24, 3, true)),
    "The Archive Is Damaged"
  )
  refuses("a wrong checksum", tamper(good, (directory) => directory.setUint32(16, 3, true)), "The Archive Is Damaged")
  refuses("an encrypted file", tamper(good, (directory) => directory.setUint16(8, 1, true)), /encrypted$/)
  refuses("a file of another method", tamper(good, (directory) => directory.setUint16(10, 14, true)), /method 14$/)
  refuses("files of one name", utf8({ "a/b": "1", "a\\b": "2" }), "The Archive Has Two Files Of The Same Name")
  refuses("more than is allowed", utf8({ a: "0".repeat(600), b: "0".repeat(600) }), "The Archive Is Too Large", {
    maxBodySize: 1000
  })

  it.effect("replaces only when forced: all of it or nothing", () =>
    Effect.gen(function*() {
      yield* given({ "in.zip": utf8({ a: "new", b: "new" }), b: "old" })
      assert.deepStrictEqual(outcomes(yield* runFops("in.zip", "decompression/zip")), [[2, "File Already Exist"]])
      assert.deepStrictEqual(yield* keys(), ["b", "in.zip"])
      assert.deepStrictEqual(outcomes(yield* runFops("in.zip", "decompression/zip", "&force=1")), [[3, null]])
      assert.deepStrictEqual([yield* textOf("a"), yield* textOf("b")], ["new", "new"])
    }).pipe(within()))

  it.effect("is of a ZIP, alone in its pipe", () =>
    Effect.gen(function*() {
      yield* given({ "in.zip": good })
      for (
        const wrong of ["decompression/rar", "decompression/zip|vframe/jpg", "decompression/zip/dir", "decompression"]
      ) {
        const body = `bucket=${demo}&key=${b64u("in.zip")}&fops=${b64u(wrong)}`
        assert.strictEqual((yield* manage("POST", "/fops", body)).status, 400, wrong)
      }
    }).pipe(within()))
})
