import * as ConfigError from "effect/ConfigError"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Settings from "../domain/Settings.ts"
import { toUrl } from "../domain/SettingText.ts"
import type { UploadPolicy } from "../domain/UploadPolicy.ts"
import type { Credentials, WcsOptions } from "../services/WcsConfig.ts"

/** A record without the fields that hold nothing, which are optional ones: it has its type, which `fromEntries` forgets. */
const present = <A extends object>(fields: A): A =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as A

const missing = (name: Settings.Name, given: Settings.Name) =>
  Either.left(
    ConfigError.MissingData(
      [Settings.variable(name)],
      `${name} is not set, but ${given} is: requests are signed with both`
    )
  )

const credentials = (values: Settings.Values): Either.Either<Credentials | undefined, ConfigError.ConfigError> => {
  const { access_key: accessKey, secret_key: secretKey } = values
  return accessKey === undefined
    ? secretKey === undefined ? Either.right(undefined) : missing("access_key", "secret_key")
    : secretKey === undefined
    ? missing("secret_key", "access_key")
    : Either.right({ accessKey, secretKey })
}

const policy = (values: Settings.Values): UploadPolicy =>
  present({
    overwrite: values.overwrite,
    returnUrl: values.returnUrl,
    returnBody: values.returnBody,
    callbackUrl: values.callbackUrl,
    callbackBody: values.callbackBody,
    persistentOps: values.persistentOps,
    persistentNotifyUrl: values.persistentNotifyUrl,
    contentDetect: values.contentDetect,
    detectNotifyURL: values.detectNotifyURL,
    detectNotifyRule: values.detectNotifyRule,
    hashAlgorithm: values.hashAlgorithm
  })

/** Settings as the services read them. Fields about which nothing is said are absent. */
export const fromValues = (values: Settings.Values): Either.Either<WcsOptions, ConfigError.ConfigError> => {
  const url = (host: string | undefined, bucket: boolean) =>
    host === undefined
      ? undefined
      : Option.getOrUndefined(toUrl(host, { scheme: values.ishttps ? "https" : "http", bucket }))
  return Either.map(credentials(values), (credentials) =>
    present({
      credentials,
      uploadUrl: url(values.put_url, false),
      managementUrl: url(values.mgr_url, false),
      downloadUrl: url(values.download_url, true),
      verifyTls: values.isverify,
      keepAlive: values.keepalive,
      blockSize: values.block_size,
      chunkSize: values.bput_size,
      concurrency: values.concurrency,
      totalConcurrency: values.total_concurrency,
      adaptiveConcurrency: values.adaptive_concurrency,
      onBusy: values.on_busy,
      formLimit: values.multi_size,
      retries: {
        connect: values.connection_retries,
        mkblk: values.mkblk_retries,
        bput: values.bput_retries,
        mkfile: values.mkfile_retries
      },
      connectTimeout: values.connect_timeout,
      requestTimeout: values.connection_timeout,
      stallTimeout: values.stall_timeout,
      uploadTimeout: values.upload_timeout,
      tokenLifetime: values.deadline,
      trafficLimit: values.traffic_limit,
      checks: values.checks,
      recordFolder: values.tmp_record_folder,
      logFolder: values.logger_folder,
      uploadId: values.upload_id,
      policy: policy(values),
      list: present({
        limit: values.limit,
        prefix: values.prefix,
        marker: values.marker,
        mode: values.mode === "unsent" ? undefined : values.mode
      }),
      tasks: present({ notifyUrl: values.notifyurl, separate: values.separate, force: values.force })
    }))
}
