/** The algorithm vectors, each against the function of ours that does the same, with both implementations of `Digest`. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, Encoding, Layer, Option, Redacted, Schema } from "effect"
import { createHmac } from "node:crypto"
import * as Base64Url from "../../src/domain/Base64Url.ts"
import * as Crc32 from "../../src/domain/Crc32.ts"
import * as Entry from "../../src/domain/Entry.ts"
import * as Etag from "../../src/domain/Etag.ts"
import * as MediaPipeline from "../../src/domain/MediaPipeline.ts"
import * as SettingText from "../../src/domain/SettingText.ts"
import * as Signature from "../../src/domain/Signature.ts"
import * as UploadPolicy from "../../src/domain/UploadPolicy.ts"
import * as UploadToken from "../../src/domain/UploadToken.ts"
import * as DigestNode from "../../src/layers/DigestNode.ts"
import * as DigestWasm from "../../src/layers/DigestWasm.ts"
import * as WcsAuthKeys from "../../src/layers/WcsAuthKeys.ts"
import { Digest } from "../../src/services/Digest.ts"
import { WcsAuth } from "../../src/services/WcsAuth.ts"
import { WcsConfig } from "../../src/services/WcsConfig.ts"
import { options } from "./support/config.ts"
import { content, type Generator, sha1 } from "./support/content.ts"
import type { Deviation } from "./support/deviations.ts"
import { clock, load } from "./support/files.ts"
import { tally } from "./support/tally.ts"

interface PureCase {
  readonly id: string
  readonly function: string
  readonly input: any
  readonly output: any
}

/** What held: nothing to add when the case is as recorded, else why it is not. */
type Check = Effect.Effect<ReadonlyArray<Deviation>, unknown, Digest>

const refused = (result: Either.Either<unknown, unknown>, why: Deviation): ReadonlyArray<Deviation> => {
  assert.isTrue(Either.isLeft(result), "is refused")
  return [why]
}

const bytesOf = (input: { readonly text?: string; readonly hex?: string }): Uint8Array =>
  input.hex === undefined
    ? new TextEncoder().encode(input.text)
    : Either.getOrThrow(Encoding.decodeHex(input.hex))

const contentOf = (
  input: { readonly text?: string; readonly generator?: Generator; readonly size: number; readonly sha1: string }
): Uint8Array => {
  if (input.generator === undefined) return bytesOf(input)
  const bytes = content(input.generator, input.size)
  assert.strictEqual(sha1(bytes), input.sha1, "the generated content is the recorded one")
  return bytes
}

const auth = (accessKey: string, secretKey: string) =>
  Layer.provide(WcsAuthKeys.layer, Layer.succeed(WcsConfig, options(accessKey, secretKey)))

/** The vendor's flags are 0 and 1, ours are booleans. */
const policyOf = (
  { deadline = 7200, overwrite, scope: _, separate, ...fields }: any
): UploadPolicy.UploadPolicy => ({
  ...fields,
  ...(overwrite === undefined ? {} : { overwrite: overwrite === 1 }),
  ...(separate === undefined ? {} : { separate: separate === 1 }),
  lifetime: `${Number(deadline)} seconds`
})

/** The reasons for which our rules refuse this policy or its key. */
const refusalsOf = (scope: string, policy: UploadPolicy.UploadPolicy): ReadonlyArray<Deviation> => {
  const [bucket = "", ...key] = scope.split(":")
  const reasons: Array<Deviation> = []
  if (key.length > 0 && Either.isLeft(Entry.toStore({ bucket, key: key.join(":") }))) reasons.push("key-rules")
  Either.mapLeft(UploadPolicy.validate(policy), ({ input }) =>
    reasons.push(
      input === "policy.lifetime"
        ? "token-lifetime"
        : input === "policy.returnUrl"
        ? "policy-conflict"
        : "policy-dangling"
    ))
  return reasons
}

/** Policies that our own rules refuse; what is signed is compared nevertheless. */
const refusedPolicies: { readonly [id: string]: Deviation } = {
  "uploadtoken.p004": "token-lifetime",
  "uploadtoken.p009": "policy-conflict",
  "uploadtoken.p010": "policy-dangling",
  "uploadtoken.p016": "key-rules"
}

