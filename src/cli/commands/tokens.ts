/**
 * Upload tokens: making them for others, and reading what they say.
 */
import * as Args from "@effect/cli/Args"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as JsonText from "../../domain/JsonText.ts"
import * as Signature from "../../domain/Signature.ts"
import * as UploadToken from "../../domain/UploadToken.ts"
import * as DigestNode from "../../layers/DigestNode.ts"
import * as UploadTokensAuth from "../../layers/UploadTokensAuth.ts"
import * as WcsAuthKeys from "../../layers/WcsAuthKeys.ts"
import * as WcsConfigLayer from "../../layers/WcsConfigLayer.ts"
import { Digest } from "../../services/Digest.ts"
import { UploadTokens } from "../../services/UploadTokens.ts"
import { UsageError } from "../Failure.ts"
import * as Flags from "../Flags.ts"
import * as Format from "../Format.ts"
import * as ObjectPath from "../ObjectPath.ts"
import { jsonLine, Output } from "../Output.ts"
import * as PolicyCheck from "../PolicyCheck.ts"
import * as Stdio from "../Stdio.ts"
import * as WcsCommand from "../WcsCommand.ts"

const parseJson = (text: string): Option.Option<unknown> =>
  JsonText.isDeep(text) ? Option.none() : Option.liftThrowable((text: string): unknown => JSON.parse(text))(text)

/** Fields that this tool does not know, `FIELD=VALUE`; a value that is JSON is what it says, any other is text. */
const readExtra = (texts: ReadonlyArray<string>) =>
  Effect.forEach(texts, (text) => {
    const equals = text.indexOf("=")
    const value = text.slice(equals + 1)
    return equals < 1
      ? new UsageError({ message: `--extra is FIELD=VALUE, not ${text}` })
      : Effect.succeed([text.slice(0, equals), Option.getOrElse(parseJson(value), () => value)] as const)
  })

/** Tokens that the keys of the settings sign. */
const issuer = (sources: WcsConfigLayer.Sources) =>
  UploadTokensAuth.layer.pipe(
    Layer.provide(Layer.provide(WcsAuthKeys.layer, DigestNode.layer)),
    Layer.provide(WcsConfigLayer.layerDefault(sources))
  )

const make = WcsCommand.local("make", {
  description:
    "Make an upload token for one object, or for any new object of a bucket, and print it: who has it may upload.",
  examples: ["token make wcs://media/incoming/a.mp4 --deadline 600", "token make wcs://media --fsize-limit 10485760"],
  args: { place: ObjectPath.place() },
  flags: {
    saveKey: Flags.value("save-key", "TEMPLATE", "Upload policy: the key of a form that names none."),
    fsizeLimit: Flags.count("fsize-limit", "Upload policy: the largest object, in bytes; 0: no limit.", "BYTES"),
    separate: Flags.onOff("separate", "Upload policy: whether each of the persistentops is notified by itself."),
    instant: Flags.count("instant", "Upload policy: of unknown meaning; passed on."),
    lastModifiedTime: Flags.value("last-modified-time", "TIME", "Upload policy: of unknown meaning; passed on."),
    extra: Flags.values("extra", "FIELD=VALUE", "Upload policy: a field that this tool does not know.")
  },
  settings: ["access_key", ...Flags.policy]
}, ({ extra, fsizeLimit, instant, lastModifiedTime, place, saveKey, separate }, sources) =>
  Effect.gen(function*() {
    const tokens = yield* UploadTokens
    const token = yield* tokens.issue(place.key === "" ? { bucket: place.bucket } : place, {
      saveKey: Option.getOrUndefined(saveKey),
      fsizeLimit: Option.getOrUndefined(fsizeLimit),
      separate: Option.getOrUndefined(separate),
      instant: Option.getOrUndefined(instant),
      lastModifiedTime: Option.getOrUndefined(lastModifiedTime),
      extra: Object.fromEntries(yield* readExtra(extra))
    })
    const text = Redacted.value(token.text)
    yield* (yield* Output).result({
      token: text,
      scope: PolicyCheck.target(token.scope),
      deadline: DateTime.make(token.deadline),
      policy: token.policy
    }, text)
  }).pipe(Effect.provide(issuer(sources))))

/** Whether a token's signature is that of the settings' keys. */
type Signed = "fits" | "does not fit" | "not checked"

/** What there is to explain. */
interface Subject {
  readonly policy: PolicyCheck.WirePolicy
  /** Absent for a policy alone. */
  readonly token?: { readonly accessKey: string; readonly signature: Signed; readonly why: string }
}

