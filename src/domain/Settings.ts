/**
 * Every setting of a client, in one table: the `Config`, the `.wcscfg` file, its dump and the documentation are all
 * read from it (protocol 13.2).
 *
 * Some defaults differ from the vendor's on purpose: hosts without a scheme are reached by https, connections are kept
 * alive, and there is no shared folder of upload records.
 *
 * @since 0.1.0
 */
import * as Array from "effect/Array"
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Record from "effect/Record"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as Text from "./SettingText.ts"

/**
 * A setting: how its text reads, and what it is.
 *
 * @since 0.1.0
 * @category models
 */
export interface Setting<A, Default extends A | undefined = A | undefined> {
  readonly schema: Schema.Schema<A, string>
  /** The value when nothing is said. */
  readonly default: Default
  /** Where the value is found in `WcsOptions`; absent where no single field holds it. */
  readonly option?: string
  /** What its number counts. */
  readonly unit?: string
  readonly description: string
  /** Whether it is kept out of dumps and messages. */
  readonly secret: boolean
}

interface About {
  readonly option?: string
  readonly unit?: string
  readonly secret?: boolean
}

const setting = <A>(
  schema: Schema.Schema<A, string>,
  byDefault: NoInfer<A>,
  description: string,
  about: About = {}
): Setting<A, A> => ({ schema, default: byDefault, description, secret: false, ...about })

const optional = <A>(
  schema: Schema.Schema<A, string>,
  description: string,
  about: About = {}
): Setting<A, undefined> => ({ schema, default: undefined, description, secret: false, ...about })

/**
 * The settings by their names in a `.wcscfg` file.
 *
 * @since 0.1.0
 * @category constants
 */
