import { assert, describe, it } from "@effect/vitest"
import { Either, FastCheck } from "effect"
import { Base64Url, Entry, FileCommand, Retention } from "effect-wcs"

const text = FastCheck.string({ unit: "grapheme", minLength: 1, maxLength: 20 }).filter((text) => text.isWellFormed())
const bucket = text.filter((name) => Either.isRight(Entry.bucketName(name)))
const key = text.filter((key) => Either.isRight(Entry.toStore({ bucket: "b", key })))
const location = FastCheck.record({ bucket, key })
const optional = <A>(arbitrary: FastCheck.Arbitrary<A>) => FastCheck.option(arbitrary, { nil: undefined })

/** Reads `name/value/…`; values are Base64 but for those that are plain. */
const decode = (command: string, plain: ReadonlyArray<string> = []): { readonly [name: string]: string } => {
  const parts = command.split("/")
  assert.strictEqual(parts.length % 2, 0, command)
  return Object.fromEntries(
    parts.flatMap((name, i) => {
      const value = parts[i + 1] ?? ""
      if (i % 2 === 1) return []
      return [[name, plain.includes(name) ? value : Either.getOrThrow(Base64Url.decodeText(value))]]
    })
  )
}

const present = (record: { readonly [name: string]: string | undefined }) =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined))

const entry = ({ bucket, key }: Entry.ObjectLocation) => `${bucket}:${key}`

describe("a command says what it was made of", () => {
  it.prop(
    "transfer",
    [location, FastCheck.record({ bucket, key: optional(key), prefix: optional(key) })],
    ([from, to]) => {
      const command = FileCommand.transfer({ from, to })
      const same = to.bucket === from.bucket && (to.key ?? from.key) === from.key && to.prefix === undefined
      assert.strictEqual(Either.isLeft(command), same)
      if (Either.isRight(command)) {
        assert.deepStrictEqual(decode(command.right), present({ resource: entry(from), ...to }))
      }
    }
  )

  it.prop(
    "fetch",
    [
      FastCheck.webUrl({ withQueryParameters: true }),
      FastCheck.record({ bucket, key: optional(key), prefix: optional(key) }),
      optional(FastCheck.boolean())
    ],
    ([url, to, segments]) => {
      const md5 = "5EB63BBBE01EEED093CB22BB8F5ACDC3"
      const command = Either.getOrThrow(FileCommand.fetch({ url, to, md5, decompression: "zip", segments }))
      assert.deepStrictEqual(
        decode(command, ["md5", "decompression", "fetchTS"]),
        present({
          fetchURL: url,
          ...to,
          md5: md5.toLowerCase(),
          decompression: "zip",
          fetchTS: segments === undefined ? undefined : String(Number(segments))
        })
      )
    }
  )

  it.prop("remove, deleteM3u8", [location, optional(FastCheck.boolean())], ([object, segments]) => {
    assert.deepStrictEqual(decode(Either.getOrThrow(FileCommand.remove(object))), { ...object })
    assert.deepStrictEqual(
      decode(Either.getOrThrow(FileCommand.deleteM3u8({ ...object, segments })), ["deletets"]),
      present({ ...object, deletets: segments === undefined ? undefined : String(Number(segments)) })
    )
  })

  it.prop("deletePrefix", [bucket, key, optional(location)], ([bucket, prefix, output]) => {
    assert.deepStrictEqual(
      decode(Either.getOrThrow(FileCommand.deletePrefix({ bucket, prefix, output }))),
      present({ bucket, prefix, output: output && entry(output) })
    )
  })

  it.prop("setDeadline", [bucket, optional(key), FastCheck.integer({ min: 1 })], ([bucket, prefix, days]) => {
    const command = FileCommand.setDeadline({
      bucket,
      retention: Retention.days(days),
      ...(prefix === undefined ? { wholeBucket: true } : { prefix })
    })
    assert.deepStrictEqual(
      decode(Either.getOrThrow(command), ["deadline"]),
      present({ bucket, prefix, deadline: `${days}` })
    )
  })

  it.prop(
    "compress",
    [bucket, FastCheck.array(key, { minLength: 1 }), optional(key), location],
    ([bucket, keys, keyList, saveAs]) => {
      const { keys: packed = "", ...rest } = decode(
        Either.getOrThrow(FileCommand.compress({ bucket, keys, keyList, saveAs })),
        ["keys"]
      )
      assert.deepStrictEqual(packed.split("|").map((text) => Either.getOrThrow(Base64Url.decodeText(text))), keys)
      assert.deepStrictEqual(rest, present({ bucket, keyList, saveas: entry(saveAs) }))
    }
  )

  it.prop("and holds no separator of commands or bodies", [location, location], ([from, to]) => {
    const command = FileCommand.transfer({ from, to })
    if (Either.isRight(command)) assert.notMatch(command.right, /[;&\s?#]/)
  })
})

describe("a command is refused", () => {
  const object = { bucket: "b", key: "k" }
  const cases: ReadonlyArray<
    readonly [what: string, input: string, command: Either.Either<string, { readonly input: string }>]
  > = [
    ["to where the object is", "to", FileCommand.transfer({ from: object, to: { bucket: "b" } })],
    ["with an empty key", "key", FileCommand.transfer({ from: object, to: { bucket: "c", key: "" } })],
    ["with an empty prefix", "to.prefix", FileCommand.transfer({ from: object, to: { bucket: "c", prefix: "" } })],
    [
      "with a prefix that no key begins with",
      "to.prefix",
      FileCommand.transfer({
        from: object,
        to: { bucket: "c", prefix: "/a" }
      })
    ],
    [
      "with a prefix and a key that are too long together",
      "to.prefix",
      FileCommand.transfer({
        from: object,
        to: { bucket: "c", prefix: "a".repeat(600), key: "b".repeat(600) }
      })
    ],
    ["with a bad bucket", "bucket", FileCommand.remove({ bucket: "a:b", key: "k" })],
    ["with another protocol", "url", FileCommand.fetch({ url: "ftp://a.test/x", to: object })],
    ["with half a hash", "md5", FileCommand.fetch({ url: "http://a.test/x", to: object, md5: "5eb63bbb" })],
    [
      "with a format of two segments",
      "decompression",
      FileCommand.fetch({ url: "http://a.test/x", to: object, decompression: "zip/md5" })
    ],
    ["for a whole bucket", "prefix", FileCommand.deletePrefix({ bucket: "b", prefix: "" })],
    ["for a slash", "prefix", FileCommand.deletePrefix({ bucket: "b", prefix: "/" })],
    [
      "without days",
      "retention",
      FileCommand.setDeadline({ bucket: "b", wholeBucket: true, retention: Retention.days(0) })
    ],
    ["without anything to pack", "keys", FileCommand.compress({ bucket: "b", saveAs: object })],
    ["with an empty key to pack", "key", FileCommand.compress({ bucket: "b", keys: [""], saveAs: object })]
  ]
  for (const [what, input, command] of cases) {
    it(what, () => assert.strictEqual(Either.getOrThrow(Either.flip(command)).input, input))
  }
})