/** Compares a token's signature with that of the settings' keys, if they are those of the token. */
const checkSignature = (text: string, sources: WcsConfigLayer.Sources) =>
  Effect.gen(function*() {
    const [accessKey = "", signature = "", encoded = ""] = text.split(":")
    const provider = yield* WcsConfigLayer.providerDefault(sources)
    const { credentials } = yield* provider.load(WcsConfigLayer.config)
    const answer = (signature: Signed, why: string) => ({ accessKey, signature, why })
    if (credentials === undefined) return answer("not checked", "no secret key is set")
    if (credentials.accessKey !== accessKey) return answer("not checked", "the settings hold another account's keys")
    const mac = yield* (yield* Digest).hmacSha1(Redacted.value(credentials.secretKey), encoded)
    return Signature.equals(Signature.encode(mac), signature)
      ? answer("fits", "made with the secret key of the settings")
      : answer("does not fit", "made with another secret key, or changed")
  }).pipe(Effect.provide(DigestNode.layer))

const readPolicy = (text: string): Either.Either<Subject, UsageError> =>
  Option.match(Option.filter(parseJson(text), Predicate.isReadonlyRecord), {
    onNone: () => Either.left(new UsageError({ message: "the policy is not a JSON object" })),
    onSome: (policy) => Either.right({ policy })
  })

const readToken = (text: string, sources: WcsConfigLayer.Sources) =>
  Effect.gen(function*() {
    const { policy } = yield* UploadToken.parse(text)
    return { policy, token: yield* checkSignature(text, sources) } satisfies Subject
  })

/** How long a moment lies ahead, in the largest unit that fits. */
const ahead = (millis: number): string => {
  const units = [[86_400_000, "day"], [3_600_000, "hour"], [60_000, "minute"]] as const
  const [size, noun] = units.find(([size]) => millis >= size) ?? [1000, "second"]
  return `in ${Format.plural(Math.floor(millis / size), noun)}`
}

/** Tokens are short: this is much more than one may be. */
const longest = 1024 * 1024

const explain = WcsCommand.local("explain", {
  description:
    "Tell what an upload token says, whether it still holds, and whether the settings' secret key made it; or what is wrong with the JSON of a policy. - is stdin's.",
  examples: ["token explain TOKEN", "token explain '{\"scope\":\"media\",\"deadline\":\"1893456000000\"}'"],
  args: { token: Args.text({ name: "TOKEN|POLICY|-" }) },
  settings: ["access_key"]
}, ({ token: given }, sources) =>
  Effect.gen(function*() {
    const text = (given === "-" ? yield* Stdio.text(longest) : given).trim().replace(/^UpToken\s+/, "")
    const { policy, token }: Subject = yield* (text.startsWith("{") ? readPolicy(text) : readToken(text, sources))
    const now = yield* Clock.currentTimeMillis
    const { scope } = policy
    const target = typeof scope === "string" ? PolicyCheck.target(scope) : undefined
    const deadline = PolicyCheck.deadline(policy)
    const left = Option.map(deadline, (at) => DateTime.toEpochMillis(at) - now)
    const expired = Option.map(left, (millis) => millis <= 0)
    const problems = PolicyCheck.problems(policy)
    const { deadline: _, scope: __, ...rest } = policy
    const rows = [
      ...token === undefined ? [] : [
        ["access key", Format.visible(token.accessKey)],
        ["signature", `${token.signature}: ${token.why}`]
      ],
      ...target === undefined ? [] : [
        ["bucket", Format.visible(target.bucket)],
        ["object", target.key === null ? "any new one" : Format.visible(target.key)]
      ],
      ...Option.match(Option.all([deadline, left]), {
        onNone: () => [],
        onSome: ([at, millis]) => [["ends", `${Format.time(at)}, ${millis <= 0 ? "it has ended" : ahead(millis)}`]]
      }),
      ...Object.entries(rest).map(([field, value]) => [
        Format.visible(field),
        Format.visible(typeof value === "string" ? value : jsonLine(value))
      ]),
      ...problems.map(({ field, problem }) => ["wrong", Format.visible(`${field}: ${problem}`)])
    ]
    yield* (yield* Output).result({
      ...token === undefined ? {} : { accessKey: token.accessKey, signature: token.signature },
      scope: target,
      deadline,
      expired,
      policy,
      problems
    }, Format.table(rows))
    const [first, ...others] = problems
    if (token === undefined && first !== undefined) {
      const more = others.length === 0 ? "" : `, and ${others.length} more`
      return yield* new UsageError({ message: Format.visible(`the policy's ${first.field}: ${first.problem}${more}`) })
    }
  }))

export const token = WcsCommand.group("token", "Upload tokens and policies.", [make, explain])
