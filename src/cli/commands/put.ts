/**
 * To the service: put, multiput, append.
 */
import * as Args from "@effect/cli/Args"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import type { ObjectLocation } from "../../domain/Entry.ts"
import * as Retention from "../../domain/Retention.ts"
import type * as Settings from "../../domain/Settings.ts"
import type { UploadEvent } from "../../domain/UploadEvent.ts"
import { UploadId } from "../../domain/UploadRecord.ts"
import { WcsAlreadyExists, type WcsError } from "../../domain/WcsError.ts"
import * as localTarget from "../../internal/localTarget.ts"
import * as uploadInput from "../../internal/uploadInput.ts"
import * as ProgressStoreDirectory from "../../layers/ProgressStoreDirectory.ts"
import { Objects } from "../../services/Objects.ts"
import type { ProgressStore } from "../../services/ProgressStore.ts"
import { Uploader, type UploadOptions, type UploadReceipt } from "../../services/Uploader.ts"
import { WcsConfig } from "../../services/WcsConfig.ts"
import { UsageError } from "../Failure.ts"
import * as Flags from "../Flags.ts"
import * as Format from "../Format.ts"
import * as Globs from "../Globs.ts"
import * as ObjectPath from "../ObjectPath.ts"
import * as Outcomes from "../Outcomes.ts"
import { Output } from "../Output.ts"
import * as Progress from "../Progress.ts"
import * as RemoteFolder from "../RemoteFolder.ts"
import * as WcsCommand from "../WcsCommand.ts"

/** What an object is stored with. */
export const objectFlags = {
  mimeType: Flags.value("mime-type", "TYPE", "The stored content type. Default: the service finds out."),
  retention: Flags.count(
    "retention",
    "Days that the object stays; 0: as short as possible. Default: for ever.",
    "DAYS"
  ),
  custom: Flags.values("custom", "NAME=VALUE", "A custom variable, $(x:NAME) in a template of the policy.")
}

/** What the options say of an object. */
export const objectOptions = ({ custom, mimeType, retention }: {
  readonly mimeType: Option.Option<string>
  readonly retention: Option.Option<number>
  readonly custom: ReadonlyArray<string>
}): Effect.Effect<Pick<UploadOptions, "mimeType" | "retention" | "custom">, UsageError> =>
  Effect.map(
    Effect.forEach(custom, (text) => {
      const [, name = "", value = ""] = /^(?:x:)?([^=]+)=(.*)$/s.exec(text) ?? []
      return name === ""
        ? new UsageError({ message: `--custom wants NAME=VALUE, not ${Format.visible(text)}` })
        : Effect.succeed([name, value] as const)
    }),
    (pairs) => ({
      custom: Object.fromEntries(pairs),
      mimeType: Option.getOrUndefined(mimeType),
      retention: Option.getOrUndefined(
        Option.map(retention, (days) => days === 0 ? Retention.asSoonAsPossible : Retention.days(days))
      )
    })
  )

/** A file's name, without its folders. */
const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1)

/** The object that a file becomes: what stands for no object, or for a folder, takes the file's name. */
const objectOf = ({ bucket, key }: ObjectPath.ObjectPath, file: string): ObjectLocation => ({
  bucket,
  key: key === "" || key.endsWith("/") ? `${key}${baseName(file)}` : key
})

/** What a receipt tells, as `--json` has it. */
const receiptJson = (
  { blocks, body, bucket, etag, key, method, requestId, size, uploadId, verified }: UploadReceipt
) => ({
  bucket,
  key,
  size,
  etag,
  verified,
  method,
  blocks,
  uploadId,
  requestId,
  body
})

/** The folder of records, for as long as a question to it takes. */
export const withStore = <A, E, R>(use: (store: ProgressStore["Type"]) => Effect.Effect<A, E, R>) =>
  Effect.scoped(Effect.flatMap(ProgressStoreDirectory.make(), use))

/** Whether a run that broke off may have stored the object already: only the upload itself can settle that. */
const mayBeOurs = ({ bucket, key }: ObjectLocation) =>
  withStore((store) =>
    Effect.flatMap(
      store.list,
      Effect.exists((id) =>
        Effect.map(Effect.option(store.load(id)), (record) =>
          Option.exists(
            Option.flatten(record),
            ({ finishing, manifest }) => finishing && manifest?.bucket === bucket && manifest.key === key
          ))
      )
    )
  )

/** How many blocks of an upload a later run finds. Nothing is left of one of which the service holds none. */
const recordedBlocks = (id: UploadId) =>
  withStore((store) => store.load(id)).pipe(
    Effect.map(Option.match({ onNone: () => 0, onSome: ({ blocks }) => blocks.length })),
    Effect.orElseSucceed(() => 0)
  )

/**
 * Whether all blocks would be sent only to be refused, since the object is there and is not to be replaced. What cannot
 * be asked, or is not answered soon, is left to the upload.
 */
const isTaken = (file: string, target: ObjectLocation, options: UploadOptions) =>
  Effect.gen(function*() {
    const config = yield* WcsConfig
    const input = yield* uploadInput.check(config, target, options)
    if (config.managementUrl === undefined || input.context.policy.overwrite === true) return false
    const { size } = yield* (yield* FileSystem.FileSystem).stat(file)
    if (uploadInput.isForm(input, Number(size))) return false
    // That it is not there is no failure: the log of operations has none.
    yield* Logger.withMinimumLogLevel((yield* Objects).stat(target), LogLevel.Info)
    return !(yield* mayBeOurs(target))
  }).pipe(Effect.timeout("10 seconds"), Effect.orElseSucceed(() => false))

