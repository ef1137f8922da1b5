import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { ConfigError, ConfigProvider, Context, Effect, Layer, Logger, Redacted } from "effect"
import { inspect } from "node:util"
import * as WcsConfigLayer from "../../src/layers/WcsConfigLayer.ts"
import { WcsConfig } from "../../src/services/WcsConfig.ts"

const variables = (map: Record<string, string>) =>
  Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(map))))

const build = <E, R>(layer: Layer.Layer<WcsConfig, E, R>) =>
  Effect.map(Effect.scoped(Layer.build(layer)), (context) => Context.get(context, WcsConfig))

/** A home with a `.wcscfg` of this text; none without a text. */
const home = (text?: string) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const folder = yield* fs.makeTempDirectoryScoped()
    if (text !== undefined) yield* fs.writeFileString(`${folder}/.wcscfg`, text)
    return folder
  })

const vendorFile = [
  "[default]",
  "access_key = AKexample0001",
  "secret_key = SKexample0001secret",
  "put_url = p.example.com",
  "mgr_url = m.example.com",
  "concurrency = 2",
  "limit = 10",
  "ishttps = False",
  "overwrite = 0",
  "tmp_record_folder = /tmp/multipart/",
  "mode = 3",
  ""
].join("\n")

describe("WcsConfigLayer", () => {
  it.effect("layer: from values", () =>
    Effect.gen(function*() {
      const config = yield* build(WcsConfigLayer.layer({ uploadUrl: "p.example.com", concurrency: 1 }))
      assert.strictEqual(config.uploadUrl, "https://p.example.com")
      assert.strictEqual(config.concurrency, 1)
      const error = yield* Effect.flip(build(WcsConfigLayer.layer({ concurrency: -1 })))
      assert.isTrue(ConfigError.isConfigError(error))
    }))

  it.effect("layerEnv: from the current provider", () =>
    Effect.gen(function*() {
      const config = yield* build(WcsConfigLayer.layerEnv).pipe(
        variables({ WCS_ACCESS_KEY: "AK", WCS_SECRET_KEY: "SK", WCS_RETURN_URL: "http://r.example.com/" })
      )
      assert.strictEqual(config.credentials?.accessKey, "AK")
      assert.deepStrictEqual(config.policy, { returnUrl: "http://r.example.com/" })
      const error = yield* Effect.flip(variables({ WCS_CONCURRENCY: "many" })(build(WcsConfigLayer.layerEnv)))
      assert.include(String(error), "WCS_CONCURRENCY")
    }))

  it.effect("layerProvider: from one provider", () =>
    Effect.gen(function*() {
      const provider = ConfigProvider.fromJson({ WCS_LIMIT: "5" })
      const config = yield* variables({ WCS_LIMIT: "6" })(build(WcsConfigLayer.layerProvider(provider)))
      assert.strictEqual(config.list.limit, 5)
    }))

  it.scoped("layerFile: from a file of the vendor's, and nothing else", () =>
    Effect.gen(function*() {
      const folder = yield* home(vendorFile)
      const config = yield* build(WcsConfigLayer.layerFile(`${folder}/.wcscfg`)).pipe(
        variables({ WCS_LIMIT: "6", HOME: folder })
      )
      assert.strictEqual(config.credentials && Redacted.value(config.credentials.secretKey), "SKexample0001secret")
      assert.strictEqual(config.uploadUrl, "http://p.example.com")
      assert.deepStrictEqual(config.policy, { overwrite: false })
      assert.deepStrictEqual(config.list, { limit: 10 })
      assert.strictEqual(config.recordFolder, "/tmp/multipart/")
      assert.notInclude(inspect(config, { depth: 9 }), "SKexample0001secret")
    }).pipe(Effect.provide(NodeContext.layer)))

  it.scoped("layerFile: a file that is not there, or cannot be read, is an error", () =>
    Effect.gen(function*() {
      const folder = yield* home()
      const missing = yield* Effect.flip(build(WcsConfigLayer.layerFile(`${folder}/none`)))
      assert.isTrue(ConfigError.isSourceUnavailable(missing))
      assert.include(String(missing), `${folder}/none`)
      assert.isTrue(ConfigError.isSourceUnavailable(yield* Effect.flip(build(WcsConfigLayer.layerFile(folder)))))
      // It has no end.
      const endless = yield* Effect.flip(build(WcsConfigLayer.layerFile("/dev/zero")))
      assert.include(String(endless), "the settings cannot be read: it is longer than 1048576 bytes")
    }).pipe(Effect.provide(NodeContext.layer)))

  it.scoped("layerDefault: variables win over the file, the file over the defaults, an empty variable over nothing", () =>
    Effect.gen(function*() {
      const HOME = yield* home(vendorFile)
      const config = yield* build(WcsConfigLayer.layerDefault()).pipe(
        variables({ HOME, WCS_LIMIT: "6", WCS_CONCURRENCY: "", WCS_PREFIX: "a/" })
      )
      assert.deepStrictEqual(config.list, { limit: 6, prefix: "a/" })
      assert.strictEqual(config.concurrency, 2)
      assert.strictEqual(config.retries.connect, 3)
      const overrides = ConfigProvider.fromMap(new Map([["WCS_LIMIT", "7"]]))
      const over = yield* variables({ HOME, WCS_LIMIT: "6" })(build(WcsConfigLayer.layerDefault({ overrides })))
      assert.strictEqual(over.list.limit, 7)
    }).pipe(Effect.provide(NodeContext.layer)))

  it.scoped("layerDefault: keys may come from two places", () =>
    Effect.gen(function*() {
      const HOME = yield* home("access_key = AK")
      const config = yield* variables({ HOME, WCS_SECRET_KEY: "SK" })(build(WcsConfigLayer.layerDefault()))
      assert.strictEqual(config.credentials?.accessKey, "AK")
      const half = yield* Effect.flip(variables({ HOME })(build(WcsConfigLayer.layerDefault())))
      assert.include(String(half), "WCS_SECRET_KEY")
    }).pipe(Effect.provide(NodeContext.layer)))

  it.scoped("layerDefault: a bad variable is an error though the file has a good value", () =>
    Effect.gen(function*() {
      const HOME = yield* home(vendorFile)
      const error = yield* Effect.flip(variables({ HOME, WCS_LIMIT: "all" })(build(WcsConfigLayer.layerDefault())))
      assert.include(String(error), "WCS_LIMIT")
    }).pipe(Effect.provide(NodeContext.layer)))

  it.scoped("layerDefault: works without a home and without a file, but not without a file that is named", () =>
    Effect.gen(function*() {
      const empty = yield* home()
      for (const HOME of [empty, `${empty}/nobody`, "/dev/null", ""]) {
        assert.strictEqual((yield* variables({ HOME })(build(WcsConfigLayer.layerDefault()))).list.limit, 1000)
      }
      yield* variables({})(build(WcsConfigLayer.layerDefault()))
      const named = WcsConfigLayer.layerDefault({ file: `${empty}/none` })
      assert.isTrue(ConfigError.isSourceUnavailable(yield* Effect.flip(variables({ HOME: empty })(build(named)))))
      const HOME = yield* home("limit = 0")
      const other = yield* home("limit = 9")
      const config = yield* variables({ HOME })(build(WcsConfigLayer.layerDefault({ file: `${other}/.wcscfg` })))
      assert.strictEqual(config.list.limit, 9)
    }).pipe(Effect.provide(NodeContext.layer)))

  it.scoped("warns of lines that cannot be read, without a word of them", () =>
    Effect.gen(function*() {
      const folder = yield* home("limit = 5\nsecret_key hush-hush\n")
      const logged: Array<string> = []
      const logger = Logger.make(({ logLevel, message }) => {
        logged.push(`${logLevel.label} ${String(message)}`)
      })
      const config = yield* build(WcsConfigLayer.layerFile(`${folder}/.wcscfg`)).pipe(
        Effect.provide(Logger.replace(Logger.defaultLogger, logger))
      )
      assert.strictEqual(config.list.limit, 5)
      assert.deepStrictEqual(logged, [
        `WARN ${folder}/.wcscfg: line 2 is ignored: it is no section, no comment and no \`name = value\``
      ])
    }).pipe(Effect.provide(NodeContext.layer)))

  it.scoped("a bad value of a file is told with its line", () =>
    Effect.gen(function*() {
      const folder = yield* home("[default]\n\nkeepalive = perhaps\nsecret_key = \"<redacted>\"\n")
      const error = String(yield* Effect.flip(build(WcsConfigLayer.layerFile(`${folder}/.wcscfg`))))
      assert.include(error, `keepalive: "line 3 of ${folder}/.wcscfg`)
      assert.include(error, `secret_key: "line 4 of ${folder}/.wcscfg`)
      assert.notInclude(error, "perhaps")
    }).pipe(Effect.provide(NodeContext.layer)))
})
