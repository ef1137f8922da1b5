import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { ObjectInfo } from "../domain/ObjectInfo.ts"
import * as ReturnBody from "../domain/ReturnBody.ts"
import type { UploadAnswer } from "../domain/UploadAnswer.ts"
import { UploadEvent } from "../domain/UploadEvent.ts"
import type { UploadPolicy } from "../domain/UploadPolicy.ts"
import { type WcsError, WcsIntegrityError, WcsUndecodableAnswer } from "../domain/WcsError.ts"
import * as Management from "../domain/wire/Management.ts"
import type { UploadContext } from "../domain/wire/Uploads.ts"
import type { UploadReceipt } from "../services/Uploader.ts"
import type { WcsHttpClient } from "../services/WcsHttpClient.ts"
import type { Engine } from "./engine.ts"
import { mayNotAsk } from "./mayNotAsk.ts"
import { annotated } from "./spans.ts"
import type { UploadInput } from "./uploadInput.ts"
import type { UploadProgress } from "./uploadProgress.ts"

type Asking = Pick<Engine, "client" | "gate">

/** By how much the service's clock may be behind ours, in milliseconds, for an object to be this upload's. */
const tolerableSkew = 600_000

/**
 * What a lost answer would have said, as far as stat tells. A member with a variable that it does not tell is left out:
 * empty text would pass for its value.
 */
const settledBody = (
  { bucket, custom, policy }: UploadContext,
  info: ObjectInfo,
  fname: string | undefined
): Pick<UploadAnswer, "body" | "untold"> => {
  const { callbackUrl, returnBody } = policy
  if (callbackUrl) return { body: {}, untold: ["what the callback answered"] }
  const template = typeof returnBody === "object" ? returnBody.template : returnBody
  if (template === undefined || template === "") return { body: {} }
  const known = new Map<string, string | undefined>([
    ["bucket", bucket],
    ["key", info.key],
    ["hash", info.etag],
    ["fsize", String(info.size)],
    ["mimeType", info.mimeType || undefined],
    ["fname", fname],
    ...Object.entries(custom).map(([name, value]) => [`x:${name}`, value] as const)
  ])
  const untold: Array<string> = []
  const members = template.split("&").flatMap((member) => {
    const [name = "", ...value] = member.split("=")
    const before = untold.length
    const text = ReturnBody.expand(value.join("="), (variable) => {
      // A custom variable that the upload did not set is empty.
      if (known.get(variable) === undefined && !variable.startsWith("x:")) untold.push(`$(${variable})`)
      return known.get(variable)
    })
    return untold.length === before ? [[name, text] as const] : []
  })
  return { body: Object.fromEntries(members), untold }
}

/** An answer that was lost, from what stat says of the object; `fname` is the file name that a form gave. */
export const settled = (context: UploadContext, info: ObjectInfo, fname: string | undefined): UploadAnswer => ({
  hash: info.etag,
  key: info.key,
  ...settledBody(context, info, fname),
  requestId: undefined
})

/**
 * Tells whether the object is there although no answer said so: same size, same etag. What cannot be told is taken for
 * a no, so that the caller's own error stands.
 */
export const settle = <E>(
  client: WcsHttpClient["Type"],
  { context, entry }: UploadInput,
  { etag, fname, since, size }: {
    readonly size: number
    readonly etag: Effect.Effect<string, E>
    /** The file name that a form gave. */
    readonly fname?: string
    /** When the upload began, in milliseconds since the epoch. */
    readonly since: number
  }
): Effect.Effect<Option.Option<UploadAnswer>> =>
  entry === undefined ? Effect.succeedNone : client.execute(Management.stat(entry)).pipe(
    // Where the upload replaces an object, one of the same content that is older is the one to be replaced.
    Effect.filterOrFail((info) =>
      info.size === size &&
      (context.policy.overwrite !== true || info.putTime.epochMillis >= since - tolerableSkew)
    ),
    Effect.zip(etag),
    Effect.map(([info, expected]) =>
      info.etag === expected ? Option.some(settled(context, info, fname)) : Option.none()
    ),
    Effect.orElseSucceed(Option.none)
  )

