import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import { flow } from "effect/Function"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import type { ObjectLocation } from "../../domain/Entry.ts"
import { Digest } from "../../services/Digest.ts"
import type { MediaSource } from "../EmulatorMedia.ts"
import type { EmulatorOptions } from "../EmulatorOptions.ts"
import { EmulatorStorage, type StoredObject } from "../EmulatorStorage.ts"
import type { EmulatorTaskInput } from "../EmulatorTask.ts"
import * as fopsGrammar from "./fopsGrammar.ts"
import * as grammar from "./grammar.ts"
import { refuse } from "./refusal.ts"
import { Settings } from "./settings.ts"
import * as objects from "./taskObjects.ts"
import { type Command, Tasks } from "./tasks.ts"
import { folderOf, unpack } from "./taskUnpack.ts"

/** Nothing is transcoded: the result says what would have been done. */
const tell: NonNullable<EmulatorOptions["process"]> = (command, { bucket, etag, key, size }) =>
  Effect.succeed({
    content: JSON.stringify({ command, source: { bucket, key, hash: etag, fsize: size } }),
    mimeType: "application/json"
  })

const failed = (cause: unknown) =>
  refuse(500, "Processing Failed", Predicate.hasProperty(cause, "message") ? String(cause.message) : String(cause))

/** What is between two commands of a pipe. */
type Made = Pick<StoredObject, "content" | "etag" | "mimeType">

const apply = (
  errand: objects.Errand,
  { bucket, key }: ObjectLocation,
  command: string,
  { content, etag, mimeType }: Made
) =>
  Effect.gen(function*() {
    const { process = tell } = yield* Settings
    const storage = yield* EmulatorStorage
    const source: MediaSource = { bucket, key, size: content.size, etag, mimeType, content: storage.read(content) }
    const result = yield* flow(process, Effect.mapError(failed))(command, source)
    const bytes = typeof result.content === "string"
      ? Stream.encodeText(Stream.make(result.content))
      : Stream.mapError(result.content, failed)
    return { ...(yield* objects.stage(errand, bytes)), mimeType: result.mimeType }
  })

/** Where the result of a command without `saveas` goes; the service's own choice is not known. */
const unnamed = ({ bucket, key }: ObjectLocation, cmd: string) =>
  Effect.map(Digest, (digest): ObjectLocation => {
    const hash = digest.sha1()
    hash.update(new TextEncoder().encode(`${bucket}:${key}|${cmd}`))
    return { bucket, key: `fops/${Encoding.encodeHex(hash.digest())}` }
  })

const command = (
  errand: objects.Errand,
  input: ObjectLocation,
  { cmd, saveas, work }: fopsGrammar.Pipeline
): Command => ({
  cmd,
  run: Effect.gen(function*() {
    const source = yield* objects.find(input)
    if (saveas !== undefined) yield* objects.checkFree(errand, saveas)
    if (work._tag === "Unpack") {
      const folder = work.folder === undefined ? folderOf(source) : objects.folder(work.folder)
      const decompresslist = yield* unpack(errand, source.content, { bucket: source.bucket, folder })
      return saveas === undefined
        ? { decompresslist }
        : { ...objects.outcome(errand, yield* objects.putList(errand, saveas, decompresslist)), decompresslist }
    }
    const made = yield* Effect.reduce(
      work.commands,
      source,
      (made: Made, command) => apply(errand, source, command, made)
    )
    return objects.outcome(errand, yield* objects.put(errand, saveas ?? (yield* unnamed(source, cmd)), made))
  })
})

/** Reads media commands; the buckets that they save into are the account's, as those of fmgr. */
export const read = (fops: string) =>
  Effect.tap(
    fopsGrammar.read(fops),
    (pipelines) => grammar.checkBuckets(pipelines.flatMap(({ saveas }) => saveas ? [saveas.bucket] : []))
  )

/** Starts media commands on an object (protocol 8.1). */
export const start = (
  errand: objects.Errand,
  input: EmulatorTaskInput,
  pipelines: ReadonlyArray<fopsGrammar.Pipeline>,
  { notifyUrl, separate }: { readonly notifyUrl: string | undefined; readonly separate: boolean }
) =>
  Effect.flatMap(Tasks, (tasks) =>
    tasks.start({
      operation: "fops",
      notifyUrl,
      separate,
      input,
      commands: pipelines.map((pipeline) => command(errand, input, pipeline))
    }))