/** Uploads a file, shows how far it is, and prints the receipt. When it is interrupted, it tells how to go on. */
export const putFile = (
  file: string,
  target: ObjectLocation,
  options: UploadOptions
): Effect.Effect<void, WcsError, FileSystem.FileSystem | Objects | Output | Uploader | WcsConfig> =>
  Effect.gen(function*() {
    const output = yield* Output
    let planned: { readonly uploadId: UploadId; readonly blocks: number } | undefined
    const watch = (event: UploadEvent) => {
      if (event._tag === "Planned" && event.method === "block" && event.uploadId !== undefined) {
        planned = { uploadId: UploadId.make(event.uploadId), blocks: event.blocks ?? 0 }
      }
    }
    const receipt = yield* Effect.scoped(Effect.gen(function*() {
      if (yield* isTaken(file, target, options)) {
        return yield* new WcsAlreadyExists({ operation: "stat", status: 406, code: "406", detail: "nothing was sent" })
      }
      const uploader = yield* Uploader
      const progress = yield* Progress.make("one")
      return yield* uploader.putFile(file, target, {
        ...options,
        onProgress: (event) => Effect.zipRight(Effect.sync(() => watch(event)), progress.uploaded(event, file))
      })
    })).pipe(
      Effect.onInterrupt(() =>
        Effect.gen(function*() {
          const blocks = planned === undefined ? 0 : yield* recordedBlocks(planned.uploadId)
          yield* output.note(
            planned === undefined || blocks === 0
              ? "interrupted; run the same command again"
              : `interrupted with ${blocks} of ${
                Format.plural(planned.blocks, "block")
              } stored; the same command goes on from there\n  wcscmd uploads list shows what is unfinished`
          )
        })
      )
    )
    const { blocks, size } = receipt
    const resumed = blocks.resumed > 0 ? `, ${blocks.resumed} of ${Format.plural(blocks.total, "block")} resumed` : ""
    yield* output.result(
      receiptJson(receipt),
      `stored ${Format.visible(ObjectPath.format(receipt))} (${Format.size(size)}${resumed})`
    )
  })

const upload = (name: "put" | "multiput", description: string, settings: ReadonlyArray<Settings.Name>) =>
  WcsCommand.client(name, {
    description,
    examples: [
      `${name} wcs://media/films/ film.mp4`,
      `${name} wcs://media/films/a.mp4 film.mp4 --overwrite 1`,
      `${name} -r wcs://media/site site --exclude '*.tmp'`
    ],
    args: { target: ObjectPath.place(), source: Args.text({ name: "LOCALFILE" }) },
    flags: {
      recursive: Flags.toggle("recursive", "Upload a folder; the object is a folder, too.", "r"),
      ...Globs.flags,
      ...objectFlags
    },
    settings: [...Flags.policy, ...Flags.uploads, ...settings]
  }, ({ recursive, source, target, ...flags }) =>
    Effect.gen(function*() {
      const isMeant = yield* Globs.make(flags)
      const options = { ...(yield* objectOptions(flags)), method: name === "put" ? "auto" : "block" } as const
      if (recursive) {
        if ((yield* WcsConfig).uploadId !== undefined) {
          return yield* new UsageError({ message: "an upload id is of one file: it does not go with -r" })
        }
        const remote = RemoteFolder.fromPath(target)
        return yield* Outcomes.gather(remote, Globs.nothing(source, flags), (outcomes) =>
          RemoteFolder.send(source, remote, isMeant, outcomes, options))
      }
      if (flags.include.length + flags.exclude.length > 0) {
        return yield* new UsageError({ message: "--include and --exclude go with -r" })
      }
      if (yield* localTarget.isFolder(yield* FileSystem.FileSystem, source)) {
        return yield* new UsageError({
          message: `${source} is a folder`,
          hint: `-r uploads all that is in it: wcscmd ${name} -r ${Format.word(ObjectPath.format(target))} ${
            Format.word(source)
          }`
        })
      }
      return yield* putFile(source, objectOf(target, source), options)
    }))

export const put = upload(
  "put",
  "Upload a file. An object that is missing or ends in / takes the file's name. What was interrupted goes on when the same command runs again: what the service holds in blocks is not sent twice.",
  [
    "multi_size",
    "upload_id"
  ]
)

export const multiput = upload(
  "multiput",
  "Upload a file in blocks, however small it is. The same command again goes on with what was interrupted.",
  ["upload_id"]
)

export const append = WcsCommand.client("append", {
  description: "Add a file to the end of an appendable object, or create one.",
  examples: ["append wcs://media/log.txt today.txt"],
  args: { object: ObjectPath.object(), source: Args.text({ name: "LOCALFILE" }) },
  flags: {
    position: Flags.count("position", "Where the object ends now, in bytes; 0 creates it. Default: it is looked up."),
    ...objectFlags
  },
  settings: [...Flags.policy, "traffic_limit", "upload_timeout"]
}, ({ object, position, source, ...flags }) =>
  Effect.gen(function*() {
    const output = yield* Output
    const uploader = yield* Uploader
    const options = yield* objectOptions(flags)
    const receipt = yield* Effect.scoped(Effect.gen(function*() {
      const progress = yield* Progress.make("one")
      return yield* uploader.appendFile(source, object, {
        ...options,
        position: Option.getOrUndefined(position),
        onProgress: (event) => progress.uploaded(event, source)
      })
    })).pipe(
      // The same command would add it twice.
      Effect.onInterrupt(() =>
        output.note(
          `interrupted; it may have been added already: wcscmd stat ${
            Format.word(ObjectPath.format(object))
          } tells where it ends`
        )
      )
    )
    yield* output.result(
      receipt,
      `added ${Format.size(receipt.size)} to ${
        Format.visible(ObjectPath.format(object))
      }; it ends at ${receipt.nextPosition}`
    )
  }))
