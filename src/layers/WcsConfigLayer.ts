/**
 * `WcsConfig` from a program's values, from any `ConfigProvider`, and from a `.wcscfg` file.
 *
 * Build a layer once and share the constant: two calls give two services.
 *
 * @since 0.1.0
 */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Cause from "effect/Cause"
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as ConfigProvider from "effect/ConfigProvider"
import * as ConfigProviderPathPatch from "effect/ConfigProviderPathPatch"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as Settings from "../domain/Settings.ts"
import * as WcsCfg from "../domain/WcsCfg.ts"
import { reasonOf } from "../internal/reasonOf.ts"
import type { Some } from "../internal/some.ts"
import * as wcsOptions from "../internal/wcsOptions.ts"
import { type ListDefaults, type Retries, WcsConfig, type WcsOptions } from "../services/WcsConfig.ts"

type DurationName = "connectTimeout" | "requestTimeout" | "stallTimeout" | "uploadTimeout" | "tokenLifetime"

/**
 * Settings as a program writes them: what is left out has the default of the table `Settings`. Hosts may stand without
 * `https://`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options extends
  Some<
    & Omit<WcsOptions, "credentials" | "retries" | DurationName | "list">
    // Over the properties and not over their names alone: so they keep their documentation.
    & { readonly [Name in keyof Pick<WcsOptions, DurationName>]: Duration.DurationInput }
  >
{
  readonly credentials?:
    | { readonly accessKey: string; readonly secretKey: string | Redacted.Redacted }
    | undefined
  readonly retries?: Some<Retries> | undefined
  readonly list?: Some<ListDefaults> | undefined
}

/**
 * Where settings are looked for, in order: `overrides`, the current `ConfigProvider`, a `.wcscfg` file. Without `file`
 * that is `$HOME/.wcscfg`, if there is one; a file that is named must exist.
 *
 * @since 0.1.0
 * @category models
 */
export interface Sources {
  readonly overrides?: ConfigProvider.ConfigProvider | undefined
  readonly file?: string | undefined
}

const duration = (time: Duration.DurationInput | undefined) => time === undefined ? undefined : Duration.decode(time)

/**
 * Completes and checks a program's values.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): Either.Either<WcsOptions, ConfigError.ConfigError> => {
  const { credentials, policy = {} } = options
  const secretKey = credentials?.secretKey
  return Settings.fromOptions({
    ...options,
    credentials: credentials && {
      accessKey: credentials.accessKey,
      secretKey: typeof secretKey === "string" && secretKey !== "" ? Redacted.make(secretKey) : secretKey
    },
    connectTimeout: duration(options.connectTimeout),
    requestTimeout: duration(options.requestTimeout),
    stallTimeout: duration(options.stallTimeout),
    uploadTimeout: duration(options.uploadTimeout),
    tokenLifetime: duration(options.tokenLifetime),
    // A policy says more than the settings can, and is checked when it is signed.
    policy: {}
  }).pipe(
    Either.flatMap(wcsOptions.fromValues),
    Either.map((complete) => ({ ...complete, policy }))
  )
}

const unavailable = (file: string, reason: string, cause: Cause.Cause<unknown> = Cause.empty) =>
  ConfigError.SourceUnavailable([file], `the settings cannot be read: ${reason}`, cause)

const unreadable = (file: string, cause: PlatformError) => unavailable(file, reasonOf(cause), Cause.fail(cause))

/** In bytes, well above any file of settings: a device or a wrong file may have no end. */
const largestFile = 1024 * 1024

/**
 * Reads a `.wcscfg` file. Lines that cannot be read are logged as warnings.
 *
 * @since 0.1.0
 * @category constructors
 */
export const readFile = (
  file: string
): Effect.Effect<WcsCfg.WcsCfg, ConfigError.ConfigError, FileSystem.FileSystem> =>
  Effect.flatMap(
    FileSystem.FileSystem,
    (fs) => Stream.mkString(Stream.decodeText(fs.stream(file, { bytesToRead: largestFile + 1 })))
  ).pipe(
    Effect.mapError((error) => unreadable(file, error)),
    Effect.filterOrFail(
      (text) => text.length <= largestFile,
      () => unavailable(file, `it is longer than ${largestFile} bytes`)
    ),
    Effect.map(WcsCfg.parse),
    Effect.tap(({ warnings }) =>
      Effect.forEach(warnings, ({ line, reason }) => Effect.logWarning(`${file}: line ${line} ${reason}`), {
        discard: true
      })
    ),
    Effect.annotateLogs({ package: "effect-wcs", module: "WcsConfigLayer" })
  )

/**
 * A `.wcscfg` file as a `ConfigProvider`. Lines that cannot be read are logged as warnings.
 *
 * @since 0.1.0
 * @category constructors
 */
export const providerFile = (
  file: string
): Effect.Effect<ConfigProvider.ConfigProvider, ConfigError.ConfigError, FileSystem.FileSystem> =>
  Effect.map(readFile(file), (cfg) => WcsCfg.toProvider(cfg, file))