const uploadToken = ({ id, input, output }: PureCase): Check =>
  Effect.gen(function*() {
    const { access_key: accessKey, policy: recorded, secret_key: secretKey } = input
    const policy = policyOf(recorded)
    const token = yield* WcsAuth.pipe(
      Effect.flatMap((auth) => auth.uploadToken({ scope: recorded.scope, policy, now: clock + 999, renew: false })),
      Effect.provide(auth(accessKey, secretKey))
    )
    const [tokenKey, signature, encoded] = Redacted.value(token.text).split(":") as [string, string, string]
    const wire = JSON.parse(Either.getOrThrow(Base64Url.decodeText(encoded)))
    assert.strictEqual(tokenKey, accessKey)
    assert.deepStrictEqual({ ...wire, deadline: Number(wire.deadline) }, output.policy)
    assert.strictEqual(typeof wire.deadline, "string")
    const hex = createHmac("sha1", secretKey).update(encoded).digest("hex")
    assert.strictEqual(signature, Buffer.from(hex).toString("base64url") + "==")

    const mac = yield* Effect.flatMap(Digest, (digest) => digest.hmacSha1(secretKey, output.encoded_policy))
    assert.strictEqual(Base64Url.encode(output.policy_text), output.encoded_policy)
    assert.strictEqual(Encoding.encodeHex(mac), output.sign_hex)
    assert.strictEqual(Signature.encode(mac), output.encoded_sign)
    assert.strictEqual(UploadToken.join(accessKey, mac, output.encoded_policy), output.token)
    const read = Either.getOrThrow(UploadToken.parse(output.token))
    assert.strictEqual(read.scope, output.policy.scope)
    assert.strictEqual(read.deadline, output.policy.deadline)

    const reasons = refusalsOf(recorded.scope, policy)
    assert.deepStrictEqual(reasons, id in refusedPolicies ? [refusedPolicies[id]!] : [])
    return reasons
  })

const managementToken = ({ input, output }: PureCase): Check =>
  Effect.gen(function*() {
    const { access_key: accessKey, body, secret_key: secretKey, url } = input
    const [, path = "", query = ""] = /^https?:\/\/[^/?]*([^?]*)\??(.*)$/.exec(url) ?? []
    const text = Signature.managementText({ path, query, body: body ?? "" })
    assert.strictEqual(text, output.signed_text)
    const token = yield* WcsAuth.pipe(
      Effect.flatMap((auth) => auth.management("vector", text)),
      Effect.provide(auth(accessKey, secretKey))
    )
    assert.strictEqual(Redacted.value(token), output.token)
    return []
  })

const entry = ({ id, input, output }: PureCase): Check =>
  Effect.gen(function*() {
    const { bucket, key } = input
    if (key === null) {
      assert.strictEqual(Base64Url.encode(bucket), output)
      return refused(Schema.decodeEither(Entry.EntryFromEncoded)(output), "no-key")
    }
    if (id === "entry.p015") return refused(Entry.existing({ bucket, key }), "empty-key")
    if (id === "entry.p017") return refused(Entry.existing({ bucket, key }), "bucket-rules")
    const ours = yield* Entry.existing({ bucket, key })
    assert.strictEqual(ours.encoded, output)
    assert.strictEqual(yield* Schema.encode(Entry.EntryFromEncoded)(ours), output)
    assert.deepStrictEqual(yield* Schema.decode(Entry.EntryFromEncoded)(output), ours)
    return []
  })

const decodings: { readonly [id: string]: Deviation } = {
  "urlsafe_base64_decode.p023": "base64-lenient",
  "urlsafe_base64_decode.p024": "base64-lenient",
  "urlsafe_base64_decode.p025": "base64-strict",
  "urlsafe_base64_decode.p026": "base64-strict"
}

const decode = ({ id, input, output }: PureCase): Check =>
  Effect.sync(() => {
    const ours = Base64Url.decode(input.text)
    const why = decodings[id]
    if (why === "base64-strict") return refused(ours, why)
    const bytes = Either.getOrThrow(ours)
    if (why === undefined) assert.strictEqual(Encoding.encodeHex(bytes), output.hex)
    else assert.strictEqual(Base64Url.encode(bytes).replace(/=+$/, ""), input.text)
    return why === undefined ? [] : [why]
  })

const etag = ({ input, output }: PureCase): Check =>
  Effect.map(Digest, (digest) => {
    const bytes = contentOf(input)
    const pieces = Array.from(
      { length: Math.max(1, Math.ceil(bytes.length / input.block_size)) },
      (_, i) => bytes.subarray(i * input.block_size, (i + 1) * input.block_size)
    ).map((piece) => {
      const hash = digest.sha1()
      hash.update(piece)
      return hash.digest()
    })
    assert.strictEqual(Etag.fromPieces(pieces, digest.sha1), output)
    if (input.block_size === Etag.pieceSize) {
      const hasher = Etag.pieceHasher(digest.sha1)
      for (let at = 0; at < bytes.length; at += 999_983) hasher.update(bytes.subarray(at, at + 999_983))
      assert.strictEqual(Etag.fromPieces(hasher.digest(), digest.sha1), output)
    }
    return []
  })

