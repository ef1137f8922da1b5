import { assert, describe, it } from "@effect/vitest"
import { Config, ConfigProvider, Duration, Either, FastCheck, Option, Redacted, Schema } from "effect"
import * as Effect from "effect/Effect"
import { inspect } from "node:util"
import * as Settings from "../../src/domain/Settings.ts"
import * as SettingText from "../../src/domain/SettingText.ts"
import * as WcsConfigLayer from "../../src/layers/WcsConfigLayer.ts"

/** Protocol 13.3, in its order. */
const vendor = [
  "access_key block_size bput_retries bput_size callbackBody callbackUrl concurrency connection_retries",
  "connection_timeout contentDetect deadline detectNotifyRule detectNotifyURL force hashAlgorithm ishttps isverify",
  "keepalive limit marker mgr_url mkblk_retries mkfile_retries mode notifyurl output overwrite persistentNotifyUrl",
  "persistentOps prefix put_url returnBody returnUrl secret_key separate tmp_record_folder traffic_limit upload_id"
].join(" ").split(" ")

const own = [
  "adaptive_concurrency",
  "checks",
  "connect_timeout",
  "download_url",
  "logger_folder",
  "multi_size",
  "on_busy",
  "stall_timeout",
  "total_concurrency",
  "upload_timeout"
]

const read = (settings: Partial<Record<Settings.Name, string>>) =>
  ConfigProvider.fromMap(
    new Map(
      Object.entries(settings).map(([name, text]) => [Settings.variable(name as Settings.Name), text])
    )
  )

const values = (settings: Partial<Record<Settings.Name, string>>) => read(settings).load(Settings.config)
const options = (settings: Partial<Record<Settings.Name, string>>) => read(settings).load(WcsConfigLayer.config)

/** A text for each setting that is right and is not its default. */
const others: Record<Settings.Name, string> = {
  access_key: "AK",
  secret_key: "SK",
  put_url: "p.example.com",
  mgr_url: "m.example.com",
  download_url: "{bucket}.d.example.com",
  ishttps: "false",
  isverify: "no",
  keepalive: "off",
  block_size: "8388608",
  bput_size: "1",
  multi_size: "0",
  concurrency: "0",
  total_concurrency: "8",
  adaptive_concurrency: "1",
  on_busy: "join",
  connection_retries: "0",
  mkblk_retries: "1",
  bput_retries: "2",
  mkfile_retries: "4",
  connect_timeout: "3",
  connection_timeout: "0.5",
  stall_timeout: "7.5",
  upload_timeout: "3600",
  deadline: "60",
  traffic_limit: "819200",
  checks: "0",
  tmp_record_folder: "/tmp/multipart/",
  logger_folder: "/var/log/wcs",
  upload_id: "UPLOADIDexample0000000000000abcd",
  overwrite: "1",
  returnUrl: "http://return.example.com/r",
  returnBody: "key=$(key)",
  callbackUrl: "http://cb.example.com/c",
  callbackBody: "k=$(key)",
  persistentOps: "avthumb/mp4",
  persistentNotifyUrl: "http://pn.example.com/p",
  contentDetect: "imageDetect=porn",
  detectNotifyURL: "http://dn.example.com/d",
  detectNotifyRule: "all",
  hashAlgorithm: "crc64ecma",
  limit: "77",
  prefix: "cfg/目录/",
  marker: "Y2Zn",
  mode: "0",
  notifyurl: "http://notify.example.com/cb?x=1&y=中文",
  separate: "1",
  force: "0",
  output: "json"
}

const at = (value: unknown, path: string): unknown =>
  path.split(".").reduce<unknown>((value, field) => (value as Record<string, unknown> | undefined)?.[field], value)

