import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Either, FastCheck, Layer, Schema, TestClock } from "effect"
import type { UploadId } from "../../src/domain/UploadRecord.ts"
import * as UploadRecordFile from "../../src/domain/UploadRecordFile.ts"
import type { WcsProgressError } from "../../src/domain/WcsError.ts"
import * as ProgressStoreDirectory from "../../src/layers/ProgressStoreDirectory.ts"
import * as WcsConfigLayer from "../../src/layers/WcsConfigLayer.ts"
import { ProgressStore } from "../../src/services/ProgressStore.ts"
import resume from "../vectors/resume.json" with { type: "json" }
import { block, idOf, load, manifest } from "./contract.ts"
import { good, id, on, put } from "./folder.ts"

describe("ProgressStoreDirectory: files", () => {
  it.effect("a block's file has the bytes that the official SDK writes, and nothing else is beside it", () =>
    on((folder, fs) =>
      Effect.gen(function*() {
        const store = yield* ProgressStore
        yield* store.begin(id, manifest)
        yield* store.accept(id, { ...block(0), ctx: "866d0f1c2b3a49588776655443322110" })
        yield* TestClock.adjust("1 second")
        yield* store.accept(id, { ...block(1), ctx: "é\"\u007f😀\n" })
        yield* store.finishing(id)
        assert.strictEqual(
          yield* fs.readFileString(`${folder}/${id}/0`),
          `{"offset": 0, "code": 200, "ctx": "866d0f1c2b3a49588776655443322110", "size": 4194304}`
        )
        assert.strictEqual(
          yield* fs.readFileString(`${folder}/${id}/4194304`),
          `{"offset": 4194304, "code": 200, "ctx": "\\u00e9\\"\\u007f\\ud83d\\ude00\\n", "size": 4194304}`
        )
        assert.sameMembers(yield* fs.readDirectory(`${folder}/${id}`), ["0", "4194304"])
        assert.sameMembers(yield* fs.readDirectory(folder), [id, `${id}.manifest`])
      })
    ))

  it.effect("the files of blocks follow, a batch each second, and all of them when the upload stops", () =>
    on((folder, fs) =>
      Effect.gen(function*() {
        const store = yield* ProgressStore
        const files = Effect.map(fs.readDirectory(`${folder}/${id}`), (names) => names.length)
        const accept = (from: number, to: number) =>
          Effect.forEach(
            Array.from({ length: to - from }, (_, i) => block(from + i)),
            (block) => store.accept(id, block)
          )
        const claim = { owner: "me", until: 30_000 }
        yield* store.begin(id, manifest)
        yield* store.claim(id, claim)
        yield* accept(0, 1)
        assert.strictEqual(yield* files, 1)
        yield* accept(1, 200)
        assert.strictEqual(yield* files, 1)
        yield* TestClock.adjust("1 second")
        yield* accept(200, 202)
        assert.strictEqual(yield* files, 65)
        assert.lengthOf((yield* load(id)).blocks, 202)
        // They are not what it takes to resume.
        yield* fs.remove(`${folder}/${id}/0`)
        assert.lengthOf((yield* load(id)).blocks, 202)
        yield* store.release(id, "me")
        assert.strictEqual(yield* files, 201)
        assert.deepStrictEqual((yield* load(id)).blocks, Array.from({ length: 202 }, (_, i) => block(i)))
      })
    ))

  it.effect("blocks whose files have not followed are noted again when somebody has removed the record", () =>
    on((folder, fs) =>
      Effect.gen(function*() {
        const store = yield* ProgressStore
        yield* store.begin(id, manifest)
        yield* store.accept(id, block(0))
        yield* store.accept(id, block(1))
        yield* fs.remove(folder, { recursive: true })
        yield* store.accept(id, block(2))
        yield* TestClock.adjust("1 second")
        yield* store.accept(id, block(3))
        assert.deepStrictEqual((yield* load(id)).blocks, [block(1), block(2), block(3)])
      })
    ))

  it.effect("no file follows into what another has taken over", () =>
    on((folder, fs) =>
      Effect.gen(function*() {
        const store = yield* ProgressStore
        yield* store.begin(id, manifest)
        yield* store.claim(id, { owner: "me", until: 1000 })
        yield* store.accept(id, block(0))
        yield* store.accept(id, block(1))
        yield* TestClock.adjust("2 seconds")
        yield* store.claim(id, { owner: "another", until: 30_000 })
        yield* store.release(id, "me")
        assert.deepStrictEqual(yield* fs.readDirectory(`${folder}/${id}`), ["0"])
      })
    ))

  for (
    const [name, first] of [
      ["an owner whose lease is over lets go", { owner: "first", until: 1000 }],
      ["a helper stops", { owner: "first", until: 30_000, join: true }]
    ] as const
  ) {
    it.effect(`files follow for the owner of an upload, also when ${name} in the same process`, () =>
      on((folder, fs) =>
        Effect.gen(function*() {
          const store = yield* ProgressStore
          const owner = store.claim(id, { owner: "second", until: 60_000 })
          yield* store.begin(id, manifest)
          if ("join" in first) yield* owner
          yield* store.claim(id, first)
          yield* TestClock.adjust("2 seconds")
          assert.strictEqual((yield* owner).owner, "second")
          yield* store.accept(id, block(0))
          yield* store.accept(id, block(1))
          yield* store.release(id, "first")
          yield* store.accept(id, block(2))
          yield* store.release(id, "second")
          assert.sameMembers(
            yield* fs.readDirectory(`${folder}/${id}`),
            [0, 1, 2].map((at) => String(block(at).offset))
          )
        })
      ))
  }

  it.effect("only the user can read them", () =>
    on((folder, fs) =>
      Effect.gen(function*() {
        const store = yield* ProgressStore
        yield* store.begin(id, manifest)
        yield* store.accept(id, block(0))
        yield* store.finishing(id)
        yield* store.accept(idOf("other"), block(0))
        const modes = yield* Effect.forEach(
          ["", `/${id}`, "/other", `/${id}.manifest`, "/other.manifest", `/${id}/0`, "/other/0"],
          (path) => Effect.map(fs.stat(folder + path), ({ mode }) => mode & 0o777)
        )
        assert.deepStrictEqual(modes, [0o700, 0o700, 0o700, 0o600, 0o600, 0o600, 0o600])
      })
    ))

  it.effect("nothing is left of an upload that is forgotten or begun anew, temporary files included", () =>
    on((folder, fs) =>
      Effect.gen(function*() {
        const store = yield* ProgressStore
        for (const change of [store.begin(id, manifest), store.forget(id)]) {
          yield* put(folder, { [`.${id},17`]: "{", [`${id}/foreign`]: "", [`.${id}x,17`]: "of another upload" })
          yield* store.accept(id, block(0))
          yield* change
        }
        assert.deepStrictEqual(yield* fs.readDirectory(folder), [`.${id}x,17`])
      })
    ))

  it.effect("a write that fails leaves what was, and no temporary file", () =>
    on((folder, fs) =>
      Effect.gen(function*() {
        const store = yield* ProgressStore
        yield* store.begin(id, manifest)
        yield* fs.makeDirectory(`${folder}/${id}/0`, { recursive: true })
        const error = yield* Effect.flip(store.accept(id, block(0)))
        assert.deepStrictEqual([error._tag, error.reason, error.uploadId], ["WcsProgressError", "Unwritable", id])
        assert.sameMembers(yield* fs.readDirectory(folder), [id, `${id}.manifest`])
      })
    ))
})

