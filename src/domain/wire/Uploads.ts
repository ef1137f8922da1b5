/**
 * The requests of form, block and append uploads (protocol 5).
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as Base64Url from "../Base64Url.ts"
import type { Block } from "../BlockPlan.ts"
import * as UploadAnswer from "../UploadAnswer.ts"
import type { UploadPolicy } from "../UploadPolicy.ts"
import { Count } from "./Fields.ts"
import { nextPosition } from "./Refusals.ts"
import { type Body, contentSize, type FormContent, json, type WcsRequest } from "./WcsRequest.ts"

/**
 * What all requests of one upload share.
 *
 * @since 0.1.0
 * @category models
 */
export interface UploadContext {
  readonly bucket: string
  /** Absent only in a form whose policy has a `saveKey`. */
  readonly key: string | undefined
  readonly policy: UploadPolicy
  readonly custom: { readonly [name: string]: string }
  readonly mimeType: string | undefined
  /** 0: as soon as possible; absent: for ever. */
  readonly retentionDays: number | undefined
  /** 0: not sent. */
  readonly trafficLimit: number
  /** Bytes of the whole content, as far as they are known. */
  readonly size?: number | undefined
}

/**
 * The file of a form.
 *
 * @since 0.1.0
 * @category models
 */
export interface FormFile {
  readonly name: string
  readonly content: Uint8Array | FormContent
}

/**
 * What the service says after a chunk (protocol 5.3.2).
 *
 * @since 0.1.0
 * @category models
 */
export interface ChunkAnswer extends Schema.Schema.Type<typeof ChunkAnswer> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const ChunkAnswer = Schema.Struct({
  /** What the next chunk of the block, or mkfile, refers to. */
  ctx: Schema.String.pipe(Schema.pattern(/^[\x21-\x2b\x2d-\x7e]{1,2048}$/)),
  /** Bytes of the block that the service holds. */
  offset: Count,
  /** CRC-32 of the chunk. */
  crc32: Schema.optional(Count),
  /** Lower-case hex MD5 of the chunk. */
  checksum: Schema.optional(Schema.String)
})

const readChunkAnswer = json(ChunkAnswer)

const scope = (context: UploadContext): string =>
  context.key === undefined ? context.bucket : `${context.bucket}:${context.key}`

const upload = <A>(
  context: UploadContext,
  request: Pick<WcsRequest<A>, "operation" | "path" | "body" | "decode"> & {
    readonly headers: { readonly [name: string]: string | undefined }
  }
): WcsRequest<A> => {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers)) if (value !== undefined) headers[name] = value
  if (context.trafficLimit !== 0) headers["x-wos-traffic-limit"] = String(context.trafficLimit)
  return {
    ...request,
    method: "POST",
    host: "upload",
    query: "",
    headers,
    authorization: { _tag: "Upload", scope: scope(context), policy: context.policy, size: context.size }
  }
}

const sliceHeaders = (context: UploadContext, uploadId: string) => ({
  uploadbatch: uploadId,
  key: context.key === undefined ? undefined : Base64Url.encode(context.key)
})

/**
 * Opens a block with its first chunk (protocol 5.3.1).
 *
 * @since 0.1.0
 * @category requests
 */
export const mkblk = (
  context: UploadContext,
  uploadId: string,
  block: Block,
  chunk: Uint8Array
): WcsRequest<ChunkAnswer> =>
  upload(context, {
    operation: "mkblk",
    path: `/mkblk/${block.size}/${block.index}`,
    headers: sliceHeaders(context, uploadId),
    body: { _tag: "Bytes", bytes: chunk },
    decode: readChunkAnswer
  })

/**
 * Adds a chunk to a block (protocol 5.3.2).
 *
 * @since 0.1.0
 * @category requests
 */
export const bput = (
  context: UploadContext,
  uploadId: string,
  at: { readonly ctx: string; readonly offset: number },
  chunk: Uint8Array
): WcsRequest<ChunkAnswer> =>
  upload(context, {
    operation: "bput",
    path: `/bput/${encodeURIComponent(at.ctx).replaceAll("%3D", "=")}/${at.offset}`,
    headers: sliceHeaders(context, uploadId),
    body: { _tag: "Bytes", bytes: chunk },
    decode: readChunkAnswer
  })

/**
 * Joins the blocks into the object (protocol 5.3.3).
 *
 * @since 0.1.0
 * @category requests
 */
export const mkfile = (
  context: UploadContext,
  uploadId: string,
  size: number,
  ctxs: ReadonlyArray<string>
): WcsRequest<UploadAnswer.UploadAnswer> =>
  upload({ ...context, size }, {
    operation: "mkfile",
    path: Object.entries(context.custom).reduce(
      (path, [name, value]) => `${path}/x:${encodeURIComponent(name)}/${Base64Url.encode(value)}`,
      `/mkfile/${size}`
    ),
    headers: {
      ...sliceHeaders(context, uploadId),
      mimetype: context.mimeType,
      deadline: context.retentionDays === undefined ? undefined : String(context.retentionDays)
    },
    body: { _tag: "Text", text: ctxs.join(","), contentType: "text/plain;charset=UTF-8" },
    decode: UploadAnswer.decode
  })

/** A form's fields and file (protocol 5.1). */
const formBody = (
  context: UploadContext,
  file: FormFile
): Body => {
  const fields: ReadonlyArray<readonly [string, string | undefined]> = [
    ["key", context.key],
    ["mimeType", context.mimeType],
    ["deadline", context.retentionDays === undefined ? undefined : String(context.retentionDays)],
    ...Object.entries(context.custom).map(([name, value]) => [`x:${name}`, value] as const)
  ]
  return {
    _tag: "Form",
    fields: fields.filter((field): field is readonly [string, string] => field[1] !== undefined),
    fileName: file.name,
    contentType: context.mimeType ?? "application/octet-stream",
    content: file.content
  }
}

/**
 * Sends the whole content in one form (protocol 5.1).
 *
 * @since 0.1.0
 * @category requests
 */
export const form = (
  context: UploadContext,
  file: FormFile
): WcsRequest<UploadAnswer.UploadAnswer> =>
  upload({ ...context, size: contentSize(file.content) }, {
    operation: "upload",
    path: "/file/upload",
    headers: {},
    body: formBody(context, file),
    decode: UploadAnswer.decode
  })

/**
 * What the service says after an append (protocol 5.5).
 *
 * @since 0.1.0
 * @category models
 */
export interface AppendAnswer extends UploadAnswer.UploadAnswer {
  /** The object's new length in bytes; absent when the answer does not tell. */
  readonly nextPosition: number | undefined
}

/**
 * Adds content at the end of an object, or creates it, in one form (protocol 5.5).
 *
 * @since 0.1.0
 * @category requests
 */
export const append = (
  context: UploadContext,
  position: number,
  file: FormFile
): WcsRequest<AppendAnswer> =>
  upload({ ...context, size: contentSize(file.content) }, {
    operation: "append",
    path: `/append/${position}`,
    headers: {},
    body: formBody(context, file),
    decode: (answer) =>
      Either.map(UploadAnswer.decode(answer), (read) => ({ ...read, nextPosition: nextPosition(answer) }))
  })