export const table = {
  access_key: optional(Text.AccessKey, "The access key of the account.", { option: "credentials.accessKey" }),
  secret_key: optional(Text.SecretKey, "The secret key of the account.", {
    option: "credentials.secretKey",
    secret: true
  }),
  put_url: optional(Text.Host, "The upload domain of the account.", { option: "uploadUrl" }),
  mgr_url: optional(Text.Host, "The management domain of the account.", { option: "managementUrl" }),
  download_url: optional(Text.DownloadHost, "The domain of downloads.", { option: "downloadUrl" }),
  ishttps: setting(Text.Switch, true, "Whether a domain without a scheme is reached by https."),
  isverify: setting(Text.Switch, true, "Whether TLS certificates are checked.", { option: "verifyTls" }),
  keepalive: setting(Text.Switch, true, "Whether connections are used again.", { option: "keepAlive" }),
  block_size: setting(Text.BlockSize, 4194304, "The size of a block.", { option: "blockSize", unit: "bytes" }),
  bput_size: setting(Text.ChunkSize, 4194304, "The size of a chunk, the body of one request.", {
    option: "chunkSize",
    unit: "bytes"
  }),
  multi_size: setting(Text.Mebibytes, 20 * 1024 * 1024, "Up to this size content travels as a form, above in blocks.", {
    option: "formLimit",
    unit: "MiB"
  }),
  concurrency: setting(
    Text.Count,
    4,
    "How many blocks of one upload, or files of one folder, are in flight; 0: one after another.",
    {
      option: "concurrency"
    }
  ),
  total_concurrency: setting(
    Text.Count,
    0,
    "How many blocks and forms of all uploads are in flight; 0: no such bound.",
    {
      option: "totalConcurrency"
    }
  ),
  adaptive_concurrency: setting(
    Text.Switch,
    false,
    "Whether fewer blocks are in flight while the service throttles or is silent.",
    {
      option: "adaptiveConcurrency"
    }
  ),
  on_busy: setting(
    Text.OnBusy,
    "refuse",
    "Where another process works on the same upload: give up, wait for it, or send what it has not.",
    {
      option: "onBusy"
    }
  ),
  connection_retries: setting(Text.Count, 3, "Further attempts of all but mkblk, bput and mkfile.", {
    option: "retries.connect"
  }),
  mkblk_retries: setting(Text.Count, 3, "Further attempts to begin a block.", { option: "retries.mkblk" }),
  bput_retries: setting(Text.Count, 3, "Further attempts to send a chunk.", { option: "retries.bput" }),
  mkfile_retries: setting(Text.Count, 3, "Further attempts to assemble an object.", { option: "retries.mkfile" }),
  connect_timeout: setting(Text.Timeout, Duration.seconds(10), "How long connecting may take, TLS included.", {
    option: "connectTimeout",
    unit: "seconds"
  }),
  connection_timeout: setting(
    Text.Timeout,
    Duration.seconds(40),
    "How long an answer may take once the request is sent.",
    {
      option: "requestTimeout",
      unit: "seconds"
    }
  ),
  stall_timeout: setting(Text.Timeout, Duration.seconds(40), "How long a body may stand still on its way.", {
    option: "stallTimeout",
    unit: "seconds"
  }),
  upload_timeout: setting(
    Text.Patience,
    Duration.zero,
    "How long a whole upload may take, of a folder each file's; 0: as long as it moves.",
    {
      option: "uploadTimeout",
      unit: "seconds"
    }
  ),
  deadline: setting(Text.Lifetime, Duration.hours(2), "How long an upload token lives.", {
    option: "tokenLifetime",
    unit: "seconds"
  }),
  traffic_limit: setting(Text.Count, 0, "The `x-wos-traffic-limit` of uploads and downloads; 0: not sent.", {
    option: "trafficLimit"
  }),
  checks: setting(Text.Switch, true, "Whether chunks and objects are compared with what the service holds.", {
    option: "checks"
  }),
  tmp_record_folder: optional(Text.Folder, "Where records of uploads are kept; absent: a private folder of the user.", {
    option: "recordFolder"
  }),
  logger_folder: optional(Text.Folder, "Where operations are logged, one private file a day; absent: nowhere.", {
    option: "logFolder"
  }),
  upload_id: optional(Text.UploadId, "The upload to resume.", { option: "uploadId" }),
  overwrite: optional(Text.Flag, "Upload policy: whether an existing object is replaced.", {
    option: "policy.overwrite"
  }),
  returnUrl: optional(Text.Url, "Upload policy: where the answer redirects to.", { option: "policy.returnUrl" }),
  returnBody: optional(Text.Line, "Upload policy: the template of the answer.", { option: "policy.returnBody" }),
  callbackUrl: optional(Text.Url, "Upload policy: what the service calls after storing.", {
    option: "policy.callbackUrl"
  }),
  callbackBody: optional(Text.Line, "Upload policy: the template of that call's body.", {
    option: "policy.callbackBody"
  }),
  persistentOps: optional(Text.Line, "Upload policy: media commands to run after storing.", {
    option: "policy.persistentOps"
  }),
  persistentNotifyUrl: optional(Text.Url, "Upload policy: where the result of those commands is sent.", {
    option: "policy.persistentNotifyUrl"
  }),
  contentDetect: optional(Text.Line, "Upload policy: image moderation after storing.", {
    option: "policy.contentDetect"
  }),
  detectNotifyURL: optional(Text.Url, "Upload policy: where the result of the moderation is sent.", {
    option: "policy.detectNotifyURL"
  }),
  detectNotifyRule: optional(Text.Line, "Upload policy: which results of the moderation are sent.", {
    option: "policy.detectNotifyRule"
  }),
  hashAlgorithm: optional(Text.Line, "Upload policy: `crc64ecma` for a CRC-64 of the object.", {
    option: "policy.hashAlgorithm"
  }),
  limit: setting(Text.PageSize, 1000, "How many objects a page of a listing holds at most.", { option: "list.limit" }),
  prefix: optional(Text.Line, "What the keys of a listing begin with.", { option: "list.prefix" }),
  marker: optional(Text.Line, "Where a listing goes on.", { option: "list.marker" }),
  mode: setting(Text.ListMode, "unsent", "A listing of one level: 0 files first, 1 folders first; 3: of all levels.", {
    option: "list.mode"
  }),
  notifyurl: optional(Text.Url, "Where the result of an asynchronous task is sent.", { option: "tasks.notifyUrl" }),
  separate: optional(Text.Flag, "Whether each command of a task is notified by itself.", { option: "tasks.separate" }),
  force: optional(Text.Flag, "Whether a task does its work again where its result exists.", { option: "tasks.force" }),
  output: optional(Text.Line, "Accepted and unused, as in the vendor's tool.")
}

/**
 * The name of a setting.
 *
 * @since 0.1.0
 * @category models
 */
