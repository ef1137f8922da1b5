/**
 * The upload policy: what an upload token allows, and what the service does with the object (protocol 3).
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Base64Url from "./Base64Url.ts"
import type { CallbackBody } from "./CallbackBody.ts"
import * as Input from "./Input.ts"
import * as MediaPipeline from "./MediaPipeline.ts"
import * as ReturnBody from "./ReturnBody.ts"
import type { WcsInvalidInput } from "./WcsError.ts"
import * as WebUrl from "./WebUrl.ts"
import { flag } from "./wire/Fields.ts"

/**
 * A policy as a caller writes it. Every field of the service has its place; `scope` and `deadline` are filled in when
 * the policy is signed.
 *
 * @since 0.1.0
 * @category models
 */
export interface UploadPolicy<Body = unknown> {
  /** Whether an existing object is replaced. Absent: the service's default, no. */
  readonly overwrite?: boolean | undefined
  /** Key template for a form upload that names no key. */
  readonly saveKey?: string | undefined
  /** The largest object that the token may store, in bytes. 0: no limit. */
  readonly fsizeLimit?: number | undefined
  /** Browser flows: the answer is a redirect to this URL. Form uploads only; not together with `callbackUrl`. */
  readonly returnUrl?: string | undefined
  /** Template of the answer: text, or a typed `ReturnBody`. */
  readonly returnBody?: string | ReturnBody.ReturnBody<Body> | undefined
  /** The service POSTs to it after storing. */
  readonly callbackUrl?: string | undefined
  /** Template of that POST's body: text, or one that `Callbacks.upload` reads. */
  readonly callbackBody?: string | CallbackBody<unknown> | undefined
  /** Media commands to run after the upload: text, separated by `;`, or a checked pipeline. */
  readonly persistentOps?: string | MediaPipeline.MediaPipeline | undefined
  /** Where the result of `persistentOps` is POSTed. */
  readonly persistentNotifyUrl?: string | undefined
  /** One notification for each command of `persistentOps` instead of one after all. */
  readonly separate?: boolean | undefined
  /** Image moderation after the upload. */
  readonly contentDetect?: string | undefined
  /** Where the moderation's result is POSTed. */
  readonly detectNotifyURL?: string | undefined
  /** Which results are notified. */
  readonly detectNotifyRule?: string | undefined
  /** `crc64ecma`: the service also computes a CRC-64. */
  readonly hashAlgorithm?: string | undefined
  /** Meaning unknown; passed on as it is. */
  readonly instant?: number | undefined
  /** Meaning unknown; passed on as it is. */
  readonly lastModifiedTime?: string | number | undefined
  /** How long a token lives. Absent: the setting `tokenLifetime`. */
  readonly lifetime?: Duration.DurationInput | undefined
  /** Fields that this library does not know, sent as they are. A known field's name is refused here. */
  readonly extra?: { readonly [field: string]: unknown } | undefined
}

/**
 * A policy, with the type of the answer that its `returnBody` gives.
 *
 * @example
 * import { ReturnBody, UploadPolicy } from "effect-wcs"
 *
 * const policy = UploadPolicy.make({
 *   overwrite: true,
 *   returnBody: ReturnBody.struct({ size: ReturnBody.fsize })
 * })
 * assert.strictEqual(policy.overwrite, true)
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = <Body = unknown>(policy: UploadPolicy<Body>): UploadPolicy<Body> => policy

/**
 * A policy ready to sign.
 *
 * @since 0.1.0
 * @category models
 */
export interface Wire {
  readonly scope: string
  /** Milliseconds since the epoch, as text. */
  readonly deadline: string
  readonly [field: string]: unknown
}

const invalid = (field: string, detail: string) => Input.invalid(`policy.${field}`, detail)

const template = (body: string | { readonly template: string } | undefined): string | undefined =>
  typeof body === "object" ? body.template : body

/** The known fields as they travel. */
const fieldsOf = (policy: UploadPolicy) => ({
  overwrite: flag(policy.overwrite),
  saveKey: policy.saveKey,
  fsizeLimit: policy.fsizeLimit,
  returnUrl: policy.returnUrl,
  returnBody: template(policy.returnBody),
  callbackUrl: policy.callbackUrl,
  callbackBody: template(policy.callbackBody),
  persistentOps: typeof policy.persistentOps === "string" || policy.persistentOps === undefined
    ? policy.persistentOps
    : Either.getOrThrow(MediaPipeline.encode(policy.persistentOps)),
  persistentNotifyUrl: policy.persistentNotifyUrl,
  separate: flag(policy.separate),
  contentDetect: policy.contentDetect,
  detectNotifyURL: policy.detectNotifyURL,
  detectNotifyRule: policy.detectNotifyRule,
  hashAlgorithm: policy.hashAlgorithm,
  instant: policy.instant,
  lastModifiedTime: policy.lastModifiedTime
})