/** What settles, or the error. */
export const settleOr = <A, E>(settle: Effect.Effect<Option.Option<A>>, error: E): Effect.Effect<A, E> =>
  Effect.flatMap(settle, Option.match({ onNone: () => Effect.fail(error), onSome: Effect.succeed }))

/** The etag that the service says it holds: in its answer, else by stat where this program may ask. */
const heldEtag = ({ client, gate }: Asking, { entry }: UploadInput, answer: UploadAnswer) =>
  answer.hash !== undefined || entry === undefined
    ? Effect.succeed(answer.hash)
    : gate(client.execute(Management.stat(entry))).pipe(
      Effect.map((info): string | undefined => info.etag || undefined),
      mayNotAsk(() => undefined)
    )

/** Compares the object with what was read. `etag` is absent when checks are off. */
export const verify = (
  asking: Asking,
  input: UploadInput,
  operation: string,
  answer: UploadAnswer,
  etag: string | undefined
): Effect.Effect<Pick<UploadReceipt, "etag" | "verified">, WcsError> =>
  etag === undefined
    ? Effect.succeed({ etag: answer.hash, verified: "none" })
    : Effect.flatMap(heldEtag(asking, input, answer), (held): Effect.Effect<
      Pick<UploadReceipt, "etag" | "verified">,
      WcsIntegrityError
    > =>
      held === undefined
        ? Effect.succeed({ etag, verified: "none" })
        : held === etag
        ? Effect.succeed({ etag, verified: "etag" })
        : new WcsIntegrityError({
          operation,
          check: "etag",
          expected: etag,
          actual: held,
          requestId: answer.requestId
        }))

/** The answer as the policy's `ReturnBody` types it: `Body` is the policy's, which a checked input does not carry on. */
export const typedBody = <Body>(
  { context }: UploadInput,
  operation: string,
  answer: UploadAnswer
): Either.Either<Body, WcsUndecodableAnswer> => {
  // The policy is the caller's: `Body` is what its `ReturnBody` makes, and without one the `unknown` that it is by default.
  const { returnBody } = context.policy as UploadPolicy<Body>
  if (typeof returnBody !== "object") return Either.right(answer.body as Body)
  return Either.mapLeft(
    returnBody.decode(answer.body),
    (problem) =>
      new WcsUndecodableAnswer({
        operation,
        status: 200,
        code: "200",
        detail: (answer.untold?.length
          ? `the object is stored, but its answer was lost, and nothing else tells ${answer.untold.join(", ")}`
          : `the object is stored, but its answer does not fit the returnBody: ${problem}`).slice(0, 512),
        requestId: answer.requestId,
        stored: true
      })
  )
}

/** The end of every upload. */
export const make = <Body>({ answer, blocks, input, operation, progress, size, uploadId, verdict }: {
  readonly input: UploadInput
  readonly operation: "mkfile" | "upload"
  readonly answer: UploadAnswer
  readonly verdict: Pick<UploadReceipt, "etag" | "verified">
  readonly size: number
  readonly blocks: UploadReceipt["blocks"]
  readonly uploadId?: string | undefined
  readonly progress: UploadProgress
}): Effect.Effect<UploadReceipt<Body>, WcsUndecodableAnswer> =>
  Effect.flatMap(
    typedBody<Body>(input, operation, answer),
    (body): Effect.Effect<UploadReceipt<Body>> =>
      Effect.as(progress.emit(UploadEvent.Done({ size, etag: verdict.etag })), {
        bucket: input.context.bucket,
        key: input.context.key ?? answer.key ?? "",
        size,
        ...verdict,
        method: operation === "upload" ? "form" : "block",
        body,
        blocks,
        uploadId,
        requestId: answer.requestId
      })
  ).pipe(
    annotated(() => ({
      "wcs.bytes": size,
      "wcs.blocks": blocks.total,
      "wcs.blocks.resumed": blocks.resumed,
      "wcs.request_id": answer.requestId
    }))
  )
