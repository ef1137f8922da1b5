import { Chunk, Effect, Stream } from "effect"
import type { ObjectInfo } from "../../../src/domain/ObjectInfo.ts"
import type { WcsError } from "../../../src/domain/WcsError.ts"
import { Objects } from "../../../src/services/Objects.ts"
import { Uploader, type UploadReceipt } from "../../../src/services/Uploader.ts"
import type { Call } from "./files.ts"
import { fill } from "./setting.ts"

/** What a call of ours gives back. */
export type Result =
  | { readonly _tag: "Receipt"; readonly receipt: UploadReceipt }
  | { readonly _tag: "Stat"; readonly info: ObjectInfo }
  | { readonly _tag: "List"; readonly objects: ReadonlyArray<ObjectInfo> }
  | { readonly _tag: "Deleted" }

const modes: { readonly [mode: string]: "files-first" | "folders-first" } = { 0: "files-first", 1: "folders-first" }

const time = (text: string | undefined) =>
  text === undefined ? undefined : new Date(text.includes(" ") ? `${text.replace(" ", "T")}Z` : text)

const optional = <A>(name: string, value: A | undefined) => value === undefined ? {} : { [name]: value }

/** Makes a recorded call by our API. `local` is the path of a file of the case. */
export const make = (
  { args, method }: Call,
  local: (name: string) => string
): Effect.Effect<Result, WcsError, Uploader | Objects> =>
  Effect.gen(function*() {
    const uploader = yield* Uploader
    const objects = yield* Objects
    const { bucket, key = "" } = args
    const target = { bucket, key }
    const path = typeof args["path"] === "string" ? args["path"] : local(args["path"]?.$file ?? "")
    const receipt = Effect.map((receipt: UploadReceipt): Result => ({ _tag: "Receipt", receipt }))
    const listing = {
      bucket,
      // An empty text is no text to the vendor's SDK.
      ...optional("prefix", args["prefix"] || undefined),
      ...optional("marker", args["marker"] || undefined),
      ...optional("limit", args["limit"]),
      ...optional("mode", modes[args["mode"]]),
      ...optional("startTime", time(args["starttime"])),
      ...optional("endTime", time(args["endtime"]))
    }
    switch (method) {
      case "simple_upload":
        return yield* receipt(uploader.putFile(path, target, { method: "form" }))
      case "smart_upload":
        return yield* receipt(uploader.putFile(path, target))
      case "stream_upload":
        return yield* receipt(uploader.putUrl(fill(args["stream"]), target, { method: "form" }))
      case "multipart_upload":
        return yield* receipt(
          uploader.putFile(path, target, { method: "block", ...optional("uploadId", args["tmp_upload_id"]) })
        )
      case "stat":
        return { _tag: "Stat", info: yield* objects.stat(target) }
      case "delete":
        return yield* Effect.as(objects.delete(target), { _tag: "Deleted" } as const)
      case "bucket_list":
        return { _tag: "List", objects: (yield* objects.list(listing)).objects }
      case "bucket_listAll":
        return { _tag: "List", objects: Chunk.toReadonlyArray(yield* Stream.runCollect(objects.listAll(listing))) }
      default:
        return yield* Effect.dieMessage(`no call of ours for ${method}`)
    }
  })
