/**
 * Uploads that were begun and not finished: uploads list, resume, drop.
 */
import * as Args from "@effect/cli/Args"
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Array from "effect/Array"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { ObjectLocation } from "../../domain/Entry.ts"
import { UploadId, type UploadManifest, type UploadRecord } from "../../domain/UploadRecord.ts"
import { type WcsError, WcsProgressError } from "../../domain/WcsError.ts"
import { LeaseOwner } from "../../internal/leaseOwner.ts"
import { nodeLeaseOwner } from "../../internal/nodeLeaseOwner.ts"
import * as recordFolder from "../../internal/recordFolder.ts"
import * as uploadLease from "../../internal/uploadLease.ts"
import * as WcsConfigLayer from "../../layers/WcsConfigLayer.ts"
import type { ProgressStore } from "../../services/ProgressStore.ts"
import { WcsConfig } from "../../services/WcsConfig.ts"
import { UsageError } from "../Failure.ts"
import * as Flags from "../Flags.ts"
import * as Format from "../Format.ts"
import * as ObjectPath from "../ObjectPath.ts"
import * as Outcomes from "../Outcomes.ts"
import { Output } from "../Output.ts"
import * as WcsCommand from "../WcsCommand.ts"
import { objectFlags, objectOptions, putFile, withStore } from "./put.ts"

const isUploadId = Schema.is(UploadId)

/** The path of the file that an upload was begun with; `None` for bytes and streams. */
const sourceFile = (manifest: UploadManifest | undefined): Option.Option<string> =>
  Option.fromNullable(/^file (.+) \S+$/s.exec(manifest?.source ?? "")?.[1])

/** Blocks and bytes that the service holds, and how many there are to be. */
const progressOf = ({ blocks, manifest }: UploadRecord) => ({
  blocks: blocks.length,
  totalBlocks: manifest?.size === undefined ? undefined : Math.ceil(manifest.size / manifest.blockSize),
  bytes: blocks.reduce((sum, { size }) => sum + size, 0),
  totalBytes: manifest?.size
})

const age = (seconds: number): string => {
  const minutes = Math.floor(seconds / 60)
  return minutes < 1
    ? "just now"
    : minutes < 120
    ? `${minutes} min ago`
    : minutes < 48 * 60
    ? `${Math.floor(minutes / 60)} h ago`
    : `${Math.floor(minutes / 60 / 24)} days ago`
}

/** When a record was last written, in milliseconds since the epoch. */
const writtenAt = (id: UploadId) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const { folder } = yield* recordFolder.make((yield* WcsConfig).recordFolder)
    const times = yield* Effect.forEach([`${folder}/${id}`, `${folder}/${id}.manifest`], (path) =>
      fs.stat(path).pipe(
        Effect.map(({ mtime }) => Option.match(mtime, { onNone: () => 0, onSome: (at) => at.getTime() })),
        Effect.orElseSucceed(() => 0)
      ))
    return Math.max(...times)
  })

/** An upload as it is shown. */
interface Unfinished {
  readonly uploadId: UploadId
  readonly target: ObjectLocation | null
  readonly source: string | null
  readonly blockSize: number | null
  /** Absent where the record cannot be read. */
  readonly blocks?: number
  readonly totalBlocks?: number | undefined
  readonly bytes?: number
  readonly totalBytes?: number | undefined
  /** Why the record cannot be read. */
  readonly problem?: string
}

const describe = (id: UploadId, record: UploadRecord): Unfinished => {
  const { manifest } = record
  return {
    uploadId: id,
    target: manifest === undefined ? null : { bucket: manifest.bucket, key: manifest.key },
    source: Option.getOrNull(sourceFile(manifest)),
    blockSize: manifest?.blockSize ?? null,
    ...progressOf(record)
  }
}

/** A record that cannot be read is shown, too, and one that is gone meanwhile is not. */
const look = (id: UploadId) =>
  withStore((store) => store.load(id)).pipe(
    Effect.map(Option.map((record) => describe(id, record))),
    Effect.catchAll(({ detail }) =>
      Effect.succeedSome<Unfinished>({ uploadId: id, target: null, source: null, blockSize: null, problem: detail })
    )
  )

/** An upload on a line. */
const rowOf = (upload: Unfinished & { readonly ageSeconds: number }): ReadonlyArray<string> => [
  upload.uploadId,
  upload.blocks === undefined ? "-" : `${upload.blocks} of ${upload.totalBlocks ?? "?"} blocks`,
  upload.bytes === undefined ? "-" : Format.size(upload.bytes),
  age(upload.ageSeconds),
  upload.problem !== undefined
    ? Format.visible(upload.problem)
    : upload.target === null
    ? "(begun by another tool)"
    : Format.visible(`${upload.source ?? "(no file)"} to ${ObjectPath.format(upload.target)}`)
]

/** Says that no upload is unfinished; a folder that was named and is not there may be misspelt. */
const tellNone = Effect.gen(function*() {
  const folder = (yield* WcsConfig).recordFolder
  const fs = yield* FileSystem.FileSystem
  const isMissing = folder !== undefined && !(yield* Effect.orElseSucceed(fs.exists(folder), () => true))
  const why = isMissing ? `: there is no folder ${Format.visible(folder)}` : ""
  yield* (yield* Output).note(`no upload is unfinished${why}`)
})

