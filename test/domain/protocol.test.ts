/** The published and computed values of section 23 of the protocol notes. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, Encoding } from "effect"
import * as Base64Url from "../../src/domain/Base64Url.ts"
import * as Crc32 from "../../src/domain/Crc32.ts"
import * as Entry from "../../src/domain/Entry.ts"
import * as Etag from "../../src/domain/Etag.ts"
import * as Signature from "../../src/domain/Signature.ts"
import * as UploadPolicy from "../../src/domain/UploadPolicy.ts"
import * as UploadToken from "../../src/domain/UploadToken.ts"
import * as DigestNode from "../../src/layers/DigestNode.ts"
import * as DigestWasm from "../../src/layers/DigestWasm.ts"
import { Digest } from "../../src/services/Digest.ts"

const primitive = [
  ["key", "The quick brown fox jumps over the lazy dog", "ZGU3YzliODViOGI3OGFhNmJjOGE3YTM2ZjcwYTkwNzAxYzlkYjRkOQ=="],
  [
    "Blog",
    "/2017/08/09/reconstructionism-poet-keep-secret/\n",
    "MDE2ZWM0MzY0M2RjN2YwZDA5YjFkMmY3OGVkNjdhYjIyMWZkODdjMQ=="
  ],
  [
    "Blog",
    "/2018/02/15/be-pretentious-unwittingly/\nUMUTech",
    "ODI3ZDY4NjI2ZGZjN2VlYWZiZTJiODA3YzFmNTZlMmEyYTYzNDA3Nw=="
  ],
  ["Test", "/dokan-dev/dokany/\n", "MjUzZDA3OTBkMzJiMzMxODdiOGJiZDA0MDEyZDAwZjZlODc2MGYzMg=="]
] as const

/** Signed with the key `testsk`. */
const management = [
  ["/bucket/list\n", "NWE4ZmU2NWJmY2QzYzI3OTY3ODMwZjI5M2RhOTA4OGNkNDJkNzU2Mg=="],
  ["/stat/aW1hZ2VzOmEucG5n\n", "YjA5M2IwMmIyNTYzYjJiZGJmYTVhNWY0YmJlYTNlNjEzZWIyMDg3YQ=="],
  ["/stat/aW1hZ2VzOuebruW9lS_mlofku7YgMS50eHQ=\n", "NDYwOTkzZDJkMzA3OGFlOWQ1OTZkZTYxNDZlMDBmMmIxOGU0OTEyYw=="],
  ["/list?bucket=images&limit=2&prefix=ZGlyLw==&mode=1\n", "NzViMDNhZWY3ZjkzNDIyNGNjYTEzMjE1YWFjODQ5MTIxYmFhYWZhNQ=="],
  ["/delete/aW1hZ2VzOmEucG5n\n", "MWUxNDdiNjAwMTFmZjk2NjkzMzBmY2FlNGQ3NzcyNGI2NWE5ZmJmYw=="],
  ["/move/aW1hZ2VzOmEucG5n/aW1hZ2VzOmIvYy5wbmc=\n", "ODgwODhkZDBmMTM0M2M0ZWZjMTlmYTAzY2JiZGU1MWM3OWNjZTcyYQ=="],
  ["/copy/aW1hZ2VzOmEucG5n/YmFja3VwOmEucG5n\n", "MTYyMDI4NzAxNzZlZjRjNzRhMTM5NjI0M2E0NTE2MDM2ZmFjZGM4NQ=="],
  [
    "/setdeadline\nbucket=aW1hZ2Vz&key=YS5wbmc=&deadline=3&relevance=0",
    "ZjM4YTQ2ZDJjMDE4YjE3Yzg4ZjkwY2YyYzkyYWQyZTlmNzkxY2RiNQ=="
  ],
  [
    "/fmgr/delete\nfops=bucket/aW1hZ2Vz/key/YS5wbmc=&separate=0",
    "Yzk1M2YzZGExYjllZWNlZmFhZjA1NGU0YjY4YzNhYWUzMDZiYTJmNA=="
  ],
  [
    "/fmgr/fetch\nfops=fetchURL/aHR0cDovL3NyYy5leGFtcGxlLmNvbS8xLmRvYw==/bucket/aW1hZ2Vz/key/MS5kb2M=&notifyURL=aHR0cDovL2NiLmV4YW1wbGUuY29tL24=&separate=0&force=1",
    "NTk2ZDVmZDNhMjk2NGI3MGUxNzhmZjRlNTM5YjdlMDEyYWMwYTBlNw=="
  ],
  [
    "/fmgr/compress\nfops=bucket/aW1hZ2Vz/keys/YS5wbmc=|ZGlyLw==/saveas/aW1hZ2VzOm91dC56aXA=",
    "NzVmNWFjMjc1YjgzYTgzYTBjMzE1MWRjNzM2NDI0NzljMWYxYTc2Ng=="
  ],
  [
    "/fops\nbucket=aW1hZ2Vz&key=di5tcDQ=&fops=dmZyYW1lL2pwZy9vZmZzZXQvMXxzYXZlYXMvYVcxaFoyVnpPbll1YW5Cbg==&notifyURL=",
    "MzdmZmIxMjE1NDU1YmE4YTUxZTI5MGY0MTQ4OGY0ODlkMjQ2MmYwNw=="
  ],
  [
    "/imageDetect\nimage=aHR0cDovL2ltZy5leGFtcGxlLmNvbS9hLnBuZw==&type=porn&bucket=images",
    "NmE4N2IzYjFiZjA4OTBhMWM4ODM1NTMyMGU4ZmYzYjA2ZGUzYTIwZA=="
  ],
  [
    "/bucket/stat?name=aW1hZ2VzfGJhY2t1cA==&startdate=2024-01-01&enddate=2024-01-31&isListDetails=false\n",
    "MjljN2RhZGNlMTc2ZjhkZGUyY2MwZWU0YjkzNTFmZTRhZGY5YjhiZQ=="
  ],
  [
    "/bucket/statistics?name=aW1hZ2Vz&type=uploadRequest&startdate=2024-01-01&enddate=2024-01-31\n",
    "OWQ2NWYzN2E5ZjYzMDJiMTMyODZmOGY3ZDYwMWFhMWZhNTU3NzUyYQ=="
  ],
  [
    "/wslive/list?channelname=ch1&startTime=20240101000000&endTime=20240102000000&bucket=images&start=1&limit=10\n",
    "NjkxN2JiNDdjNmRkZWMwMWYyMjVlNTNjZmVkYmEyOTljYmRlMzEwYQ=="
  ],
  [
    "http://cb.example.com/cb?x=1\nYnVja2V0PWltYWdlcyZrZXk9YS5wbmcmZnNpemU9MTE=",
    "MGJmMzdjMDRhMjcxODFmNjc3NWU3Y2U3Y2ZjYTdlN2ZjZGZlYmU0MA=="
  ]
] as const

