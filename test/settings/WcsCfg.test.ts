import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Console, Duration, Effect, FastCheck, Redacted, Schema } from "effect"
import { inspect } from "node:util"
import * as Settings from "../../src/domain/Settings.ts"
import * as SettingText from "../../src/domain/SettingText.ts"
import * as WcsCfg from "../../src/domain/WcsCfg.ts"
import vectors from "../vectors/config.json" with { type: "json" }

const file = "/home/ann/.wcscfg"
const read = (text: string) => WcsCfg.toProvider(WcsCfg.parse(text), file).load(Settings.config)

/** Where this SDK differs from the vendor's, by case; the test of each asserts what is done instead. */
const reasons: Readonly<Record<string, string>> = {
  "config.none": "https, kept connections and a private folder are the defaults; unset flags are absent, not 0",
  "config.minimal": "a dump has our defaults and our own settings, and shows no secret",
  "config.empty-values": "an empty value is no value: the default stays",
  "config.bad-boolean": "a bad value is a typed error with file and line, which does not repeat the value",
  "config.one-letter-key": "a short key is read like any other"
}

/** Our defaults where they differ from the vendor's. */
const ours: Readonly<Partial<Record<Settings.Name, string>>> = {
  ishttps: "True",
  keepalive: "True",
  tmp_record_folder: "",
  overwrite: "",
  separate: "",
  force: "",
  checks: "True",
  download_url: "",
  logger_folder: "",
  multi_size: "20",
  total_concurrency: "0",
  adaptive_concurrency: "False",
  on_busy: "refuse",
  connect_timeout: "10",
  stall_timeout: "40",
  upload_timeout: "0"
}

const Recorded = Schema.Record({
  key: Schema.String,
  value: Schema.Union(Schema.String, Schema.Number, Schema.Boolean)
})
const Output = Schema.Struct({
  options: Schema.optional(Recorded),
  changed: Schema.optional(Recorded),
  dump: Schema.optional(Schema.String),
  raises: Schema.optional(Schema.String)
})

const asText = (value: string | number | boolean) =>
  typeof value === "boolean" ? (value ? "True" : "False") : String(value)

/** The vendor's dump with our defaults, our settings and without secrets. */
const ourDump = (dump: string) => {
  const lines = new Map(dump.split("\n").slice(1, -1).map((line) => [line.slice(0, line.indexOf(" ")), line]))
  for (const [name, text] of Object.entries(ours)) lines.set(name, `${name} = ${text}`)
  if (lines.get("secret_key") !== "secret_key = ") lines.set("secret_key", "secret_key = <redacted>")
  return ["[default]", ...[...lines.keys()].toSorted().map((name) => lines.get(name)), ""].join("\n")
}

describe("config.json", () => {
  for (const recorded of vectors.cases) {
    const reason = reasons[recorded.id]
    it.effect(reason === undefined ? recorded.id : `${recorded.id} (differs: ${reason})`, () =>
      Effect.gen(function*() {
        const { changed = {}, dump, options, raises } = yield* Schema.decodeUnknown(Output)(recorded.output)
        const text = recorded.input ?? ""
        if (recorded.id === "config.bad-boolean") {
          assert.strictEqual(raises, "ValueError")
          assert.strictEqual(
            String(yield* Effect.flip(read(text))),
            `(Invalid data at ishttps: "line 2 of ${file}: expected ${Settings.expected("ishttps")}")`
          )
          return
        }
        const values = yield* read(text)
        const defaults = yield* read("")
        const texts = Object.fromEntries(
          Settings.names.map((name) => [name, Settings.toText(name, values[name] as never)])
        )
        if (recorded.id === "config.one-letter-key") {
          assert.deepStrictEqual(values, { ...defaults, access_key: "A" })
          return
        }
        if (recorded.id === "config.empty-values") {
          assert.deepStrictEqual(values, defaults)
          return
        }
        if (options !== undefined) {
          const expected = Object.entries(options).map(([name, value]) => [name, asText(value)])
          assert.deepStrictEqual(texts, { ...Object.fromEntries(expected), ...ours })
        }
        for (const name of Settings.names) {
          const value = changed[name]
          assert.strictEqual(
            texts[name],
            value === undefined ? Settings.toText(name, defaults[name] as never) : asText(value)
          )
        }
        if (dump !== undefined) assert.strictEqual(WcsCfg.render(values), ourDump(dump))
      }))
  }

  it.effect("every deviation is of a case", () =>
    Effect.gen(function*() {
      const ids = vectors.cases.map(({ id }) => id)
      assert.includeMembers(ids, Object.keys(reasons))
      const differing = ids.filter((id) => id in reasons).length
      yield* Console.log(
        `config.json: ${ids.length} cases run, ${ids.length - differing} as recorded, ${differing} deviations`
      )
    }))
})

