import { content, etag } from "./content.ts"
import type { Options, RequestCase, VectorFile } from "./files.ts"

/** What a case is about, gathered from its call and its settings. */
export interface Setting {
  readonly sdk: "python" | "node"
  readonly method: string
  readonly accessKey: string
  readonly secretKey: string
  readonly bucket: string
  readonly key: string
  /** The key that the Node SDK sends beside that of the scope. */
  readonly named: string | undefined
  readonly mimeType: string | undefined
  /** How many days the object stays. */
  readonly days: number | undefined
  /** What is uploaded. */
  readonly bytes: Uint8Array
  readonly etag: string
  readonly blockSize: number
  readonly chunkSize: number
  readonly sequential: boolean
  /** The id that the call names. */
  readonly uploadId: string | undefined
  /** The id that the recorder gave to a new upload. */
  readonly newUploadId: string
  readonly policy: { readonly [field: string]: unknown }
  /** The text of the `.wcscfg` file. */
  readonly cfg: string
}

const hosts: Options = {
  put: "put.test",
  mgr: "mgr.test",
  put_tls: "put-tls.test",
  mgr_tls: "mgr-tls.test",
  source: "source.test",
  refused: "refused.test"
}

/** Puts hosts in the places of `{{…}}`. */
export const fill = (text: string): string => text.replaceAll(/\{\{(\w+)\}\}/g, (all, name) => hosts[name] ?? all)

/**
 * The settings of a call as a file. The vendor's defaults that are not ours are written out. Options that the program
 * sets are taken over unless they are empty or 0, which the vendor takes for "not set".
 */
const settings = (file: VectorFile<RequestCase>, { call }: RequestCase): Options => ({
  ishttps: "False",
  ...file.base_config,
  ...call.config,
  ...Object.fromEntries(
    Object.entries(call.config_memory ?? {}).filter(([, value]) => Boolean(value)).map(([name, value]) => [
      name,
      String(value)
    ])
  ),
  ...(call.args["multi_size"] === undefined ? {} : { multi_size: String(call.args["multi_size"]) })
})

export const setting = (file: VectorFile<RequestCase>, vector: RequestCase): Setting => {
  const { args, method } = vector.call
  const options = settings(file, vector)
  const local = vector.files?.["f.bin"]
  const remote = vector.requests.findLast((request) => request.target === "source")?.response.body_gen
  const generated = local ?? remote
  const bytes = generated === undefined ? new Uint8Array() : content(generated.generator, generated.size)
  return {
    sdk: vector.sdk ?? "python",
    method,
    accessKey: options["access_key"] ?? "",
    secretKey: options["secret_key"] ?? "",
    bucket: args["bucket"],
    key: args["key"] ?? "",
    named: args["named"],
    mimeType: args["mimeType"],
    days: args["days"],
    bytes,
    etag: etag(bytes),
    blockSize: Number(options["block_size"] ?? 4194304),
    chunkSize: Number(options["bput_size"] ?? 4194304),
    sequential: vector.ordering !== "lanes",
    uploadId: args["tmp_upload_id"] ?? options["upload_id"],
    newUploadId: file.new_upload_id,
    policy: vector.upload_tokens?.[0]?.policy ?? args["policy"] ?? {},
    cfg: `[default]\n${Object.entries(options).map(([name, value]) => `${name} = ${fill(value)}\n`).join("")}`
  }
}
