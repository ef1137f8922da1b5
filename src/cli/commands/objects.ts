/**
 * Objects: what is there, where it is, and how long it stays.
 */
import * as Args from "@effect/cli/Args"
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Sink from "effect/Sink"
import * as Stream from "effect/Stream"
import type { ObjectInfo } from "../../domain/ObjectInfo.ts"
import * as Retention from "../../domain/Retention.ts"
import * as localTarget from "../../internal/localTarget.ts"
import { Objects } from "../../services/Objects.ts"
import { WcsConfig } from "../../services/WcsConfig.ts"
import * as Flags from "../Flags.ts"
import * as Format from "../Format.ts"
import * as ObjectPath from "../ObjectPath.ts"
import { jsonLine, Output } from "../Output.ts"
import * as WcsCommand from "../WcsCommand.ts"

/** An object as `--json` has it. */
const objectJson = ({ etag, expires, key, mimeType, nextAppendPosition, putTime, size, storageClass }: ObjectInfo) => ({
  key,
  size,
  etag,
  mimeType,
  putTime,
  expires,
  storageClass,
  nextAppendPosition
})

/** One object on a line: when it was stored, its size, its key. */
const objectLine = ({ key, putTime, size }: ObjectInfo): string =>
  `${Format.time(putTime)}  ${Format.size(size).padStart(10)}  ${Format.visible(key)}`

const listed = ObjectPath.bucket("--prefix lists a part of it")

const resultFile = Args.optional(Args.text({ name: "RESFILE" }))

export const stat = WcsCommand.client("stat", {
  description: "Describe an object.",
  examples: ["stat wcs://media/films/a.mp4", "stat wcs://media/films/a.mp4 --json"],
  args: { object: ObjectPath.object() }
}, ({ object }) =>
  Effect.gen(function*() {
    const info = yield* (yield* Objects).stat(object)
    const rows = [
      ["key", Format.visible(info.key)],
      ["size", `${Format.size(info.size)} (${info.size} bytes)`],
      ["etag", info.etag],
      ["type", info.mimeType],
      ["stored", Format.time(info.putTime)],
      ...Option.match(info.expires, { onNone: () => [], onSome: (at) => [["expires", Format.time(at)]] }),
      ...Option.match(info.storageClass, { onNone: () => [], onSome: (name) => [["class", name]] }),
      ...Option.match(info.nextAppendPosition, { onNone: () => [], onSome: (at) => [["append at", String(at)]] })
    ]
    yield* (yield* Output).result(objectJson(info), Format.table(rows))
  }))

/** A prefix that is misspelt looks like an empty bucket. */
const tellNone = (bucket: string) =>
  Effect.gen(function*() {
    const { prefix } = (yield* WcsConfig).list
    const of = prefix === undefined ? "" : ` with the prefix ${Format.visible(prefix)}`
    yield* (yield* Output).note(`wcs://${bucket} has no objects to list${of}`)
  })

export const list = WcsCommand.client("list", {
  description: "List one page of a bucket's objects. With RESFILE it goes there, as JSON.",
  examples: ["list wcs://media", "list wcs://media --prefix films/ --mode 1 --limit 100"],
  args: { bucket: listed, file: resultFile },
  settings: Flags.listing
}, ({ bucket, file }) =>
  Effect.gen(function*() {
    const { folders, marker, objects } = yield* (yield* Objects).list({ bucket })
    const json = { objects: objects.map(objectJson), folders, marker }
    const output = yield* Output
    if (Option.isSome(file)) {
      const fs = yield* FileSystem.FileSystem
      yield* Effect.mapError(fs.writeFileString(file.value, `${jsonLine(json)}\n`), localTarget.unwritable(file.value))
    } else {
      const lines = [
        ...folders.map((name) => `${"".padStart(32)}  ${Format.visible(name)}`),
        ...objects.map(objectLine)
      ]
      yield* output.result(json, lines.join("\n"))
    }
    if (objects.length + folders.length === 0 && Option.isNone(marker)) yield* tellNone(bucket)
    if (Option.isSome(marker) && output.format === "human") {
      yield* output.note(`there is more: --marker ${marker.value}, or wcscmd listall`)
    }
  }))