export type Name = keyof typeof table

/**
 * The value of every setting.
 *
 * @since 0.1.0
 * @category models
 */
export type Values = {
  readonly [K in Name]: (typeof table)[K] extends Setting<infer A, infer Default> ? A | Default : never
}

/**
 * The names of all settings, in the order of the table.
 *
 * @since 0.1.0
 * @category constants
 */
export const names: ReadonlyArray<Name> = Record.keys(table)

/**
 * The environment variable of a setting: `WCS_BLOCK_SIZE` of `block_size`, `WCS_RETURN_URL` of `returnUrl`.
 *
 * @since 0.1.0
 * @category conversions
 */
export const variable = (name: Name): string => `WCS_${name.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2").toUpperCase()}`

/**
 * What a right value of a setting is.
 *
 * @since 0.1.0
 * @category conversions
 */
export const expected = (name: Name): string =>
  Option.getOrElse(SchemaAST.getDescriptionAnnotation(table[name].schema.ast), () => "another value")

/** The setting whatever its type, for what treats all alike: a loop over the names cannot tell which value is whose. */
const erased = (name: Name) => table[name] as Setting<unknown, unknown>

const encode = (name: Name, value: unknown): string =>
  value === undefined ? "" : Schema.encodeSync(erased(name).schema)(value)

/**
 * The text of a setting's value; empty where there is none.
 *
 * @since 0.1.0
 * @category encoding
 */
export const toText = <K extends Name>(name: K, value: Values[K]): string => encode(name, value)

/**
 * A text as it is written for a setting, or what is expected where it is none of its.
 *
 * @since 0.1.0
 * @category decoding
 */
export const check = (name: Name, text: string): Either.Either<string, string> =>
  Either.mapBoth(Schema.decodeEither(erased(name).schema)(text), {
    onLeft: () => expected(name),
    onRight: (value) => encode(name, value)
  })

/**
 * What a person is told of a setting, and the text of its default; empty where there is none.
 *
 * @since 0.1.0
 * @category conversions
 */
export const about = (name: Name): { readonly description: string; readonly default: string } => {
  const { default: byDefault, description } = erased(name)
  return { description, default: encode(name, byDefault) }
}

/** An empty text is no value. The text itself stays out of the error: it may be a secret, or hold one. */
const configOf = <A, Default extends A | undefined>(
  name: Name,
  self: Setting<A, Default>
): Config.Config<A | Default> =>
  Config.primitive(expected(name), (text): Either.Either<A, ConfigError.ConfigError> =>
    text === ""
      ? Either.left(ConfigError.MissingData([], "is empty"))
      : Either.mapLeft(
        Schema.decodeEither(self.schema)(text),
        () => ConfigError.InvalidData([], `expected ${expected(name)}`)
      )).pipe(
      Config.nested(variable(name)),
      Config.withDescription(self.description),
      Config.withDefault(self.default)
    )

/**
 * All settings from any `ConfigProvider`, by the names of their environment variables. All bad values are reported at
 * once.
 *
 * @since 0.1.0
 * @category configs
 */
export const config: Config.Config<Values> = Config.all(
  Object.fromEntries(names.map((name) => [name, configOf(name, erased(name))])) as {
    readonly [K in Name]: Config.Config<Values[K]>
  }
)

const at = (options: unknown, path: string): unknown =>
  path.split(".").reduce((value, field) => Predicate.isRecord(value) ? value[field] : undefined, options)

/**
 * All settings from a program's values: each is read where its `option` says, checked, or takes its default. All bad
 * values are reported at once.
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromOptions = (options: object): Either.Either<Values, ConfigError.ConfigError> => {
  const [errors, entries] = Array.separate(names.map((name) => {
    const { default: byDefault, option, schema } = erased(name)
    const value = option === undefined ? undefined : at(options, option)
    if (option === undefined || value === undefined || value === "") return Either.right([name, byDefault] as const)
    return Schema.is(Schema.typeSchema(schema))(value)
      ? Either.right([name, value] as const)
      : Either.left(ConfigError.InvalidData([option], `expected ${expected(name)}`))
  }))
  return Array.isNonEmptyArray(errors)
    ? Either.left(errors.reduce(ConfigError.And))
    : Either.right(Object.fromEntries(entries) as Values)
}