const list = WcsCommand.local("list", {
  description: "List the uploads that are not finished.",
  examples: ["uploads list"],
  settings: ["tmp_record_folder"]
}, (_, settings) =>
  Effect.gen(function*() {
    const output = yield* Output
    const now = yield* Clock.currentTimeMillis
    const ids = yield* withStore((store) => store.list)
    const uploads = Array.getSomes(
      yield* Effect.forEach(ids.toSorted(), (id) =>
        Effect.zipWith(look(id), writtenAt(id), (upload, at) =>
          Option.map(upload, (upload) => ({ ...upload, ageSeconds: Math.max(0, Math.floor((now - at) / 1000)) }))), {
        concurrency: 16
      })
    )
    if (output.format === "json") {
      return yield* Effect.forEach(uploads, (upload) =>
        output.result(upload, ""), { discard: true })
    }
    if (uploads.length === 0) {
      return yield* tellNone
    }
    yield* output.result(null, Format.table(uploads.map(rowOf), [1, 2, 3]))
  }).pipe(Effect.provide(WcsConfigLayer.layerDefault(settings))))

const missing = (uploadId: UploadId) =>
  new WcsProgressError({ reason: "Unreadable", uploadId, detail: "there is no such record" })

/** The upload of an id, or of letters that no other id begins with. */
const find = (
  begun: ReadonlyArray<UploadId>,
  text: UploadId
): Effect.Effect<UploadId, WcsProgressError | UsageError> => {
  const [first, ...others] = begun.includes(text) ? [text] : begun.filter((id) => id.startsWith(text)).toSorted()
  if (first === undefined) return missing(text)
  return others.length === 0 ? Effect.succeed(first) : new UsageError({
    message: `more than one upload begins with ${text}: ${[first, ...others].join(", ")}`,
    hint: "give more of the id"
  })
}

/** An upload that is remembered. */
const load = (id: UploadId): Effect.Effect<UploadRecord, WcsError, WcsConfig | FileSystem.FileSystem> =>
  Effect.flatMap(
    withStore((store) => store.load(id)),
    Option.match({
      onNone: () => missing(id),
      onSome: Effect.succeed
    })
  )

const uploadId = (name: string) =>
  Args.text({ name }).pipe(
    Args.mapEffect((text) =>
      isUploadId(text) ? Either.right(text) : Either.left(HelpDoc.p(`UPLOADID is none: ${Format.visible(text)}`))
    )
  )

const resume = WcsCommand.client("resume", {
  description:
    "Go on with an upload. Its record tells file and object; for one of another tool they have to be given, and its --block-size.",
  examples: ["uploads resume UPLOADID"],
  args: {
    id: uploadId("UPLOADID"),
    file: Args.optional(Args.text({ name: "LOCALFILE" })),
    object: Args.optional(ObjectPath.object())
  },
  flags: objectFlags,
  settings: [...Flags.policy, ...Flags.uploads]
}, ({ file, id: given, object, ...flags }) =>
  Effect.gen(function*() {
    const id = yield* find(yield* withStore((store) => store.list), given)
    const { manifest } = yield* load(id)
    const options = yield* objectOptions(flags)
    const source = Option.orElse(file, () => sourceFile(manifest))
    const target = Option.orElse(object, () => Option.fromNullable(manifest))
    if (Option.isNone(source) || Option.isNone(target)) {
      return yield* new UsageError({
        message: `the record of ${id} does not tell its ${Option.isNone(source) ? "file" : "object"}`,
        hint: `wcscmd uploads resume ${id} LOCALFILE wcs://BUCKET/OBJECT`
      })
    }
    const { bucket, key } = target.value
    yield* putFile(source.value, { bucket, key }, {
      ...options,
      method: "block",
      uploadId: id,
      blockSize: manifest?.blockSize
    })
  }))

/** Forgets an upload, unless somebody works on it. */
const forget = (store: ProgressStore["Type"], id: UploadId) =>
  Effect.flatMap(LeaseOwner, (me) =>
    uploadLease.hold({
      store,
      uploadId: id,
      me,
      onBusy: "refuse",
      help: Effect.void,
      onHelped: Effect.void,
      run: () => store.forget(id)
    }))

const drop = WcsCommand.local("drop", {
  description: "Forget uploads that nobody works on: what the service holds of them is not used again.",
  examples: ["uploads drop UPLOADID", "uploads drop --all"],
  args: { ids: Args.repeated(uploadId("[UPLOADID]")) },
  flags: { all: Flags.toggle("all", "All that are not finished.") },
  settings: ["tmp_record_folder"]
}, ({ all, ids }, settings) =>
  Effect.gen(function*() {
    if (all === ids.length > 0) {
      return yield* new UsageError({ message: "drop wants either UPLOADIDs or --all", hint: "wcscmd uploads list" })
    }
    const begun = yield* withStore((store) => store.list)
    const meant = new Set(all ? begun : yield* Effect.forEach(ids, (id) => find(begun, id)))
    if (meant.size === 0) return yield* tellNone
    const output = yield* Output
    yield* Outcomes.each([...meant], "upload", (id) =>
      Effect.zipRight(
        withStore((store) => forget(store, id)),
        output.result({ uploadId: id, dropped: true }, `dropped ${id}`)
      ))
  }).pipe(Effect.provide(WcsConfigLayer.layerDefault(settings)), Effect.provide(nodeLeaseOwner)))

export const uploads = WcsCommand.group(
  "uploads",
  "Uploads in blocks that were begun and are not finished. The first letters of an id will do.",
  [
    list,
    resume,
    drop
  ]
)