describe("ProgressStoreDirectory: records of the official SDK", () => {
  const Files = Schema.Record({ key: Schema.String, value: Schema.String })
  const Recorded = Schema.parseJson(Schema.Struct({
    offset: Schema.Number,
    code: Schema.Number,
    ctx: Schema.String,
    size: Schema.Number
  }))
  const cases = resume.cases.flatMap((recorded) =>
    "records_before" in recorded ? [[recorded.id, recorded.records_before] as const] : []
  )

  it("there are some", () => {
    assert.strictEqual(cases.length, 12)
  })

  for (const [name, before] of cases) {
    it.effect(name, () =>
      on((folder) =>
        Effect.gen(function*() {
          const files = yield* Schema.decodeUnknown(Files)(before)
          yield* put(folder, files)
          const ids = [...new Set(Object.keys(files).map((name) => idOf(name.slice(0, name.indexOf("/")))))]
          assert.deepStrictEqual(yield* Effect.flatMap(ProgressStore, (store) => store.list), ids)
          const records = (yield* Effect.forEach(Object.values(files), (text) => Schema.decode(Recorded)(text)))
            .toSorted((a, b) => a.offset - b.offset)
          for (const id of ids) {
            assert.deepStrictEqual(yield* load(id), {
              manifest: undefined,
              blocks: records.filter(({ code }) => code === 200).map(({ ctx, offset, size }) => ({
                offset,
                size,
                ctx
              })),
              unusable: records.filter(({ code }) => code !== 200).map(({ offset }) => offset),
              finishing: false
            })
          }
        })
      ))
  }

  it.effect("an empty folder is a record without blocks", () =>
    on((folder, fs) =>
      Effect.gen(function*() {
        yield* fs.makeDirectory(`${folder}/${id}`, { recursive: true })
        assert.deepStrictEqual(yield* load(id), { manifest: undefined, blocks: [], unusable: [], finishing: false })
      })
    ))

  it.effect("blocks are accepted into them, and digests are kept beside them", () =>
    on((folder) =>
      Effect.gen(function*() {
        yield* put(folder, { [`${id}/0`]: good })
        const store = yield* ProgressStore
        yield* store.accept(id, block(1))
        assert.deepStrictEqual((yield* load(id)).blocks, [{ offset: 0, size: 4194304, ctx: "c0" }, block(1)])
      })
    ))
})