const tokens = [
  [
    "testak",
    "testsk",
    `{"scope":"bucket:key","deadline":"1893427200000","overwrite":1}`,
    "testak:M2U4NjkxZjY1ODAyMTQ2NTg1MzQyZjlmMDQ2MzU1ZjEyZWVkNjI0OA==:eyJzY29wZSI6ImJ1Y2tldDprZXkiLCJkZWFkbGluZSI6IjE4OTM0MjcyMDAwMDAiLCJvdmVyd3JpdGUiOjF9"
  ],
  [
    "testak",
    "testsk",
    `{"scope": "bucket:key", "deadline": 1893427200000}`,
    "testak:OGNmMTg1YWJlMjk0MmIzNjE4MDlmZGE2YmQxZWJhOGQ3MTY2YWE2OA==:eyJzY29wZSI6ICJidWNrZXQ6a2V5IiwgImRlYWRsaW5lIjogMTg5MzQyNzIwMDAwMH0="
  ],
  [
    "aaasdfasf",
    "bbbsdfdsfdsafsdf",
    `{"scope":"aaa","deadline":"1893427200000"}`,
    "aaasdfasf:Y2Y0ZDdkM2NmMTdkMWY4OGYwYWE4NGYzMmFlNTZiZTI2YTQ2MmVmNA==:eyJzY29wZSI6ImFhYSIsImRlYWRsaW5lIjoiMTg5MzQyNzIwMDAwMCJ9"
  ]
] as const

const decodings = [
  ["aGFzaD1GcXd0WUdReGM4cmoxQ2pycVVMdlY2MFZnZzND", "hash=FqwtYGQxc8rj1CjrqULvV60Vgg3C"],
  ["aGFzaD1GcHdhQUtlSEZrZEpwTTRfMFBaRE5SMTFUa3J5", "hash=FpwaAKeHFkdJpM4_0PZDNR11Tkry"],
  ["aW1hZ2VzOmdqaF9zeW4xLnR4dA==", "images:gjh_syn1.txt"],
  ["aW1hZ2VzOkltYWdlLnBuZw==", "images:Image.png"],
  ["bXlidWNrZXQ=", "mybucket"],
  ["bXlkaXIvYWFjLmpwZw==", "mydir/aac.jpg"],
  ["IUAjJCVeJiovNTcuanBnOi0x", "!@#$%^&*/57.jpg:-1"],
  ["aGFzaD1GaXF1YkRYSlQ4LTBGZHZwWDBDTG5Pa2U2RWJ0", "hash=FiqubDXJT8-0FdvpX0CLnOke6Ebt"],
  [
    "YnVja2V0PWltYWdlcyZrZXk9YS5wbmcmZnNpemU9MTEmaGFzaD1GaXF1YkRYSlQ4LTBGZHZwWDBDTG5Pa2U2RWJ0",
    "bucket=images&key=a.png&fsize=11&hash=FiqubDXJT8-0FdvpX0CLnOke6Ebt"
  ]
] as const

const mebibytes = (count: number, byte: string) => Buffer.alloc(count * 1024 * 1024, byte)

