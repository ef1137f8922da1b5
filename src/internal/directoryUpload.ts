import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Entry from "../domain/Entry.ts"
import type { UploadEvent } from "../domain/UploadEvent.ts"
import { WcsAlreadyExists, type WcsError, WcsInvalidInput } from "../domain/WcsError.ts"
import * as Management from "../domain/wire/Management.ts"
import {
  type DirectoryOptions,
  type DirectorySummary,
  type DirectoryTarget,
  FileOutcome
} from "../services/Uploader.ts"
import * as adaptive from "./adaptive.ts"
import * as checksum from "./checksum.ts"
import type { Engine } from "./engine.ts"
import * as folderWalk from "./folderWalk.ts"
import * as httpRequest from "./httpRequest.ts"
import { mayNotAsk } from "./mayNotAsk.ts"
import * as putSource from "./putSource.ts"
import * as source from "./source.ts"
import { withSpan } from "./spans.ts"
import * as uploadInput from "./uploadInput.ts"
import * as uploadProgress from "./uploadProgress.ts"
import * as uploadWatch from "./uploadWatch.ts"

interface Planned extends folderWalk.Found {
  /** Absent where there is nothing to send. */
  readonly key?: string
}

/** The key of a path. A prefix that no key can begin with is refused at once. */
const naming = (
  { bucket, prefix = "" }: DirectoryTarget,
  key: ((path: string) => string) | undefined
): Either.Either<(path: string) => string, WcsInvalidInput> => {
  if (key !== undefined) return Either.right(key)
  const folder = prefix === "" || prefix.endsWith("/") ? prefix : `${prefix}/`
  return Either.mapBoth(Entry.toStore({ bucket, key: `${folder}_` }), {
    onLeft: ({ detail }) => new WcsInvalidInput({ input: "prefix", detail }),
    onRight: () => (path) => folder + path
  })
}

/** What is to be sent where. Two files for one key are refused: the second one would replace the first. */
const plan = (
  keyOf: (path: string) => string,
  found: ReadonlyArray<folderWalk.Found>
): Either.Either<ReadonlyArray<Planned>, WcsInvalidInput> => {
  const planned: Array<Planned> = []
  const taken = new Map<string, string>()
  for (const file of found) {
    if (file.error) {
      planned.push(file)
      continue
    }
    const key = keyOf(file.path)
    const other = taken.get(key)
    if (other !== undefined) {
      return Either.left(
        new WcsInvalidInput({ input: "key", detail: `${other} and ${file.path} have the same: ${key}` })
      )
    }
    taken.set(key, file.path)
    planned.push({ ...file, key })
  }
  return Either.right(planned)
}

/** Type and subtype in lower case, and the parameters as they stand, without blanks. */
const parts = (mimeType: string): readonly [type: string, parameters: string] => {
  const [type = "", ...parameters] = mimeType.split(";").map((part) => part.trim())
  return [type.toLowerCase(), parameters.join(";")]
}

/** Whether stat tells of another content type than was asked for; a parameter that it leaves out is no other one. */
const isOtherType = (asked: string | undefined, held: string): boolean => {
  if (asked === undefined || held === "") return false
  const [[type, parameters], [heldType, heldParameters]] = [parts(asked), parts(held)]
  return type !== heldType || (heldParameters !== "" && heldParameters !== parameters)
}

/**
 * Whether the service holds the content under the key already, with the content type that the call names; what may not
 * be replaced is refused.
 */
const isHeld = (
  { client, digest, gate }: Engine,
  { context, entry }: uploadInput.KeyedInput,
  content: source.Source
): Effect.Effect<boolean, WcsError> =>
  gate(client.execute(Management.stat(entry))).pipe(
    mayNotAsk(() => undefined),
    Effect.catchTag("WcsNotFound", () => Effect.succeed(undefined)),
    Effect.flatMap((info) => {
      if (info === undefined) return Effect.succeed(false)
      const otherType = isOtherType(context.mimeType, info.mimeType)
      return Effect.filterOrFail(
        info.size === content.size && !otherType
          ? Effect.map(checksum.ofSource(content, checksum.etag(digest.sha1)), (etag) => etag === info.etag)
          : Effect.succeed(false),
        // Sending it all would end in the same.
        (same) => same || context.policy.overwrite === true,
        () =>
          new WcsAlreadyExists({
            operation: "stat",
            status: 406,
            code: "406",
            detail: otherType ? `with another content type: ${info.mimeType}` : "with other content"
          })
      )
    })
  )

const summarize = <Body>(files: ReadonlyArray<FileOutcome<Body>>): DirectorySummary<Body> => {
  const counts = { stored: 0, unchanged: 0, failed: 0 }
  const bytes = { stored: 0, unchanged: 0 }
  for (const file of files) {
    switch (file._tag) {
      case "Stored":
        counts.stored += 1
        bytes.stored += file.receipt.size
        break
      case "Unchanged":
        counts.unchanged += 1
        bytes.unchanged += file.size
        break
      case "Failed":
        counts.failed += 1
    }
  }
  return { files, counts, bytes }
}

/** Uploads the files of a folder side by side. All paths are known before the first byte is sent. */
export const run = <Body>(
  engine: Engine,
  local: source.Files,
  folder: string,
  target: DirectoryTarget,
  options: DirectoryOptions<Body>
): Effect.Effect<DirectorySummary<Body>, WcsError> =>
  Effect.gen(function*() {
    if (engine.config.uploadUrl === undefined) return yield* httpRequest.noHost("upload", "an upload")
    // An upload id is of one upload: that of the settings is not meant.
    const input = { ...(yield* uploadInput.prepare(engine.config, target.bucket, options)), uploadId: undefined }
    const files = (yield* uploadInput.natural("files", options.files, "files")) ?? input.concurrency
    const keyOf = yield* naming(target, options.key)
    const found = yield* folderWalk.walk(local, folder, options.filter ?? (() => true))
    const planned = yield* plan(keyOf, found)

    const places = yield* Effect.makeSemaphore(input.concurrency)
    const bounded = adaptive.apply(
      { ...engine, gate: (effect) => places.withPermits(1)(engine.gate(effect)) },
      input.concurrency
    )
    const { onProgress } = options
    const tell = yield* uploadProgress.callback<{ readonly event: UploadEvent; readonly path: string }>(
      onProgress && (({ event, path }) => onProgress(event, path))
    )
    const onFile = yield* uploadProgress.callback(options.onFile)

    const put = Effect.fnUntraced(function*({ error, key = "", path }: Planned) {
      if (error) return yield* error
      const checked = yield* uploadInput.withKey(input, key)
      const content = yield* source.fromFile(local, folderWalk.below(folder, path))
      if (options.existing !== "send" && (yield* isHeld(bounded, checked, content))) {
        return FileOutcome.Unchanged({ path, key, size: content.size })
      }
      const onEvent = onProgress && ((event: UploadEvent) => tell({ event, path }))
      return FileOutcome.Stored<Body>({
        path,
        key,
        receipt: yield* putSource.run<Body>(bounded, checked, content, onEvent).pipe(
          uploadWatch.watched({ bucket: target.bucket, key }),
          withSpan("wcs.file", { attributes: { "wcs.bucket": target.bucket, "wcs.key": key } })
        )
      })
    })
    const settle = (file: Planned): Effect.Effect<FileOutcome<Body>> =>
      put(file).pipe(
        Effect.catchAll((error) => Effect.succeed(FileOutcome.Failed({ path: file.path, key: file.key, error }))),
        Effect.tap(onFile)
      )
    return summarize(yield* Effect.forEach(planned, settle, { concurrency: Math.max(1, files) }))
  })
