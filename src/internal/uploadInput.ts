import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as BlockPlan from "../domain/BlockPlan.ts"
import * as Entry from "../domain/Entry.ts"
import * as Input from "../domain/Input.ts"
import * as Retention from "../domain/Retention.ts"
import * as UploadPolicy from "../domain/UploadPolicy.ts"
import { type OnBusy, UploadId } from "../domain/UploadRecord.ts"
import type { WcsInvalidInput } from "../domain/WcsError.ts"
import type { UploadContext } from "../domain/wire/Uploads.ts"
import type { UploadOptions, UploadTarget } from "../services/Uploader.ts"
import type { WcsOptions } from "../services/WcsConfig.ts"

/** A call's target and options, checked, with the settings in the gaps. */
export interface UploadInput {
  readonly context: UploadContext
  /** Absent when the policy's `saveKey` names the object. */
  readonly entry: Entry.Entry | undefined
  readonly method: "auto" | "form" | "block"
  readonly blockSize: number
  readonly chunkSize: number
  readonly concurrency: number
  readonly formLimit: number
  readonly checks: boolean
  readonly uploadId: UploadId | undefined
  readonly onMismatch: "refuse" | "restart"
  readonly onRecordFailure: "fail" | "warn"
  readonly onBusy: OnBusy
}

/** An upload whose object has a name. */
export interface KeyedInput extends UploadInput {
  readonly entry: Entry.Entry
}

/** A whole number, 0 or more. */
export const natural = (input: string, value: number | undefined, unit: string) =>
  value === undefined || (Number.isSafeInteger(value) && value >= 0)
    ? Either.right(value)
    : Input.invalid(input, `is a whole number of ${unit}, 0 or more, not ${value}`)

// oxlint-disable-next-line no-control-regex
const control = /[\u0000-\u001f\u007f]/

/** What would end a name where it stands: in a template, in a path, in an answer (protocol 4.1, 5.3.3). */
const reserved = /[\s&=()/]/

const custom = (variables: { readonly [name: string]: string }) => {
  for (const [name, value] of Object.entries(variables)) {
    if (name === "" || reserved.test(name) || control.test(name) || !name.isWellFormed()) {
      return Input.invalid(`custom.${name}`, "a variable's name, without `x:`, has no blank and none of &=()/")
    }
    if (value.includes("&") || control.test(value) || !value.isWellFormed()) {
      return Input.invalid(`custom.${name}`, "a variable's value has no `&` and no control character")
    }
  }
  return Either.right(variables)
}

const mimeType = (value: string | undefined) =>
  value === undefined || /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:\s*;[\x20-\x7e]*)?$/.test(value)
    ? Either.right(value)
    : Input.invalid("mimeType", "is a media type such as video/mp4")

const checkId = Input.check("uploadId", UploadId)

const uploadId = (value: string | undefined) => value === undefined ? Either.right(undefined) : checkId(value)

/** For ever is what the service does when it is told nothing. */
const retentionDays = (value: Retention.Retention | undefined) =>
  value === undefined
    ? Either.right(undefined)
    : Either.map(Retention.toDays(value), (days) => days < 0 ? undefined : days)

/** What a keyless upload needs to learn the key that the service made. */
const tellingKey = (policy: UploadPolicy.UploadPolicy<unknown>): UploadPolicy.UploadPolicy<unknown> =>
  policy.returnBody || policy.callbackUrl || policy.returnUrl ? policy : { ...policy, returnBody: "key=$(key)" }

/** Checks what holds for every key of a bucket. */
export const prepare = (
  config: WcsOptions,
  bucket: string,
  options: Omit<UploadOptions<unknown>, "onProgress">
): Effect.Effect<UploadInput, WcsInvalidInput> =>
  Effect.gen(function*() {
    const policy = yield* UploadPolicy.withDefaults(options.policy ?? {}, config.policy)
    yield* Entry.bucketName(bucket)
    if (policy.returnUrl && options.method === "block") {
      return yield* Input.invalid("policy.returnUrl", "an upload in blocks answers with no redirect (protocol 4.3)")
    }
    const sizes = yield* BlockPlan.validateSizes({
      blockSize: options.blockSize ?? config.blockSize,
      chunkSize: options.chunkSize ?? config.chunkSize
    })
    const concurrency = (yield* natural("concurrency", options.concurrency, "blocks")) ?? config.concurrency
    return {
      entry: undefined,
      context: {
        bucket,
        key: undefined,
        policy,
        custom: yield* custom(options.custom ?? {}),
        mimeType: yield* mimeType(options.mimeType),
        retentionDays: yield* retentionDays(options.retention),
        trafficLimit: (yield* natural("trafficLimit", options.trafficLimit, "units")) ?? config.trafficLimit
      },
      ...sizes,
      concurrency: Math.max(1, concurrency),
      method: policy.returnUrl ? "form" : options.method ?? "auto",
      formLimit: config.formLimit,
      checks: options.checks ?? config.checks,
      uploadId: yield* uploadId(options.uploadId ?? config.uploadId),
      onMismatch: options.onMismatch ?? "refuse",
      onRecordFailure: options.onRecordFailure ?? "fail",
      onBusy: options.onBusy ?? config.onBusy
    }
  })

/** The same call for one key. */
export const withKey = (input: UploadInput, key: string): Either.Either<KeyedInput, WcsInvalidInput> =>
  Either.zipWith(
    Entry.toStore({ bucket: input.context.bucket, key }),
    UploadPolicy.fits(input.context.policy, key),
    (entry) => ({ ...input, entry, context: { ...input.context, key } })
  )

const withoutKey = (input: UploadInput): Either.Either<UploadInput, WcsInvalidInput> => {
  const { context, method } = input
  if (!context.policy.saveKey) return Input.invalid("key", "is needed, unless the policy has a saveKey")
  return method === "block"
    ? Input.invalid("key", "is needed for an upload in blocks (protocol 5.3.3)")
    : Either.right({ ...input, method: "form", context: { ...context, policy: tellingKey(context.policy) } })
}

/** Checks a call before anything is read or sent. */
export const check = (
  config: WcsOptions,
  { bucket, key }: UploadTarget,
  options: UploadOptions<unknown>
): Effect.Effect<UploadInput, WcsInvalidInput> =>
  Effect.flatMap(
    prepare(config, bucket, options),
    (input) => key === undefined ? withoutKey(input) : withKey(input, key)
  )

/** Whether content of this size travels as a form; an empty object has no blocks. */
export const isForm = (input: UploadInput, size: number): boolean =>
  size === 0 || input.method === "form" ||
  (input.method === "auto" && input.uploadId === undefined && size <= input.formLimit)

/** Refuses content that the policy does not allow, before a byte of it is sent. */
export const checkSize = (input: UploadInput, size: number): Effect.Effect<void, WcsInvalidInput> => {
  const limit = input.context.policy.fsizeLimit
  return limit !== undefined && limit > 0 && size > limit
    ? Input.invalid("policy.fsizeLimit", `allows ${limit} bytes, the content has ${size}`)
    : Effect.void
}