describe("ProgressStoreDirectory: what does not fit", () => {
  const unusable: Readonly<Record<string, string>> = {
    empty: "",
    truncated: good.slice(0, -5),
    "another text": "None",
    "Python's quotes": good.replaceAll("\"", "'"),
    "another offset": good.replace("0", "4194304"),
    "a failed block": good.replace("200", "401"),
    "a failed block, its code a text": good.replace("200", "\"401\""),
    "no ctx": good.replace("c0", ""),
    "no size": good.replace("4194304", "0"),
    "a negative size": good.replace("4194304", "-1"),
    "a size that is no whole number": good.replace("4194304", "1.5"),
    "64 KiB and more": good.replace("c0", "c".repeat(64 * 1024))
  }
  for (const [name, text] of Object.entries(unusable)) {
    it.effect(`fault 18: ${name} is an unusable record`, () =>
      on((folder) =>
        Effect.gen(function*() {
          yield* put(folder, { [`${id}/0`]: text, [`${id}/4194304`]: good.replace("0", "4194304") })
          const record = yield* load(id)
          assert.deepStrictEqual(record.unusable, [0])
          assert.deepStrictEqual(record.blocks, [{ offset: 4194304, size: 4194304, ctx: "c0" }])
        })
      ))
  }

  it.effect("a code may be a text, and blanks are free", () =>
    on((folder) =>
      Effect.gen(function*() {
        yield* put(folder, { [`${id}/0`]: `{"size":4194304,"code":"200","offset":0,\n"ctx":"c0","more":null}\n` })
        assert.deepStrictEqual((yield* load(id)).blocks, [{ offset: 0, size: 4194304, ctx: "c0" }])
      })
    ))

  it.effect("names that are no offset are passed over", () =>
    on((folder) =>
      Effect.gen(function*() {
        const names = [".0", "00", "0x0", "1e3", "-1", "0.tmp", "notes", "9".repeat(20)]
        yield* put(folder, Object.fromEntries([...names, "0"].map((name) => [`${id}/${name}`, good])))
        assert.deepStrictEqual(yield* load(id), {
          manifest: undefined,
          blocks: [{ offset: 0, size: 4194304, ctx: "c0" }],
          unusable: [],
          finishing: false
        })
      })
    ))

  it.effect("what is no file is an unusable record", () =>
    on((folder, fs) =>
      Effect.gen(function*() {
        yield* fs.makeDirectory(`${folder}/${id}/0`, { recursive: true })
        yield* fs.symlink("/dev/zero", `${folder}/${id}/4194304`)
        yield* fs.symlink("/nowhere", `${folder}/${id}/8388608`)
        assert.deepStrictEqual((yield* load(id)).unusable, [0, 4194304, 8388608])
      })
    ))

  it.effect("of a block that is noted and has a file, whatever that says, the note counts", () =>
    on((folder) =>
      Effect.gen(function*() {
        const store = yield* ProgressStore
        yield* store.begin(id, manifest)
        yield* store.accept(id, block(0))
        for (const text of [good, good.replace("200", "401"), ""]) {
          yield* put(folder, { [`${id}/0`]: text })
          assert.deepInclude(yield* load(id), { blocks: [block(0)], unusable: [] })
        }
      })
    ))

  it.effect("fault 18: a manifest's torn last line is passed over, and spoils no later one", () =>
    on((folder, fs) =>
      Effect.gen(function*() {
        const store = yield* ProgressStore
        yield* store.begin(id, manifest)
        yield* store.accept(id, block(0))
        const path = `${folder}/${id}.manifest`
        yield* fs.writeFileString(path, `\n{"finishing": tru`, { flag: "a" })
        assert.isFalse((yield* load(id)).finishing)
        yield* store.accept(id, block(1))
        yield* store.finishing(id)
        assert.deepStrictEqual(yield* load(id), {
          manifest,
          blocks: [block(0), block(1)],
          unusable: [],
          finishing: true
        })
      })
    ))

  it.effect("a manifest that cannot be read is an error, never a record without one, until the upload begins anew", () =>
    on((folder, fs) =>
      Effect.gen(function*() {
        const store = yield* ProgressStore
        yield* store.begin(id, manifest)
        yield* store.accept(id, block(0))
        for (const text of ["", "{", `{"format":2}`, `{"format":1,"manifest":{"bucket":"b"}}`, `\n{"format":1}`]) {
          yield* fs.writeFileString(`${folder}/${id}.manifest`, text)
          const error = yield* Effect.flip(store.load(id))
          assert.deepStrictEqual([error.reason, error.uploadId], ["Unreadable", id])
        }
        yield* store.begin(id, manifest)
        assert.deepStrictEqual((yield* load(id)).blocks, [])
      })
    ))

  it.effect("a symbolic link is no upload's folder", () =>
    on((folder, fs) =>
      Effect.gen(function*() {
        const store = yield* ProgressStore
        yield* put(folder, { "target/0": good })
        yield* fs.symlink(`${folder}/target`, `${folder}/${id}`)
        for (
          const change of [store.load(id), store.accept(id, block(0)), store.begin(id, manifest), store.forget(id)]
        ) {
          assert.include((yield* Effect.flip(change)).message, "symbolic link")
        }
        assert.deepStrictEqual(yield* fs.readDirectory(`${folder}/target`), ["0"])
      })
    ))

  it.effect("ids that are no name of a folder are refused", () =>
    on((folder, fs) =>
      Effect.gen(function*() {
        const store = yield* ProgressStore
        yield* put(folder, { "../precious/0": good })
        yield* store.begin(idOf("a"), manifest)
        for (
          const hostile of ["../precious", "..", ".", "", "a/b", "a\0", "/tmp/x", ".hidden", "a.manifest", "A.MANIFEST"]
        ) {
          const id = hostile as UploadId
          for (
            const change of [
              store.load(id),
              store.begin(id, manifest),
              store.accept(id, block(0)),
              store.finishing(id),
              store.forget(id)
            ]
          ) {
            assert.strictEqual((yield* Effect.flip(change))._tag, "WcsProgressError")
          }
        }
        assert.deepStrictEqual(yield* fs.readDirectory(`${folder}/../precious`), ["0"])
        assert.deepStrictEqual(yield* store.list, [idOf("a")])
      })
    ))
})

