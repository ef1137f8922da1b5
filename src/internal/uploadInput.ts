import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as BlockPlan from "../domain/BlockPlan.ts"
import * as Entry from "../domain/Entry.ts"
import * as UploadPolicy from "../domain/UploadPolicy.ts"
import { UploadId } from "../domain/UploadRecord.ts"
import { WcsInvalidInput } from "../domain/WcsError.ts"
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
}

const invalid = (input: string, detail: string) => new WcsInvalidInput({ input, detail })

const natural = (input: string, value: number | undefined, unit: string) =>
  value === undefined || (Number.isSafeInteger(value) && value >= 0)
    ? Either.right(value)
    : Either.left(invalid(input, `is a whole number of ${unit}, 0 or more, not ${value}`))

// oxlint-disable-next-line no-control-regex
const control = /[\u0000-\u001f\u007f]/

const custom = (variables: { readonly [name: string]: string }) => {
  for (const [name, value] of Object.entries(variables)) {
    if (!/^[\w.-]+$/.test(name)) {
      return Either.left(invalid(`custom.${name}`, "a variable's name is letters, digits or any of _.-, without `x:`"))
    }
    if (value.includes("&") || control.test(value)) {
      return Either.left(invalid(`custom.${name}`, "a variable's value has no `&` and no control character"))
    }
  }
  return Either.right(variables)
}

const mimeType = (value: string | undefined) =>
  value === undefined || /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:\s*;[\x20-\x7e]*)?$/.test(value)
    ? Either.right(value)
    : Either.left(invalid("mimeType", "is a media type such as video/mp4"))

const uploadId = (value: string | undefined) =>
  value === undefined
    ? Either.right(undefined)
    : Either.mapLeft(Schema.decodeEither(UploadId)(value), (error) =>
      invalid("uploadId", error.message.split("\n").at(-1)?.replace(/^[\s└─]+/, "") ?? "is not usable"))

/** What a keyless upload needs to learn the key that the service made. */
const named = (policy: UploadPolicy.UploadPolicy<any>): UploadPolicy.UploadPolicy<any> =>
  policy.returnBody || policy.callbackUrl || policy.returnUrl ? policy : { ...policy, returnBody: "key=$(key)" }

const present = <A extends object>(record: A): Partial<A> =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Partial<A>

/** Checks a call before anything is read or sent. */
export const check = (
  config: WcsOptions,
  target: UploadTarget,
  options: UploadOptions<any>
): Effect.Effect<UploadInput, WcsInvalidInput> =>
  Effect.gen(function*() {
    const { bucket, key } = target
    const merged = yield* UploadPolicy.validate({ ...config.policy, ...present(options.policy ?? {}) })
    const entry = key === undefined ? undefined : yield* Entry.toStore({ bucket, key })
    if (entry === undefined) {
      yield* Entry.bucketName(bucket)
      if (!merged.saveKey) return yield* invalid("key", "is needed, unless the policy has a saveKey")
      if (options.method === "block") return yield* invalid("key", "is needed for an upload in blocks (protocol 5.3.3)")
    }
    const policy = entry === undefined ? named(merged) : merged
    if (policy.returnUrl && options.method === "block") {
      return yield* invalid("policy.returnUrl", "an upload in blocks answers with no redirect (protocol 4.3)")
    }
    const sizes = yield* BlockPlan.validateSizes({
      blockSize: options.blockSize ?? config.blockSize,
      chunkSize: options.chunkSize ?? config.chunkSize
    })
    const concurrency = (yield* natural("concurrency", options.concurrency, "blocks")) ?? config.concurrency
    return {
      entry,
      context: {
        bucket,
        key,
        policy,
        custom: yield* custom(options.custom ?? {}),
        mimeType: yield* mimeType(options.mimeType),
        retentionDays: yield* natural("retentionDays", options.retentionDays, "days"),
        trafficLimit: (yield* natural("trafficLimit", options.trafficLimit, "units")) ?? config.trafficLimit
      },
      ...sizes,
      concurrency: Math.max(1, concurrency),
      method: entry === undefined || policy.returnUrl ? "form" : options.method ?? "auto",
      formLimit: config.formLimit,
      checks: options.checks ?? config.checks,
      uploadId: yield* uploadId(options.uploadId ?? config.uploadId),
      onMismatch: options.onMismatch ?? "refuse"
    }
  })

/** Whether content of this size travels as a form; an empty object has no blocks. */
export const isForm = (input: UploadInput, size: number): boolean =>
  size === 0 || input.method === "form" ||
  (input.method === "auto" && input.uploadId === undefined && size <= input.formLimit)

/** Refuses content that the policy does not allow, before a byte of it is sent. */
export const checkSize = (input: UploadInput, size: number): Effect.Effect<void, WcsInvalidInput> => {
  const limit = input.context.policy.fsizeLimit
  return limit !== undefined && limit > 0 && size > limit
    ? invalid("policy.fsizeLimit", `allows ${limit} bytes, the content has ${size}`)
    : Effect.void
}