describe("Settings", () => {
  it("holds every key of the vendor's file, and ours", () => {
    assert.sameMembers([...Settings.names], [...vendor, ...own])
  })

  it("names variables in constant case", () => {
    const named = ["access_key", "returnUrl", "mkblk_retries", "notifyurl", "hashAlgorithm", "detectNotifyURL"] as const
    assert.deepStrictEqual(named.map(Settings.variable), [
      "WCS_ACCESS_KEY",
      "WCS_RETURN_URL",
      "WCS_MKBLK_RETRIES",
      "WCS_NOTIFYURL",
      "WCS_HASH_ALGORITHM",
      "WCS_DETECT_NOTIFY_URL"
    ])
    assert.strictEqual(new Set(Settings.names.map(Settings.variable)).size, Settings.names.length)
  })

  it.effect("has defaults", () =>
    Effect.gen(function*() {
      const defaults = yield* options({})
      assert.deepStrictEqual(defaults, {
        verifyTls: true,
        keepAlive: true,
        blockSize: 4194304,
        chunkSize: 4194304,
        concurrency: 4,
        totalConcurrency: 0,
        formLimit: 20971520,
        retries: { connect: 3, mkblk: 3, bput: 3, mkfile: 3 },
        connectTimeout: Duration.seconds(10),
        requestTimeout: Duration.seconds(40),
        stallTimeout: Duration.seconds(40),
        uploadTimeout: Duration.zero,
        adaptiveConcurrency: false,
        onBusy: "refuse",
        tokenLifetime: Duration.hours(2),
        trafficLimit: 0,
        checks: true,
        policy: {},
        list: { limit: 1000 },
        tasks: {}
      })
    }))

  for (const name of Settings.names) {
    it.effect(`${name} goes where the table says`, () =>
      Effect.gen(function*() {
        const pair = { access_key: "AK", secret_key: "SK" }
        const base = name in pair ? {} : pair
        const before = yield* options(base)
        const after = yield* options({ ...base, ...(name in pair && pair), [name]: others[name] })
        const { option } = Settings.table[name] as Settings.Setting<unknown, unknown>
        if (option === undefined) {
          assert.include(["ishttps", "output"], name)
          assert.deepStrictEqual(after, before)
        } else {
          assert.notDeepEqual(at(after, option), at(before, option))
        }
        const value = (yield* values({ [name]: others[name] }))[name]
        const again = yield* values({ [name]: Settings.toText(name, value) })
        assert.deepStrictEqual(again[name], value)
      }))
  }

  it.effect("takes an empty variable for no variable", () =>
    Effect.gen(function*() {
      const empty = Object.fromEntries(Settings.names.map((name) => [name, ""]))
      assert.deepStrictEqual(yield* values(empty), yield* values({}))
    }))

  it.effect("reads yes and no in any case, and keeps an explicit no apart from nothing", () =>
    Effect.gen(function*() {
      for (const text of ["true", "YES", "On", "1"]) {
        assert.isTrue((yield* options({ overwrite: text })).policy.overwrite)
      }
      for (const text of ["FALSE", "no", "oFF", "0"]) {
        assert.isFalse((yield* options({ overwrite: text })).policy.overwrite)
      }
      assert.deepStrictEqual((yield* options({ separate: "0", force: "1" })).tasks, { separate: false, force: true })
    }))

  it.effect("makes absolute URLs of hosts", () =>
    Effect.gen(function*() {
      const url = (put_url: string, ishttps?: string) =>
        Effect.map(options({ put_url, ...(ishttps && { ishttps }) }), (_) => _.uploadUrl)
      assert.strictEqual(yield* url("p.example.com"), "https://p.example.com")
      assert.strictEqual(yield* url("p.example.com", "false"), "http://p.example.com")
      assert.strictEqual(yield* url("HTTPS://P.example.com:443/", "false"), "https://p.example.com")
      assert.strictEqual(yield* url("localhost:8080"), "https://localhost:8080")
      assert.strictEqual(yield* url("http://[::1]:80/base/path/"), "http://[::1]/base/path")
      const download = yield* options({ download_url: "cdn.example.com/{bucket}/" })
      assert.strictEqual(download.downloadUrl, "https://cdn.example.com/{bucket}")
      assert.strictEqual(
        (yield* options({ download_url: "http://{bucket}.example.com" })).downloadUrl,
        "http://{bucket}.example.com"
      )
    }))

  const bad: ReadonlyArray<readonly [Settings.Name, ReadonlyArray<string>]> = [
    ["put_url", [
      "ftp://p.example.com",
      "https://user:pw@p.example.com",
      "p.example.com?x=1",
      "p.example.com#f",
      "https://",
      "https:///p.example.com",
      "//p.example.com",
      "{bucket}.example.com",
      "p example.com",
      "p.example.com:99999",
      "file:///etc/passwd"
    ]],
    ["download_url", ["{key}.example.com", "https://a@{bucket}.example.com"]],
    ["ishttps", ["maybe", "2"]],
    ["overwrite", ["2"]],
    ["block_size", ["0", "1", "-4194304", "4194305", "4MiB", "0x400000", "1e999"]],
    ["bput_size", ["0", "1.5", "-1"]],
    ["multi_size", ["-1", "0.5", "20MiB"]],
    ["concurrency", ["-1", "1.5", "many", " "]],
    ["mkblk_retries", ["-1", "few"]],
    ["connection_timeout", ["0", "-1", "soon", "1e3", "9".repeat(400)]],
    ["deadline", ["0", "0.5"]],
    ["traffic_limit", ["-5", "1.5", "fast"]],
    ["limit", ["0", "1001", "all"]],
    ["mode", ["2", "fast"]],
    ["tmp_record_folder", ["~/records", "~ann/records"]],
    ["logger_folder", ["~/logs", "~", "two\nlines"]],
    ["upload_id", ["../../etc", ".hidden", "a/b"]],
    ["returnUrl", ["not a url"]],
    ["prefix", ["two\nlines"]],
    ["secret_key", ["two\nlines", "<redacted>"]]
  ]
  for (const [name, texts] of bad) {
    it.effect(`refuses a bad ${name}, names it, says what is right, and does not repeat it`, () =>
      Effect.gen(function*() {
        for (const text of texts) {
          const error = yield* Effect.flip(options({ [name]: text }))
          assert.include(String(error), Settings.variable(name))
          assert.include(String(error), Settings.expected(name))
          assert.notInclude(inspect(error, { depth: 9 }).replaceAll(Settings.expected(name), ""), `"${text}"`)
        }
      }))
  }

  it.effect("reports all that is bad at once", () =>
    Effect.gen(function*() {
      const error = String(yield* Effect.flip(options({ limit: "0", deadline: "0", mode: "1" })))
      assert.include(error, "WCS_LIMIT")
      assert.include(error, "WCS_DEADLINE")
      assert.notInclude(error, "WCS_MODE")
    }))

  it.effect("wants both keys or none", () =>
    Effect.gen(function*() {
      const noSecret = yield* Effect.flip(options({ access_key: "AK" }))
      assert.include(String(noSecret), "secret_key is not set")
      const noAccess = yield* Effect.flip(options({ secret_key: "hush-hush" }))
      assert.include(String(noAccess), "access_key is not set")
      assert.notInclude(inspect(noAccess, { depth: 9 }), "hush-hush")
    }))

  it.effect("keeps the secret out of what is printed", () =>
    Effect.gen(function*() {
      const secret = { access_key: "AK", secret_key: "hush-hush" }
      const read = yield* options(secret)
      assert.strictEqual(read.credentials && Redacted.value(read.credentials.secretKey), "hush-hush")
      for (const value of [read, yield* values(secret)]) {
        assert.notInclude(inspect(value, { depth: 9 }) + JSON.stringify(value) + String(value), "hush-hush")
      }
    }))

  it.effect("can be read below a name of the application", () =>
    Effect.gen(function*() {
      const provider = ConfigProvider.fromMap(new Map([["APP_WCS_LIMIT", "5"]]), { pathDelim: "_" })
      assert.strictEqual((yield* provider.load(Config.nested(Settings.config, "APP"))).limit, 5)
    }))

  it("describes every setting and what its value is", () => {
    for (const name of Settings.names) {
      assert.match(Settings.table[name].description, /^[A-Z].*\.$/)
      assert.notStrictEqual(Settings.expected(name), "another value")
    }
  })
})