const texts = (text: string) =>
  Object.fromEntries([...WcsCfg.parse(text).entries].map(([name, { text }]) => [name, Redacted.value(text)]))

describe("WcsCfg.parse", () => {
  it("ignores sections, and takes the last line of a name", () => {
    assert.deepStrictEqual(texts("[a]\nlimit = 1\n[b] \nlimit=2\n  [ c ]\n\tprefix\t=\tx y\t"), {
      limit: "2",
      prefix: "x y"
    })
  })

  it("takes comments for comments at the beginning of a line only", () => {
    assert.deepStrictEqual(texts("# limit = 1\n  # limit = 2\nprefix = a # b"), { prefix: "a # b" })
  })

  it("takes off the quotes of a whole value", () => {
    assert.deepStrictEqual(
      texts(`a = " x "\nb = "x\nc = "\nd = ""\ne = ""x""\nf = 'x'`),
      { a: " x ", b: `"x`, c: `"`, d: "", e: `"x"`, f: "'x'" }
    )
  })

  it("reads a file with a byte order mark and any line breaks", () => {
    assert.deepStrictEqual(texts("\uFEFFlimit = 1\r\nprefix = x\rmarker = y\r\n"), {
      limit: "1",
      prefix: "x",
      marker: "y"
    })
  })

  it("warns of other lines by number, without a word of them", () => {
    const { entries, warnings } = WcsCfg.parse("[default]\nhush hush\n= hush\nno-word = hush\n[]\nlimit = 5")
    assert.deepStrictEqual(warnings.map(({ line }) => line), [2, 3, 4, 5])
    assert.strictEqual(entries.get("limit")?.line, 6)
    assert.notInclude(JSON.stringify(warnings), "hush")
  })

  it("keeps secrets out of what is printed", () => {
    const parsed = WcsCfg.parse("secret_key = hush-hush")
    assert.notInclude(inspect(parsed, { depth: 9 }) + JSON.stringify([...parsed.entries]), "hush-hush")
    assert.notInclude(inspect(WcsCfg.toProvider(parsed, file), { depth: 9 }), "hush-hush")
  })

  it.effect.prop(
    "never fails, and tells nothing twice",
    [FastCheck.string({ unit: "binary" })],
    ([text]) =>
      Effect.sync(() => {
        const lines = text.split(/\r\n|\r|\n/).length
        const { entries, warnings } = WcsCfg.parse(text)
        assert.isAtMost(entries.size + warnings.length, lines)
      })
  )
})

/** Values of every setting whose schema does not generate its own. */
const special: Partial<Record<Settings.Name, FastCheck.Arbitrary<unknown>>> = {
  block_size: FastCheck.integer({ min: 1, max: 64 }).map((n) => n * 4194304),
  multi_size: FastCheck.nat(5000).map((n) => n * 1024 * 1024),
  connect_timeout: FastCheck.integer({ min: 1, max: 1e9 }).map(Duration.millis),
  connection_timeout: FastCheck.integer({ min: 1, max: 1e9 }).map(Duration.millis),
  stall_timeout: FastCheck.integer({ min: 1, max: 1e9 }).map(Duration.millis),
  upload_timeout: FastCheck.nat(1e9).map(Duration.millis),
  deadline: FastCheck.integer({ min: 1000, max: 1e9 }).map(Duration.millis),
  access_key: FastCheck.stringMatching(/^\S( *\S)*$/),
  secret_key: FastCheck.stringMatching(/^\S( *\S)*$/).map((text) => Redacted.make(text)),
  upload_id: FastCheck.stringMatching(/^[a-z0-9]{1,32}$/),
  tmp_record_folder: FastCheck.constantFrom("/tmp/multipart/", "C:\\records", "/a b"),
  download_url: FastCheck.domain().map((domain) => `{bucket}.${domain}`)
}