export const listall = WcsCommand.client("listall", {
  description:
    "List all objects of a bucket, one on a line, as they come. With RESFILE they go there, as JSON. --limit is the size of a page.",
  examples: ["listall wcs://media", "listall wcs://media --prefix films/ --json", "listall wcs://media objects.jsonl"],
  args: { bucket: listed, file: resultFile },
  settings: Flags.listing
}, ({ bucket, file }) =>
  Effect.gen(function*() {
    const output = yield* Output
    let isEmpty = true
    const objects = Stream.map((yield* Objects).listAll({ bucket }), (object) => {
      isEmpty = false
      return object
    })
    if (Option.isNone(file)) {
      yield* Stream.runForEach(objects, (object) => output.result(objectJson(object), objectLine(object)))
      return yield* isEmpty ? tellNone(bucket) : Effect.void
    }
    const fs = yield* FileSystem.FileSystem
    yield* objects.pipe(
      Stream.map((object) => `${jsonLine(objectJson(object))}\n`),
      Stream.encodeText,
      Stream.run(Sink.mapError(fs.sink(file.value), localTarget.unwritable(file.value))),
      Effect.zipRight(Effect.suspend(() => isEmpty ? tellNone(bucket) : Effect.void))
    )
  }))

export const del = WcsCommand.client("del", {
  description: "Delete an object.",
  examples: ["del wcs://media/films/a.mp4"],
  args: { object: ObjectPath.object() }
}, ({ object }) =>
  Effect.gen(function*() {
    yield* (yield* Objects).delete(object)
    yield* (yield* Output).result({ ...object, deleted: true }, `deleted ${Format.visible(ObjectPath.format(object))}`)
  }))

const transfer = (name: "mv" | "cp", description: string, done: "moved" | "copied") =>
  WcsCommand.client(name, {
    description,
    examples: [
      `${name} wcs://media/films/a.mp4 wcs://media/archive/a.mp4`,
      `${name} wcs://media/films/a.mp4 wcs://backup`
    ],
    args: { from: ObjectPath.object("wcs://BUCKET/OBJECT"), to: ObjectPath.place() }
  }, ({ from, to }) =>
    Effect.gen(function*() {
      const objects = yield* Objects
      const target = to.key === "" ? { bucket: to.bucket, key: from.key } : to
      yield* name === "mv" ? objects.move(from, target) : objects.copy(from, target)
      yield* (yield* Output).result(
        { from, to: target },
        `${done} ${Format.visible(ObjectPath.format(from))} to ${Format.visible(ObjectPath.format(target))}`
      )
    }))

export const mv = transfer("mv", "Move an object. Without an object in the target it keeps its key.", "moved")

export const cp = transfer("cp", "Copy an object. Without an object in the target it keeps its key.", "copied")

/** Days, as a number or in the quotes that the vendor's tool needs around one that is negative. */
const days = Args.text({ name: "DAYS" }).pipe(
  Args.mapEffect((text) => {
    const number = Number(/^(["']?)(-1|\d+)\1$/.exec(text)?.[2])
    return Number.isSafeInteger(number)
      ? Either.right(
        number === -1 ? Retention.forever : number === 0 ? Retention.asSoonAsPossible : Retention.days(number)
      )
      : Either.left(HelpDoc.p(`DAYS is a whole number, -1 or more, not ${text}`))
  })
)

export const setdeadline = WcsCommand.client("setdeadline", {
  description: "Set how many DAYS from now an object stays. 0: it goes as soon as possible; -1: it stays for ever.",
  examples: ["setdeadline wcs://media/films/a.mp4 30", "setdeadline wcs://media/films/a.mp4 -1"],
  args: { object: ObjectPath.object(), days },
  flags: { relevance: Flags.onOff("relevance", "Whether the segments of an m3u8 share it.") }
}, ({ days, object, relevance }) =>
  Effect.gen(function*() {
    yield* (yield* Objects).setDeadline(object, days, { segments: Option.getOrUndefined(relevance) })
    const number = yield* Retention.toDays(days)
    yield* (yield* Output).result(
      { ...object, days: number },
      `${Format.visible(ObjectPath.format(object))} ${
        number < 0
          ? "is kept for ever"
          : number === 0
          ? "goes as soon as possible"
          : `goes in ${Format.plural(number, "day")}`
      }`
    )
  }))

export const prefetch = WcsCommand.client("prefetch", {
  description: "Refresh objects from their bucket's mirror source.",
  examples: ["prefetch wcs://media films/a.mp4 films/b.mp4"],
  args: { bucket: ObjectPath.bucket(), keys: Args.text({ name: "OBJECT" }).pipe(Args.atLeast(1)) }
}, ({ bucket, keys }) =>
  Effect.gen(function*() {
    const objects = yield* (yield* Objects).prefetch(bucket, keys)
    yield* (yield* Output).result(
      objects,
      Format.table(objects.map(({ code, key, message }) => [code, Format.visible(key), message]))
    )
  }))
