import { Effect } from "effect"
import * as Retention from "../../../../src/domain/Retention.ts"
import type { UploadEvent } from "../../../../src/domain/UploadEvent.ts"
import type { WcsError } from "../../../../src/domain/WcsError.ts"
import { Uploader, type UploadOptions, type UploadReceipt } from "../../../../src/services/Uploader.ts"
import { fill } from "../setting.ts"
import { type Args, type Methods, optional } from "./methods.ts"

/** What an upload gives back, and the bytes that it told on its way to be sent. */
export interface Uploaded {
  readonly receipt: UploadReceipt
  readonly progress: ReadonlyArray<number>
}

const target = ({ bucket, key }: Args) => ({ bucket, key })

const custom = (params: { readonly [name: string]: string } | undefined) =>
  params && Object.fromEntries(Object.entries(params).map(([name, value]) => [name.replace(/^x:/, ""), value]))

/** Makes an upload with the options of the call. */
const uploaded = (
  { days, mimeType, params }: Args,
  options: UploadOptions,
  put: (uploader: Uploader["Type"], options: UploadOptions) => Effect.Effect<UploadReceipt, WcsError>
): Effect.Effect<Uploaded, WcsError, Uploader> =>
  Effect.gen(function*() {
    const progress: Array<number> = []
    const receipt = yield* put(yield* Uploader, {
      ...options,
      ...optional("mimeType", mimeType),
      ...optional("custom", custom(params)),
      ...optional("retention", days === undefined ? undefined : Retention.days(days)),
      onProgress: (event: UploadEvent) =>
        Effect.sync(() => {
          if (event._tag === "Chunk") progress.push(event.sent)
        })
    })
    return { receipt, progress }
  })

const file = (args: Args, local: (name: string) => string, options: UploadOptions) => {
  const path = typeof args["path"] === "string" ? args["path"] : local(args["path"].$file)
  return uploaded(args, options, (uploader, options) => uploader.putFile(path, target(args), options))
}

export const uploads: Methods = {
  simple_upload: (args, local) => file(args, local, { method: "form" }),
  smart_upload: (args, local) => file(args, local, {}),
  multipart_upload: (args, local) =>
    file(args, local, { method: "block", ...optional("uploadId", args["tmp_upload_id"]) }),
  stream_upload: (args) =>
    uploaded(
      args,
      { method: "form" },
      (uploader, options) => uploader.putUrl(fill(args["stream"]), target(args), options)
    )
}