/** Asks `second` for what `first` does not hold. Unlike `ConfigProvider.orElse`, a bad value of `first` is an error. */
const orElseMissing = (first: ConfigProvider.ConfigProvider, second: ConfigProvider.ConfigProvider) =>
  ConfigProvider.fromFlat(ConfigProvider.makeFlat({
    load: <A>(path: ReadonlyArray<string>, primitive: Config.Config.Primitive<A>) => {
      const named = path.reduceRight((inner: Config.Config<A>, name) => Config.nested(inner, name), primitive)
      return first.load(named).pipe(
        Effect.catchIf(ConfigError.isMissingDataOnly, () => second.load(named)),
        Effect.map((value) => [value])
      )
    },
    enumerateChildren: (path) => first.flattened.enumerateChildren(path),
    patch: ConfigProviderPathPatch.empty
  }))

const exists = (file: string) =>
  Effect.flatMap(FileSystem.FileSystem, (fs) => fs.exists(file)).pipe(
    // `BadResource`: the home is no folder, as that of a daemon may be.
    Effect.catchIf((error) => error._tag === "SystemError" && error.reason === "BadResource", () =>
      Effect.succeed(false)),
    Effect.mapError((error) =>
      unreadable(file, error)
    )
  )

/**
 * `$HOME/.wcscfg`, whether it is there or not; `None` without a home.
 *
 * @since 0.1.0
 * @category constructors
 */
export const defaultFile: Effect.Effect<Option.Option<string>, ConfigError.ConfigError> = Effect.map(
  Config.withDefault(Config.string("HOME"), ""),
  (home) => home === "" ? Option.none() : Option.some(`${home}/.wcscfg`)
)

/**
 * The file that settings are read from: the one that is named, else the default one if it is there.
 *
 * @since 0.1.0
 * @category constructors
 */
export const findFile = (
  { file }: Pick<Sources, "file">
): Effect.Effect<Option.Option<string>, ConfigError.ConfigError, FileSystem.FileSystem> =>
  file === undefined
    ? Effect.flatMap(
      defaultFile,
      Option.match({
        onNone: () => Effect.succeedNone,
        onSome: (file) => Effect.map(exists(file), (there) => there ? Option.some(file) : Option.none())
      })
    )
    : Effect.succeedSome(file)

/**
 * All sources of settings as one `ConfigProvider`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const providerDefault = (
  sources: Sources = {}
): Effect.Effect<ConfigProvider.ConfigProvider, ConfigError.ConfigError, FileSystem.FileSystem> =>
  Effect.gen(function*() {
    const current = yield* Effect.configProviderWith(Effect.succeed)
    const named = sources.overrides === undefined ? current : orElseMissing(sources.overrides, current)
    const file = yield* findFile(sources)
    return Option.isSome(file) ? orElseMissing(named, yield* providerFile(file.value)) : named
  })

/**
 * Every setting under the name of its environment variable: `WCS_ACCESS_KEY`, `WCS_SECRET_KEY`, …
 *
 * @since 0.1.0
 * @category configs
 */
export const config: Config.Config<WcsOptions> = Config.mapOrFail(Settings.config, wcsOptions.fromValues)

/**
 * Settings that stand in the program.
 *
 * @example
 * import { Redacted } from "effect"
 * import { WcsConfigLayer } from "effect-wcs"
 *
 * export const Account = WcsConfigLayer.layer({
 *   credentials: { accessKey: "my-access-key", secretKey: Redacted.make("my-secret-key") },
 *   uploadUrl: "account.up0.v1.wcsapi.com",
 *   managementUrl: "account.mgr0.v1.wcsapi.com",
 *   concurrency: 8
 * })
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options?: Options): Layer.Layer<WcsConfig, ConfigError.ConfigError> =>
  Layer.effect(WcsConfig, Effect.suspend(() => make(options)))

/**
 * Settings from the current `ConfigProvider`: the environment's `WCS_*` variables, unless a program says otherwise.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerEnv: Layer.Layer<WcsConfig, ConfigError.ConfigError> = Layer.effect(WcsConfig, config)

/**
 * Settings from one `ConfigProvider`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerProvider = (
  provider: ConfigProvider.ConfigProvider
): Layer.Layer<WcsConfig, ConfigError.ConfigError> => Layer.effect(WcsConfig, provider.load(config))

/**
 * Settings from all sources: the `WCS_*` variables, then `$HOME/.wcscfg` or the file that is named, then the defaults.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerDefault = (
  sources?: Sources
): Layer.Layer<WcsConfig, ConfigError.ConfigError, FileSystem.FileSystem> =>
  Layer.effect(WcsConfig, Effect.flatMap(providerDefault(sources), (provider) => provider.load(config)))

/**
 * Settings from one `.wcscfg` file and nothing else.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerFile = (
  file: string
): Layer.Layer<WcsConfig, ConfigError.ConfigError, FileSystem.FileSystem> =>
  Layer.effect(WcsConfig, Effect.flatMap(providerFile(file), (provider) => provider.load(config)))