const crc64 = ({ input, output }: PureCase): Check =>
  Effect.map(Digest, (digest) => {
    const hash = digest.crc64()
    hash.update(contentOf(input))
    const hex = Encoding.encodeHex(hash.digest())
    assert.strictEqual(hex, output.hex)
    assert.strictEqual(BigInt(`0x${hex}`).toString(), output.decimal)
    return []
  })

const crc32 = ({ input, output }: PureCase): Check =>
  Effect.map(Digest, (digest) => {
    assert.strictEqual(Crc32.fromBytes(contentOf(input), digest.crc32), output)
    return []
  })

/** A token's deadline is where we compute a time so many seconds ahead. */
const deadline = ({ input, output }: PureCase): Check =>
  WcsAuth.pipe(
    Effect.flatMap((auth) =>
      auth.uploadToken({
        scope: "b:k",
        policy: { lifetime: `${Number(input)} seconds` },
        now: clock + 500,
        renew: false
      })
    ),
    Effect.map((token) => {
      assert.strictEqual(token.deadline, output)
      return []
    }),
    Effect.provide(auth("ak", "sk"))
  )

const host = ({ id, input, output }: PureCase): Check =>
  Effect.sync(() => {
    const ours = SettingText.toUrl(input.url, { scheme: input.ishttps ? "https" : "http", bucket: false })
    if (id === "https_check.p014") {
      return refused(Either.fromOption(ours, () => "no host"), "host-refused")
    }
    const url = Option.getOrThrow(ours)
    if (id !== "https_check.p013") {
      assert.strictEqual(url, output)
      return []
    }
    assert.strictEqual(url, output.toLowerCase())
    return ["host-normalised"]
  })

/** Every field that the vendor's policy knows has its own place in ours, so that `extra` refuses it. */
const policyKeys = ({ output }: PureCase): Check =>
  Effect.sync(() => {
    for (const field of output) assert.isTrue(Either.isLeft(UploadPolicy.validate({ extra: { [field]: 1 } })), field)
    return []
  })

/** The commands of the vendor's helper, from its texts. */
const commands: { readonly [name: string]: (text: string) => MediaPipeline.MediaCommand } = {
  avthumb: (format) => MediaPipeline.avthumb({ format }),
  vframe: (text) => {
    const [format = "", , offset] = text.split("/")
    return MediaPipeline.vframe({ format, offset: Number(offset) })
  }
}

const buildOps = ({ input: { bucket, key, ops }, output }: PureCase): Check =>
  Effect.sync(() => {
    const encoded = Object.entries<string>(ops).map(([name, text]) =>
      MediaPipeline.encode(MediaPipeline.saveAs({ bucket, key })(commands[name]!(text)))
    )
    assert.deepStrictEqual(Either.getOrThrow(Either.all(encoded)), output)
    return []
  })

const helper = (): Check => Effect.succeed(["python-helper"])

const checks: { readonly [name: string]: (vector: PureCase) => Check } = {
  urlsafe_base64_encode: ({ input, output }) =>
    Effect.sync(() => {
      assert.strictEqual(Base64Url.encode(input.text ?? bytesOf(input)), output)
      assert.deepStrictEqual(Either.getOrThrow(Base64Url.decode(output)), bytesOf(input))
      return []
    }),
  urlsafe_base64_decode: decode,
  entry,
  uploadtoken: uploadToken,
  managertoken: managementToken,
  etag,
  crc64,
  crc32,
  datetime_timestamp: deadline,
  https_check: host,
  policy_keys: policyKeys,
  build_ops: buildOps,
  get_afterdate: helper
}

const digests = { DigestNode: DigestNode.layer, DigestWasm: DigestWasm.layer }

for (const file of ["algorithms.json", "hashes.json"]) {
  for (const [name, digest] of Object.entries(digests)) {
    describe(`${file} with ${name}`, () => {
      const { begin, held } = tally(`${file} with ${name}`, 0)
      it.layer(digest)((it) => {
        for (const vector of load<PureCase>(file).cases) {
          it.effect(vector.id, () => {
            begin()
            return Effect.map(checks[vector.function]!(vector), held)
          })
        }
      })
    })
  }
}
