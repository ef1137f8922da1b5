import { base64url } from "./content.ts"
import { clock, load, type Options, type Outcome, type Records, type RequestCase, type VectorFile } from "./files.ts"

/** A record file of the Node SDK (protocol 16.3). */
interface NodeRecord {
  readonly uploadBatch: string
  readonly ctxs: ReadonlyArray<{ readonly ctx: string; readonly offset: number }>
}

interface NodeCase extends Omit<RequestCase, "call" | "outcome"> {
  readonly call: { readonly method: string; readonly args: ReadonlyArray<any>; readonly config?: Options }
  readonly record_after?: NodeRecord | null
  readonly outcome: {
    readonly callbacks: ReadonlyArray<{ readonly data: string | null; readonly status: number | null }>
    readonly progress: ReadonlyArray<readonly [sent: number, total: number]>
  }
}

const settings: Options = {
  AccessKey: "access_key",
  SecretKey: "secret_key",
  UploadDomain: "put_url",
  MgrDomain: "mgr_url"
}

const upload = ([path, policy, extra]: ReadonlyArray<any>) => {
  const [bucket, ...key] = policy.scope.split(":")
  const { deadline, key: named = path.$file, mimeType, params, progressCallback } = extra ?? {}
  return { path, bucket, key: key.join(":"), policy, named, mimeType, days: deadline, params, progressCallback }
}

/** Calls by their names and arguments in the Python SDK. */
const calls: { readonly [method: string]: readonly [name: string, args: (args: ReadonlyArray<any>) => object] } = {
  uploadByPath: ["simple_upload", upload],
  resumeUploadByPath: ["multipart_upload", upload],
  fileStat: ["stat", ([bucket, key]) => ({ bucket, key })],
  fileDelete: ["delete", ([bucket, key]) => ({ bucket, key })],
  fops: ["ops_execute", ([bucket, key, fops, notifyURL, force, separate]) => ({
    bucket,
    key,
    fops,
    options: { ...(notifyURL === null ? {} : { notifyUrl: notifyURL }), force: force === 1, separate: separate === 1 }
  })],
  fopsStatus: ["ops_status", ([persistentId]) => ({ persistentId })]
}

const outcomeOf = ({ callbacks: [answer], progress }: NodeCase["outcome"]): Outcome =>
  answer?.status === undefined || answer.status === null
    ? { kind: "raise" }
    : { kind: "return", value: [answer.status, answer.data], progress }

/** The blocks of a record file, as the Python SDK writes them down. */
const recordsOf = ({ ctxs, uploadBatch }: NodeRecord): Records =>
  Object.fromEntries(ctxs.map(({ ctx, offset: size }, index) => {
    const offset = index * 4_194_304
    return [`${uploadBatch}/${offset}`, `{"offset": ${offset}, "code": 200, "ctx": "${ctx}", "size": ${size}}`]
  }))

/** The Node SDK's cases in the terms of the Python SDK's, which those of all other files are in. */
export const loadNode = (name: string): VectorFile<RequestCase> => {
  const file = load<NodeCase>(name)
  return {
    base_config: {
      ...Object.fromEntries(Object.entries(file.base_config).map(([name, value]) => [settings[name] ?? name, value])),
      // It sends one block after another.
      concurrency: "0"
    },
    new_upload_id: base64url(`wcs-nodejs-sdk${clock}`),
    cases: file.cases.map(({ call, outcome, record_after: record, ...rest }) => {
      const [method, args] = calls[call.method] ?? [call.method, () => ({})]
      return {
        ...rest,
        sdk: "node",
        call: { method, args: args(call.args) },
        outcome: outcomeOf(outcome),
        ...(record ? { records_after: recordsOf(record) } : {})
      }
    })
  }
}