describe("ProgressStoreDirectory: folders", () => {
  const store = (options: ProgressStoreDirectory.Options, config: WcsConfigLayer.Options = {}) =>
    Effect.provide(
      Effect.scoped(Layer.build(ProgressStoreDirectory.layer(options))),
      WcsConfigLayer.layer(config)
    ).pipe(Effect.flatMap((context) => Effect.provide(ProgressStore, context)))

  const variables = (map: Record<string, string>) =>
    Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(map))))

  it.scoped("that cannot be used are an error with the system's reason", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const file = `${yield* fs.makeTempDirectoryScoped()}/file`
      yield* fs.writeFileString(file, "")
      const { accept, begin, finishing, forget, list, load } = yield* store({ folder: `${file}/uploads` })
      const reason = (change: Effect.Effect<unknown, WcsProgressError>) =>
        Effect.map(Effect.flip(change), (error) => {
          assert.include(error.message, "not a directory: /")
          return error.reason
        })
      assert.deepStrictEqual(
        yield* Effect.forEach(
          [begin(id, manifest), accept(id, block(0)), finishing(id), forget(id), load(id), list],
          reason
        ),
        ["Unwritable", "Unwritable", "Unwritable", "Unwritable", "Unreadable", "Unreadable"]
      )
    }).pipe(Effect.provide(NodeContext.layer)))

  it.scoped("the option, the setting, XDG_STATE_HOME, HOME and the temporary folder, in this order", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const root = yield* fs.makeTempDirectoryScoped()
      const all = {
        XDG_STATE_HOME: `${root}/state`,
        HOME: `${root}/home`,
        TMPDIR: `${root}/tmp`,
        USER: "ann/../eve"
      }
      const { HOME: _, XDG_STATE_HOME: __, ...nobody } = all
      const used = (expected: string, made: ReturnType<typeof store>, environment: Record<string, string>) =>
        Effect.gen(function*() {
          const { begin } = yield* variables(environment)(made)
          assert.isFalse(yield* fs.exists(expected), "nothing is made before it is needed")
          yield* begin(id, manifest)
          assert.isTrue(yield* fs.exists(`${expected}/${id}.manifest`), expected)
          assert.strictEqual((yield* fs.stat(expected)).mode & 0o777, 0o700)
        })
      yield* used(`${root}/option`, store({ folder: `${root}/option` }, { recordFolder: `${root}/setting` }), all)
      yield* used(`${root}/setting`, store({}, { recordFolder: `${root}/setting` }), all)
      yield* used(`${root}/state/effect-wcs/uploads`, store({}), all)
      yield* used(`${root}/home/.local/state/effect-wcs/uploads`, store({}), { ...all, XDG_STATE_HOME: "relative" })
      yield* used(`${root}/tmp/effect-wcs-ann____eve/uploads`, store({}), nobody)
    }).pipe(Effect.provide(NodeContext.layer)))

  it.scoped("the temporary folder is not used when somebody else has prepared it", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const TMPDIR = yield* fs.makeTempDirectoryScoped()
      yield* fs.makeDirectory(`${TMPDIR}/theirs`)
      yield* fs.symlink(`${TMPDIR}/theirs`, `${TMPDIR}/effect-wcs-ann`)
      const linked = yield* variables({ TMPDIR, USER: "ann" })(store({}))
      assert.strictEqual((yield* Effect.flip(linked.begin(id, manifest))).reason, "Unwritable")
      assert.strictEqual((yield* Effect.flip(linked.load(id))).reason, "Unreadable")
      assert.strictEqual((yield* Effect.flip(linked.list)).reason, "Unreadable")
      assert.deepStrictEqual(yield* fs.readDirectory(`${TMPDIR}/theirs`), [])
      // A folder that is ours but open to others is closed.
      yield* fs.makeDirectory(`${TMPDIR}/effect-wcs-bob`)
      yield* fs.chmod(`${TMPDIR}/effect-wcs-bob`, 0o777)
      const open = yield* variables({ TMPDIR, USER: "bob" })(store({}))
      yield* open.begin(id, manifest)
      assert.strictEqual((yield* fs.stat(`${TMPDIR}/effect-wcs-bob`)).mode & 0o777, 0o700)
    }).pipe(Effect.provide(NodeContext.layer)))
})