const arbitrary = (name: Settings.Name): FastCheck.Arbitrary<unknown> => {
  const { default: byDefault, schema } = Settings.table[name] as Settings.Setting<unknown, unknown>
  const type = schema as Schema.Schema<unknown>
  const value = special[name] ??
    (type === SettingText.Host
      ? FastCheck.domain()
      : type === SettingText.Url
      ? FastCheck.webUrl()
      : Arbitrary.make(Schema.typeSchema(type)))
  return byDefault === undefined ? FastCheck.option(value, { nil: undefined }) : value
}

const anyValues = FastCheck.record(
  Object.fromEntries(Settings.names.map((name) => [name, arbitrary(name)]))
) as FastCheck.Arbitrary<unknown> as FastCheck.Arbitrary<Settings.Values>

describe("WcsCfg.render", () => {
  it.effect.prop("what is written reads as what was", [anyValues], ([values]) =>
    Effect.gen(function*() {
      const text = WcsCfg.render(values, { secrets: "shown" })
      assert.deepStrictEqual(WcsCfg.parse(text).warnings, [])
      const again = yield* read(text)
      assert.deepStrictEqual({ ...again, secret_key: "" }, { ...values, secret_key: "" })
      assert.deepStrictEqual(
        again.secret_key && Redacted.value(again.secret_key),
        values.secret_key && Redacted.value(values.secret_key)
      )
      assert.strictEqual(WcsCfg.render(again), WcsCfg.render(values))
    }))

  it.effect("shows secrets only when they are asked for, and its redaction is no secret", () =>
    Effect.gen(function*() {
      const values = yield* read("access_key = AK\nsecret_key = hush-hush")
      assert.notInclude(WcsCfg.render(values), "hush-hush")
      assert.include(WcsCfg.render(values, { secrets: "shown" }), "secret_key = hush-hush")
      assert.include(String(yield* Effect.flip(read(WcsCfg.render(values)))), "secret_key")
    }))
})

describe("WcsCfg.edit", () => {
  const edit = (text: string, values: Partial<Record<Settings.Name, string>>) =>
    WcsCfg.edit(text, new Map(Object.entries(values) as Array<[Settings.Name, string]>))

  it("keeps what it is not told to change", () => {
    const text = [
      "\uFEFF# mine\r",
      "[default]\r",
      "limit = 1\r",
      "colour=blue\r",
      "  limit\t=\t2  \r",
      "prefix=\"  a \"\r",
      "what is this?\r",
      "[other]\r",
      "mode =\r",
      "\r",
      "# the end"
    ].join("\n")
    assert.strictEqual(edit(text, { limit: "2", prefix: "  a " }), text)
    assert.strictEqual(
      edit(text, { mode: "1", limit: "77", prefix: "b", marker: " m", put_url: "p.example.com" }),
      text.replace("\t2  ", "\t77").replace("=\"  a \"", "=b").replace("mode =", "mode = 1") +
        "\r\nmarker = \" m\"\r\nput_url = p.example.com\r\n"
    )
  })

  it("begins a file as the vendor's tool does", () => {
    assert.strictEqual(
      edit("", { access_key: "AK", ishttps: "False" }),
      "[default]\naccess_key = AK\nishttps = False\n"
    )
    assert.strictEqual(edit("limit = 1", {}), "limit = 1")
    assert.strictEqual(edit("limit = 1", { mode: "0" }), "limit = 1\nmode = 0\n")
  })

  const anyText = FastCheck.array(
    FastCheck.oneof(
      FastCheck.constantFrom("limit = 5", "prefix=x", "[s]", "# c", "\n", "\r", "\r\n", "\uFEFF", "=", "\"", " ", "\t"),
      FastCheck.string({ unit: "binary" })
    )
  ).map((parts) => parts.join(""))
  const value = FastCheck.string({ unit: "binary" }).filter((text) => text === "" || Schema.is(SettingText.Line)(text))
  const changes = FastCheck.dictionary(FastCheck.constantFrom("limit", "prefix", "marker"), value)

  it.effect.prop(
    "reads as the file did, with what was set",
    [anyText, changes],
    ([text, changes]) =>
      Effect.sync(() => {
        const edited = edit(text, changes)
        assert.deepStrictEqual(texts(edited), { ...texts(text), ...changes })
        assert.strictEqual(WcsCfg.parse(edited).warnings.length, WcsCfg.parse(text).warnings.length)
        assert.strictEqual(edit(edited, changes), edited)
      }),
    { fastCheck: { numRuns: 200 } }
  )
})
