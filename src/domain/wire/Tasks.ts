/**
 * The requests of asynchronous tasks: fmgr and fops (protocol 7, 8).
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Base64Url from "../Base64Url.ts"
import type { Entry } from "../Entry.ts"
import {
  type ItemState,
  PersistentId,
  type TaskItem,
  type TaskOptions,
  type TaskState,
  type TaskStatus
} from "../Task.ts"
import { Count, count, flag, Members, OptionalArray, OptionalText, Text, text } from "./Fields.ts"
import { type Answer, body, get, json, none, post, query, type WcsRequest } from "./WcsRequest.ts"

/**
 * What a file task does.
 *
 * @since 0.1.0
 * @category models
 */
export type FileAction =
  | "fetch"
  | "copy"
  | "move"
  | "delete"
  | "deletePrefix"
  | "deletem3u8"
  | "setdeadline"
  | "compress"

const readAccepted = json(Schema.Struct({ persistentId: Schema.compose(Text, PersistentId) }))

const accepted = (answer: Answer): Either.Either<PersistentId, string> =>
  Either.map(readAccepted(answer), ({ persistentId }) => persistentId)

/**
 * Starts a file task; `commands` are those of `FileCommand`, encoded (protocol 7.1).
 *
 * @since 0.1.0
 * @category requests
 */
export const fmgr = (
  action: FileAction,
  commands: ReadonlyArray<string>,
  options: TaskOptions
): WcsRequest<PersistentId> =>
  post(`fmgr/${action}`, {
    path: `/fmgr/${action}`,
    body: body([
      ["fops", commands.join(";")],
      ["notifyURL", options.notifyUrl && Base64Url.encode(options.notifyUrl)],
      ["separate", flag(options.separate)],
      ["force", flag(options.force)]
    ])
  }, accepted)

/**
 * Starts media commands on an object; `pipeline` is that of `MediaPipeline`, encoded (protocol 8.1).
 *
 * @since 0.1.0
 * @category requests
 */
export const fops = (
  entry: Entry,
  pipeline: string,
  options: TaskOptions
): WcsRequest<PersistentId> =>
  post("fops", {
    path: "/fops",
    target: entry.text,
    body: body([
      ["bucket", Base64Url.encode(entry.bucket)],
      ["key", Base64Url.encode(entry.key)],
      ["fops", Base64Url.encode(pipeline)],
      ["notifyURL", Base64Url.encode(options.notifyUrl ?? "")],
      ["force", options.force ? 1 : undefined],
      ["separate", options.separate ? 1 : undefined]
    ])
  }, accepted)

const taskStates: ReadonlyArray<TaskState> = [
  "waiting",
  "running",
  "unknown",
  "done",
  "notifying",
  "notification-failed",
  "notified"
]

const itemStates: ReadonlyArray<ItemState> = ["waiting", "running", "failed", "succeeded"]

const Item = Schema.Struct({ code: Count, cmd: OptionalText, desc: OptionalText }, Members)

const Document = Schema.Struct({
  id: Text,
  code: Count,
  desc: OptionalText,
  items: OptionalArray(Item)
}, Members)

const item = (fields: typeof Item.Type): TaskItem => ({
  command: fields.cmd,
  state: itemStates[fields.code] ?? "unknown",
  description: fields.desc,
  error: text(fields["error"]),
  key: text(fields["key"]),
  etag: text(fields["hash"]),
  size: count(fields["fsize"]),
  url: text(fields["url"]),
  fields
})

const source = (fields: typeof Document.Type): TaskStatus["source"] =>
  Option.all({ bucket: text(fields["inputbucket"]), key: text(fields["inputkey"]) }).pipe(
    Option.map((location) => ({ ...location, size: count(fields["inputfsize"]) }))
  )

const task = (fields: typeof Document.Type): TaskStatus => ({
  id: fields.id,
  state: taskStates[fields.code] ?? "unknown",
  description: fields.desc,
  items: fields.items.map(item),
  source: source(fields)
})

const readTask = json(Document)

/**
 * Reads the document that a status query answers and a notification brings (protocol 7.9, 8.2).
 *
 * @since 0.1.0
 * @category decoding
 */
export const decode = (answer: Pick<Answer, "text">): Either.Either<TaskStatus, string> =>
  Either.map(readTask(answer), task)

const statusQuery = (id: PersistentId) => query([["persistentId", id]])

/**
 * How a file task is doing; not signed (protocol 7.9).
 *
 * @since 0.1.0
 * @category requests
 */
export const fmgrStatus = (id: PersistentId): WcsRequest<TaskStatus> =>
  get("fmgr/status", { path: "/fmgr/status", target: id, query: statusQuery(id) }, decode, none)

/**
 * How a media task is doing; not signed (protocol 8.2).
 *
 * @since 0.1.0
 * @category requests
 */
export const fopsStatus = (id: PersistentId): WcsRequest<TaskStatus> =>
  get("fops/status", { path: "/status/get/prefop", target: id, query: statusQuery(id) }, decode, none)