const known: ReadonlySet<string> = new Set(["scope", "deadline", ...Object.keys(fieldsOf({}))])

/** Fields without which another one does nothing. */
const needs = [
  ["callbackBody", "callbackUrl"],
  ["persistentNotifyUrl", "persistentOps"],
  ["separate", "persistentOps"],
  ["detectNotifyURL", "contentDetect"],
  ["detectNotifyRule", "detectNotifyURL"]
] as const

const urls = ["returnUrl", "callbackUrl", "persistentNotifyUrl", "detectNotifyURL"] as const

/**
 * Checks a policy's fields against one another.
 *
 * @since 0.1.0
 * @category guards
 */
export const validate = <Body>(policy: UploadPolicy<Body>): Either.Either<UploadPolicy<Body>, WcsInvalidInput> => {
  if (policy.returnUrl && policy.callbackUrl) {
    return invalid("returnUrl", "an answer is either a redirect (returnUrl) or relayed from callbackUrl, not both")
  }
  for (const [field, other] of needs) {
    if (policy[field] && !policy[other]) return invalid(field, `has no effect without ${other}`)
  }
  for (const field of urls) {
    const url = policy[field]
    if (url && Either.isLeft(WebUrl.check(field, url))) return invalid(field, "is an absolute http or https URL")
  }
  if (policy.fsizeLimit !== undefined && !(Number.isSafeInteger(policy.fsizeLimit) && policy.fsizeLimit >= 0)) {
    return invalid("fsizeLimit", "is a whole number of bytes, 0 or more")
  }
  if (policy.lifetime !== undefined) {
    const life = Duration.toMillis(policy.lifetime)
    if (!(Number.isSafeInteger(life) && life >= 1000)) {
      return invalid("lifetime", "is whole milliseconds, a second at least")
    }
  }
  for (const field of ["returnBody", "callbackBody"] as const) {
    const body = policy[field]
    if (typeof body === "object" && !ReturnBody.isReadable(body)) {
      return invalid(field, "has a member at least, and no name with a blank or one of &=()")
    }
  }
  const taken = Object.keys(policy.extra ?? {}).find((field) => known.has(field))
  if (taken !== undefined) return invalid(`extra.${taken}`, "has a field of its own in the policy")
  const { persistentOps } = policy
  return persistentOps === undefined || typeof persistentOps === "string"
    ? Either.right(policy)
    : MediaPipeline.encode(persistentOps).pipe(
      Either.map((persistentOps) => ({ ...policy, persistentOps })),
      Either.orElse(({ detail, input }) => invalid("persistentOps", `${input} ${detail}`))
    )
}

/**
 * Checks that the typed templates can be read for an object of this key: its `&` would end the value of `$(key)`, and what
 * follows it would pass for another member (protocol 4.1).
 *
 * @since 0.1.0
 * @category guards
 */
export const fits = (policy: UploadPolicy, key: string): Either.Either<void, WcsInvalidInput> => {
  const asking = (["returnBody", "callbackBody"] as const).find((field) => {
    const body = policy[field]
    return typeof body === "object" && body.template.includes("$(key)")
  })
  return asking !== undefined && key.includes("&")
    ? invalid(asking, "asks for $(key), and this key has an `&`, where a value ends")
    : Either.void
}

/**
 * A policy with another one that fills its gaps, checked.
 *
 * @since 0.1.0
 * @category combinators
 */
export const withDefaults = <Body>(
  policy: UploadPolicy<Body>,
  defaults: UploadPolicy
): Either.Either<UploadPolicy<Body>, WcsInvalidInput> => {
  const given = Object.entries(policy).filter(([, value]) => value !== undefined)
  // The fields of two policies: what `fromEntries` can no longer tell.
  return validate({ ...defaults, ...Object.fromEntries(given) } as UploadPolicy<Body>)
}

/**
 * The policy as it is signed. It has been checked: a pipeline that cannot be encoded is a defect here.
 *
 * @since 0.1.0
 * @category encoding
 */
export const toWire = (policy: UploadPolicy, options: {
  /** `bucket` or `bucket:key`. */
  readonly scope: string
  /** Milliseconds since the epoch. */
  readonly deadline: number
}): Wire => {
  const fields = { ...fieldsOf(policy), ...policy.extra }
  const present = Object.entries(fields).filter(([, value]) => value !== undefined && value !== "")
  return { scope: options.scope, ...Object.fromEntries(present), deadline: String(options.deadline) }
}

/**
 * The policy as the token carries it: URL-safe Base64 of its JSON. This text is what is signed (protocol 2.2).
 *
 * @since 0.1.0
 * @category encoding
 */
export const encode = (wire: Wire): string => Base64Url.encode(JSON.stringify(wire))
