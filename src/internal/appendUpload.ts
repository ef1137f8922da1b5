import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { ObjectInfo } from "../domain/ObjectInfo.ts"
import { UploadEvent } from "../domain/UploadEvent.ts"
import { type WcsError, WcsIntegrityError, WcsInvalidInput, WcsWrongPosition } from "../domain/WcsError.ts"
import * as Downloads from "../domain/wire/Downloads.ts"
import * as Management from "../domain/wire/Management.ts"
import * as Uploads from "../domain/wire/Uploads.ts"
import type { AppendOptions, AppendReceipt } from "../services/Uploader.ts"
import * as checksum from "./checksum.ts"
import type { Engine } from "./engine.ts"
import * as formUpload from "./formUpload.ts"
import { mayNotAsk } from "./mayNotAsk.ts"
import * as receipt from "./receipt.ts"
import type { Source } from "./source.ts"
import * as uploadInput from "./uploadInput.ts"
import type { UploadProgress } from "./uploadProgress.ts"

/** Bytes that one append takes (protocol 5.5). */
const largest = 2 * 1024 ** 3

/** An append, checked. */
export interface AppendInput extends uploadInput.KeyedInput {
  /** Absent: stat tells. */
  readonly position: number | undefined
}

/** Checks a call before anything is read or sent. */
export const check = (
  engine: Engine,
  target: { readonly bucket: string; readonly key: string },
  options: AppendOptions<unknown>
): Effect.Effect<AppendInput, WcsInvalidInput> =>
  Effect.gen(function*() {
    const position = yield* uploadInput.natural("position", options.position, "bytes")
    const input = yield* uploadInput.prepare(engine.config, target.bucket, options)
    // Nothing is replaced: an append adds to what is there.
    const policy = { ...input.context.policy, overwrite: undefined }
    const keyed = yield* uploadInput.withKey({ ...input, context: { ...input.context, policy } }, target.key)
    return { ...keyed, position }
  })

const wrongPosition = (detail: string, nextPosition?: number) =>
  new WcsWrongPosition({ operation: "append", status: 409, code: "409", detail, nextPosition })

/** Where the object ends by stat: 0 where there is none. */
const endOf = (found: Option.Option<ObjectInfo>): Option.Option<number> =>
  Option.match(found, { onNone: () => Option.some(0), onSome: (info) => info.nextAppendPosition })

/** Where an append begins that does not say it. */
const locate = (find: Effect.Effect<Option.Option<ObjectInfo>, WcsError>): Effect.Effect<number, WcsError> => {
  const unknown = (error: WcsError) =>
    new WcsInvalidInput({ input: "position", detail: `is needed, for this program cannot ask stat: ${error.message}` })
  return Effect.flatMap(
    Effect.catchTags(find, {
      WcsMissingCredentials: (error) => unknown(error),
      WcsInvalidInput: (error) => unknown(error)
    }),
    (found) =>
      Option.match(endOf(found), {
        onNone: () => Effect.fail(wrongPosition("the object that is there is not appendable")),
        onSome: Effect.succeed
      })
  )
}

/**
 * Sends content to the end of an object. An append that is carried out twice adds twice: one that may have been carried
 * out is sent again only when stat says that it was not, and counts as done only when the bytes there are the same.
 */
export const put = <Body>(
  { client, config, digest, gate }: Engine,
  input: AppendInput,
  source: Source,
  progress: UploadProgress
): Effect.Effect<AppendReceipt<Body>, WcsError> =>
  Effect.gen(function*() {
    const { context, entry } = input
    const { name, size } = source
    if (size > largest) {
      return yield* new WcsInvalidInput({ input: "size", detail: `an append takes ${largest} bytes, not ${size}` })
    }
    yield* uploadInput.checkSize(input, size)
    yield* progress.emit(UploadEvent.Planned({ method: "append", size }))
    const find: Effect.Effect<Option.Option<ObjectInfo>, WcsError> = client.execute(Management.stat(entry)).pipe(
      Effect.asSome,
      Effect.catchTag("WcsNotFound", () => Effect.succeedNone)
    )
    const position = input.position ?? (yield* gate(locate(find)))
    const nextPosition = position + size

    /** Whether the bytes at our place are ours: another program's may be there. */
    const isOurs = Effect.scoped(Effect.gen(function*() {
      const range = `bytes=${position}-${nextPosition - 1}`
      const { stream } = yield* client.open(Downloads.get(entry, { range, trafficLimit: config.trafficLimit }))
      const etag = checksum.etag(digest.sha1)
      return (yield* checksum.ofStream(stream, etag)) === (yield* checksum.ofSource(source, etag))
    }))

    /** Why an attempt is repeated. */
    let failure: WcsError | undefined
    let ambiguous = false
    const settle = Effect.suspend(() => {
      ambiguous = true
      return Effect.mapError(find, (error) => failure ?? error)
    }).pipe(Effect.flatMap((found): Effect.Effect<Option.Option<Uploads.AppendAnswer>, WcsError> => {
      const end = Option.getOrUndefined(endOf(found))
      if (end === position) return Effect.succeedNone
      return end === nextPosition && Option.isSome(found)
        ? Effect.if(Effect.mapError(isOurs, (error) => failure ?? error), {
          onTrue: () => Effect.succeedSome({ ...receipt.settled(context, found.value, name), nextPosition }),
          onFalse: () => wrongPosition("other bytes are at this position", end)
        })
        : wrongPosition("an answer was lost, and the object is another one now", end)
    }))

    const loaded = yield* formUpload.contentOf(source, input.chunkSize)
    const content = loaded instanceof Uint8Array ? loaded : formUpload.counted(loaded, progress)
    const answer = yield* gate(
      client.execute(Uploads.append(context, position, { name, content }), {
        settle,
        onRetry: (error) => {
          failure = error
          return progress.emit(UploadEvent.Retrying({ operation: "append", error }))
        }
      }).pipe(
        // The attempt that was given up has come through while it was repeated.
        Effect.catchTag("WcsWrongPosition", (error) =>
          ambiguous && error.nextPosition === nextPosition
            ? receipt.settleOr(Effect.orElseSucceed(settle, Option.none), error)
            : error)
      )
    )
    if (content instanceof Uint8Array) {
      yield* progress.emit(UploadEvent.Chunk({ block: 0, bytes: size, sent: size }))
    }

    const held = answer.nextPosition ?? (yield* gate(find).pipe(
      Effect.map(Option.match({ onNone: () => 0, onSome: (info) => info.size })),
      mayNotAsk(() => nextPosition)
    ))
    if (held !== nextPosition) {
      return yield* new WcsIntegrityError({
        operation: "append",
        check: "size",
        expected: String(nextPosition),
        actual: String(held),
        requestId: answer.requestId
      })
    }
    const body = yield* receipt.typedBody<Body>(input, "append", answer)
    yield* progress.emit(UploadEvent.Done({ size, etag: answer.hash }))
    return { bucket: entry.bucket, key: entry.key, position, size, nextPosition, body, requestId: answer.requestId }
  })