describe("UploadRecordFile", () => {
  const anyBlock = FastCheck.record({
    offset: FastCheck.maxSafeNat(),
    size: FastCheck.integer({ min: 1 }),
    ctx: FastCheck.string({ unit: "binary", minLength: 1 })
  })

  it.effect.prop("a block reads as it was written, and is plain ASCII", [anyBlock], ([block]) =>
    Effect.sync(() => {
      const text = UploadRecordFile.encodeBlock(block)
      assert.match(text, /^[ -~]*$/)
      assert.deepStrictEqual(UploadRecordFile.decodeBlock(block.offset, text), Either.right(block))
    }))

  it.effect.prop("a manifest cut anywhere is what was noted before, or an error", [
    FastCheck.double({ min: 0, max: 1, noNaN: true })
  ], ([at]) =>
    Effect.sync(() => {
      const notes = [block(0), block(1)].map(UploadRecordFile.encodeAccepted)
      const header = UploadRecordFile.encodeHeader(manifest)
      const text = [header, ...notes, UploadRecordFile.finishing].join("")
      const length = Math.floor(at * text.length)
      const read = UploadRecordFile.decodeManifest(text.slice(0, length))
      assert.strictEqual(Either.isRight(read), length >= header.length)
      if (Either.isRight(read)) {
        assert.deepStrictEqual(read.right.manifest, manifest)
        assert.strictEqual(read.right.finishing, length === text.length)
      }
    }))
})