describe("WcsConfigLayer.make", () => {
  it("gives what was given, and defaults for the rest", () => {
    const complete = Either.getOrThrow(WcsConfigLayer.make({
      credentials: { accessKey: "AK", secretKey: "SK" },
      uploadUrl: "p.example.com",
      managementUrl: "http://m.example.com/",
      retries: { mkblk: 7 },
      requestTimeout: "5 seconds",
      formLimit: 1,
      list: { mode: "files-first" },
      tasks: { force: false },
      policy: { overwrite: false, saveKey: "$(fname)" },
      uploadId: "",
      recordFolder: undefined
    }))
    assert.strictEqual(complete.credentials && Redacted.value(complete.credentials.secretKey), "SK")
    assert.strictEqual(complete.uploadUrl, "https://p.example.com")
    assert.strictEqual(complete.managementUrl, "http://m.example.com")
    assert.deepStrictEqual(complete.retries, { connect: 3, mkblk: 7, bput: 3, mkfile: 3 })
    assert.deepStrictEqual(complete.requestTimeout, Duration.seconds(5))
    assert.strictEqual(complete.formLimit, 1)
    assert.deepStrictEqual(complete.list, { limit: 1000, mode: "files-first" })
    assert.deepStrictEqual(complete.tasks, { force: false })
    assert.deepStrictEqual(complete.policy, { overwrite: false, saveKey: "$(fname)" })
    assert.isFalse("uploadId" in complete || "recordFolder" in complete)
    assert.deepStrictEqual(Either.getOrThrow(WcsConfigLayer.make(complete)), complete)
  })

  it("refuses what the texts are refused for, by the option's name", () => {
    const refused = (options: WcsConfigLayer.Options) =>
      String(Option.getOrThrow(Either.getLeft(WcsConfigLayer.make(options))))
    assert.include(refused({ blockSize: 5 }), "blockSize")
    assert.include(refused({ concurrency: -1, totalConcurrency: 0.5 }), "totalConcurrency")
    assert.include(refused({ retries: { bput: Number.NaN } }), "retries.bput")
    assert.include(refused({ requestTimeout: 0 }), "requestTimeout")
    assert.include(refused({ tokenLifetime: Duration.infinity }), "tokenLifetime")
    assert.include(refused({ uploadUrl: "ftp://x" }), "uploadUrl")
    assert.include(refused({ credentials: { accessKey: "AK", secretKey: "" } }), "secret_key is not set")
    assert.include(refused({ credentials: { accessKey: "", secretKey: "SK" } }), "access_key is not set")
    assert.notInclude(refused({ credentials: { accessKey: "AK", secretKey: "hush\nhush" } }), "hush")
  })
})

describe("SettingText", () => {
  it.effect.prop(
    "times read as they are written",
    [FastCheck.integer({ min: 1, max: 1e9 })],
    ([millis]) =>
      Effect.gen(function*() {
        const text = yield* Schema.encode(SettingText.Timeout)(Duration.millis(millis))
        assert.deepStrictEqual(yield* Schema.decode(SettingText.Timeout)(text), Duration.millis(millis))
      })
  )
})
