import { base64url } from "./content.ts"
import type { RecordedRequest, Target } from "./files.ts"
import type { Setting } from "./setting.ts"

/**
 * A request by what it is for: `mkblk0` opens block 0, `bput0@2097152` goes on at this byte of it; then `mkfile`, `form`,
 * and `source` for the GET of a URL to upload. All others by the first name of their path: `stat`, `list`, `fmgr`, …
 */
export type Step = string

/** A ctx as the recorder made it; ours after the end of a recording are of the same make. */
export const ctxOf = (block: number, next: number): string => base64url(`ctx|block=${block}|next=${next}`)

export const stepOf = (request: { readonly target: Target; readonly path: string }): Step => {
  if (request.target === "source") return "source"
  const [, operation, first = "", second = ""] = decodeURI(request.path).split("/")
  switch (operation) {
    case "mkblk":
      return `mkblk${second}`
    case "bput":
      return `bput${/block=(\d+)/.exec(Buffer.from(first, "base64url").toString())?.[1]}@${second}`
    case "file":
      return "form"
    default:
      return operation ?? ""
  }
}

/** The block that a step belongs to. */
export const laneOf = (step: Step): number | undefined => {
  const block = /^(?:mkblk|bput)(\d+)/.exec(step)?.[1]
  return block === undefined ? undefined : Number(block)
}

/** Items by the block that they belong to. */
export const grouped = <A>(
  items: ReadonlyArray<A>,
  stepOf: (item: A) => Step
): ReadonlyMap<number | undefined, ReadonlyArray<A>> => {
  const lanes = new Map<number | undefined, Array<A>>()
  for (const item of items) lanes.set(laneOf(stepOf(item)), [...(lanes.get(laneOf(stepOf(item))) ?? []), item])
  return lanes
}

/** The size of a block, and the chunk of it that a step sends. */
export const chunkOf = (setting: Setting, step: Step) => {
  const [, , block = "", at = "0"] = /^(mkblk|bput)(\d+)(?:@(\d+))?$/.exec(step) ?? []
  const index = Number(block)
  const start = index * setting.blockSize
  const size = Math.min(setting.blockSize, setting.bytes.length - start)
  const offset = Number(at)
  const length = Math.min(setting.chunkSize, size - offset)
  return { index, size, offset, bytes: setting.bytes.subarray(start + offset, start + offset + length) }
}

/** The headers that the vendor's SDK would have sent with a step that was not recorded. */
const headersOf = (setting: Setting, step: Step): RecordedRequest["headers"] => {
  if (step === "stat") return {}
  const id = { uploadbatch: setting.uploadId ?? setting.newUploadId }
  if (setting.sdk === "python") return id
  const finish = {
    "content-type": "text/plain",
    ...(setting.mimeType === undefined ? {} : { mimetype: setting.mimeType }),
    ...(setting.days === undefined ? {} : { deadline: String(setting.days) })
  }
  return {
    ...id,
    key: base64url(setting.named ?? ""),
    ...(step === "mkfile" ? finish : { "content-type": "application/octet-stream" })
  }
}

/** The request of a step that was not recorded, as the recorded ones are. */
const unrecorded = (setting: Setting, step: Step): Pick<RecordedRequest, "target" | "method" | "path" | "body"> => {
  const count = Math.ceil(setting.bytes.length / setting.blockSize)
  if (step === "stat") {
    return {
      target: "mgr",
      method: "GET",
      path: `/stat/${base64url(`${setting.bucket}:${setting.key}`)}`,
      body: { kind: "none" }
    }
  }
  if (step === "mkfile") {
    const ctxs = Array.from({ length: count }, (_, index) => ctxOf(index, chunkOf(setting, `mkblk${index}`).size))
    return {
      target: "put",
      method: "POST",
      path: `/mkfile/${setting.bytes.length}`,
      body: { kind: "text", text: ctxs.join(",") }
    }
  }
  const { bytes, index, offset, size } = chunkOf(setting, step)
  return {
    target: "put",
    method: "POST",
    path: step.startsWith("mkblk") ? `/mkblk/${size}/${index}` : `/bput/${ctxOf(index, offset)}/${offset}`,
    body: { kind: "bytes", length: bytes.length, sha1: "" }
  }
}

/** What a step's n-th request should be: the n-th one recorded for it, else a repeat of the last one, else one made up. */
export const requestOf = (
  setting: Setting,
  recorded: ReadonlyArray<RecordedRequest>,
  step: Step,
  nth: number
): RecordedRequest => {
  const same = recorded.filter((request) => stepOf(request) === step)
  return same[nth] ?? same.at(-1) ?? {
    ...unrecorded(setting, step),
    query: "",
    headers: headersOf(setting, step),
    auth: { kind: step === "stat" ? "manager" : "upload" },
    response: {}
  }
}