const etags: ReadonlyArray<readonly [string, string, Uint8Array]> = [
  ["a text", "FpAEzHGOWdh-QAYhattxl1vqHLMw", Buffer.from("UMUTech@qq.com")],
  [
    "4 MiB and a byte",
    "ljQoZqmvLKtOnK_5OHnMRw1djggC",
    Buffer.concat([mebibytes(2, "U"), mebibytes(2, "M"), Buffer.from("0")])
  ],
  ["nothing", "Fto5o-5ea0sNMlW_75VgGJCv2AcJ", Buffer.of()],
  ["hello world", "FiqubDXJT8-0FdvpX0CLnOke6Ebt", Buffer.from("hello world")],
  ["4 MiB of zeros", "FivMvS848VwT631aif2dhfWV4jvD", mebibytes(4, "\0")],
  ["4 MiB + 1 zeros", "lhCFgki5yzon0rjN9uJusf6qtsF6", Buffer.concat([mebibytes(4, "\0"), Buffer.of(0)])],
  ["6 MiB", "lrF9_0PPkhwAX_ghfNQVIQm5IJxK", Buffer.concat([mebibytes(2, "U"), mebibytes(2, "M"), mebibytes(2, "U")])]
]

const sums = [
  ["123456789", "11051210869376104954", undefined, undefined],
  ["hello world", "5981764153023615706", 222957957, "5eb63bbbe01eeed093cb22bb8f5acdc3"],
  ["", "0", 0, "d41d8cd98f00b204e9800998ecf8427e"]
] as const

const hashed = (hash: Etag.Hash, content: Uint8Array) => {
  hash.update(content)
  return Encoding.encodeHex(hash.digest())
}

const sign = (key: string, data: string) =>
  Effect.flatMap(Digest, (digest) => Effect.map(digest.hmacSha1(key, data), Signature.encode))

describe("the protocol's own values", () => {
  for (const [encoded, text] of decodings) {
    it(`${encoded.slice(0, 24)} is ${text.slice(0, 24)}`, () => {
      assert.deepStrictEqual(Base64Url.decodeText(encoded), Either.right(text))
    })
  }

  it("a policy is signed as compact JSON in the order of the notes", () => {
    const wire = UploadPolicy.toWire({ overwrite: true }, { scope: "bucket:key", deadline: 1893427200000 })
    assert.deepStrictEqual(wire, { scope: "bucket:key", overwrite: 1, deadline: "1893427200000" })
  })

  it("an entry of a name in two scripts", () => {
    const entry = Either.getOrThrow(Entry.existing({ bucket: "images", key: "目录/文件 1.txt" }))
    assert.strictEqual(entry.encoded, "aW1hZ2VzOuebruW9lS_mlofku7YgMS50eHQ=")
  })

  for (const [name, digest] of Object.entries({ DigestNode: DigestNode.layer, DigestWasm: DigestWasm.layer })) {
    describe(`with ${name}`, () => {
      it.layer(digest)((it) => {
        for (const [key, data, expected] of primitive) {
          it.effect(`signs ${JSON.stringify(data)}`, () =>
            Effect.gen(function*() {
              assert.strictEqual(yield* sign(key, data), expected)
            }))
        }

        for (const [text, expected] of management) {
          it.effect(`signs ${JSON.stringify(text)}`, () =>
            Effect.gen(function*() {
              const [, path = "", query = "", body = ""] = /^([^?\n]*)\??([^\n]*)\n([^]*)$/.exec(text) ?? []
              if (path.startsWith("/")) assert.strictEqual(Signature.managementText({ path, query, body }), text)
              assert.strictEqual(yield* sign("testsk", text), expected)
            }))
        }

        for (const [accessKey, secretKey, policy, token] of tokens) {
          it.effect(`signs the policy ${policy}`, () =>
            Effect.gen(function*() {
              const encoded = Base64Url.encode(policy)
              const mac = yield* Effect.flatMap(Digest, (digest) => digest.hmacSha1(secretKey, encoded))
              assert.strictEqual(UploadToken.join(accessKey, mac, encoded), token)
              const read = yield* UploadToken.parse(token)
              assert.strictEqual(read.deadline, 1893427200000)
              assert.strictEqual(read.scope, JSON.parse(policy).scope)
            }))
        }

        for (const [what, expected, content] of etags) {
          it.effect(`the etag of ${what}`, () =>
            Effect.map(Digest, ({ sha1 }) => {
              const hasher = Etag.pieceHasher(sha1)
              hasher.update(content)
              assert.strictEqual(Etag.fromPieces(hasher.digest(), sha1), expected)
            }))
        }

        for (const [text, crc64, crc32, md5] of sums) {
          it.effect(`the sums of ${JSON.stringify(text)}`, () =>
            Effect.map(Digest, (digest) => {
              const content = Buffer.from(text)
              assert.strictEqual(BigInt(`0x${hashed(digest.crc64(), content)}`).toString(), crc64)
              if (crc32 !== undefined) assert.strictEqual(Crc32.fromBytes(content, digest.crc32), crc32)
              if (md5 !== undefined) assert.strictEqual(hashed(digest.md5(), content), md5)
            }))
        }
      })
    })
  }
})
